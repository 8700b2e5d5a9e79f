using System;
using System.Linq;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Uefi.Interop.Raw.EFI_SIMPLE_NETWORK_PROTOCOL;

namespace NetBoot.Tests.Snp;

/// <summary>The states, and each function in each of them.</summary>
[Collection("Firmware")]
public sealed unsafe class SnpStateTests : SnpTest
{
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
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, Client.Mode.State);
        Assert.Equal(6u, Client.Mode.HwAddressSize);
        Assert.Equal(14u, Client.Mode.MediaHeaderSize);
        Assert.Equal(1500u, Client.Mode.MaxPacketSize);
        Assert.Equal(0u, Client.Mode.NvRamSize);
        Assert.Equal(0u, Client.Mode.NvRamAccessSize);
        Assert.Equal(0x1Fu, Client.Mode.ReceiveFilterMask);
        Assert.Equal(0u, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(16u, Client.Mode.MaxMCastFilterCount);
        Assert.Equal(0u, Client.Mode.MCastFilterCount);
        Assert.Equal(1, Client.Mode.IfType);
        Assert.Equal(1, Client.Mode.MacAddressChangeable);
        Assert.Equal(1, Client.Mode.MultipleTxSupported);
        Assert.Equal(1, Client.Mode.MediaPresentSupported);
        Assert.Equal(1, Client.Mode.MediaPresent);
        Assert.Equal(FakeNic.Permanent, Client.CurrentAddress);
        Assert.Equal(FakeNic.Permanent, SnpClient.Address(ref Client.Mode.PermanentAddress));
        Assert.True(SnpClient.Address(ref Client.Mode.BroadcastAddress).IsBroadcast);
    }

    [Fact]
    public void Start_Initialize_Shutdown_Stop_PassThroughTheStatesWithTheNicOpenInInitializedOnly()
    {
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Success, Client.Start());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, Client.Mode.State);
            Assert.False(Nic.IsOpen);
            Assert.Equal(Success, Client.Initialize());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, Client.Mode.State);
            Assert.True(Nic.IsOpen);
            Assert.Equal(Success, Client.Shutdown());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, Client.Mode.State);
            Assert.False(Nic.IsOpen);
            Assert.Equal(Success, Client.Stop());
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, Client.Mode.State);
        }
    }

    [Fact]
    public void Start_WhenStarted_IsAlreadyStarted()
    {
        ToStarted();
        Assert.Equal(EFI_STATUS.EFI_ALREADY_STARTED, Client.Start());
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
        Assert.Equal(DeviceError, Client.Initialize());
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, Client.Mode.State);
        Nic.OpenResult = Success;
        Assert.Equal(Success, Client.Initialize());
    }

    [Fact]
    public void Initialize_StartsWithEveryFilterOff()
    {
        ToInitialized(Promiscuous);
        Assert.Equal(Success, Client.Shutdown());
        Assert.Equal(Success, Client.Initialize());
        Assert.Equal(0u, Client.Mode.ReceiveFilterSetting);
        Arrive(SnpClient.Frame(FakeNic.Permanent), SnpClient.Frame(MacAddress.Broadcast));
        Assert.Equal(NotReady, Client.Receive(out _));
    }

    [Fact]
    public void Reset_EmptiesTheQueuesAndKeepsFiltersAddressAndStatistics()
    {
        ToInitialized();
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Success, Client.StationAddress(false, Other));
        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out _));
        Arrive(SnpClient.Frame(Other));
        Nic.CountError();

        Assert.Equal(Success, Client.Reset());

        Assert.True(Nic.IsOpen);
        Assert.Equal(1, Nic.Closings);
        Assert.Equal(Unicast | Broadcast | Multicast, Nic.Filters);
        Assert.Equal([Group], Nic.Groups);
        Assert.Equal(Other, Nic.Station);
        Assert.Equal(0, Client.Recycled());
        Assert.Equal(0u, Client.Interrupts());
        Assert.Equal(NotReady, Client.Receive(out _));
        Assert.Equal(1ul, Client.Statistics().TxTotalFrames);
        Assert.Equal(1ul, Client.Statistics().RxDroppedFrames);
    }

    [Fact]
    public void Reset_WhenTheNicFails_LeavesStartedWithEveryFilterOff()
    {
        ToInitialized();
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, Group));
        Nic.OpenResult = EFI_STATUS.EFI_TIMEOUT;
        Assert.Equal(DeviceError, Client.Reset());
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted, Client.Mode.State);
        Assert.False(Nic.IsOpen);
        Assert.True(Client.Initialize().IsError);
        Nic.OpenResult = Success;
        Assert.Equal(Success, Client.Initialize());
        Assert.Equal(Nic.Filters, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(0u, Client.Mode.MCastFilterCount);
    }

    [Fact]
    public void Shutdown_ForgetsFiltersAndBuffersUnderWay()
    {
        ToInitialized();
        Assert.Equal(Success, Client.ReceiveFilters(Multicast, 0, false, Group));
        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(Success, Client.Shutdown());
        Assert.Equal(0u, Client.Mode.ReceiveFilterSetting);
        Assert.Equal(0u, Client.Mode.MCastFilterCount);
        Assert.Equal(Success, Client.Initialize());
        Assert.Equal(0, Client.Recycled());
    }

    [Fact]
    public void AfterAFault_EveryFunctionIsDeviceErrorAndTheNicIsClosed()
    {
        ToInitialized();
        Nic.FaultsOnTransmit = true;
        Assert.Equal(DeviceError, Client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(EFI_TPL.TPL_APPLICATION, Firmware.CurrentTpl);
        Assert.False(Nic.IsOpen);
        Nic.FaultsOnTransmit = false;
        foreach (Function function in Enum.GetValues<Function>())
        {
            Assert.Equal(DeviceError, Call(function, Snp, Snp));
        }

        Assert.Equal(NotReady, CheckWaitForPacket());
    }
}
