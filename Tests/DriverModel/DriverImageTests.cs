using System;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.DriverModel;

/// <summary>A driver image from its entry point to its unloading.</summary>
[Collection("Firmware")]
public sealed unsafe class DriverImageTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;

    private static FakeNicDriver s_driver = new();
    private static FakeStackDriver s_stack = new();
    private static bool s_faultsOnCreate;
    private readonly SimulatedFirmware _firmware = new();
    private readonly EFI_HANDLE _controller;

    public DriverImageTests()
    {
        s_driver = new FakeNicDriver();
        s_stack = new FakeStackDriver();
        s_faultsOnCreate = false;
        FAKE_NIC_PROTOCOL* protocol = _firmware.Allocate<FAKE_NIC_PROTOCOL>();
        protocol->Model = 1;
        _controller = _firmware.Install(_firmware.CreateController([0x7F, 0xFF, 4, 0]), protocol);
    }

    public void Dispose() => _firmware.Dispose();

    private EFI_HANDLE Image => _firmware.ImageHandle;
    private EFI_LOADED_IMAGE_PROTOCOL* Loaded => _firmware.Image.Protocol;

    private static Driver[] Create() => s_faultsOnCreate ? throw new InvalidOperationException() : [s_driver, s_stack];

    private EFI_STATUS Start() => DriverImage.Start(Image, _firmware.SystemTable, &Create);

    private EFI_STATUS Unload() => Loaded->Unload(Image);

    private void AssertNothingIsInstalled()
    {
        Assert.False(Firmware.Has<EFI_DRIVER_BINDING_PROTOCOL>(Image));
        Assert.False(Firmware.Has<EFI_COMPONENT_NAME2_PROTOCOL>(Image));
        Assert.False(Firmware.Has<EFI_COMPONENT_NAME_PROTOCOL>(Image));
        Assert.False(Firmware.Has<EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL>(Image));
        using PoolBuffer<EFI_HANDLE> bindings = Firmware.LocateHandles<EFI_DRIVER_BINDING_PROTOCOL>();
        Assert.Equal(0, bindings.Count);
        using PoolBuffer<EFI_HANDLE> networks = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        Assert.Equal(0, networks.Count);
    }

    [Fact]
    public void Start_InstallsTheDriversAndTheSupportedVersion()
    {
        Assert.Equal(Success, Start());
        Assert.True(Firmware.Has<EFI_DRIVER_BINDING_PROTOCOL>(Image));
        Assert.True(Firmware.Has<EFI_COMPONENT_NAME2_PROTOCOL>(Image));
        Assert.True(Firmware.Has<EFI_COMPONENT_NAME_PROTOCOL>(Image));
        EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL* version = Firmware.Get<EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL>(Image);
        Assert.Equal(8u, version->Length);
        Assert.Equal(EFI_SYSTEM_TABLE.EFI_2_100_SYSTEM_TABLE_REVISION, version->FirmwareVersion);
        using (PoolBuffer<EFI_HANDLE> bindings = Firmware.LocateHandles<EFI_DRIVER_BINDING_PROTOCOL>())
        {
            Assert.Equal(2, bindings.Count);
        }

        Assert.True(Loaded->Unload != null);
        Assert.Equal(Success, Unload());
        AssertNothingIsInstalled();
    }

    [Fact]
    public void Start_WithoutASystemTable_IsInvalid()
    {
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, DriverImage.Start(Image, null, &Create));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, DriverImage.Start(default, _firmware.SystemTable, &Create));
    }

    [Fact]
    public void Start_ThatFaults_LeavesNothing()
    {
        int before = _firmware.AllocatedPools;
        s_faultsOnCreate = true;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Start());
        AssertNothingIsInstalled();
        Assert.Equal(before, _firmware.AllocatedPools);
        s_faultsOnCreate = false;
        Assert.Equal(Success, Start());
        Assert.Equal(Success, Unload());
    }

    [Fact]
    public void Unload_StopsEveryControllerThenTakesEverythingAway()
    {
        int before = _firmware.AllocatedPools;
        Assert.Equal(Success, Start());
        Assert.Equal(Success, Controllers.Connect(_controller, default, recursive: true));
        FakeNic nic = s_driver.Nic!;
        Assert.True(nic.IsOpen);
        Assert.Equal(Success, Unload());
        Assert.Equal(1, s_stack.Stops);
        Assert.False(nic.IsOpen);
        Assert.True(nic.IsDisposed);
        AssertNothingIsInstalled();
        Assert.Equal(before, _firmware.AllocatedPools);
    }

    [Fact]
    public void Unload_WhenAUserWillNotLetGo_FailsWithEverythingWorking()
    {
        Assert.Equal(Success, Start());
        Assert.Equal(Success, Controllers.Connect(_controller, default, recursive: true));
        s_stack.HoldsOn = true;
        Assert.True(Unload().IsError);
        Assert.True(Firmware.Has<EFI_DRIVER_BINDING_PROTOCOL>(Image));
        Assert.True(Firmware.Has<EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL>(Image));
        Assert.Equal(s_driver.Handle, Controllers.FindDriver<FAKE_NIC_PROTOCOL>(_controller));
        Assert.True(s_driver.Nic!.IsOpen);
        s_stack.HoldsOn = false;
        Assert.Equal(Success, Unload());
        AssertNothingIsInstalled();
    }

    [Fact]
    public void Unload_AfterAFault_Works()
    {
        int before = _firmware.AllocatedPools;
        Assert.Equal(Success, Start());
        s_driver.FaultsOnCreate = true;
        Assert.True(Controllers.Connect(_controller, default, recursive: true).IsError);
        Assert.Equal(Success, Unload());
        AssertNothingIsInstalled();
        Assert.Equal(before, _firmware.AllocatedPools);
    }

    [Fact]
    public void Unload_OfAnotherImage_IsInvalid()
    {
        Assert.Equal(Success, Start());
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, Loaded->Unload(_controller));
        Assert.Equal(Success, Unload());
    }

    [Fact]
    public void StartConnectDisconnectConnectUnload_AThousandTimes_KeepsPoolAndPages()
    {
        int before = _firmware.AllocatedPools;
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Success, Start());
            Assert.Equal(Success, Controllers.Connect(_controller, default, recursive: true));
            Assert.Equal(Success, Controllers.Disconnect(_controller, default));
            Assert.Equal(Success, Controllers.Connect(_controller, default, recursive: true));
            Assert.Equal(Success, Unload());
            Assert.Equal(before, _firmware.AllocatedPools);
        }
    }

    /// <summary>Every service that can fail for want of memory fails once, each at its turn.</summary>
    [Fact]
    public void AnyStepThatFails_IsUndoneInMirrorOrder()
    {
        Footprint footprint = new(_firmware);
        int callsUntilFailure = 0;
        _firmware.Intercept = service =>
            service is "AllocatePool" or "InstallProtocolInterface" or "CreateEvent" && callsUntilFailure > 0 && --callsUntilFailure == 0
                ? EFI_STATUS.EFI_OUT_OF_RESOURCES
                : EFI_STATUS.EFI_SUCCESS;
        int failures = 0;
        for (bool isOver = false; !isOver; failures++)
        {
            callsUntilFailure = failures + 1;
            EFI_STATUS status = Start();
            if (status.IsError)
            {
                AssertNothingIsInstalled();
                footprint.ExpectUnchanged("Start");
                continue;
            }

            Footprint started = new(_firmware);
            EFI_DRIVER_BINDING_PROTOCOL* binding = Firmware.Get<EFI_DRIVER_BINDING_PROTOCOL>(Image);
            status = binding->Start(binding, _controller, null);
            isOver = callsUntilFailure > 0;
            callsUntilFailure = 0;
            Assert.Equal(isOver, status.IsSuccess);
            if (status.IsError)
            {
                started.ExpectUnchanged("Driver binding Start");
            }

            Assert.Equal(Success, Unload());
            AssertNothingIsInstalled();
            footprint.ExpectUnchanged("Unload");
        }

        Assert.InRange(failures, 15, 100);
    }
}
