using System;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>Drives virtio network devices on PCI: modern, transitional and legacy. Virtio 1.2, 4.1.2.</summary>
public sealed class VirtioNetDriver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "NetBoot virtio network driver";

    /// <summary>Transitional and legacy devices, then modern ones.</summary>
    public override ReadOnlySpan<uint> Identifiers => [0x1AF4_1000, 0x1AF4_1041];

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => VirtioNetNic.Create(device, out status);
}
