using System;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.Twins;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Netfront;

/// <summary>Drives Xen's network interfaces on our XenBus.</summary>
/// <param name="twins">Keeps the emulated cards with the same addresses from being driven.</param>
public sealed unsafe class NetfrontDriver(TwinDriver twins) : NicDriver<NETBOOT_XENBUS_PROTOCOL>(twins)
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Xen network driver";

    /// <summary>What xenstore calls the class of devices.</summary>
    internal static ReadOnlySpan<byte> Type => "vif\0"u8;

    /// <inheritdoc/>
    protected override bool Matches(NETBOOT_XENBUS_PROTOCOL* parent) => XenBusDevice.IsUsable(parent) && IsNetwork(parent->Type);

    /// <inheritdoc/>
    protected override Nic? CreateNic(EFI_HANDLE controller, NETBOOT_XENBUS_PROTOCOL* parent, out EFI_STATUS status)
    {
        XenBusDevice? device = XenBusDevice.Create(parent);
        if (device is null)
        {
            status = EFI_STATUS.EFI_UNSUPPORTED;
            return null;
        }

        return NetfrontNic.Create(device, out status);
    }

    /// <summary>Whether a text that a zero byte ends is the class of network interfaces.</summary>
    internal static bool IsNetwork(byte* type)
    {
        for (int i = 0; i < Type.Length; i++)
        {
            if (type[i] != Type[i])
            {
                return false; // At the latest where the text ends.
            }
        }

        return true;
    }
}
