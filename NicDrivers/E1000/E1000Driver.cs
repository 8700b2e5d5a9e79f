using System;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.E1000;

/// <summary>Drives the controllers that <see cref="E1000Model"/> lists.</summary>
public sealed class E1000Driver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Intel Gigabit Ethernet driver";

    /// <inheritdoc/>
    public override ReadOnlySpan<uint> Identifiers => E1000Model.Identifiers;

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status)
    {
        status = EFI_STATUS.EFI_UNSUPPORTED;
        return E1000Model.TryFind(device.VendorId, device.DeviceId, out E1000Model model) ? E1000Nic.Create(device, model, out status) : null;
    }
}
