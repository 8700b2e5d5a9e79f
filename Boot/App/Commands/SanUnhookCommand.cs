using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Closes a disk over the network.</summary>
public sealed class SanUnhookCommand : Command
{
    public override string Name => "sanunhook";
    public override string Summary => "close a disk over the network";
    public override string Options => "d|drive=NUMBER";

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = arguments.Number('d', session.San.UsualNumber, out ulong number);
        if (error is not null)
        {
            return error;
        }

        if (session.San.Find(number) is not SanDrive drive)
        {
            return new Error(
                EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"drive 0x{number:x2} is no disk over the network (sanhook makes it one)"));
        }

        session.San.Unhook(drive);
        return null;
    }
}
