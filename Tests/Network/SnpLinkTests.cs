using System;
using System.Linq;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>The link on SNPs of every quality, and how it takes them from the firmware.</summary>
[Collection("Firmware")]
public sealed unsafe class SnpLinkTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();

    public void Dispose() => _firmware.Dispose();

    private static byte[] Frame(int length, byte fill = 1)
    {
        byte[] frame = new byte[length];
        Array.Fill(frame, fill);
        return frame;
    }

    private static SnpLink Open(FakeSnp snp)
    {
        SnpLink link = new(snp.Handle);
        Assert.Null(link.Open());
        return link;
    }

    [Fact]
    public void OpenAndClose_TakeTheDeviceFromMnp_AndGiveItBack()
    {
        FakeSnp snp = new(_firmware);
        FakeMnp mnp = new(_firmware);
        _firmware.Connect(snp.Handle);
        Assert.True(mnp.IsBound);
        Footprint footprint = new(_firmware);
        SnpLink link = new(snp.Handle);
        for (int i = 0; i < 100; i++)
        {
            Assert.Null(link.Open());
            Assert.False(mnp.IsBound);
            Assert.Equal(_firmware.ImageHandle, _firmware.HeldOpenings.Single().Agent);
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, snp.Mode->State);
            link.Close();
            link.Close();
            Assert.True(mnp.IsBound);
        }

        footprint.ExpectUnchanged("SnpLink");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void SetAddress_HoldsFromOpenToClose_AndIsShownBeforeToo(bool isOpenBefore)
    {
        FakeSnp snp = new(_firmware);
        MacAddress own = new([0x50, 0x51, 0x52, 0x53, 0x54, 0x55]);
        MacAddress other = new([0x52, 0x54, 0, 0, 0, 0x99]);
        SnpLink link = new(snp.Handle);
        Assert.True(!isOpenBefore || link.Open() is null);

        Assert.Null(link.SetAddress(other));

        Assert.Equal(other, link.Address);
        Assert.Equal(own, link.PermanentAddress);
        Assert.Null(link.Open());
        Assert.Equal(other, new MacAddress(new ReadOnlySpan<byte>(snp.Mode->CurrentAddress.Addr, 6)));
        link.Close();
        Assert.Equal(own, new MacAddress(new ReadOnlySpan<byte>(snp.Mode->CurrentAddress.Addr, 6)));
        Assert.Equal(other, link.Address);
        Assert.Null(link.SetAddress(null));
        Assert.Equal(own, link.Address);
    }

    [Fact]
    public void SetAddress_OnADeviceThatRefuses_IsAnError()
    {
        FakeSnp snp = new(_firmware) { AddressResult = EFI_STATUS.EFI_UNSUPPORTED };
        SnpLink link = Open(snp);
        MacAddress other = new([0x52, 0x54, 0, 0, 0, 0x99]);

        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, link.SetAddress(other)!.Status);
        Assert.NotEqual(other, link.Address);

        link.Close();
        Assert.Null(link.SetAddress(other));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, link.Open()!.Status);
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, snp.Mode->State);
        Assert.Null(link.SetAddress(null));
        Assert.Null(link.Open());
        link.Close();
    }

    [Fact]
    public void OpenAndClose_OfAFreeDevice_ConnectNobody()
    {
        FakeSnp snp = new(_firmware);
        FakeMnp mnp = new(_firmware);
        SnpLink link = Open(snp);
        Assert.Null(link.Open());
        link.Close();
        Assert.False(mnp.IsBound);
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, snp.Mode->State);
    }

    [Fact]
    public void Open_WhenTheDriverDoesNotLetGo_IsAnError()
    {
        FakeSnp snp = new(_firmware);
        FakeMnp mnp = new(_firmware);
        _firmware.Connect(snp.Handle);
        mnp.RefusesToStop = true;
        SnpLink link = new(snp.Handle);
        Assert.Contains("in use", link.Open()!.Message);
        Assert.True(mnp.IsBound);
        Assert.False(link.IsUp);
        Assert.False(link.Send(Frame(60)));
        Assert.True(link.Receive().IsEmpty);
    }

    [Fact]
    public void Open_OfADeviceThatWasLeftRunning_StartsItAfresh()
    {
        FakeSnp snp = new(_firmware);
        snp.Mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized;
        snp.Mode->ReceiveFilterSetting = 0x1F;
        Open(snp);
        Assert.Equal(5u, snp.Mode->ReceiveFilterSetting);
        Assert.Equal(1, snp.InitializeCalls);
    }

    [Fact]
    public void Open_WithStartSayingAlreadyStarted_GoesOn()
    {
        FakeSnp snp = new(_firmware) { StartResult = EFI_STATUS.EFI_ALREADY_STARTED };
        Open(snp);
    }

    [Fact]
    public void Open_WithoutLink_InitializesAgainUntilItIsUp_OrOpensWithoutIt()
    {
        FakeSnp late = new(_firmware) { LinkComesUpAfter = 3 };
        Assert.True(Open(late).IsUp);
        Assert.Equal(4, late.InitializeCalls);
        FakeSnp never = new(_firmware) { LinkComesUpAfter = 100 };
        SnpLink link = Open(never);
        Assert.False(link.IsUp);
        Assert.Equal(10, never.InitializeCalls);
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, never.Mode->State);
        never.Mode->MediaPresent = 1;
        Assert.True(link.IsUp);
        never.Mode->MediaPresent = 0;
        never.Mode->MediaPresentSupported = 0;
        Assert.True(link.IsUp);
    }

    [Fact]
    public void Open_OfADeviceThatFails_SaysSo_AndLeavesNothing()
    {
        FakeSnp snp = new(_firmware) { InitializeResult = EFI_STATUS.EFI_DEVICE_ERROR };
        FakeMnp mnp = new(_firmware);
        _firmware.Connect(snp.Handle);
        Footprint footprint = new(_firmware);
        Error? error = new SnpLink(snp.Handle).Open();
        Assert.Equal("the network device does not start (Device Error)", error!.Message);
        Assert.True(mnp.IsBound);
        snp.InitializeResult = default;
        _firmware.AllocationsLeft = 0;
        Assert.NotNull(new SnpLink(snp.Handle).Open());
        footprint.ExpectUnchanged("SnpLink");
    }

    [Theory]
    [InlineData(8, 14, 1)]
    [InlineData(6, 0, 1)]
    [InlineData(6, 14, 32)]
    public void Open_OfWhatIsNotEthernet_IsRefused(uint addressSize, uint headerSize, byte type)
    {
        FakeSnp snp = new(_firmware);
        snp.Mode->HwAddressSize = addressSize;
        snp.Mode->MediaHeaderSize = headerSize;
        snp.Mode->IfType = type;
        Footprint footprint = new(_firmware);
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, new SnpLink(snp.Handle).Open()!.Status);
        footprint.ExpectUnchanged("SnpLink");
    }

    [Fact]
    public void Open_OfAHandleWithoutSnp_IsAnError()
    {
        EFI_HANDLE handle = _firmware.CreateController(SimulatedPath.Pci(3));
        SnpLink link = new(handle);
        Assert.NotNull(link.Open());
        Assert.Equal(default, link.Address);
        Assert.Equal(0, link.Mtu);
    }

    [Fact]
    public void Filters_LetInWhatASwitchSaysOfItself()
    {
        FakeSnp snp = new(_firmware);
        snp.Mode->MaxMCastFilterCount = 2;
        Open(snp);
        Assert.Equal([7u], snp.FilterAttempts);
        Assert.Equal(["0180C2000000", "0180C200000E"], snp.Groups);
    }

    [Fact]
    public void Filters_FallBackToWhatTheDeviceTakes()
    {
        Open(new FakeSnp(_firmware));
        FakeSnp all = new(_firmware) { OnlyFilter = 8 };
        Open(all);
        Assert.Equal([0x05u, 0x15u, 0x0Du, 0x08u], all.FilterAttempts);
        FakeSnp groups = new(_firmware) { OnlyFilter = 5 };
        groups.Mode->MaxMCastFilterCount = 2;
        Open(groups);
        Assert.Equal([7u, 5u], groups.FilterAttempts);
        FakeSnp one = new(_firmware);
        one.Mode->ReceiveFilterMask = 1;
        Open(one);
        Assert.Equal([1u], one.FilterAttempts);
        FakeSnp none = new(_firmware) { FilterResult = EFI_STATUS.EFI_UNSUPPORTED };
        Open(none);
        Assert.Single(none.FilterAttempts);
    }

    [Fact]
    public void Send_PadsShortFrames_AndReceive_GivesTheFrame()
    {
        FakeSnp snp = new(_firmware);
        SnpLink link = Open(snp);
        Assert.True(link.Send(Frame(42)));
        Assert.Equal(60, snp.Transmitted[0].Length);
        Assert.Equal(new byte[18], snp.Transmitted[0][42..]);
        Assert.True(link.Send(Frame(1514)));
        Assert.Equal(Frame(1514), snp.Transmitted[1]);
        Assert.False(link.Send(Frame(4000)));

        Assert.True(link.Receive().IsEmpty);
        snp.Incoming.Enqueue(Frame(1514, 7));
        snp.Incoming.Enqueue(Frame(9018, 8));
        Assert.Equal(Frame(1514, 7), link.Receive().ToArray());
        Assert.Equal(Frame(9018, 8), link.Receive().ToArray());
        Assert.Equal(0UL, link.DeviceErrors);
        Assert.Equal(new MacAddress([0x50, 0x51, 0x52, 0x53, 0x54, 0x55]), link.Address);
        Assert.Equal(1500, link.Mtu);
    }

    [Fact]
    public void Receive_WithASizeThatCannotBe_IsCountedAndDropped()
    {
        FakeSnp snp = new(_firmware);
        SnpLink link = Open(snp);
        foreach (nuint size in new nuint[] { 0, 13, 20_000, nuint.MaxValue })
        {
            snp.LyingSize = size;
            snp.Incoming.Enqueue(Frame(60));
            Assert.True(link.Receive().IsEmpty);
        }

        Assert.Equal(4UL, link.BadLengths);
    }

    [Fact]
    public void Send_AndReceive_TakeFewCallsOfFirmware()
    {
        FakeSnp snp = new(_firmware);
        SnpLink link = Open(snp);
        snp.Calls = 0;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(link.Send(Frame(60)));
        }

        Assert.InRange(snp.Calls, 1000, 2050); // Transmit, and GetStatus for each buffer with one more for twenty-four.
        snp.Calls = 0;
        for (int i = 0; i < 100; i++)
        {
            snp.Incoming.Enqueue(Frame(60));
        }

        while (!link.Receive().IsEmpty)
        {
        }

        Assert.Equal(101, snp.Calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(31)]
    public void Send_OverADeviceWithAShortQueue_LosesNothing(int queue)
    {
        FakeSnp snp = new(_firmware) { TransmitQueue = queue };
        SnpLink link = Open(snp);
        for (int i = 0; i < 200; i++)
        {
            Assert.True(link.Send(Frame(60, (byte)i)));
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (byte)i), snp.Transmitted.Select(frame => frame[0]));
    }

    [Fact]
    public void Send_WithForeignBuffersReturned_CountsThem()
    {
        FakeSnp snp = new(_firmware) { ReturnsForeignBuffers = true };
        SnpLink link = Open(snp);
        for (int i = 0; i < 200; i++)
        {
            Assert.True(link.Send(Frame(60)));
        }

        Assert.True(link.ForeignBuffers > 100);
        Assert.Equal(0UL, link.LostBuffers);
    }

    [Fact]
    public void Send_WhenBuffersNeverComeBack_GoesOnAfterATime()
    {
        FakeSnp snp = new(_firmware) { LosesBuffers = true };
        SnpLink link = Open(snp);
        for (int i = 0; i < 32; i++)
        {
            Assert.True(link.Send(Frame(60)));
        }

        Assert.False(link.Send(Frame(60)));
        _firmware.Advance(TimeSpan.FromMilliseconds(400));
        Assert.False(link.Send(Frame(60)));
        _firmware.Advance(TimeSpan.FromMilliseconds(200));
        Assert.True(link.Send(Frame(60)));
        Assert.Equal(32UL, link.LostBuffers);
    }

    [Fact]
    public void Send_ThatTheDeviceRefuses_GivesTheBufferBack()
    {
        FakeSnp snp = new(_firmware) { TransmitResult = EFI_STATUS.EFI_DEVICE_ERROR };
        SnpLink link = Open(snp);
        for (int i = 0; i < 100; i++)
        {
            Assert.False(link.Send(Frame(60)));
        }

        Assert.Equal(100UL, link.DeviceErrors);
        snp.TransmitResult = default;
        Assert.True(link.Send(Frame(60)));
    }

    [Fact]
    public void Interface_NamesItselfInTheError()
    {
        FakeSnp snp = new(_firmware) { InitializeResult = EFI_STATUS.EFI_NO_MEDIA };
        NetworkInterface nic = new("net0", new SnpLink(snp.Handle));
        Assert.Equal("net0: the network device does not start (status 12)", nic.Open()!.Message);
        Assert.False(nic.IsOpen);
    }

    [Fact]
    public void RandomSource_WorksWithoutRng()
    {
        RandomSource a = FirmwareEntropy.CreateRandomSource();
        RandomSource b = FirmwareEntropy.CreateRandomSource();
        Assert.NotEqual(a.Next32(), b.Next32());
    }
}
