using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>What the classes of devices on VMBus are called.</summary>
internal static class ChannelName
{
    /// <summary>For a person; a class that is not known is a "device".</summary>
    public static string Of(EFI_GUID type) => type.Data1 switch
    {
        0xF8615163 => "network adapter",
        0xBA6163D9 => "SCSI controller",
        0x32412632 => "IDE controller",
        0x44C4F61D => "PCI pass-through",
        0xDA0A7802 => "video",
        0xF912AD6D => "keyboard",
        0xCFA8B69E => "mouse",
        0xC376C1C3 => "file system",
        0x0E0B6031 => "shutdown service",
        0xA9A0F4E7 => "key-value service",
        0x35FA2E29 => "backup service",
        0x9527E630 => "time service",
        0x57164F39 => "heartbeat service",
        0x276AACF4 => "remote desktop",
        0x3375BAF4 => "activation service",
        0x525074DC => "memory service",
        _ => "device",
    };
}
