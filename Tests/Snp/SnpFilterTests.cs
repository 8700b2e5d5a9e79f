using System;
using System.Linq;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Snp;

/// <summary>Filters, the station's address and groups.</summary>
[Collection("Firmware")]
public sealed unsafe class SnpFilterTests : SnpTest
{
    [Theory]
    [InlineData(Unicast)]
    [InlineData(Broadcast)]
    [InlineData(Promiscuous)]
    [InlineData(AllMulticast)]
    public void ReceiveFilters_EachBitOnAndOff_DeliversExactlyWhatWasAskedFor(uint bit)
    {
        ToInitialized(0);
        byte[][] frames =
        [
            SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(Other), SnpClient.Frame(MacAddress.Broadcast), SnpClient.Frame(Group),
        ];
        byte[][] wanted = bit switch
        {
            Unicast => [frames[0]],
            Broadcast => [frames[2]],
            AllMulticast => [frames[3]],
            _ => frames,
        };

        Assert.Equal(Success, Client.ReceiveFilters(bit, 0));
        Assert.Equal(bit, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(bit, Nic.Filters);
        Arrive(frames);
        Assert.Equal(wanted, ReceiveAll());

        Assert.Equal(Success, Client.ReceiveFilters(0, bit));
        Assert.Equal(0u, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(0u, Nic.Filters);
        Arrive(frames);
        Assert.Empty(ReceiveAll());
    }

    [Fact]
    public void ReceiveFilters_Multicast_DeliversTheListedGroupsOnly()
    {
        ToInitialized(0);
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Multicast, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(1u, Client.Mode.MCastFilterCount);
        Assert.Equal(Group, SnpClient.Address(ref Client.Mode.MCastFilter[0]));
        Assert.Equal([Group], Nic.Groups);
        Arrive(SnpClient.Frame(OtherGroup), SnpClient.Frame(Group), SnpClient.Frame(MacAddress.Broadcast));
        Assert.Equal([SnpClient.Frame(Group)], ReceiveAll());

        Assert.Equal(Success, Client.ReceiveFilters(0, Multicast));
        Arrive(SnpClient.Frame(Group));
        Assert.Empty(ReceiveAll());
    }

    [Fact]
    public void ReceiveFilters_ANewList_ReplacesTheOldOne()
    {
        ToInitialized(0);
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, Group, OtherGroup));
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, OtherGroup));
        Assert.Equal(1u, Client.Mode.MCastFilterCount);
        Assert.Equal([OtherGroup], Nic.Groups);
        Assert.True(SnpClient.Address(ref Client.Mode.MCastFilter[1]).IsZero);
    }

    [Fact]
    public void ReceiveFilters_ResetMCastFilter_EmptiesTheListAndTurnsMulticastOff()
    {
        ToInitialized();
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Success, Snp->ReceiveFilters(Snp, Multicast | AllMulticast, 0, 1, 99, null));
        Assert.Equal(0u, Client.Mode.MCastFilterCount);
        Assert.Equal(Unicast | Broadcast | AllMulticast, Client.Mode.ReceiveFilterSetting);
        Assert.Empty(Nic.Groups);
    }

    [Fact]
    public void ReceiveFilters_TheSameBitInBoth_IsDisabled()
    {
        ToInitialized(0);
        Assert.Equal(Success, Client.ReceiveFilters(Unicast | Broadcast, Unicast));
        Assert.Equal(Broadcast, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, Multicast));
    }

    [Fact]
    public void ReceiveFilters_WithSixteenGroups_IsTheMost()
    {
        ToInitialized(0);
        MacAddress[] groups = [.. Enumerable.Range(0, 16).Select(i => new MacAddress([0x01, 0x00, 0x5E, 0, 0, (byte)i]))];
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, groups));
        Assert.Equal(groups, Nic.Groups);
        Assert.Equal(InvalidParameter, Client.ReceiveFilters(Multicast, 0, false, [.. groups, Group]));
        Assert.Equal(16u, Client.Mode.MCastFilterCount);
    }

    [Fact]
    public void ReceiveFilters_WithWrongParameters_IsInvalidAndChangesNothing()
    {
        ToInitialized();
        EFI_MAC_ADDRESS mac = default;
        Assert.Equal(InvalidParameter, Client.ReceiveFilters(0x20, 0));
        Assert.Equal(InvalidParameter, Client.ReceiveFilters(0, 0x8000_0000));
        Assert.Equal(InvalidParameter, Client.ReceiveFilters(Multicast, 0));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, Multicast, 0, 0, 1, null));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, Multicast, 0, 0, nuint.MaxValue, &mac));
        Assert.Equal(InvalidParameter, Client.ReceiveFilters(Multicast, 0, false, Group, Other));
        Assert.Equal(Unicast | Broadcast, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(Unicast | Broadcast, Nic.Filters);
        Assert.Equal(0u, Client.Mode.MCastFilterCount);
    }

    [Fact]
    public void Receive_WhenTheHardwareDeliversOnlyWhatIsNotWanted_EndsAfterOneRing()
    {
        ToInitialized(Unicast);
        for (int i = 0; i < 3 * Nic.ReceiveRingSize; i++)
        {
            Arrive(SnpClient.Frame(Other));
        }

        Assert.Equal(NotReady, Client.Receive(out _));
        Assert.Equal(2 * Nic.ReceiveRingSize, Nic.Arriving.Count);
    }

    [Fact]
    public void StationAddress_SetAndReset()
    {
        ToInitialized(Unicast);
        Assert.Equal(Success, Client.StationAddress(false, Other));
        Assert.Equal(Other, Client.CurrentAddress);
        Assert.Equal(FakeNic.Permanent, SnpClient.Address(ref Client.Mode.PermanentAddress));
        Assert.Equal(Other, Nic.Station);
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(Other));
        Assert.Equal([SnpClient.Frame(Other)], ReceiveAll());

        Assert.Equal(Success, Client.StationAddress(true, null));
        Assert.Equal(FakeNic.Permanent, Client.CurrentAddress);
        Assert.Equal(FakeNic.Permanent, Nic.Station);
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(Other));
        Assert.Equal([SnpClient.Frame(FakeNic.Permanent)], ReceiveAll());
    }

    [Fact]
    public void StationAddress_ThatIsNoStations_IsInvalid()
    {
        ToInitialized();
        Assert.Equal(InvalidParameter, Client.StationAddress(false, null));
        Assert.Equal(InvalidParameter, Client.StationAddress(false, Group));
        Assert.Equal(InvalidParameter, Client.StationAddress(false, MacAddress.Broadcast));
        Assert.Equal(InvalidParameter, Client.StationAddress(false, default(MacAddress)));
        Assert.Equal(FakeNic.Permanent, Client.CurrentAddress);
    }

    [Fact]
    public void Addresses_AreKeptWhole()
    {
        ToInitialized();
        EFI_MAC_ADDRESS address = default;
        new Span<byte>(&address, sizeof(EFI_MAC_ADDRESS)).Fill(2);
        Assert.Equal(Success, Snp->StationAddress(Snp, 0, &address));
        Assert.True(new Span<byte>(&Snp->Mode->CurrentAddress, sizeof(EFI_MAC_ADDRESS)).SequenceEqual(new Span<byte>(&address, sizeof(EFI_MAC_ADDRESS))));
        new Span<byte>(&address, sizeof(EFI_MAC_ADDRESS)).Fill(3);
        Assert.Equal(Success, Snp->ReceiveFilters(Snp, Multicast, 0, 0, 1, &address));
        Assert.True(new Span<byte>(&Snp->Mode->MCastFilter, sizeof(EFI_MAC_ADDRESS)).SequenceEqual(new Span<byte>(&address, sizeof(EFI_MAC_ADDRESS))));
        Assert.Equal(Success, Snp->StationAddress(Snp, 1, null));
        Assert.True(new Span<byte>(&Snp->Mode->CurrentAddress, sizeof(EFI_MAC_ADDRESS)).SequenceEqual(
            new Span<byte>(&Snp->Mode->PermanentAddress, sizeof(EFI_MAC_ADDRESS))));
    }

    [Fact]
    public void StationAddress_SurvivesShutdown()
    {
        ToInitialized();
        Assert.Equal(Success, Client.StationAddress(false, Other));
        Assert.Equal(Success, Client.Shutdown());
        Assert.Equal(Success, Client.Initialize());
        Assert.Equal(Other, Client.CurrentAddress);
        Assert.Equal(Other, Nic.Station);
    }

    [Theory]
    [InlineData("224.0.0.251", "01:00:5e:00:00:fb")]
    [InlineData("239.255.255.250", "01:00:5e:7f:ff:fa")]
    [InlineData("ff02::1:ff12:3456", "33:33:ff:12:34:56")]
    public void MCastIpToMac_MapsGroups(string group, string expected)
    {
        ToInitialized();
        EFI_MAC_ADDRESS mac;
        Assert.Equal(Success, MCastIpToMac(group, &mac));
        Assert.Equal(expected, TextBuilder.Format($"{new MacAddress(new ReadOnlySpan<byte>(&mac, 6))}"));
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("255.255.255.255")]
    [InlineData("2001:db8::1")]
    public void MCastIpToMac_OfWhatIsNoGroup_IsInvalid(string address)
    {
        ToInitialized();
        EFI_MAC_ADDRESS mac;
        Assert.Equal(InvalidParameter, MCastIpToMac(address, &mac));
    }

    [Fact]
    public void MCastIpToMac_WithNullPointers_IsInvalid()
    {
        ToInitialized();
        EFI_MAC_ADDRESS mac;
        EFI_IP_ADDRESS ip = default;
        Assert.Equal(InvalidParameter, Snp->MCastIpToMac(Snp, 0, null, &mac));
        Assert.Equal(InvalidParameter, Snp->MCastIpToMac(Snp, 0, &ip, null));
    }

    private EFI_STATUS MCastIpToMac(string address, EFI_MAC_ADDRESS* mac)
    {
        byte[] bytes = System.Net.IPAddress.Parse(address).GetAddressBytes();
        EFI_IP_ADDRESS ip = default;
        bytes.CopyTo(new Span<byte>(&ip, 16));
        return Snp->MCastIpToMac(Snp, bytes.Length == 16 ? (byte)1 : (byte)0, &ip, mac);
    }
}
