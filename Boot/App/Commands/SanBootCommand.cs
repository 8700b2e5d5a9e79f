using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Boots from a disk over the network; without a URI from one that is hooked, or what scripts for BIOS and UEFI alike say to boot the local disk: "sanboot
/// --no-describe --drive 0x80". Drive numbers from 0x80 on that are not hooked are disks from 0 on; the first stands for "the local disk", whichever has
/// something to boot, since on UEFI nobody ever chose the order of disks.
/// </summary>
public sealed class SanBootCommand : Command
{
    public override string Name => "sanboot";
    public override string Summary => "boot from a disk over the network (http, https, iscsi); without a URI from the local disk, as localboot does";
    public override string Options => "d|drive=NUMBER n|no-describe k|keep f|filename=PATH e|extra=PATH l|label=LABEL u|uuid=UUID";
    public override string Operands => "[URI...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        byte[]? guid = null;
        Error? error = arguments.Number('d', session.San.UsualNumber, out ulong number) ?? LocalBootCommand.ParsePartition(arguments.Value('u'), out guid);
        if (error is not null)
        {
            return error;
        }

        ulong disk = session.San.LocalDiskOf(number);
        LocalBootRequest request = new()
        {
            Disk = disk == 0 ? null : disk,
            Drive = number,
            Label = arguments.Value('l'),
            PartitionGuid = guid,
            FileName = arguments.Value('f'),
            ExtraFileName = arguments.Value('e'),
        };
        if (arguments.Words.Length == 0)
        {
            return session.San.Find(number) is SanDrive hooked ? session.San.Boot(hooked, request) : session.Platform.BootLocal(request);
        }

        error = session.San.Hook(number, arguments.Words, !arguments.Has('n'), out SanDrive? drive);
        if (drive is null)
        {
            return error;
        }

        error = session.San.Boot(drive, request);
        if (!arguments.Has('k'))
        {
            session.San.Release(drive);
        }

        return error;
    }
}
