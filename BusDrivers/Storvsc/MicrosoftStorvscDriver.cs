using NetBoot.BusDrivers.Foreign.Microsoft;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>
/// Drives Hyper-V's SCSI controllers on the VMBus of Hyper-V's own firmware. The firmware's driver, StorvscDxe, has a higher version and is
/// asked first: where it is, it keeps what the machine boots from.
/// </summary>
public sealed unsafe class MicrosoftStorvscDriver : VmbusScsiDriver<EFI_VMBUS_PROTOCOL>
{
    /// <summary>Below StorvscDxe's 1.</summary>
    public override uint Version => 0;

    /// <inheritdoc/>
    public override string Name => "NetBoot Hyper-V SCSI driver (firmware's VMBus)";

    /// <inheritdoc/>
    protected override bool Matches(EFI_VMBUS_PROTOCOL* parent) => false; // Only its handle tells what it is.

    /// <inheritdoc/>
    protected override bool Matches(EFI_HANDLE controller, EFI_VMBUS_PROTOCOL* parent) =>
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out _) && type == InterfaceType &&
        !MicrosoftVmbus.IsIsolated(controller);

    /// <inheritdoc/>
    protected override VmbusChannel ChannelOf(EFI_HANDLE controller, EFI_VMBUS_PROTOCOL* parent)
    {
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out EFI_GUID instance);
        return new CurrentMicrosoftChannel(parent, type, instance);
    }
}
