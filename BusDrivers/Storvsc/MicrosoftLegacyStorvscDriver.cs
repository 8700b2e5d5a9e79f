using NetBoot.BusDrivers.Foreign.Microsoft;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>As <see cref="MicrosoftStorvscDriver"/>, on firmware that has only the older protocol.</summary>
public sealed unsafe class MicrosoftLegacyStorvscDriver : VmbusScsiDriver<EFI_VMBUS_LEGACY_PROTOCOL>
{
    /// <summary>Below StorvscDxe's 1.</summary>
    public override uint Version => 0;

    /// <inheritdoc/>
    public override string Name => "NetBoot Hyper-V SCSI driver (firmware's older VMBus)";

    /// <inheritdoc/>
    protected override bool Matches(EFI_VMBUS_LEGACY_PROTOCOL* parent) => false; // Only its handle tells what it is.

    /// <inheritdoc/>
    protected override bool Matches(EFI_HANDLE controller, EFI_VMBUS_LEGACY_PROTOCOL* parent) =>
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out _) && type == InterfaceType &&
        !Firmware.Has<EFI_VMBUS_PROTOCOL>(controller) && !MicrosoftVmbus.IsIsolated(controller);

    /// <inheritdoc/>
    protected override VmbusChannel ChannelOf(EFI_HANDLE controller, EFI_VMBUS_LEGACY_PROTOCOL* parent)
    {
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out EFI_GUID instance);
        return new LegacyMicrosoftChannel(parent, type, instance);
    }
}
