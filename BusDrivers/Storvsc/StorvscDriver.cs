using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>Drives Hyper-V's SCSI controllers on our VMBus.</summary>
public sealed unsafe class StorvscDriver : VmbusScsiDriver<NETBOOT_VMBUS_PROTOCOL>
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Hyper-V SCSI driver";

    /// <inheritdoc/>
    protected override bool Matches(NETBOOT_VMBUS_PROTOCOL* parent) =>
        parent->InterfaceType == InterfaceType && parent->SubChannelIndex == 0;

    /// <inheritdoc/>
    protected override VmbusChannel ChannelOf(EFI_HANDLE controller, NETBOOT_VMBUS_PROTOCOL* parent) => new ProtocolChannel(parent);
}
