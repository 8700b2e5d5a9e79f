using NetBoot.NicDrivers;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>The variant's low bits: modern, transitional, legacy, legacy without ANY_LAYOUT; then sizes of queues, and what the device refuses.</summary>
internal sealed class VirtioNetTarget : CardTarget<SimulatedVirtioNet>
{
    public override string Name => "virtio-net";

    protected override SimulatedVirtioNet CreateCard(byte variant)
    {
        SimulatedVirtioNet card = new(modern: (variant & 2) == 0, legacy: (variant & 3) != 0)
        {
            QueueSize = ((variant >> 2) & 3) switch { 0 => 256, 1 => 4, 2 => 1, _ => 1024 },
            IgnoresControl = (variant & 0x10) != 0,
            RefusesControl = (variant & 0x20) != 0,
            Mtu = 1400,
        };
        card.Features ^= (variant & 3) == 3 ? SimulatedVirtioNet.FeatureAnyLayout : 0;
        card.Features ^= (variant & 0x40) != 0 ? SimulatedVirtioNet.FeatureMtu : 0;
        card.Features ^= (variant & 0x80) != 0 ? SimulatedVirtioNet.FeatureMac : 0;
        return card;
    }

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => VirtioNetNic.Create(device, out status);
}
