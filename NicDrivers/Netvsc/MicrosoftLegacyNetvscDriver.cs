using NetBoot.BusDrivers.Foreign.Microsoft;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>As <see cref="MicrosoftNetvscDriver"/>, on firmware that has only the older protocol.</summary>
public sealed unsafe class MicrosoftLegacyNetvscDriver : NicDriver<EFI_VMBUS_LEGACY_PROTOCOL>
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Hyper-V network driver (firmware's older VMBus)";

    /// <inheritdoc cref="MicrosoftNetvscDriver.TakesOver"/>
    public override bool TakesOver => false;

    /// <inheritdoc/>
    protected override bool Matches(EFI_VMBUS_LEGACY_PROTOCOL* parent) => false; // Only its handle tells what it is.

    /// <inheritdoc/>
    protected override bool Matches(EFI_HANDLE controller, EFI_VMBUS_LEGACY_PROTOCOL* parent) =>
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out _) && type == NetvscNic.InterfaceType &&
        !Firmware.Has<EFI_VMBUS_PROTOCOL>(controller) && !MicrosoftVmbus.IsIsolated(controller);

    /// <inheritdoc/>
    protected override Nic? CreateNic(EFI_HANDLE controller, EFI_VMBUS_LEGACY_PROTOCOL* parent, out EFI_STATUS status)
    {
        MicrosoftVmbus.TryReadIdentity(controller, out EFI_GUID type, out EFI_GUID instance);
        return NetvscNic.Create(new LegacyMicrosoftChannel(parent, type, instance), isPathAnonymous: true, out status);
    }
}
