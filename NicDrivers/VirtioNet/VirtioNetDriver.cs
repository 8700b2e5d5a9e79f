using NicDrivers.Pci;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.VirtioNet;

/// <summary>Drives virtio network devices on PCI: modern, transitional and legacy. Virtio 1.2, 4.1.2.</summary>
public sealed class VirtioNetDriver : PciNicDriver
{
    private const ushort VirtioVendorId = 0x1AF4;
    private const ushort TransitionalNetwork = 0x1000;
    private const ushort ModernNetwork = 0x1041;

    public override string Name => "NetBoot virtio network driver";

    protected override bool Matches(ushort vendorId, ushort deviceId) =>
        vendorId == VirtioVendorId && (deviceId is TransitionalNetwork or ModernNetwork);

    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => VirtioNetNic.Create(device, out status);
}
