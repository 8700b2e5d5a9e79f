using System;
using System.Runtime.InteropServices;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Uefi.Interop.Raw.EFI_OPEN_PROTOCOL;

namespace NetBoot.Tests.DriverModel;

/// <summary>EFI_DRIVER_BINDING_PROTOCOL as UEFI 2.10, 11.1 says, for a NIC driver.</summary>
[Collection("Firmware")]
public sealed unsafe class DriverBindingTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;
    private static EFI_STATUS Unsupported => EFI_STATUS.EFI_UNSUPPORTED;
    private static EFI_STATUS InvalidParameter => EFI_STATUS.EFI_INVALID_PARAMETER;
    private static EFI_STATUS AlreadyStarted => EFI_STATUS.EFI_ALREADY_STARTED;
    private static EFI_STATUS DeviceError => EFI_STATUS.EFI_DEVICE_ERROR;

    private static readonly byte[] s_endNode = [0x7F, 0xFF, 4, 0];

    private readonly NicFixture _fixture = new(withStack: true);

    public void Dispose() => _fixture.Dispose();

    private static byte[] MacNode(MacAddress address, byte interfaceType = 1, byte length = 37)
    {
        byte[] node = new byte[41];
        node[0] = 3;
        node[1] = 11;
        node[2] = length;
        address.CopyTo(node.AsSpan(4));
        node[36] = interfaceType;
        s_endNode.CopyTo(node, 37);
        return node;
    }

    private EFI_STATUS Supported(byte[] remaining)
    {
        fixed (byte* path = remaining)
        {
            return _fixture.Supported((EFI_DEVICE_PATH_PROTOCOL*)path);
        }
    }

    private EFI_STATUS Start(byte[] remaining)
    {
        fixed (byte* path = remaining)
        {
            return _fixture.Start((EFI_DEVICE_PATH_PROTOCOL*)path);
        }
    }

    private void AssertNothingIsStarted()
    {
        Assert.True(_fixture.Child.IsNull);
        Assert.Equal(0, _fixture.OpeningsOfController(EFI_OPEN_PROTOCOL_BY_DRIVER | EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER));
    }

    [Fact]
    public void Binding_TellsVersionImageAndHandle()
    {
        Assert.InRange(_fixture.Binding->Version, 0x10u, 0xFFFFFFEFu);
        Assert.Equal(Firmware.ImageHandle, _fixture.Binding->ImageHandle);
        Assert.Equal(_fixture.Driver.Handle, _fixture.Binding->DriverBindingHandle);
        Assert.Equal(Firmware.ImageHandle, _fixture.Driver.Handle);
        Assert.NotEqual(_fixture.Driver.Handle, _fixture.Stack.Handle);
    }

    [Fact]
    public void EachFunction_WithNullParameters_IsInvalid()
    {
        EFI_DRIVER_BINDING_PROTOCOL* binding = _fixture.Binding;
        EFI_HANDLE controller = _fixture.Controller;
        Assert.Equal(InvalidParameter, binding->Supported(null, controller, null));
        Assert.Equal(InvalidParameter, binding->Supported(binding, default, null));
        Assert.Equal(InvalidParameter, binding->Start(null, controller, null));
        Assert.Equal(InvalidParameter, binding->Start(binding, default, null));
        Assert.Equal(InvalidParameter, binding->Stop(null, controller, 0, null));
        Assert.Equal(InvalidParameter, binding->Stop(binding, default, 0, null));
        Assert.Equal(InvalidParameter, binding->Stop(binding, controller, 1, null));
    }

    [Fact]
    public void Supported_OfAKnownController_SucceedsAndLeavesNothingOpen()
    {
        Assert.Equal(Success, _fixture.Supported());
        AssertNothingIsStarted();
    }

    [Fact]
    public void Supported_OfAnUnknownModel_IsUnsupported()
    {
        EFI_HANDLE other = _fixture.AddController(model: 0);
        Assert.Equal(Unsupported, _fixture.Binding->Supported(_fixture.Binding, other, null));
        Assert.Equal(Unsupported, _fixture.Binding->Start(_fixture.Binding, other, null));
        AssertNothingIsStarted();
    }

    [Fact]
    public void Supported_OfAHandleWithoutTheProtocol_IsUnsupported() =>
        Assert.Equal(Unsupported, _fixture.Binding->Supported(_fixture.Binding, Firmware.ImageHandle, null));

    [Fact]
    public void Supported_WhenAnotherDriverHasTheController_IsAccessDenied()
    {
        EFI_HANDLE other = _fixture.Stack.Handle;
        Firmware.Open<FAKE_NIC_PROTOCOL>(
            _fixture.Controller, other, _fixture.Controller, EFI_OPEN_PROTOCOL_BY_DRIVER, out EFI_STATUS status);
        Assert.Equal(Success, status);
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, _fixture.Supported());
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, _fixture.Start());
        Firmware.Close<FAKE_NIC_PROTOCOL>(_fixture.Controller, other, _fixture.Controller);
    }

    [Fact]
    public void Supported_WhenStarted_IsAlreadyStarted()
    {
        Assert.Equal(Success, _fixture.Start());
        Assert.Equal(AlreadyStarted, _fixture.Supported());
        Assert.Equal(AlreadyStarted, Supported(s_endNode));
        Assert.Equal(AlreadyStarted, Supported(MacNode(FakeNic.Permanent)));
    }

    [Fact]
    public void Start_MakesAChildWithPathAndProtocolsOpenedByChild()
    {
        Assert.Equal(Success, _fixture.Start());
        EFI_HANDLE child = _fixture.Child;
        Assert.True(Firmware.Has<EFI_SIMPLE_NETWORK_PROTOCOL>(child));
        Assert.True(Firmware.Has<EFI_ADAPTER_INFORMATION_PROTOCOL>(child));
        byte* path = (byte*)Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(child);
        byte[] expected = [0x01, 0x01, 6, 0, 0, 0, .. MacNode(FakeNic.Permanent)];
        Assert.Equal(expected, new ReadOnlySpan<byte>(path, expected.Length).ToArray());

        Assert.Equal(_fixture.Driver.Handle, Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_fixture.Controller));
        using PoolBuffer<EFI_OPEN_PROTOCOL_INFORMATION_ENTRY> openings = Firmware.Openings<FAKE_NIC_PROTOCOL>(_fixture.Controller);
        bool isChild = false;
        foreach (EFI_OPEN_PROTOCOL_INFORMATION_ENTRY each in openings.Span)
        {
            isChild |= each.Attributes == EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER && each.ControllerHandle == child &&
                each.AgentHandle == _fixture.Driver.Handle;
        }

        Assert.True(isChild);
    }

    [Fact]
    public void Start_Twice_IsAlreadyStartedAndChangesNothing()
    {
        Assert.Equal(Success, _fixture.Start());
        EFI_HANDLE child = _fixture.Child;
        FakeNic nic = _fixture.Nic;
        Assert.Equal(AlreadyStarted, _fixture.Start());
        Assert.Equal(AlreadyStarted, Start(s_endNode));
        Assert.Equal(child, _fixture.Child);
        Assert.Same(nic, _fixture.Nic);
        Assert.False(nic.IsDisposed);
    }

    [Fact]
    public void Start_WithEndNode_StartsTheControllerWithoutAChild()
    {
        Assert.Equal(Success, Supported(s_endNode));
        Assert.Equal(Success, Start(s_endNode));
        Assert.True(_fixture.Child.IsNull);
        Assert.Equal(1, _fixture.OpeningsOfController(EFI_OPEN_PROTOCOL_BY_DRIVER));
        Assert.Equal(AlreadyStarted, Supported(s_endNode));

        Assert.Equal(Success, _fixture.Supported());
        Assert.Equal(Success, _fixture.Start());
        Assert.False(_fixture.Child.IsNull);
        Assert.Equal(AlreadyStarted, _fixture.Supported());
        Assert.Equal(Success, _fixture.Stop());
        AssertNothingIsStarted();
    }

    [Fact]
    public void Start_WithTheNodeOfItsChild_MakesTheChild()
    {
        Assert.Equal(Success, Supported(MacNode(FakeNic.Permanent)));
        Assert.Equal(Success, Start(MacNode(FakeNic.Permanent)));
        Assert.False(_fixture.Child.IsNull);
    }

    [Fact]
    public void Start_WithTheNodeOfAForeignChild_IsUnsupportedAndLeavesNothing()
    {
        MacAddress foreign = new([2, 0, 0, 0, 0, 9]);
        Assert.Equal(Unsupported, Start(MacNode(foreign)));
        Assert.True(_fixture.Nic.IsDisposed);
        AssertNothingIsStarted();
        Assert.Equal(Unsupported, Start(MacNode(FakeNic.Permanent, interfaceType: 6)));
        AssertNothingIsStarted();

        Assert.Equal(Success, Start(s_endNode));
        Assert.Equal(AlreadyStarted, Supported(MacNode(foreign)));
        Assert.Equal(1, _fixture.OpeningsOfController(EFI_OPEN_PROTOCOL_BY_DRIVER));
    }

    [Fact]
    public void Supported_WithANodeThatIsNoMac_IsUnsupported()
    {
        Assert.Equal(Unsupported, Supported([0x01, 0x01, 6, 0, 0, 0, .. s_endNode]));
        Assert.Equal(Unsupported, Supported(MacNode(FakeNic.Permanent, length: 36)));
        Assert.Equal(Unsupported, Start([0x01, 0x01, 6, 0, 0, 0, .. s_endNode]));
        AssertNothingIsStarted();
    }

    [Fact]
    public void Start_WhenTheNicCannotBeMade_FailsWithItsStatusAndLeavesNothing()
    {
        _fixture.Driver.CreateResult = EFI_STATUS.EFI_TIMEOUT;
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, _fixture.Start());
        AssertNothingIsStarted();
        _fixture.Driver.CreateResult = Success;
        Assert.Equal(Success, _fixture.Start());
    }

    [Fact]
    public void Stop_OfTheChildOnly_KeepsTheControllerStarted()
    {
        Assert.Equal(Success, _fixture.Start());
        FakeNic nic = _fixture.Nic;
        Assert.Equal(Success, _fixture.Stop(_fixture.Child));
        Assert.True(_fixture.Child.IsNull);
        Assert.Equal(1, _fixture.OpeningsOfController(EFI_OPEN_PROTOCOL_BY_DRIVER));
        Assert.Equal(0, _fixture.OpeningsOfController(EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER));
        Assert.False(nic.IsDisposed);

        Assert.Equal(Success, _fixture.Start());
        Assert.Same(nic, _fixture.Nic);
        Assert.False(_fixture.Child.IsNull);
    }

    [Fact]
    public void Stop_OfTheChildThenOfTheController_IsWhatFirmwareDoes()
    {
        _fixture.Connect();
        FakeNic nic = _fixture.Nic;
        Assert.Equal(Success, Controllers.Disconnect(_fixture.Controller, default));
        AssertNothingIsStarted();
        Assert.True(nic.IsDisposed);
    }

    [Fact]
    public void Stop_WithoutChildrenListed_TakesTheChildAwayToo()
    {
        Assert.Equal(Success, _fixture.Start());
        Assert.Equal(Success, _fixture.Stop());
        AssertNothingIsStarted();
        Assert.True(_fixture.Nic.IsDisposed);
    }

    [Fact]
    public void Stop_OfAChildThatIsNotOurs_IsDeviceErrorAndStopsTheOthersListed()
    {
        Assert.Equal(Success, _fixture.Start());
        Assert.Equal(DeviceError, _fixture.Stop(Firmware.ImageHandle));
        Assert.False(_fixture.Child.IsNull);
        Assert.Equal(DeviceError, _fixture.Stop(Firmware.ImageHandle, _fixture.Child));
        Assert.True(_fixture.Child.IsNull);
    }

    [Fact]
    public void Stop_OfAControllerThatWasNotStarted_IsDeviceError()
    {
        Assert.Equal(DeviceError, _fixture.Stop());
        Assert.Equal(Success, _fixture.Start());
        Assert.Equal(Success, _fixture.Stop());
        Assert.Equal(DeviceError, _fixture.Stop());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Stop_InEverySnpState_ShutsTheNicDown(int steps)
    {
        Assert.Equal(Success, _fixture.Start());
        EFI_SIMPLE_NETWORK_PROTOCOL* snp = _fixture.Snp;
        FakeNic nic = _fixture.Nic;
        if (steps > 0)
        {
            Assert.Equal(Success, snp->Start(snp));
        }

        if (steps > 1)
        {
            Assert.Equal(Success, snp->Initialize(snp, 0, 0));
            Assert.True(nic.IsOpen);
        }

        Assert.Equal(Success, _fixture.Stop());
        Assert.False(nic.IsOpen);
        Assert.True(nic.IsDisposed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Stop_WithANetworkStackOnTop_DisconnectsItAndShutsTheNicDown(bool stackLeavesInitialized)
    {
        _fixture.Stack.LeavesInitialized = stackLeavesInitialized;
        _fixture.Connect();
        FakeNic nic = _fixture.Nic;
        Assert.True(nic.IsOpen);
        Assert.Equal(Success, _fixture.Stop(_fixture.Child));
        Assert.Equal(1, _fixture.Stack.Stops);
        Assert.False(nic.IsOpen);
        Assert.Equal(Success, _fixture.Start());
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, _fixture.Snp->Mode->State);
    }

    [Fact]
    public void Stop_WhenAUserWillNotLetGo_FailsWithEverythingAsItWas()
    {
        _fixture.Connect();
        EFI_HANDLE child = _fixture.Child;
        FakeNic nic = _fixture.Nic;
        _fixture.Stack.HoldsOn = true;

        Assert.Equal(DeviceError, _fixture.Stop(child));
        Assert.True(_fixture.Stop().IsError);

        Assert.Equal(child, _fixture.Child);
        Assert.True(Firmware.Has<EFI_ADAPTER_INFORMATION_PROTOCOL>(child));
        Assert.True(Firmware.Has<EFI_DEVICE_PATH_PROTOCOL>(child));
        Assert.Equal(1, _fixture.OpeningsOfController(EFI_OPEN_PROTOCOL_BY_DRIVER));
        Assert.Equal(1, _fixture.OpeningsOfController(EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER));
        Assert.True(nic.IsOpen);
        using (SnpClient client = new(_fixture.Snp))
        {
            Assert.Equal(Success, client.Transmit(SnpClient.Frame(MacAddress.Broadcast), out nint buffer));
            Assert.Equal(buffer, client.Recycled());
        }

        _fixture.Stack.HoldsOn = false;
        Assert.Equal(Success, _fixture.Stop(child));
        Assert.Equal(Success, _fixture.Stop());
        AssertNothingIsStarted();
    }

    [Fact]
    public void StartAndStop_AThousandTimes_KeepsPoolAndPages()
    {
        _fixture.Connect();
        Controllers.Disconnect(_fixture.Controller, default);
        int before = _fixture.Simulated.AllocatedPools;
        for (int i = 0; i < 1000; i++)
        {
            _fixture.Connect();
            Assert.Equal(Success, Controllers.Disconnect(_fixture.Controller, default));
            Assert.Equal(before, _fixture.Simulated.AllocatedPools);
        }
    }

    [Fact]
    public void TwoControllers_AreIndependent()
    {
        EFI_HANDLE second = _fixture.AddController(model: 2);
        Assert.Equal(Success, _fixture.Start());
        FakeNic first = _fixture.Nic;
        Assert.Equal(Success, _fixture.Binding->Start(_fixture.Binding, second, null));
        Assert.NotSame(first, _fixture.Nic);
        Assert.Equal(Success, _fixture.Stop());
        Assert.True(first.IsDisposed);
        Assert.False(_fixture.Nic.IsDisposed);
        Assert.Equal(AlreadyStarted, _fixture.Binding->Supported(_fixture.Binding, second, null));
    }

    [Fact]
    public void FaultInSupported_IsDeviceErrorAndTakesTheDriverOutOfService()
    {
        Assert.Equal(Success, _fixture.Start());
        EFI_HANDLE second = _fixture.AddController(model: 2);
        _fixture.Driver.FaultsOnMatch = true;
        Assert.Equal(DeviceError, _fixture.Binding->Supported(_fixture.Binding, second, null));
        _fixture.Driver.FaultsOnMatch = false;
        Assert.Equal(DeviceError, _fixture.Binding->Supported(_fixture.Binding, second, null));
        Assert.Equal(DeviceError, _fixture.Binding->Start(_fixture.Binding, second, null));

        EFI_SIMPLE_NETWORK_PROTOCOL* snp = _fixture.Snp;
        Assert.Equal(Success, snp->Start(snp));
        Assert.Equal(Success, _fixture.Stop());
        Assert.True(_fixture.Nic.IsDisposed);
    }

    [Fact]
    public void FaultInStart_LeavesNothing()
    {
        int before = _fixture.Simulated.AllocatedPools;
        _fixture.Driver.FaultsOnCreate = true;
        Assert.Equal(DeviceError, _fixture.Start());
        AssertNothingIsStarted();
        Assert.Equal(before, _fixture.Simulated.AllocatedPools);
    }

    [Fact]
    public void FaultOfTheDevice_LeavesStopWorking()
    {
        _fixture.Connect();
        FakeNic nic = _fixture.Nic;
        using SnpClient client = new(_fixture.Snp);
        nic.FaultsOnTransmit = true;
        Assert.Equal(DeviceError, client.Transmit(SnpClient.Frame(MacAddress.Broadcast), out _));
        Assert.False(nic.IsOpen);
        Assert.Equal(Success, Controllers.Disconnect(_fixture.Controller, default));
        Assert.True(nic.IsDisposed);
        AssertNothingIsStarted();

        Assert.Equal(Success, _fixture.Start());
        Assert.Equal(Success, _fixture.Snp->Start(_fixture.Snp));
    }

    [Fact]
    public void FaultInStop_IsDeviceErrorAndStopCanBeRepeated()
    {
        Assert.Equal(Success, _fixture.Start());
        _fixture.Nic.FaultsOnDispose = true;
        Assert.Equal(DeviceError, _fixture.Stop());
        Assert.Equal(Success, _fixture.Stop());
        AssertNothingIsStarted();
    }

    [Fact]
    public void ExitBootServices_ClosesTheNicAndKeepsTheMemoryMap()
    {
        _fixture.Connect();
        FakeNic nic = _fixture.Nic;
        Assert.True(nic.IsOpen);
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices());
        Assert.False(nic.IsOpen);
        Assert.Equal(1, nic.Closings);
        Assert.False(nic.IsDisposed);
    }

    [Fact]
    public void ExitBootServices_SignalledAgain_DoesNothingMore()
    {
        _fixture.Connect();
        FakeNic nic = _fixture.Nic;
        EFI_SIMPLE_NETWORK_PROTOCOL* network = _fixture.Snp;
        _fixture.Simulated.SignalGroup(EFI_EVENT_GROUP.EFI_EVENT_GROUP_EXIT_BOOT_SERVICES);
        _fixture.Simulated.SignalGroup(EFI_EVENT_GROUP.EFI_EVENT_GROUP_EXIT_BOOT_SERVICES);
        Assert.Equal(1, nic.Closings);
        Assert.Equal(DeviceError, network->Shutdown(network));
        Assert.Equal(DeviceError, network->Initialize(network, 0, 0));
        Assert.Equal(1, nic.Closings);
    }

    [Fact]
    public void ExitBootServices_ComesBeforeHandlersAtTplCallback()
    {
        _fixture.Connect();
        bool? wasOpen = null;
        EFI_EVENT later = CreateExitEvent(() => wasOpen = _fixture.Nic.IsOpen);
        _fixture.Simulated.SignalGroup(EFI_EVENT_GROUP.EFI_EVENT_GROUP_EXIT_BOOT_SERVICES);
        Assert.False(wasOpen);
        Firmware.BootServices->CloseEvent(later);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ExitBootServices_InWhichSomebodyStopsTheDriver_LeavesItQuiet_ItsProtocolsWhereTheyWere_AndNothingOpen(bool atNotify)
    {
        _fixture.Connect();
        FakeNic nic = _fixture.Nic;
        EFI_HANDLE child = _fixture.Child;
        CreateExitEvent(
            () => Assert.Equal(Success, _fixture.Simulated.Disconnect(_fixture.Controller)),
            atNotify ? EFI_TPL.TPL_NOTIFY : EFI_TPL.TPL_CALLBACK);
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices()); // The simulated firmware looks after its memory map.
        Assert.False(nic.IsOpen);
        Assert.Equal(1, nic.Closings);
        Assert.False(nic.IsDisposed);
        Assert.DoesNotContain(_fixture.Simulated.Openings<FAKE_NIC_PROTOCOL>(_fixture.Controller), each => each.IsHeld);
        Assert.True(_fixture.Simulated.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(child) != null);
        Assert.Equal(0, _fixture.Stack.Stops);
    }

    [Fact]
    public void ExitBootServices_InWhichSomebodyConnectsTheDriver_StartsNothing()
    {
        CreateExitEvent(() => _fixture.Simulated.Connect(_fixture.Controller, recursive: true));
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices());
        Assert.Null(_fixture.Driver.Nic);
    }

    [Fact]
    public void ExitBootServices_InWhichSomebodyUnloadsTheImage_LeavesTheDriversWhereTheyAre()
    {
        _fixture.Connect();
        EFI_STATUS status = Success;
        CreateExitEvent(() => status = _fixture.Drivers.Uninstall());
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices());
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, status);
    }

    [Fact]
    public void ExitBootServices_WhileANotificationOfOursIsPending_DoesWithoutIt()
    {
        bool wasNotified = false;
        Event later = Event.Create(
            EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, _fixture.Driver, () => wasNotified = true, out _)!;
        CreateExitEvent(later.Signal, EFI_TPL.TPL_NOTIFY);
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices());
        Assert.False(wasNotified);
    }

    [Fact]
    public void ExitBootServices_InWhichThereIsSomethingToTell_PrintsNothing()
    {
        CreateExitEvent(() => Notice.Write("lost"));
        string before = _fixture.Simulated.Console.Text;
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices());
        Assert.Equal(before, _fixture.Simulated.Console.Text);
    }

    private static Action? s_onExit;

    private static EFI_EVENT CreateExitEvent(Action action, nuint tpl = EFI_TPL.TPL_CALLBACK)
    {
        s_onExit = action;
        EFI_EVENT created;
        Assert.Equal(Success, Firmware.BootServices->CreateEvent(EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, tpl, &OnExit, null, &created));
        return created;
    }

    [UnmanagedCallersOnly]
    private static void OnExit(EFI_EVENT target, void* context) => s_onExit!();

    [Fact]
    public void ExitBootServices_AfterStop_DoesNothing()
    {
        Assert.Equal(Success, _fixture.Start());
        FakeNic nic = _fixture.Nic;
        Assert.Equal(Success, _fixture.Stop());
        int closings = nic.Closings;
        _fixture.Simulated.SignalGroup(EFI_EVENT_GROUP.EFI_EVENT_GROUP_EXIT_BOOT_SERVICES);
        Assert.Equal(closings, nic.Closings);
    }
}
