using NetBoot.NicDrivers;
using NetBoot.NicDrivers.E1000;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>The variant takes one of the models; from 128 on it is one whose reset changes nothing, as QEMU's.</summary>
internal class E1000Target : CardTarget<SimulatedE1000>
{
    private ushort _model;

    public override string Name => "e1000";

    /// <summary>PCI device identifiers.</summary>
    protected virtual ushort[] Models => [0x100E, 0x100C, 0x10D3];

    protected override SimulatedE1000 CreateCard(byte variant)
    {
        _model = Models[variant % Models.Length];
        return new SimulatedE1000(_model) { ResetsNothing = variant >= 128 };
    }

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status)
    {
        status = EFI_STATUS.EFI_UNSUPPORTED;
        return E1000Model.TryFind(device.VendorId, device.DeviceId, out E1000Model model) ? E1000Nic.Create(device, model, out status) : null;
    }
}
