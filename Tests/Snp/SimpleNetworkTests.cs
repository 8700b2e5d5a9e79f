using System;
using System.Collections.Generic;
using System.Linq;
using Tests.DriverModel;
using Uefi.Interop;
using Uefi.Interop.Raw;
using Xunit;
using static Uefi.Interop.Raw.EFI_SIMPLE_NETWORK_MODE;
using static Uefi.Interop.Raw.EFI_SIMPLE_NETWORK_PROTOCOL;

namespace Tests.Snp;

/// <summary>EFI_SIMPLE_NETWORK_PROTOCOL as UEFI 2.10, 24.1 says, on a NIC without hardware.</summary>
[Collection("Firmware")]
public sealed unsafe class SimpleNetworkTests : IDisposable
{
    private const uint Unicast = EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    private const uint Multicast = EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    private const uint Broadcast = EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    private const uint Promiscuous = EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    private const uint AllMulticast = EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;

    private static readonly EFI_STATUS Success = EFI_STATUS.EFI_SUCCESS;
    private static readonly EFI_STATUS InvalidParameter = EFI_STATUS.EFI_INVALID_PARAMETER;
    private static readonly EFI_STATUS NotStarted = EFI_STATUS.EFI_NOT_STARTED;
    private static readonly EFI_STATUS DeviceError = EFI_STATUS.EFI_DEVICE_ERROR;
    private static readonly EFI_STATUS NotReady = EFI_STATUS.EFI_NOT_READY;
    private static readonly EFI_STATUS BufferTooSmall = EFI_STATUS.EFI_BUFFER_TOO_SMALL;

    private static readonly MacAddress Other = new([0x52, 0x54, 0x00, 0xAA, 0xBB, 0xCC]);
    private static readonly MacAddress Group = new([0x01, 0x00, 0x5E, 0x00, 0x00, 0xFB]);
    private static readonly MacAddress OtherGroup = new([0x33, 0x33, 0x00, 0x00, 0x00, 0x01]);

    private readonly NicFixture _fixture = new();
    private readonly SnpClient _client;

    public SimpleNetworkTests()
    {
        _fixture.Connect();
        _client = new SnpClient(_fixture.Snp);
    }

    private FakeNic Nic => _fixture.Nic;
    private EFI_SIMPLE_NETWORK_PROTOCOL* Snp => _fixture.Snp;

    public void Dispose()
    {
        _client.Dispose();
        _fixture.Dispose();
    }

    public enum Function
    {
        Start,
        Stop,
        Initialize,
        Reset,
        Shutdown,
        ReceiveFilters,
        StationAddress,
        Statistics,
        MCastIpToMac,
        NvData,
        GetStatus,
        Transmit,
        Receive,
    }

    public static TheoryData<Function> All => new(Enum.GetValues<Function>());

    public static TheoryData<Function> ThoseThatNeedTheHardware => new(
        Enum.GetValues<Function>().Except([Function.Start, Function.Stop, Function.Initialize]));

    // With parameters that are right.
    private static EFI_STATUS Call(Function function, EFI_SIMPLE_NETWORK_PROTOCOL* snp, EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        EFI_MAC_ADDRESS mac = default;
        EFI_IP_ADDRESS ip = default;
        *(uint*)&ip = 0xFB0000E0;
        EFI_NETWORK_STATISTICS table;
        uint interrupts;
        byte* buffer = stackalloc byte[2048];
        nuint size = function == Function.Statistics ? (nuint)sizeof(EFI_NETWORK_STATISTICS) : 2048;
        return function switch
        {
            Function.Start => snp->Start(self),
            Function.Stop => snp->Stop(self),
            Function.Initialize => snp->Initialize(self, 0, 0),
            Function.Reset => snp->Reset(self, 1),
            Function.Shutdown => snp->Shutdown(self),
            Function.ReceiveFilters => snp->ReceiveFilters(self, Unicast, 0, 0, 0, null),
            Function.StationAddress => snp->StationAddress(self, 1, null),
            Function.Statistics => snp->Statistics(self, 0, &size, &table),
            Function.MCastIpToMac => snp->MCastIpToMac(self, 0, &ip, &mac),
            Function.NvData => snp->NvData(self, 1, 0, 2, buffer),
            Function.GetStatus => snp->GetStatus(self, &interrupts, null),
            Function.Transmit => snp->Transmit(self, 0, 60, buffer, null, null, null),
            _ => snp->Receive(self, null, &size, buffer, null, null, null),
        };
    }

    private void ToStarted() => Assert.Equal(Success, _client.Start());

    private void ToInitialized(uint filters = Unicast | Broadcast)
    {
        ToStarted();
        Assert.Equal(Success, _client.Initialize());
        Assert.Equal(Success, _client.ReceiveFilters(filters, 0));
    }

    private void Arrive(params byte[][] frames)
    {
        foreach (byte[] frame in frames)
        {
            Nic.Arriving.Enqueue(frame);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AnyFunction_WithNullThis_IsInvalidParameter(Function function) =>
        Assert.Equal(InvalidParameter, Call(function, Snp, null));

    [Theory]
    [MemberData(nameof(All))]
    public void AnyFunctionButStart_WhenStopped_IsNotStarted(Function function) =>
        Assert.Equal(function == Function.Start ? Success : NotStarted, Call(function, Snp, Snp));

    [Theory]
    [MemberData(nameof(ThoseThatNeedTheHardware))]
    public void FunctionThatNeedsTheHardware_WhenStarted_IsDeviceError(Function function)
    {
        ToStarted();
        Assert.Equal(DeviceError, Call(function, Snp, Snp));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AnyFunction_WhenInitialized_HasItsOwnStatus(Function function)
    {
        ToInitialized();
        EFI_STATUS expected = function switch
        {
            Function.Start => EFI_STATUS.EFI_ALREADY_STARTED,
            Function.Stop or Function.Initialize => DeviceError,
            Function.NvData => EFI_STATUS.EFI_UNSUPPORTED,
            Function.Receive => NotReady,
            _ => Success,
        };
        Assert.Equal(expected, Call(function, Snp, Snp));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void AnyFunction_RestoresTheTpl(Function function)
    {
        nuint old = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
        Call(function, Snp, Snp);
        Assert.Equal(EFI_TPL.TPL_CALLBACK, Firmware.CurrentTpl);
        Firmware.RestoreTpl(old);
    }

    [Fact]
    public void Mode_BeforeStart_DescribesTheNic()
    {
        Assert.Equal(EFI_SIMPLE_NETWORK_PROTOCOL_REVISION, Snp->Revision);
        Assert.False(Snp->WaitForPacket.IsNull);
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, _client.Mode.State);
        Assert.Equal(6u, _client.Mode.HwAddressSize);
        Assert.Equal(14u, _client.Mode.MediaHeaderSize);
        Assert.Equal(1500u, _client.Mode.MaxPacketSize);
        Assert.Equal(0u, _client.Mode.NvRamSize);
        Assert.Equal(0u, _client.Mode.NvRamAccessSize);
        Assert.Equal(0x1Fu, _client.Mode.ReceiveFilterMask);
        Assert.Equal(0u, _client.Mode.ReceiveFilterSetting);
        Assert.Equal(16u, _client.Mode.MaxMCastFilterCount);
        Assert.Equal(0u, _client.Mode.MCastFilterCount);
        Assert.Equal(1, _client.Mode.IfType);
        Assert.Equal(1, _client.Mode.MacAddressChangeable);
        Assert.Equal(1, _client.Mode.MultipleTxSupported);
        Assert.Equal(1, _client.Mode.MediaPresentSupported);
        Assert.Equal(1, _client.Mode.MediaPresent);
        Assert.Equal(FakeNic.Permanent, _client.CurrentAddress);
        Assert.Equal(FakeNic.Permanent, SnpClient.Address(ref _client.Mode.PermanentAddress));
        Assert.True(SnpClient.Address(ref _client.Mode.BroadcastAddress).IsBroadcast);
    }

    [Fact]
    public void Start_Initialize_Shutdown_Stop_PassThroughTheStatesWithTheNicOpenInInitializedOnly()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Success, _client.Start());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, _client.Mode.State);
            Assert.False(Nic.IsOpen);
            Assert.Equal(Success, _client.Initialize());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, _client.Mode.State);
            Assert.True(Nic.IsOpen);
            Assert.Equal(Success, _client.Shutdown());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, _client.Mode.State);
            Assert.False(Nic.IsOpen);
            Assert.Equal(Success, _client.Stop());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, _client.Mode.State);
        }
    }

    [Fact]
    public void Start_WhenStarted_IsAlreadyStarted()
    {
        ToStarted();
        Assert.Equal(EFI_STATUS.EFI_ALREADY_STARTED, _client.Start());
    }

    [Fact]
    public void Initialize_WithExtraBuffers_Succeeds()
    {
        ToStarted();
        Assert.Equal(Success, Snp->Initialize(Snp, 1 << 20, 1 << 20));
    }

    [Fact]
    public void Initialize_WhenTheNicFails_StaysStartedAndCanBeRetried()
    {
        ToStarted();
        Nic.OpenResult = DeviceError;
        Assert.Equal(DeviceError, _client.Initialize());
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, _client.Mode.State);
        Nic.OpenResult = Success;
        Assert.Equal(Success, _client.Initialize());
    }

    [Fact]
    public void Initialize_StartsWithEveryFilterOff()
    {
        ToInitialized(Promiscuous);
        Assert.Equal(Success, _client.Shutdown());
        Assert.Equal(Success, _client.Initialize());
        Assert.Equal(0u, _client.Mode.ReceiveFilterSetting);
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(MacAddress.Broadcast));
        Assert.Equal(NotReady, _client.Receive(out _));
    }

    [Fact]
    public void Reset_EmptiesTheQueuesAndKeepsFiltersAddressAndStatistics()
    {
        ToInitialized();
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Success, _client.StationAddress(false, Other));
        Assert.Equal(Success, _client.Transmit(SnpClient.Frame(Other), out _));
        Arrive(SnpClient.Frame(Other));
        Nic.CountError();

        Assert.Equal(Success, _client.Reset());

        Assert.True(Nic.IsOpen);
        Assert.Equal(1, Nic.Closings);
        Assert.Equal(Unicast | Broadcast | Multicast, Nic.Filters);
        Assert.Equal([Group], Nic.Groups);
        Assert.Equal(Other, Nic.Station);
        Assert.Equal(0, _client.Recycled());
        Assert.Equal(0u, _client.Interrupts());
        Assert.Equal(NotReady, _client.Receive(out _));
        Assert.Equal(1ul, _client.Statistics().TxTotalFrames);
        Assert.Equal(1ul, _client.Statistics().RxDroppedFrames);
    }

    [Fact]
    public void Reset_WhenTheNicFails_LeavesStarted()
    {
        ToInitialized();
        Nic.OpenResult = EFI_STATUS.EFI_TIMEOUT;
        Assert.Equal(DeviceError, _client.Reset());
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, _client.Mode.State);
        Assert.False(Nic.IsOpen);
    }

    [Fact]
    public void Shutdown_ForgetsFiltersAndBuffersUnderWay()
    {
        ToInitialized();
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Success, _client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(Success, _client.Shutdown());
        Assert.Equal(0u, _client.Mode.ReceiveFilterSetting);
        Assert.Equal(0u, _client.Mode.MCastFilterCount);
        Assert.Equal(Success, _client.Initialize());
        Assert.Equal(0, _client.Recycled());
    }

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

        Assert.Equal(Success, _client.ReceiveFilters(bit, 0));
        Assert.Equal(bit, _client.Mode.ReceiveFilterSetting);
        Assert.Equal(bit, Nic.Filters);
        Arrive(frames);
        Assert.Equal(wanted, ReceiveAll());

        Assert.Equal(Success, _client.ReceiveFilters(0, bit));
        Assert.Equal(0u, _client.Mode.ReceiveFilterSetting);
        Assert.Equal(0u, Nic.Filters);
        Arrive(frames);
        Assert.Empty(ReceiveAll());
    }

    [Fact]
    public void ReceiveFilters_Multicast_DeliversTheListedGroupsOnly()
    {
        ToInitialized(0);
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Multicast, _client.Mode.ReceiveFilterSetting);
        Assert.Equal(1u, _client.Mode.MCastFilterCount);
        Assert.Equal(Group, SnpClient.Address(ref _client.Mode.MCastFilter[0]));
        Assert.Equal([Group], Nic.Groups);
        Arrive(SnpClient.Frame(OtherGroup), SnpClient.Frame(Group), SnpClient.Frame(MacAddress.Broadcast));
        Assert.Equal([SnpClient.Frame(Group)], ReceiveAll());

        Assert.Equal(Success, _client.ReceiveFilters(0, Multicast));
        Arrive(SnpClient.Frame(Group));
        Assert.Empty(ReceiveAll());
    }

    [Fact]
    public void ReceiveFilters_ANewList_ReplacesTheOldOne()
    {
        ToInitialized(0);
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, 0, false, Group, OtherGroup));
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, 0, false, OtherGroup));
        Assert.Equal(1u, _client.Mode.MCastFilterCount);
        Assert.Equal([OtherGroup], Nic.Groups);
        Assert.True(SnpClient.Address(ref _client.Mode.MCastFilter[1]).IsZero);
    }

    [Fact]
    public void ReceiveFilters_ResetMCastFilter_EmptiesTheListAndTurnsMulticastOff()
    {
        ToInitialized();
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Success, Snp->ReceiveFilters(Snp, Multicast | AllMulticast, 0, 1, 99, null));
        Assert.Equal(0u, _client.Mode.MCastFilterCount);
        Assert.Equal(Unicast | Broadcast | AllMulticast, _client.Mode.ReceiveFilterSetting);
        Assert.Empty(Nic.Groups);
    }

    [Fact]
    public void ReceiveFilters_TheSameBitInBoth_IsDisabled()
    {
        ToInitialized(0);
        Assert.Equal(Success, _client.ReceiveFilters(Unicast | Broadcast, Unicast));
        Assert.Equal(Broadcast, _client.Mode.ReceiveFilterSetting);
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, Multicast));
    }

    [Fact]
    public void ReceiveFilters_WithSixteenGroups_IsTheMost()
    {
        ToInitialized(0);
        MacAddress[] groups = [.. Enumerable.Range(0, 16).Select(i => new MacAddress([0x01, 0x00, 0x5E, 0, 0, (byte)i]))];
        Assert.Equal(Success, _client.ReceiveFilters(Multicast, 0, false, groups));
        Assert.Equal(groups, Nic.Groups);
        Assert.Equal(InvalidParameter, _client.ReceiveFilters(Multicast, 0, false, [.. groups, Group]));
        Assert.Equal(16u, _client.Mode.MCastFilterCount);
    }

    [Fact]
    public void ReceiveFilters_WithWrongParameters_IsInvalidAndChangesNothing()
    {
        ToInitialized();
        EFI_MAC_ADDRESS mac = default;
        Assert.Equal(InvalidParameter, _client.ReceiveFilters(0x20, 0));
        Assert.Equal(InvalidParameter, _client.ReceiveFilters(0, 0x8000_0000));
        Assert.Equal(InvalidParameter, _client.ReceiveFilters(Multicast, 0));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, Multicast, 0, 0, 1, null));
        Assert.Equal(InvalidParameter, Snp->ReceiveFilters(Snp, Multicast, 0, 0, nuint.MaxValue, &mac));
        Assert.Equal(InvalidParameter, _client.ReceiveFilters(Multicast, 0, false, Group, Other));
        Assert.Equal(Unicast | Broadcast, _client.Mode.ReceiveFilterSetting);
        Assert.Equal(Unicast | Broadcast, Nic.Filters);
        Assert.Equal(0u, _client.Mode.MCastFilterCount);
    }

    [Fact]
    public void Receive_WhenTheHardwareDeliversOnlyWhatIsNotWanted_EndsAfterOneRing()
    {
        ToInitialized(Unicast);
        for (int i = 0; i < 3 * Nic.ReceiveRingSize; i++)
        {
            Arrive(SnpClient.Frame(Other));
        }
        Assert.Equal(NotReady, _client.Receive(out _));
        Assert.Equal(2 * Nic.ReceiveRingSize, Nic.Arriving.Count);
    }

    [Fact]
    public void StationAddress_SetAndReset()
    {
        ToInitialized(Unicast);
        Assert.Equal(Success, _client.StationAddress(false, Other));
        Assert.Equal(Other, _client.CurrentAddress);
        Assert.Equal(FakeNic.Permanent, SnpClient.Address(ref _client.Mode.PermanentAddress));
        Assert.Equal(Other, Nic.Station);
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(Other));
        Assert.Equal([SnpClient.Frame(Other)], ReceiveAll());

        Assert.Equal(Success, _client.StationAddress(true, null));
        Assert.Equal(FakeNic.Permanent, _client.CurrentAddress);
        Assert.Equal(FakeNic.Permanent, Nic.Station);
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(Other));
        Assert.Equal([SnpClient.Frame(FakeNic.Permanent)], ReceiveAll());
    }

    [Fact]
    public void StationAddress_ThatIsNoStations_IsInvalid()
    {
        ToInitialized();
        Assert.Equal(InvalidParameter, _client.StationAddress(false, null));
        Assert.Equal(InvalidParameter, _client.StationAddress(false, Group));
        Assert.Equal(InvalidParameter, _client.StationAddress(false, MacAddress.Broadcast));
        Assert.Equal(InvalidParameter, _client.StationAddress(false, default(MacAddress)));
        Assert.Equal(FakeNic.Permanent, _client.CurrentAddress);
    }

    [Fact]
    public void StationAddress_SurvivesShutdown()
    {
        ToInitialized();
        Assert.Equal(Success, _client.StationAddress(false, Other));
        Assert.Equal(Success, _client.Shutdown());
        Assert.Equal(Success, _client.Initialize());
        Assert.Equal(Other, _client.CurrentAddress);
        Assert.Equal(Other, Nic.Station);
    }

    [Fact]
    public void Statistics_CountFramesByKindAndBytes()
    {
        ToInitialized(Promiscuous);
        Arrive(SnpClient.Frame(FakeNic.Permanent, 60), SnpClient.Frame(MacAddress.Broadcast, 61), SnpClient.Frame(Group, 62));
        Assert.Equal(3, ReceiveAll().Count);
        Nic.CountError();
        foreach (MacAddress to in new[] { Other, Other, MacAddress.Broadcast, Group })
        {
            Assert.Equal(Success, _client.Transmit(SnpClient.Frame(to, 100), out _));
        }
        EFI_NETWORK_STATISTICS statistics = _client.Statistics();
        Assert.Equal(4ul, statistics.RxTotalFrames);
        Assert.Equal(3ul, statistics.RxGoodFrames);
        Assert.Equal(1ul, statistics.RxDroppedFrames);
        Assert.Equal(1ul, statistics.RxUnicastFrames);
        Assert.Equal(1ul, statistics.RxBroadcastFrames);
        Assert.Equal(1ul, statistics.RxMulticastFrames);
        Assert.Equal(183ul, statistics.RxTotalBytes);
        Assert.Equal(4ul, statistics.TxTotalFrames);
        Assert.Equal(4ul, statistics.TxGoodFrames);
        Assert.Equal(2ul, statistics.TxUnicastFrames);
        Assert.Equal(1ul, statistics.TxBroadcastFrames);
        Assert.Equal(1ul, statistics.TxMulticastFrames);
        Assert.Equal(400ul, statistics.TxTotalBytes);
        Assert.Equal(ulong.MaxValue, statistics.Collisions);
    }

    [Fact]
    public void Statistics_Reset_ReturnsTheCountsAndZeroesThem()
    {
        ToInitialized();
        Assert.Equal(Success, _client.Transmit(SnpClient.Frame(Other), out _));
        Nic.CountError();
        Assert.Equal(1ul, _client.Statistics(reset: true).TxTotalFrames);
        EFI_NETWORK_STATISTICS statistics = _client.Statistics();
        Assert.Equal(0ul, statistics.TxTotalFrames);
        Assert.Equal(0ul, statistics.RxDroppedFrames);
        Assert.Equal(ulong.MaxValue, statistics.TxRetryFrames);
        Assert.Equal(Success, Snp->Statistics(Snp, 1, null, null));
    }

    [Fact]
    public void Statistics_WithShortBuffer_FillsWhatFitsAndTellsTheSize()
    {
        ToInitialized(Promiscuous);
        Arrive(SnpClient.Frame(Other));
        ReceiveAll();
        EFI_NETWORK_STATISTICS table = default;
        nuint size = 16;
        Assert.Equal(BufferTooSmall, Snp->Statistics(Snp, 0, &size, &table));
        Assert.Equal((nuint)sizeof(EFI_NETWORK_STATISTICS), size);
        Assert.Equal(1ul, table.RxTotalFrames);
        Assert.Equal(1ul, table.RxGoodFrames);
        Assert.Equal(0ul, table.RxUndersizeFrames);

        size = 0;
        Assert.Equal(BufferTooSmall, Snp->Statistics(Snp, 0, &size, null));
        Assert.Equal((nuint)sizeof(EFI_NETWORK_STATISTICS), size);
    }

    [Fact]
    public void Statistics_WithLargerBuffer_TellsTheSizeUsed()
    {
        ToInitialized();
        EFI_NETWORK_STATISTICS* table = stackalloc EFI_NETWORK_STATISTICS[2];
        nuint size = (nuint)sizeof(EFI_NETWORK_STATISTICS) + 8;
        Assert.Equal(Success, Snp->Statistics(Snp, 0, &size, table));
        Assert.Equal((nuint)sizeof(EFI_NETWORK_STATISTICS), size);
    }

    [Fact]
    public void Statistics_WithNullPointers_IsInvalid()
    {
        ToInitialized();
        EFI_NETWORK_STATISTICS table;
        nuint size = (nuint)sizeof(EFI_NETWORK_STATISTICS);
        Assert.Equal(InvalidParameter, Snp->Statistics(Snp, 0, null, null));
        Assert.Equal(InvalidParameter, Snp->Statistics(Snp, 0, null, &table));
        Assert.Equal(InvalidParameter, Snp->Statistics(Snp, 1, null, &table));
        Assert.Equal(InvalidParameter, Snp->Statistics(Snp, 0, &size, null));
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
        Assert.Equal(expected, Text.Format($"{new MacAddress(new ReadOnlySpan<byte>(&mac, 6))}"));
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

    [Fact]
    public void GetStatus_WithNothingToTell_IsInvalid()
    {
        ToInitialized();
        Assert.Equal(InvalidParameter, Snp->GetStatus(Snp, null, null));
    }

    [Fact]
    public void GetStatus_TransmitInterrupt_IsClearedByReading()
    {
        ToInitialized();
        Assert.Equal(0u, _client.Interrupts());
        Assert.Equal(Success, _client.Transmit(SnpClient.Frame(Other), out nint buffer));
        Assert.Equal(EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT, _client.Interrupts());
        Assert.Equal(0u, _client.Interrupts());
        Assert.Equal(buffer, _client.Recycled());
    }

    [Fact]
    public void GetStatus_ReadingTheTransmitBuffer_DoesNotClearTheInterrupt()
    {
        ToInitialized();
        Assert.Equal(Success, _client.Transmit(SnpClient.Frame(Other), out nint buffer));
        Assert.Equal(buffer, _client.Recycled());
        Assert.Equal(EFI_SIMPLE_NETWORK_TRANSMIT_INTERRUPT, _client.Interrupts());
    }

    [Fact]
    public void GetStatus_ReceiveInterrupt_ComesOnceForEachFrame()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(FakeNic.Permanent));
        Assert.Equal(EFI_SIMPLE_NETWORK_RECEIVE_INTERRUPT, _client.Interrupts());
        Assert.Equal(0u, _client.Interrupts());
        Assert.Equal(Success, _client.Receive(out _));
        Assert.Equal(EFI_SIMPLE_NETWORK_RECEIVE_INTERRUPT, _client.Interrupts());
        Assert.Equal(Success, _client.Receive(out _));
        Assert.Equal(0u, _client.Interrupts());
    }

    [Fact]
    public void GetStatus_OfAFrameThatIsFilteredOut_TellsNothing()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(Other));
        Assert.Equal(0u, _client.Interrupts());
    }

    [Fact]
    public void GetStatus_RecyclesEachBufferOnceInOrderOneACall()
    {
        ToInitialized();
        Assert.Equal(0, _client.Recycled());
        List<nint> sent = [];
        for (int round = 0; round < 40; round++)
        {
            for (int i = 0; i < 7; i++)
            {
                Assert.Equal(Success, _client.Transmit(SnpClient.Frame(Other), out nint buffer));
                sent.Add(buffer);
            }
            while (sent.Count > round % 5)
            {
                Assert.Equal(sent[0], _client.Recycled());
                sent.RemoveAt(0);
            }
        }
        while (sent.Count > 0)
        {
            Assert.Equal(sent[0], _client.Recycled());
            sent.RemoveAt(0);
        }
        Assert.Equal(0, _client.Recycled());
    }

    [Fact]
    public void GetStatus_UpdatesMediaPresent()
    {
        ToInitialized();
        Nic.LinkUp = false;
        _client.Recycled();
        Assert.Equal(0, _client.Mode.MediaPresent);
        Nic.LinkUp = true;
        _client.Interrupts();
        Assert.Equal(1, _client.Mode.MediaPresent);
    }

    [Fact]
    public void Initialize_UpdatesMediaPresent()
    {
        Nic.LinkUp = false;
        ToInitialized();
        Assert.Equal(0, _client.Mode.MediaPresent);
    }

    [Fact]
    public void Transmit_WithoutMediaHeader_SendsTheBufferAsItIs()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(Other, 1514);
        Assert.Equal(Success, _client.Transmit(frame, out _));
        Assert.Equal([frame], Nic.Transmitted);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transmit_WithMediaHeader_FillsItIn(bool hasSource)
    {
        ToInitialized();
        byte* buffer = stackalloc byte[64];
        new Span<byte>(buffer, 64).Fill(0x77);
        EFI_MAC_ADDRESS source = default;
        EFI_MAC_ADDRESS destination = default;
        Group.CopyTo(new Span<byte>(&source, 6));
        Other.CopyTo(new Span<byte>(&destination, 6));
        ushort protocol = 0x86DD;
        Assert.Equal(Success, Snp->Transmit(Snp, 14, 64, buffer, hasSource ? &source : null, &destination, &protocol));
        byte[] frame = Assert.Single(Nic.Transmitted);
        Assert.Equal(Other, new MacAddress(frame));
        Assert.Equal(hasSource ? Group : FakeNic.Permanent, new MacAddress(frame.AsSpan(6)));
        Assert.Equal([0x86, 0xDD, 0x77], frame[12..15]);
        Assert.Equal(64, frame.Length);
        Assert.Equal((nint)buffer, _client.Recycled());
    }

    [Fact]
    public void Transmit_WithWrongParameters_SendsNothing()
    {
        ToInitialized();
        byte* buffer = stackalloc byte[2048];
        EFI_MAC_ADDRESS destination = default;
        ushort protocol = 0x800;
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 0, 60, null, null, null, null));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 13, 60, buffer, null, &destination, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 14, 60, buffer, null, null, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 14, 60, buffer, null, &destination, null));
        Assert.Equal(BufferTooSmall, Snp->Transmit(Snp, 0, 13, buffer, null, null, null));
        Assert.Equal(BufferTooSmall, Snp->Transmit(Snp, 14, 0, buffer, null, &destination, &protocol));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 0, 1519, buffer, null, null, null));
        Assert.Equal(InvalidParameter, Snp->Transmit(Snp, 0, nuint.MaxValue, buffer, null, null, null));
        Assert.Empty(Nic.Transmitted);
        Assert.Equal(0, _client.Recycled());
    }

    [Fact]
    public void Transmit_WhenTheRingIsFull_IsNotReadyAndTheBufferIsNotRecycled()
    {
        ToInitialized();
        Nic.HasRoom = false;
        Assert.Equal(NotReady, _client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(0, _client.Recycled());
        Assert.Equal(0ul, _client.Statistics().TxTotalFrames);
    }

    [Fact]
    public void Transmit_WithoutRecycling_IsNotReadyUntilABufferIsTaken()
    {
        ToInitialized();
        List<nint> sent = [];
        nint buffer;
        while (_client.Transmit(SnpClient.Frame(Other), out buffer).IsSuccess)
        {
            sent.Add(buffer);
            Assert.True(sent.Count < 1000);
        }
        Assert.Equal(sent.Count, Nic.Transmitted.Count);
        Assert.Equal(NotReady, _client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(sent[0], _client.Recycled());
        Assert.Equal(Success, _client.Transmit(SnpClient.Frame(Other), out buffer));
        sent.Add(buffer);
        for (int i = 1; i < sent.Count; i++)
        {
            Assert.Equal(sent[i], _client.Recycled());
        }
        Assert.Equal(0, _client.Recycled());
    }

    [Fact]
    public void Receive_GivesTheFrameAndWhatItsHeaderSays()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(FakeNic.Permanent, 1514);
        Arrive(frame);
        byte* buffer = stackalloc byte[2048];
        nuint headerSize = 0;
        nuint size = 2048;
        EFI_MAC_ADDRESS source = default;
        EFI_MAC_ADDRESS destination = default;
        ushort protocol = 0;
        Assert.Equal(Success, Snp->Receive(Snp, &headerSize, &size, buffer, &source, &destination, &protocol));
        Assert.Equal((nuint)14, headerSize);
        Assert.Equal((nuint)1514, size);
        Assert.Equal(frame, new ReadOnlySpan<byte>(buffer, 1514).ToArray());
        Assert.Equal(new MacAddress([2, 0, 0, 0, 0, 1]), SnpClient.Address(ref source));
        Assert.Equal(FakeNic.Permanent, SnpClient.Address(ref destination));
        Assert.Equal(0x0800, protocol);
        Assert.Equal(NotReady, Snp->Receive(Snp, null, &size, buffer, null, null, null));
    }

    [Fact]
    public void Receive_WithShortBuffer_KeepsTheFrame()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(FakeNic.Permanent, 100);
        Arrive(frame);
        byte* buffer = stackalloc byte[100];
        nuint size = 99;
        Assert.Equal(BufferTooSmall, Snp->Receive(Snp, null, &size, buffer, null, null, null));
        Assert.Equal((nuint)100, size);
        Assert.Equal(0, buffer[0]);
        Assert.Equal(Success, Snp->Receive(Snp, null, &size, buffer, null, null, null));
        Assert.Equal(frame, new ReadOnlySpan<byte>(buffer, 100).ToArray());
        Assert.Equal(1ul, _client.Statistics().RxGoodFrames);
    }

    [Fact]
    public void Receive_WithNullPointers_IsInvalid()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        byte* buffer = stackalloc byte[100];
        nuint size = 100;
        Assert.Equal(InvalidParameter, Snp->Receive(Snp, null, null, buffer, null, null, null));
        Assert.Equal(InvalidParameter, Snp->Receive(Snp, null, &size, null, null, null, null));
        Assert.Single(Nic.Arriving);
    }

    [Fact]
    public void WaitForPacket_IsSignalledWhenAWantedFrameIsThere()
    {
        ToInitialized();
        Assert.Equal(NotReady, CheckWaitForPacket());
        Arrive(SnpClient.Frame(Other));
        Assert.Equal(NotReady, CheckWaitForPacket());
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        Assert.Equal(Success, CheckWaitForPacket());
        Assert.Equal(Success, CheckWaitForPacket());
        Assert.Equal(Success, _client.Receive(out _));
        Assert.Equal(NotReady, CheckWaitForPacket());
    }

    [Fact]
    public void WaitForPacket_CheckedAtTplCallback_IsSignalled()
    {
        ToInitialized();
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        nuint old = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK);
        Assert.Equal(Success, CheckWaitForPacket());
        Firmware.RestoreTpl(old);
    }

    [Fact]
    public void WaitForPacket_WhenStopped_IsNot()
    {
        Arrive(SnpClient.Frame(FakeNic.Permanent));
        Assert.Equal(NotReady, CheckWaitForPacket());
    }

    private EFI_STATUS CheckWaitForPacket() => Firmware.BootServices->CheckEvent(Snp->WaitForPacket);

    [Fact]
    public void AfterAFault_EveryFunctionIsDeviceErrorAndTheNicIsClosed()
    {
        ToInitialized();
        Nic.FaultsOnTransmit = true;
        Assert.Equal(DeviceError, _client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(EFI_TPL.TPL_APPLICATION, Firmware.CurrentTpl);
        Assert.False(Nic.IsOpen);
        Nic.FaultsOnTransmit = false;
        foreach (Function function in Enum.GetValues<Function>())
        {
            Assert.Equal(DeviceError, Call(function, Snp, Snp));
        }
        Assert.Equal(NotReady, CheckWaitForPacket());
    }

    [Fact]
    public void DataPath_AllocatesNothing()
    {
        ToInitialized();
        byte[] frame = SnpClient.Frame(FakeNic.Permanent);
        byte* buffer = stackalloc byte[2048];
        Nic.KeepsTransmitted = false;
        EFI_SIMPLE_NETWORK_PROTOCOL* snp = Snp;
        Assert.Equal(Allocations.Of(RaiseAndRestoreThrice, 100), Allocations.Of(Round, 100)); // What the simulated firmware itself allocates.

        void RaiseAndRestoreThrice()
        {
            for (int i = 0; i < 3; i++)
            {
                Firmware.RestoreTpl(Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY));
            }
        }

        void Round()
        {
            Nic.Arriving.Enqueue(frame);
            nuint size = 2048;
            uint interrupts;
            void* recycled;
            Assert.True(snp->Transmit(snp, 0, 60, buffer, null, null, null).IsSuccess);
            Assert.True(snp->GetStatus(snp, &interrupts, &recycled).IsSuccess);
            Assert.True(snp->Receive(snp, null, &size, buffer, null, null, null).IsSuccess);
        }
    }

    private List<byte[]> ReceiveAll()
    {
        List<byte[]> frames = [];
        while (_client.Receive(out byte[] frame).IsSuccess)
        {
            frames.Add(frame);
        }
        return frames;
    }
}
