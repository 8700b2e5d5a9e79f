using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Boots from the machine's own disks.</summary>
public sealed class LocalBootCommand : Command
{
    public override string Name => "localboot";
    public override string Summary => "boot from a disk of this machine";
    public override string Options => "d|disk=NUMBER l|label=LABEL u|uuid=UUID e|entry=NAME f|filename=PATH x|extra=PATH";

    /// <summary>The GUID of a partition, as the partition table stores it, that an option says.</summary>
    public static Error? ParsePartition(string? text, out byte[]? guid)
    {
        guid = null;
        return text is null || UuidText.TryParse(text, true, out guid)
            ? null
            : new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"not a UUID: {text}"));
    }

    protected override Error? Run(Session session, Arguments arguments)
    {
        byte[]? guid = null;
        Error? error = arguments.Number('d', 0, out ulong disk) ?? ParsePartition(arguments.Value('u'), out guid);
        return error ?? session.Platform.BootLocal(new LocalBootRequest
        {
            Disk = arguments.Has('d') ? disk : null,
            Entry = arguments.Value('e'),
            Label = arguments.Value('l'),
            PartitionGuid = guid,
            FileName = arguments.Value('f'),
            ExtraFileName = arguments.Value('x'),
        });
    }
}
