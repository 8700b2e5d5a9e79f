using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Rtl8139;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

internal sealed class Rtl8139Target : CardTarget<SimulatedRtl8139>
{
    public override string Name => "rtl8139";

    protected override SimulatedRtl8139 CreateCard(byte variant) => new();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => Rtl8139Nic.Create(device, out status);
}
