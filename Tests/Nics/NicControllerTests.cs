using System;
using System.Runtime.InteropServices;
using NetBoot.NicDrivers;
using NetBoot.Tests.DriverModel;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>Taking a NIC from the driver that has it.</summary>
[Collection("Firmware")]
public sealed unsafe class NicControllerTests : IDisposable
{
    private static EFI_SIMPLE_NETWORK_PROTOCOL* s_network;
    private static delegate* unmanaged<EFI_DRIVER_BINDING_PROTOCOL*, EFI_HANDLE, nuint, EFI_HANDLE*, EFI_STATUS> s_stop;

    private readonly NicFixture _fixture = new(withStack: true);

    public void Dispose() => _fixture.Dispose();

    [UnmanagedCallersOnly]
    private static EFI_STATUS StopUnlessInUse(EFI_DRIVER_BINDING_PROTOCOL* self, EFI_HANDLE controller, nuint count, EFI_HANDLE* children) =>
        count != 0 && s_network->Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped
            ? EFI_STATUS.EFI_DEVICE_ERROR
            : s_stop(self, controller, count, children);

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

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, NicController.Release(_fixture.Controller));
        Assert.True(_fixture.Child.IsNull);
        Assert.True(Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_fixture.Controller).IsNull);
    }
}
