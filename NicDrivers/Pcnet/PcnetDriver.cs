using NicDrivers.Pci;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.Pcnet;

/// <summary>Drives AMD's PCnet-PCI II and the later chips that share its PCI identifiers.</summary>
public sealed class PcnetDriver : PciNicDriver
{
    private const ushort AmdVendorId = 0x1022;
    private const ushort PcnetDeviceId = 0x2000;

    public override string Name => "NetBoot AMD PCnet driver";

    protected override bool Matches(ushort vendorId, ushort deviceId) => vendorId == AmdVendorId && deviceId == PcnetDeviceId;

    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => PcnetNic.Create(device, out status);
}
