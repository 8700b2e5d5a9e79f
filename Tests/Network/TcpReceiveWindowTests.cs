using NetBoot.NetworkStack.Sockets.Tcp;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>How the window that we offer follows what the receive ring holds.</summary>
public sealed class TcpReceiveWindowTests
{
    [Theory]
    [InlineData(1u << 20)]
    [InlineData(3u << 30)] // Sequence numbers so far apart have no order.
    public void Overrun_AfterManyBytes_CutsTheWindowAgain(uint bytes)
    {
        TcpReceiveWindow window = new(1460, 1 << 20, 0, 0);
        window.OnGap(0, 3000, 2, 40, 65536, 0);
        int cut = window.Size;
        Assert.InRange(cut, 1, 65535);
        ulong now = 0;
        for (uint next = 65536; next < bytes; next += 65536)
        {
            now += 1_000_000; // Too slow for it to grow.
            window.OnProgress(next, 1000, now);
        }

        window.OnGap(bytes, 3000, 2, 30, bytes + 65536, now);
        Assert.InRange(window.Size, 1, cut - 1);
    }
}
