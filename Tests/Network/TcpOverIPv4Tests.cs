using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>TCP over IPv4.</summary>
public sealed class TcpOverIPv4Tests() : TcpTests(isIPv6: false)
{
    [Theory]
    [InlineData("0.0.0.0", 80)]
    [InlineData("224.0.0.1", 80)]
    [InlineData("255.255.255.255", 80)]
    [InlineData("192.0.2.255", 80)]
    [InlineData("192.0.2.10", 80)]
    [InlineData("192.0.2.2", 0)]
    public void Connect_ToWhatIsNoHostsPort_IsAnError(string address, ushort port) => AssertNoHostsPort(address, port);
}
