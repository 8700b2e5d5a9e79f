using NicDrivers.Pci;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.Vmxnet3;

/// <summary>Drives VMware's paravirtual NIC.</summary>
public sealed class Vmxnet3Driver : PciNicDriver
{
    private const ushort VMwareVendorId = 0x15AD;
    private const ushort Vmxnet3DeviceId = 0x07B0;

    public override string Name => "NetBoot VMware vmxnet3 driver";

    protected override bool Matches(ushort vendorId, ushort deviceId) => vendorId == VMwareVendorId && deviceId == Vmxnet3DeviceId;

    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => Vmxnet3Nic.Create(device, out status);
}
