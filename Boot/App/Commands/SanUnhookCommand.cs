using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Closes a disk over the network.</summary>
public sealed class SanUnhookCommand : SanCommand
{
    public override string Name => "sanunhook";
    public override string Summary => "close a disk over the network";
    public override string Options => "d|drive=NUMBER";

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = ReadDrive(session, arguments, out ulong number);
        if (error is not null)
        {
            return error;
        }

        if (session.San.Find(number) is not SanDrive drive)
        {
            return NotHooked(number);
        }

        Unhook(session, drive);
        return null;
    }
}
