using System;
using NetBoot.Boot.App.Platforms;
using NetBoot.BusDrivers.Foreign.Microsoft;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Netvsc;
using NetBoot.Tests.Nics;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Whom the application takes a NIC from, and whether he has it again afterwards.</summary>
[Collection("Firmware")]
public sealed unsafe class NetworkSetupTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();
    private readonly TestTerminal _terminal = new();
    private readonly SimulatedImage _platform;
    private DriverSet? _others;

    public NetworkSetupTests() => _platform = _firmware.CreateImage();

    public void Dispose()
    {
        Assert.True(_others is null || _others.Uninstall().IsSuccess);
        _firmware.Dispose();
    }

    private void InstallOther(Driver driver)
    {
        Firmware.Initialize(_platform.Handle, _firmware.SystemTable);
        _others = new DriverSet([driver]);
        Assert.True(_others.Install().IsSuccess);
        Firmware.Initialize(_firmware.ImageHandle, _firmware.SystemTable);
    }

    private static NetworkSetup Create(params Driver[] drivers) => new(new DriverSet(drivers), drivers, takesAll: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ADriverThatHadANic_HasItAgain_OrIsNamed(bool startsOnce)
    {
        using SimulatedE1000 card = new(address: "525400123456");
        EFI_HANDLE controller = _firmware.Install(_firmware.CreateController(SimulatedPath.Pci(3)), card.Protocol);
        ForeignNicDriver foreign = new(_firmware, Convert.FromHexString("525400123456")) { StartsOnce = startsOnce };
        InstallOther(foreign);
        Assert.True(_firmware.Connect(controller, recursive: true).IsSuccess);
        E1000Driver ours = new();
        NetworkSetup setup = Create(ours);
        Assert.Null(setup.Connect(_terminal));
        Assert.True(ours.Drives(controller));
        Assert.Empty(_terminal.Output);
        setup.Disconnect();
        Assert.Equal(!startsOnce, foreign.Drives(controller));
        Assert.Equal(startsOnce, _terminal.Output.Contains("does not take it back"));
    }

    [Theory]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void MicrosoftsNetworkDriver_WhichCouldNotStartASecondTime_KeepsItsAdapter(VmbusKind kind)
    {
        using MicrosoftFirmware microsoft = new(_firmware, HostKind.Windows);
        microsoft.Host.Vmbus.Add(new NetvspDevice(microsoft.Host, NetvscMachine.Address));
        EFI_HANDLE channel = Assert.Single(microsoft.Start(hasCurrent: kind == VmbusKind.Microsoft));
        Driver netvsc = kind == VmbusKind.Microsoft ? new NetvscDxe<EFI_VMBUS_PROTOCOL>() : new NetvscDxe<EFI_VMBUS_LEGACY_PROTOCOL>();
        InstallOther(netvsc);
        Assert.True(_firmware.Connect(channel).IsSuccess);
        NetworkSetup setup = Create(new MicrosoftNetvscDriver(), new MicrosoftLegacyNetvscDriver());
        Assert.Null(setup.Connect(_terminal));
        Assert.True(netvsc.Drives(channel));
        setup.Disconnect();
        Assert.True(netvsc.Drives(channel));
        Assert.Empty(_terminal.Output);
        Assert.Empty(microsoft.Violations);
    }

    /// <summary>The firmware's driver, as far as others see it: a channel that it has stopped on it does not start on again.</summary>
    private sealed class NetvscDxe<T> : Driver<T> where T : unmanaged, IProtocol
    {
        private bool _hasStarted;

        public override string Name => "Hyper-V Network Driver";
        public override uint Version => 0x10;

        protected override bool Matches(T* parent) => !_hasStarted;

        protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => true;

        protected override Device CreateDevice(EFI_HANDLE controller, T* parent, out EFI_STATUS status)
        {
            _hasStarted = true;
            status = EFI_STATUS.EFI_SUCCESS;
            return new Adapter(controller);
        }

        private sealed class Adapter(EFI_HANDLE controller) : Device(controller)
        {
            public override string Name => "adapter";
            public override string ControllerName => "adapter";
            public override string ChildName => "none";

            public override bool HasChild(EFI_HANDLE child) => false;
            public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => false;
            public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining) => EFI_STATUS.EFI_SUCCESS;
            public override EFI_STATUS StopChild(EFI_HANDLE child) => EFI_STATUS.EFI_NOT_FOUND;
            public override EFI_STATUS StopChildren() => EFI_STATUS.EFI_SUCCESS;

            public override void Dispose()
            {
            }
        }
    }
}
