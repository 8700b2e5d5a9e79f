using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Boots from a disk over the network; without a URI from one that is hooked, or what scripts for BIOS and UEFI alike say to boot the local disk: "sanboot
/// --no-describe --drive 0x80". Drive numbers from 0x80 on are disks from 0 on; the first stands for "the local disk", whichever has something to boot,
/// since on UEFI nobody ever chose the order of disks.
/// </summary>
public sealed class SanBootCommand : SanCommand
{
    public override string Name => "sanboot";
    public override string Summary => "boot from a disk over the network; without a URI from the local disk, as localboot does";
    public override string Options => "d|drive=NUMBER n|no-describe k|keep f|filename=PATH e|extra=PATH l|label=LABEL u|uuid=UUID";
    public override string Operands => "[URI...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        byte[]? guid = null;
        Error? error = ReadDrive(session, arguments, out ulong number) ?? LocalBootCommand.ParsePartition(arguments.Value('u'), out guid);
        if (error is not null)
        {
            return error;
        }

        SanDrive? drive = null;
        bool isHookedHere = arguments.Words.Length > 0;
        if (isHookedHere)
        {
            error = Hook(session, number, arguments.Words, out drive);
            if (drive is null)
            {
                return error;
            }
        }

        drive ??= session.San.Find(number);
        string said = drive is null ? "" : session.Settings.Format("san-filename");
        ulong disk = number >= SanDrives.First ? number - SanDrives.First : number;
        LocalBootRequest request = new()
        {
            Disk = disk == 0 ? null : disk,
            Label = arguments.Value('l'),
            PartitionGuid = guid,
            FileName = arguments.Value('f') ?? (said.Length > 0 ? said : null),
            ExtraFileName = arguments.Value('e'),
        };
        if (drive is null)
        {
            return session.Platform.BootLocal(request);
        }

        session.Terminal.WriteLine(TextBuilder.Format($"Booting from SAN device 0x{number:x2}"));
        error = session.Platform.BootSan(drive, request);
        if (error is not null)
        {
            string read = drive.Device.Failure.Length > 0 ? TextBuilder.Format($" (of the disk: {drive.Device.Failure})") : "";
            error = new Error(error.Status, TextBuilder.Format($"SAN device 0x{number:x2}: {error.Message}{read}"));
        }

        if (isHookedHere && !arguments.Has('k') && !IsKept(session))
        {
            Unhook(session, drive);
        }

        return error;
    }

    private static bool IsKept(Session session) => Arguments.ParseNumber(session.Settings.Format("keep-san"), out ulong keep) is null && keep != 0;
}
