using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// What scripts for BIOS and UEFI alike say to boot the local disk: "sanboot --no-describe --drive 0x80". Drive numbers from 0x80 on are disks from
/// 0 on; the first stands for "the local disk", whichever has something to boot, since on UEFI nobody ever chose the order of disks.
/// </summary>
public sealed class SanBootCommand : Command
{
    private const ulong FirstDrive = 0x80;

    public override string Name => "sanboot";
    public override string Summary => "boot from the local disk, as localboot does";
    public override string Options => "d|drive=NUMBER n|no-describe k|keep f|filename=PATH e|extra=PATH l|label=LABEL u|uuid=UUID";
    public override string Operands => "[URI...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        if (arguments.Words.Length > 0)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{arguments.Words[0]}: disks over the network are not supported"));
        }

        byte[]? guid = null;
        Error? error = arguments.Number('d', FirstDrive, out ulong drive) ?? LocalBootCommand.ParsePartition(arguments.Value('u'), out guid);
        ulong disk = drive >= FirstDrive ? drive - FirstDrive : drive;
        return error ?? session.Platform.BootLocal(new LocalBootRequest
        {
            Disk = disk == 0 ? null : disk,
            Label = arguments.Value('l'),
            PartitionGuid = guid,
            FileName = arguments.Value('f'),
            ExtraFileName = arguments.Value('e'),
        });
    }
}
