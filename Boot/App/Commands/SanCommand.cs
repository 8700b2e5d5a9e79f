using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>What the commands for disks over the network have in common.</summary>
public abstract class SanCommand : Command
{
    /// <summary>The drive that is meant: that of the option, or of the setting, or the first.</summary>
    protected static Error? ReadDrive(Session session, Arguments arguments, out ulong drive)
    {
        string said = session.Settings.Format("san-drive");
        Error? error = arguments.Number('d', SanDrives.First, out drive);
        return error ?? (said.Length == 0 || arguments.Has('d') ? null : Arguments.ParseNumber(said, out drive));
    }

    /// <summary>Opens the disk that URIs name, and says so.</summary>
    protected static Error? Hook(Session session, ulong number, ReadOnlySpan<string> uris, out SanDrive? drive)
    {
        Error? error = session.San.Hook(number, uris, out drive);
        if (drive is not null)
        {
            ByteSize size = new(drive.Device.BlockCount * (ulong)drive.Device.BlockSize);
            session.Terminal.WriteLine(TextBuilder.Format($"Registered SAN device 0x{number:x2}: {drive.Uri}, {size}"));
        }

        return error;
    }

    /// <summary>Takes a disk away, and says so.</summary>
    protected static void Unhook(Session session, SanDrive drive)
    {
        ulong number = drive.Number;
        session.San.Unhook(drive);
        session.Terminal.WriteLine(TextBuilder.Format($"Unregistered SAN device 0x{number:x2}"));
    }

    protected static Error NotHooked(ulong number) =>
        new(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"drive 0x{number:x2} is no disk over the network (sanhook makes it one)"));
}
