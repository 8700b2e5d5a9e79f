using System;
using NicDrivers.Pci;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.E1000;

/// <summary>Drives the controllers that <see cref="E1000Model"/> lists.</summary>
public sealed class E1000Driver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Intel Gigabit Ethernet driver";

    /// <inheritdoc/>
    public override ReadOnlySpan<uint> Identifiers => [0x8086_100E, 0x8086_1008, 0x8086_100C, 0x8086_100F, 0x8086_10C9, 0x8086_10D3];

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status)
    {
        if (!E1000Model.TryFind(device.VendorId, device.DeviceId, out E1000Model model))
        {
            status = EFI_STATUS.EFI_UNSUPPORTED;
            return null;
        }
        return E1000Nic.Create(device, model, out status);
    }
}
