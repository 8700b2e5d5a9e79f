using NetBoot.BusDrivers.Foreign.Edk2;
using NetBoot.NicDrivers.Twins;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netfront;

/// <summary>Drives Xen's network interfaces where the firmware has the bus: on edk2's XenBus, in OVMF for Xen.</summary>
/// <param name="twins">Keeps the emulated cards with the same addresses from being driven.</param>
public sealed unsafe class Edk2NetfrontDriver(TwinDriver twins) : NicDriver<XENBUS_PROTOCOL>(twins)
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Xen network driver (edk2 XenBus)";

    /// <inheritdoc/>
    protected override bool Matches(XENBUS_PROTOCOL* parent) => Edk2XenDevice.IsUsable(parent) && NetfrontDriver.IsNetwork(parent->Type);

    /// <inheritdoc/>
    protected override Nic? CreateNic(EFI_HANDLE controller, XENBUS_PROTOCOL* parent, out EFI_STATUS status)
    {
        Edk2XenDevice? device = Edk2XenDevice.Create(parent);
        if (device is null)
        {
            status = EFI_STATUS.EFI_UNSUPPORTED;
            return null;
        }

        return NetfrontNic.Create(device, out status);
    }
}
