using NetBoot.Tests.Models.Devices;

namespace NetBoot.Tests.Nics;

/// <summary>virtio-net on the firmware's transport of a legacy device.</summary>
public sealed class VirtioMmioTests : VirtioPlatformTests
{
    protected override (int Reads, int Writes) CostOf1000Sent => (0, 1000);

    protected override (int Reads, int Writes) CostOf3200Received => (0, 100);

    protected override SimulatedVirtioNet CreateCard(string address) => new(modern: false, legacy: true, address);

    private protected override SimulatedVirtioPlatform CreatePlatform(SimulatedVirtioNet card) => new SimulatedVirtioMmio(card);
}
