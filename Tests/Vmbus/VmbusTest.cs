using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using Xunit;

namespace NetBoot.Tests.Vmbus;

/// <summary>Tests of the bus on the host model. Each class of them has one derived from it for each kind of host.</summary>
[Collection("Firmware")]
public abstract class VmbusTest(HostKind kind)
{
    private protected HostKind Kind => kind;

    /// <summary>As <see cref="VmbusFixture.Start(HostKind, RawDevice[])"/>.</summary>
    private protected VmbusFixture Start(params RawDevice[] devices) => VmbusFixture.Start(kind, devices);

    /// <summary>The same with one device.</summary>
    private protected VmbusFixture Start(out RawDevice device)
    {
        device = VmbusFixture.NewDevice(1);
        return Start(device);
    }

    /// <summary>The same with one device, whose channel is open with a page for each ring.</summary>
    private protected VmbusFixture Open(out RawDevice device, out ProtocolChannel channel)
    {
        VmbusFixture fixture = Start(out device);
        channel = fixture.ChannelOf(device);
        Assert.True(channel.Open(1, 1).IsSuccess);
        return fixture;
    }
}
