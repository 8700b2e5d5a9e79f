using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>TCP over IPv6.</summary>
public sealed class TcpOverIPv6Tests() : TcpTests(isIPv6: true)
{
    [Theory]
    [InlineData("::", 80)]
    [InlineData("::1", 80)]
    [InlineData("ff02::1", 80)]
    [InlineData("2001:db8::5054:ff:fe12:3456", 80)]
    [InlineData("2001:db8::2", 0)]
    public void Connect_ToWhatIsNoHostsPort_IsAnError(string address, ushort port) => AssertNoHostsPort(address, port);
}
