using NicDrivers.Pci;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.Rtl8139;

/// <summary>Drives the Realtek RTL8139 family: 10EC:8139.</summary>
public sealed class Rtl8139Driver : PciNicDriver
{
    private const ushort RealtekVendorId = 0x10EC;
    private const ushort Rtl8139DeviceId = 0x8139;

    public override string Name => "NetBoot Realtek RTL8139 driver";

    protected override bool Matches(ushort vendorId, ushort deviceId) => vendorId == RealtekVendorId && deviceId == Rtl8139DeviceId;

    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => Rtl8139Nic.Create(device, out status);
}
