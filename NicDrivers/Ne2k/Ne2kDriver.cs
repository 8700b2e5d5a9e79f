using NicDrivers.Pci;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.Ne2k;

/// <summary>Drives the Realtek RTL8029AS: an NE2000 on PCI.</summary>
public sealed class Ne2kDriver : PciNicDriver
{
    private const ushort RealtekVendorId = 0x10EC;
    private const ushort Rtl8029DeviceId = 0x8029;

    public override string Name => "NetBoot NE2000 PCI Ethernet driver";

    protected override bool Matches(ushort vendorId, ushort deviceId) => vendorId == RealtekVendorId && deviceId == Rtl8029DeviceId;

    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => Ne2kNic.Create(device, out status);
}
