using NetBoot.Tests.Models.Devices;

namespace NetBoot.Tests.Nics;

/// <summary>virtio-net on edk2's transport of a modern PCI device.</summary>
public sealed class Virtio10Tests : VirtioPlatformTests
{
    protected override (int Reads, int Writes) CostOf1000Sent => (2000, 3000);

    protected override (int Reads, int Writes) CostOf3200Received => (200, 300);

    protected override SimulatedVirtioNet CreateCard(string address) => new(address: address);

    private protected override SimulatedVirtioPlatform CreatePlatform(SimulatedVirtioNet card) => new SimulatedVirtio10(card);
}
