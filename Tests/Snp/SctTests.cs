using System;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Uefi.Interop.Raw.EFI_SIMPLE_NETWORK_PROTOCOL;
using State = NetBoot.Uefi.Interop.Raw.EFI_SIMPLE_NETWORK_STATE;

namespace NetBoot.Tests.Snp;

/// <summary>
/// What the UEFI Self-Certification Test asserts of EFI_SIMPLE_NETWORK_PROTOCOL, test by test and with its calls (edk2-test,
/// uefi-sct/SctPkg/TestCase/UEFI/EFI/Protocol/SimpleNetwork). Where it takes EFI_UNSUPPORTED too, this does not.
/// </summary>
[Collection("Firmware")]
public sealed unsafe class SctTests : SnpTest
{
    [Fact]
    public void Start_PassesSct()
    {
        To(State.EfiSimpleNetworkStopped);
        Expect(Success, Client.Start(), State.EfiSimpleNetworkStarted);
        Expect(EFI_STATUS.EFI_ALREADY_STARTED, Client.Start(), State.EfiSimpleNetworkStarted);
    }

    [Fact]
    public void Stop_PassesSct()
    {
        To(State.EfiSimpleNetworkStarted);
        Expect(Success, Client.Stop(), State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Client.Stop(), State.EfiSimpleNetworkStopped);
    }

    [Fact]
    public void Initialize_PassesSct()
    {
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Client.Initialize(), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkStarted);
        Expect(Success, Client.Initialize(), State.EfiSimpleNetworkInitialized);
        To(State.EfiSimpleNetworkStarted);
        Expect(Success, Snp->Initialize(Snp, 32, 32), State.EfiSimpleNetworkInitialized);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Reset_PassesSct(bool isLinkUp)
    {
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Client.Reset(), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkInitialized);
        Nic.LinkUp = isLinkUp;
        Assert.Equal(Success, Client.ReceiveFilters(Unicast, 0));
        Client.Transmit(SnpClient.Frame(Other), out _);
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        EFI_SIMPLE_NETWORK_MODE before = Client.Mode;
        EFI_NETWORK_STATISTICS counted = Client.Statistics();

        Expect(Success, Client.Reset(), before.State);

        Assert.Equal(before.ReceiveFilterMask, Client.Mode.ReceiveFilterMask);
        Assert.Equal(before.ReceiveFilterSetting, Client.Mode.ReceiveFilterSetting);
        Assert.True(AreEqual(&before.CurrentAddress, &Snp->Mode->CurrentAddress));
        Assert.True(AreEqual(&before.PermanentAddress, &Snp->Mode->PermanentAddress));
        uint interrupts = uint.MaxValue;
        void* buffer = (void*)1;
        Assert.Equal(Success, Snp->GetStatus(Snp, &interrupts, &buffer));
        Assert.Equal(0u, interrupts);
        Assert.True(buffer == null);
        EFI_NETWORK_STATISTICS after = Client.Statistics();
        Assert.True(AreEqual(&counted, &after));
        Expect(Success, Snp->Reset(Snp, 1), State.EfiSimpleNetworkInitialized);
    }

    [Fact]
    public void Shutdown_PassesSct()
    {
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Client.Shutdown(), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkInitialized);
        Expect(Success, Client.Shutdown(), State.EfiSimpleNetworkStarted);
    }

    [Fact]
    public void ReceiveFilters_PassesSct()
    {
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Snp->ReceiveFilters(Snp, 0, 0, 0, 0, null), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkStarted);
        Assert.Equal(DeviceError, Snp->ReceiveFilters(Snp, 0, 0, 0, 0, null));
        To(State.EfiSimpleNetworkInitialized);
        EFI_MAC_ADDRESS group = default;
        Group.CopyTo(new Span<byte>(&group, 6));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, ~Client.Mode.ReceiveFilterMask, 0, 0, 0, null));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, Multicast, 0, 0, Client.Mode.MaxMCastFilterCount + 1, &group));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, Multicast, 0, 0, 0, &group));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, Multicast, 0, 0, 1, null));

        Assert.Equal(Success, Snp->ReceiveFilters(Snp, 0, Unicast, 0, 0, null));
        Assert.Equal(0u, Client.Mode.ReceiveFilterSetting & Unicast);
        Assert.Equal(Success, Snp->ReceiveFilters(Snp, Unicast, 0, 0, 0, null));
        Assert.Equal(Unicast, Client.Mode.ReceiveFilterSetting & Unicast);
        Assert.Equal(Success, Snp->ReceiveFilters(Snp, Unicast, Unicast, 0, 0, null));
        Assert.Equal(0u, Client.Mode.ReceiveFilterSetting & Unicast);
        Expect(Success, Snp->ReceiveFilters(Snp, Multicast, 0, 0, 1, &group), State.EfiSimpleNetworkInitialized);
        Assert.Equal(1u, Client.Mode.MCastFilterCount);
        Assert.True(AreEqual((EFI_MAC_ADDRESS*)&Snp->Mode->MCastFilter, &group));
        Expect(Success, Snp->ReceiveFilters(Snp, 0, 0, 1, 0, null), State.EfiSimpleNetworkInitialized);
        Assert.Equal(0u, Client.Mode.MCastFilterCount);
    }

    [Fact]
    public void StationAddress_PassesSct()
    {
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Snp->StationAddress(Snp, 1, null), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkStarted);
        Assert.Equal(DeviceError, Snp->StationAddress(Snp, 1, null));
        To(State.EfiSimpleNetworkInitialized);
        Assert.Equal(Success, Snp->StationAddress(Snp, 1, null));
        Assert.True(AreEqual(&Snp->Mode->CurrentAddress, &Snp->Mode->PermanentAddress));
        EFI_MAC_ADDRESS back = Client.Mode.CurrentAddress;
        EFI_MAC_ADDRESS address;
        new Span<byte>(&address, sizeof(EFI_MAC_ADDRESS)).Fill(2);
        Assert.Equal(Success, Snp->StationAddress(Snp, 0, &address));
        Assert.True(AreEqual(&Snp->Mode->CurrentAddress, &address));
        Assert.Equal(Success, Snp->StationAddress(Snp, 0, &back));
    }

    [Fact]
    public void Statistics_PassesSct()
    {
        To(State.EfiSimpleNetworkStopped);
        nuint whole = (nuint)sizeof(EFI_NETWORK_STATISTICS);
        nuint size = whole;
        EFI_NETWORK_STATISTICS first = default;
        Expect(NotStarted, Snp->Statistics(Snp, 0, &size, &first), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkStarted);
        Assert.Equal(DeviceError, Snp->Statistics(Snp, 0, &size, &first));
        To(State.EfiSimpleNetworkInitialized);
        size = 0;
        Assert.Equal(BufferTooSmall, Snp->Statistics(Snp, 0, &size, &first));

        size = whole;
        Assert.Equal(Success, Snp->Statistics(Snp, 0, &size, &first));
        size = whole;
        EFI_NETWORK_STATISTICS second = default;
        Assert.Equal(Success, Snp->Statistics(Snp, 0, &size, &second));
        Assert.True(AreEqual(&first, &second));

        size = whole;
        EFI_NETWORK_STATISTICS zero = default;
        EFI_NETWORK_STATISTICS untouched = default;
        Assert.Equal(Success, Snp->Statistics(Snp, 1, &size, &untouched));
        Assert.True(AreEqual(&zero, &untouched));
    }

    [Fact]
    public void MCastIpToMac_PassesSct()
    {
        EFI_IP_ADDRESS ip = default;
        EFI_MAC_ADDRESS mac;
        To(State.EfiSimpleNetworkStopped);
        *(uint*)&ip = 0xFFFF_FFEF; // 239.255.255.255
        Expect(NotStarted, Snp->MCastIpToMac(Snp, 0, &ip, &mac), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkInitialized);
        *(uint*)&ip = 0x0100_00EA; // 234.0.0.1
        Assert.Equal(Success, Snp->MCastIpToMac(Snp, 0, &ip, &mac));
        Assert.Equal([0x01, 0x00, 0x5E, 0x00, 0x00, 0x01], new Span<byte>(&mac, 6).ToArray());
    }

    /// <summary>The test ends at once where Mode says that there is no NVRAM.</summary>
    [Fact]
    public void NvData_PassesSct()
    {
        To(State.EfiSimpleNetworkInitialized);
        Assert.Equal(0u, Client.Mode.NvRamSize);
        Assert.Equal(0u, Client.Mode.NvRamAccessSize);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void GetStatus_PassesSct(bool isLinkUp)
    {
        uint interrupts = 0;
        void* buffer = null;
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Snp->GetStatus(Snp, &interrupts, &buffer), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkStarted);
        Assert.Equal(DeviceError, Snp->GetStatus(Snp, &interrupts, &buffer));
        To(State.EfiSimpleNetworkInitialized);
        Assert.Equal(InvalidParameter, Snp->GetStatus(Snp, null, null));

        TransmitAndRecycle();
        To(State.EfiSimpleNetworkStopped);
        Nic.LinkUp = isLinkUp;
        To(State.EfiSimpleNetworkInitialized);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(Success, Snp->GetStatus(Snp, &interrupts, &buffer));
        }

        Assert.Equal(1, Client.Mode.MediaPresentSupported);
        Assert.Equal(isLinkUp ? 1 : 0, Client.Mode.MediaPresent);
        Assert.Equal(0u, interrupts);
    }

    [Fact]
    public void Transmit_PassesSct()
    {
        byte* buffer = stackalloc byte[2048];
        EFI_MAC_ADDRESS address = default;
        ushort protocol = 1;
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Snp->Transmit(Snp, 0, 14, buffer, null, null, null), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkStarted);
        Assert.Equal(DeviceError, Snp->Transmit(Snp, 0, 14, buffer, null, null, null));
        To(State.EfiSimpleNetworkInitialized);
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 16, 1024, buffer, &address, &address, &protocol));
        Assert.Equal(BufferTooSmall, Snp->Transmit(Snp, 14, 12, buffer, &address, &address, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 14, 1024, null, &address, &address, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 14, 1024, buffer, &address, null, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 14, 1024, buffer, &address, &address, null));
        TransmitAndRecycle();
        Assert.Equal(State.EfiSimpleNetworkInitialized, Client.Mode.State);
    }

    [Fact]
    public void Receive_PassesSct()
    {
        byte* buffer = stackalloc byte[2048];
        nuint headerSize = 0;
        nuint size = 0;
        EFI_MAC_ADDRESS source;
        EFI_MAC_ADDRESS destination;
        ushort protocol;
        To(State.EfiSimpleNetworkStopped);
        Expect(NotStarted, Snp->Receive(Snp, &headerSize, &size, buffer, null, null, null), State.EfiSimpleNetworkStopped);
        To(State.EfiSimpleNetworkStarted);
        Assert.Equal(DeviceError, Snp->Receive(Snp, &headerSize, &size, buffer, null, null, null));
        To(State.EfiSimpleNetworkInitialized);
        Assert.Equal(Success, Client.ReceiveFilters(Unicast | Broadcast, 0));
        Assert.Equal(InvalidParameter, Snp->Receive(Snp, &headerSize, &size, null, &source, &destination, &protocol));

        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(FakeNic.Permanent));
        Assert.Equal(BufferTooSmall, Snp->Receive(Snp, null, &size, buffer, null, null, null));
        size = 1024;
        Expect(Success, Snp->Receive(Snp, null, &size, buffer, null, null, null), State.EfiSimpleNetworkInitialized);
        size = 1024;
        Expect(Success, Snp->Receive(Snp, &headerSize, &size, buffer, &source, &destination, &protocol), State.EfiSimpleNetworkInitialized);
    }

    private void To(State state)
    {
        if (Client.Mode.State == State.EfiSimpleNetworkInitialized)
        {
            Assert.Equal(Success, Client.Shutdown());
        }

        if (Client.Mode.State == State.EfiSimpleNetworkStopped && state != State.EfiSimpleNetworkStopped)
        {
            Assert.Equal(Success, Client.Start());
        }

        switch (state)
        {
            case State.EfiSimpleNetworkInitialized:
                Assert.Equal(Success, Client.Initialize());
                break;
            case State.EfiSimpleNetworkStopped when Client.Mode.State == State.EfiSimpleNetworkStarted:
                Assert.Equal(Success, Client.Stop());
                break;
            default:
                break;
        }
    }

    private void Expect(EFI_STATUS expected, EFI_STATUS status, State state)
    {
        Assert.Equal(expected, status);
        Assert.Equal(state, Client.Mode.State);
    }

    private void TransmitAndRecycle()
    {
        byte* buffer = stackalloc byte[1024];
        EFI_MAC_ADDRESS destination;
        new Span<byte>(&destination, sizeof(EFI_MAC_ADDRESS)).Fill(0xFF);
        ushort protocol = 0x0806;
        Assert.Equal(Success, Snp->Transmit(Snp, 14, 128, buffer, &Snp->Mode->CurrentAddress, &destination, &protocol));
        uint interrupts;
        void* recycled;
        Assert.Equal(Success, Snp->GetStatus(Snp, &interrupts, &recycled));
        Assert.True(recycled == buffer);
        Assert.Equal(EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT, interrupts);
    }

    private static bool AreEqual<T>(T* one, T* other) where T : unmanaged =>
        new Span<byte>(one, sizeof(T)).SequenceEqual(new Span<byte>(other, sizeof(T)));
}
