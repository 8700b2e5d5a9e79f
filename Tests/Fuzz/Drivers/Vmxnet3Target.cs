using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Vmxnet3;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

internal sealed class Vmxnet3Target : CardTarget<SimulatedVmxnet3>
{
    public override string Name => "vmxnet3";

    protected override SimulatedVmxnet3 CreateCard(byte variant) => new();

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => Vmxnet3Nic.Create(device, out status);
}
