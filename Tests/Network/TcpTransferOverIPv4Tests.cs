using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>Transfers over IPv4, and the long ones, for which the version makes no difference.</summary>
public sealed class TcpTransferOverIPv4Tests() : TcpTransferTests(isIPv6: false)
{
    [Fact]
    public void Download_OverALongPath_OpensTheWindow()
    {
        SimulatedNetwork network = NewNetwork();
        network.Wire.Latency = 40_000;
        network.Wire.RingSize = 4096;
        PeerTcpServer server = new(network.Peer, 80);
        ulong start = network.Now;
        Download(network, server, Content(16_000_000), 300);
        Assert.True(server.Connections[0].LargestClientWindow > 1_000_000, $"window {server.Connections[0].LargestClientWindow}");
        Assert.True(network.Now - start < 4_000_000, $"{network.Now - start} us");
    }

    [Fact]
    public void Download_WithSingleLossesOnALongPath_KeepsTheWindow()
    {
        SimulatedNetwork network = NewNetwork(link => new FaultLink(link, 3) { Loss = 0.0005 });
        network.Wire.Latency = 20_000;
        network.Wire.RingSize = 4096;
        PeerTcpServer server = new(network.Peer, 80);
        Download(network, server, Content(8_000_000), 300);
        Assert.True(server.Connections[0].LargestClientWindow > 250_000, $"window {server.Connections[0].LargestClientWindow}");
    }
}
