using System;
using System.Runtime.InteropServices;
using Tests.Snp;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.DriverModel;

/// <summary>Who drives a controller, and taking it over.</summary>
[Collection("Firmware")]
public sealed unsafe class ControllersTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;

    private static EFI_SIMPLE_NETWORK_PROTOCOL* s_network;
    private static delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, nuint, EFI_HANDLE*, EFI_STATUS> s_stop;

    private readonly NicFixture _fixture = new(withStack: true);

    public void Dispose() => _fixture.Dispose();

    [UnmanagedCallersOnly]
    private static EFI_STATUS StopUnlessInUse(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, nuint count, EFI_HANDLE* children) =>
        count != 0 && s_network->Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped
            ? EFI_STATUS.EFI_DEVICE_ERROR
            : s_stop(self, controller, count, children);

    [Fact]
    public void FindDriver_TellsTheAgent()
    {
        Assert.True(Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_fixture.Controller).IsNull);
        _fixture.Connect();
        Assert.Equal(_fixture.Driver.Handle, Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_fixture.Controller));
        Assert.Equal(_fixture.Stack.Handle, Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(_fixture.Child));
    }

    [Fact]
    public void Connect_LetsTheGivenDriversTryAndTellsWhenNoneDid()
    {
        Assert.Equal(Success, Controllers.Connect(_fixture.Controller, _fixture.Drivers.Handles, recursive: false));
        Assert.True(Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(_fixture.Child).IsNull);
        EFI_HANDLE unknown = _fixture.AddController(model: 0);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Controllers.Connect(unknown, _fixture.Drivers.Handles, recursive: true));
    }

    [Fact]
    public void Recognizes_AlsoWhatAnotherDriverHas()
    {
        EFI_HANDLE unknown = _fixture.AddController(model: 0);
        _fixture.Connect();
        Assert.True(_fixture.Driver.Recognizes(_fixture.Controller));
        Assert.False(_fixture.Driver.Recognizes(unknown));
        Assert.False(_fixture.Driver.Recognizes(_fixture.Child));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Release_OfADriverThatWillNotStopWhileItsSnpIsInUse_Succeeds(bool stackLeavesInitialized)
    {
        _fixture.Stack.LeavesInitialized = stackLeavesInitialized;
        _fixture.Connect();
        s_network = _fixture.Snp;
        s_stop = _fixture.Binding->Stop;
        _fixture.Binding->Stop = &StopUnlessInUse;
        Assert.True(Controllers.Disconnect(_fixture.Controller, default).IsError);

        Assert.Equal(Success, Controllers.Release(_fixture.Controller));
        Assert.True(_fixture.Child.IsNull);
        Assert.True(Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_fixture.Controller).IsNull);
    }
}
