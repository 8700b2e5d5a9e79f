using NetBoot.NicDrivers;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>virtio-net through the firmware's VIRTIO_DEVICE_PROTOCOL, on a transport of edk2's.</summary>
public abstract unsafe class VirtioPlatformTests : NicContractTests<SimulatedVirtioNet>
{
    private readonly Driver _driver = new();
    private SimulatedVirtioPlatform? _platform;

    protected override int TransmitSlots => 64;

    protected override bool CountsWhatFindsNoRoom => false;

    protected override bool MakesAddressUp => true;

    protected override bool IsPromiscuousWhenMoved => true;

    /// <summary>Bus mastering is the firmware's: of a device that has not said that it is reset, the memory stays.</summary>
    protected override int MemoryKept => _platform is { Held: > 0 } && (Card.NeverResets || Card.IsRemoved) ? 1 : 0;

    [Fact]
    public void Close_ResetsTheDevice()
    {
        Nic nic = Start();
        for (int round = 0; round < 3; round++)
        {
            nic.Close();
            Assert.Equal(0, Card.Status);
            Assert.True(nic.Open(Own).IsSuccess);
            AssertWorks(nic, round);
        }
    }

    [Fact]
    public void Create_WhoseMemoryCannotBeMapped_LeavesNothingBehind()
    {
        Platform.MapStatus = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
        Assert.Equal(0, Card.Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Dispose_GivesMemoryBackOnlyOfADeviceThatIsReset(bool neverResets)
    {
        Nic nic = Start();
        Card.NeverResets = neverResets;
        nic.Dispose();
        Nic = null;
        Assert.Equal(neverResets ? 2 : 0, Platform.Held);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(4, false)]
    public void Driver_KnowsNetworkDevicesAlone(int subsystem, bool expected)
    {
        Platform.Protocol->SubSystemDeviceId = subsystem;
        Assert.Equal(expected, _driver.Knows(Platform.Protocol));
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(256, 256)]
    [InlineData(1024, 256)]
    public void QueueSize_IsWhatTheTransportHas(int offered, int slots)
    {
        Card.QueueSize = offered;
        Nic nic = Start();
        Assert.Equal(slots, nic.ReceiveRingSize);
        for (int i = 0; i < 2 * offered; i++)
        {
            AssertWorks(nic, i);
        }
    }

    private protected abstract SimulatedVirtioPlatform CreatePlatform(SimulatedVirtioNet card);

    protected override Nic? TryCreate(PciDevice device, out EFI_STATUS status) => _driver.Create(Platform.Protocol, out status);

    /// <summary>The filter is the host's, and the model has none.</summary>
    protected override bool AlsoReceives(ReceiveFilters filters, string destination) => true;

    protected override void Detach() => _platform?.Dispose();

    private SimulatedVirtioPlatform Platform => _platform ??= CreatePlatform(Card);

    private sealed class Driver : VirtioPlatformNetDriver
    {
        public Nic? Create(VIRTIO_DEVICE_PROTOCOL* device, out EFI_STATUS status) => CreateNic(default, device, out status);

        public bool Knows(VIRTIO_DEVICE_PROTOCOL* device) => Matches(device);
    }
}
