using NetBoot.Tests.DriverModel;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Snp;

/// <summary>A NIC whose network carries less than Ethernet does.</summary>
[Collection("Firmware")]
public sealed unsafe class SnpMtuTests
{
    [Fact]
    public void Transmit_OfMoreThanTheNetworkCarries_IsInvalid()
    {
        using NicFixture fixture = new();
        fixture.Driver.Mtu = 1400;
        fixture.Connect();
        using SnpClient client = new(fixture.Snp);
        Assert.Equal(1400u, client.Mode.MaxPacketSize);
        Assert.True(client.Start().IsSuccess);
        Assert.True(client.Initialize().IsSuccess);
        Assert.True(client.Transmit(SnpClient.Frame(MacAddress.Broadcast, 1418), out _).IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, client.Transmit(SnpClient.Frame(MacAddress.Broadcast, 1419), out _));
        Assert.Equal(1418, Assert.Single(fixture.Nic.Transmitted).Length);
    }
}
