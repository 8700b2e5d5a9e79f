using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Pcnet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

internal sealed class PcnetTarget : CardTarget<SimulatedPcnet>
{
    public override string Name => "pcnet";

    protected override SimulatedPcnet CreateCard(byte variant) => new();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => PcnetNic.Create(device, out status);
}
