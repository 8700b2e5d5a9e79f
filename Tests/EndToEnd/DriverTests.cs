using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Pcnet;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.EndToEnd;

/// <summary>The driver images, from their entry point to their unload function, with their devices on simulated firmware.</summary>
[Collection("Firmware")]
public sealed unsafe class DriverTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();
    private readonly List<SimulatedPciDevice> _devices = [];

    /// <summary>Boot services have ended, and nobody gives anything back any more.</summary>
    private bool _hasEnded;

    public void Dispose()
    {
        IReadOnlyList<string> leaks = _firmware.Leaks;
        _firmware.Dispose();
        Assert.Empty(_devices.SelectMany(each => each.Faults));
        if (!_hasEnded)
        {
            Assert.Empty(leaks);
            Assert.Equal(0, _devices.Sum(each => each.AllocationCount + each.MappingCount));
        }

        _devices.ForEach(each => each.Dispose());
    }

    public enum Kind
    {
        E1000,
        E1000e,
        Pcnet,
        ModernVirtio,
        LegacyVirtio,
    }

    public static TheoryData<Kind> AllKinds => new(Enum.GetValues<Kind>());

    private static Driver[] CreateDrivers() => [new E1000Driver(), new PcnetDriver(), new VirtioNetDriver()];

    private static Driver[] CreateDriversAndStack() => [new E1000Driver(), new PcnetDriver(), new VirtioNetDriver(), new FakeStackDriver()];

    private EFI_HANDLE Attach(Kind kind) => Attach(kind switch
    {
        Kind.E1000 => new SimulatedE1000(),
        Kind.E1000e => new SimulatedE1000(0x10D3),
        Kind.Pcnet => new SimulatedPcnet(),
        Kind.ModernVirtio => new SimulatedVirtioNet(),
        _ => new SimulatedVirtioNet(modern: false, legacy: true),
    });

    private EFI_HANDLE Attach(SimulatedPciDevice device)
    {
        _devices.Add(device);
        return _firmware.Install(_firmware.CreateController(SimulatedPath.Pci((byte)(2 + _devices.Count))), device.Protocol);
    }

    private EFI_STATUS Load(bool withStack = false) =>
        DriverImage.Start(_firmware.ImageHandle, _firmware.SystemTable, withStack ? &CreateDriversAndStack : &CreateDrivers);

    private EFI_STATUS Unload() => _firmware.Image.Protocol->Unload(_firmware.ImageHandle);

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void LoadConnectDisconnectReconnectUnload_ForEver_LeavesNothing(Kind kind)
    {
        EFI_HANDLE controller = Attach(kind);
        ulong attributes = _devices[0].Attributes;
        Footprint footprint = new(_firmware);
        for (int i = 0; i < 100; i++)
        {
            Assert.True(Load(withStack: i % 2 == 1).IsSuccess);
            Assert.True(_firmware.Connect(controller, recursive: true).IsSuccess);
            Assert.Single(_firmware.Children(controller));
            Assert.True(_firmware.Disconnect(controller).IsSuccess);
            Assert.True(_firmware.Connect(controller, recursive: true).IsSuccess);
            Assert.True(Unload().IsSuccess);
            footprint.ExpectUnchanged($"Round {i}");
            Assert.Equal(attributes, _devices[0].Attributes);
        }
    }

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void AnythingThatIsNotToBeHad_WhileTheDriverIsLoadedOrConnected_LeavesNothing(Kind kind)
    {
        EFI_HANDLE controller = Attach(kind);
        Footprint footprint = new(_firmware);
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            FailingCall call = new(_firmware, nth);
            bool loaded = Load().IsSuccess;
            bool connected = loaded && _firmware.Connect(controller).IsSuccess;
            failed = call.End();
            Assert.True(connected || failed);
            Assert.Equal(connected ? 1 : 0, _firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>().Count);
            if (loaded)
            {
                Assert.True(Unload().IsSuccess, $"{nth}: {call.Victim}");
            }

            footprint.ExpectUnchanged($"Failing call {nth}, {call.Victim},");
            if (_firmware.Violations.Count > 0)
            {
                break;
            }
        }
    }

    [Theory]
    [InlineData(Kind.E1000)]
    [InlineData(Kind.Pcnet)]
    [InlineData(Kind.ModernVirtio)]
    [InlineData(Kind.LegacyVirtio)]
    public void ExitBootServices_LeavesTheDeviceReset_AndTheMemoryMapAsItWas(Kind kind)
    {
        EFI_HANDLE controller = Attach(kind);
        Assert.True(Load(withStack: true).IsSuccess);
        Assert.True(_firmware.Connect(controller, recursive: true).IsSuccess);
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Snp(controller);
        Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, network->Mode->State);
        Assert.True(IsRunning(_devices[0]));

        Assert.True(_firmware.ExitBootServices().IsSuccess);

        Assert.False(IsRunning(_devices[0]));
        _hasEnded = true;
    }

    [Fact]
    public void Unload_WithTheNetworkInUse_StopsTheNic()
    {
        EFI_HANDLE controller = Attach(Kind.E1000);
        Assert.True(Load(withStack: true).IsSuccess);
        Assert.True(_firmware.Connect(controller, recursive: true).IsSuccess);
        Assert.True(IsRunning(_devices[0]));
        Assert.True(Unload().IsSuccess);
        Assert.False(IsRunning(_devices[0]));
    }

    [Fact]
    public void Unload_WhileSomebodyHoldsTheSnp_IsRefused_AndAllGoesOn()
    {
        EFI_HANDLE controller = Attach(Kind.E1000);
        Assert.True(Load().IsSuccess);
        _firmware.Connect(controller);
        EFI_HANDLE child = _firmware.Children(controller)[0];
        EFI_HANDLE holder = _firmware.CreateController(SimulatedPath.Pci(30));
        Firmware.Open<EFI_SIMPLE_NETWORK_PROTOCOL>(
            child, holder, holder, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_CHILD_CONTROLLER, out EFI_STATUS opened);
        Assert.True(opened.IsSuccess);
        Assert.True(Unload().IsError);
        Assert.Equal(child, Assert.Single(_firmware.Children(controller)));
        EFI_SIMPLE_NETWORK_PROTOCOL* network = Snp(controller);
        Assert.True(network->Start(network).IsSuccess);
        Assert.True(network->Initialize(network, 0, 0).IsSuccess);
        Firmware.Close<EFI_SIMPLE_NETWORK_PROTOCOL>(child, holder, holder);
        Assert.True(Unload().IsSuccess);
    }

    [Fact]
    public void TwoNics_WithDifferentDrivers_AreTwoInterfaces()
    {
        EFI_HANDLE first = Attach(new SimulatedE1000(address: "525400000001"));
        EFI_HANDLE second = Attach(new SimulatedVirtioNet(address: "525400000002"));
        Assert.True(Load().IsSuccess);
        _firmware.Connect(first);
        _firmware.Connect(second);
        Assert.Equal([0x52, 0x54, 0, 0, 0, 1], Address(first));
        Assert.Equal([0x52, 0x54, 0, 0, 0, 2], Address(second));
        Assert.True(Unload().IsSuccess);
    }

    [Fact]
    public void Nic_ThatIsPulled_CanStillBeStopped()
    {
        EFI_HANDLE controller = Attach(Kind.E1000);
        Assert.True(Load(withStack: true).IsSuccess);
        _firmware.Connect(controller, recursive: true);
        _devices[0].IsRemoved = true;
        Assert.True(_firmware.Disconnect(controller).IsSuccess);
        Assert.True(_firmware.Elapsed < TimeSpan.FromSeconds(5));
        Assert.True(Unload().IsSuccess);
    }

    [Fact]
    public void Frame_GoesOutAndComesIn_WithoutAnyServiceButTpl()
    {
        SimulatedE1000 device = new();
        EFI_HANDLE controller = Attach(device);
        Assert.True(Load().IsSuccess);
        _firmware.Connect(controller);
        FrameTraffic.ExpectNoServiceButTpl(_firmware, Snp(controller), frame => device.Receive(frame), device.Sent);
        Assert.True(Unload().IsSuccess);
    }

    private EFI_SIMPLE_NETWORK_PROTOCOL* Snp(EFI_HANDLE controller) =>
        _firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(_firmware.Children(controller)[0]);

    private byte[] Address(EFI_HANDLE controller) =>
        new ReadOnlySpan<byte>(Snp(controller)->Mode->CurrentAddress.Addr, MacAddress.Size).ToArray();

    private static bool IsRunning(SimulatedPciDevice device) => device switch
    {
        SimulatedE1000 e1000 => e1000.IsReceiving || e1000.IsTransmitting,
        SimulatedPcnet pcnet => pcnet.IsReceiving || pcnet.IsTransmitting,
        SimulatedVirtioNet virtio => virtio.IsRunning,
        _ => false,
    };
}
