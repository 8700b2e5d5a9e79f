using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Netfront;
using NetBoot.NicDrivers.Twins;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>
/// The driver image of a Xen guest, from its entry point to its unload function: XenBus, netfront, and the emulated twin of the network
/// interface with our driver of it.
/// </summary>
[Collection("Firmware")]
public sealed unsafe class NetfrontDriverTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();
    private readonly SimulatedXen _xen;
    private readonly SimulatedNetback _back;
    private readonly SimulatedE1000 _twin = new();
    private readonly EFI_HANDLE _card;

    /// <summary>Boot services have ended, and nobody gives anything back any more.</summary>
    private bool _hasEnded;

    public NetfrontDriverTests()
    {
        _xen = new SimulatedXen(_firmware);
        _back = new SimulatedNetback(_xen);
        _twin.Config[0x0B] = 2;
        _card = _firmware.Install(_firmware.CreateController(SimulatedPath.Pci(3)), _twin.Protocol);
    }

    public void Dispose()
    {
        IReadOnlyList<string> leaks = _firmware.Leaks;
        _xen.Dispose();
        _firmware.Dispose();
        Assert.Empty(_twin.Faults);
        if (!_hasEnded)
        {
            Assert.Empty(leaks);
        }

        _twin.Dispose();
    }

    private static Driver[] CreateDrivers()
    {
        TwinDriver twins = new();
        return [twins, new TwinNetworkDriver(twins), new E1000Driver(), new XenBusDriver(), new NetfrontDriver(twins)];
    }

    private static Driver[] CreateDriversAndStack() => [.. CreateDrivers(), new FakeStackDriver()];

    private EFI_STATUS Load(bool withStack = false) =>
        DriverImage.Start(_firmware.ImageHandle, _firmware.SystemTable, withStack ? &CreateDriversAndStack : &CreateDrivers);

    private EFI_STATUS Unload() => _firmware.Image.Protocol->Unload(_firmware.ImageHandle);

    private void ConnectAll(bool twinFirst = true)
    {
        _firmware.Connect(twinFirst ? _card : _xen.Controller, recursive: true);
        _firmware.Connect(twinFirst ? _xen.Controller : _card, recursive: true);
    }

    private EFI_HANDLE Interface => Assert.Single(_firmware.HandlesWith<NETBOOT_XENBUS_PROTOCOL>());

    private EFI_SIMPLE_NETWORK_PROTOCOL* OnlyNetwork()
    {
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.Equal(child, Assert.Single(_firmware.Children(Interface)));
        return _firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(child);
    }

    [Fact]
    public void LoadConnectDisconnectReconnectUnload_ForEver_LeavesNothing()
    {
        Footprint footprint = new(_firmware);
        for (int i = 0; i < 50; i++)
        {
            Assert.True(Load(withStack: i % 2 == 1).IsSuccess);
            ConnectAll(twinFirst: i % 3 == 0);
            OnlyNetwork();
            Assert.Equal(i % 2 == 1, _back.IsConnected);
            Assert.True(_firmware.Disconnect(_xen.Controller).IsSuccess);
            Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>()); // The twin's.
            ConnectAll();
            OnlyNetwork();
            Assert.True(Unload().IsSuccess);
            footprint.ExpectUnchanged($"Round {i}");
            Assert.Equal(0UL, _twin.Attributes);
            Assert.Equal(SimulatedNetback.Initialising, _back.Nodes.FrontendState);
            Assert.Equal(SimulatedNetback.InitWait, _back.Nodes.BackendState);
        }
    }

    [Fact]
    public void AnythingThatIsNotToBeHad_WhileTheDriverIsLoadedOrConnected_LeavesNothing()
    {
        Footprint footprint = new(_firmware);
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            FailingCall call = new(_firmware, nth);
            bool loaded = Load().IsSuccess;
            _firmware.Connect(_xen.Controller, recursive: true);
            failed = call.End();
            if (loaded)
            {
                Assert.True(Unload().IsSuccess);
            }

            footprint.ExpectUnchanged($"Failing call {nth}, {call.Victim},");
            if (_firmware.Violations.Count > 0)
            {
                break;
            }
        }
    }

    [Fact]
    public void ExitBootServices_ClosesTheBackend_AndTheMemoryMapIsAsItWas()
    {
        Assert.True(Load(withStack: true).IsSuccess);
        ConnectAll();
        Assert.True(_back.IsConnected);
        Assert.True(_firmware.ExitBootServices().IsSuccess);
        Assert.False(_back.IsConnected);
        Assert.Empty(_xen.Grants.Granted);
        Assert.Empty(_xen.Channels.Open);
        NetfrontTest.ExpectNoKeys(_back);
        Assert.Equal(SimulatedNetback.Initialising, _back.Nodes.FrontendState);
        Assert.Equal(0UL, _twin.Attributes);
        _hasEnded = true;
    }

    [Fact]
    public void ExitBootServices_WithABackendThatDoesNotClose_GoesOn()
    {
        Assert.True(Load(withStack: true).IsSuccess);
        ConnectAll();
        _back.RefusesToClose = true;
        TimeSpan before = _firmware.Elapsed;
        Assert.True(_firmware.ExitBootServices().IsSuccess);
        Assert.True(_firmware.Elapsed - before < TimeSpan.FromSeconds(10));
        _hasEnded = true;
    }

    [Fact]
    public void Backend_ThatDoesNotConnect_LeavesTheTwinToTheUser()
    {
        _back.IsAsleep = true;
        Assert.True(Load(withStack: true).IsSuccess);
        ConnectAll();
        Assert.True(_twin.IsReceiving);
        _back.IsAsleep = false;
        Assert.True(Unload().IsSuccess);
    }

    [Fact]
    public void Backend_ThatIsNotThere_LeavesTheTwinToTheUser()
    {
        Assert.True(Load(withStack: true).IsSuccess);
        _firmware.Connect(_card, recursive: true);
        _back.Vanish();
        _firmware.Connect(_xen.Controller, recursive: true);
        Assert.True(_twin.IsReceiving);
        Assert.True(Unload().IsSuccess);
    }

    [Fact]
    public void OtherDevices_AreNotTheDrivers()
    {
        _xen.Store.AddDevice("vbd", 768);
        Assert.True(Load().IsSuccess);
        ConnectAll();
        Assert.Equal(2, _firmware.HandlesWith<NETBOOT_XENBUS_PROTOCOL>().Count);
        Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.True(Unload().IsSuccess);
    }

    [Fact]
    public void Frame_GoesOutAndComesIn_WithoutAnyServiceButTpl()
    {
        Assert.True(Load().IsSuccess);
        ConnectAll();
        FrameTraffic.ExpectNoServiceButTpl(_firmware, OnlyNetwork(), frame => _back.Receive(frame), _back.Sent);
        Assert.True(Unload().IsSuccess);
    }

    [Fact]
    public void Statistics_CountWhatTheBackendGotWrong()
    {
        Assert.True(Load().IsSuccess);
        ConnectAll();
        using SnpClient client = new(OnlyNetwork());
        client.Start();
        client.Initialize();
        client.ReceiveFilters(8, 0);
        _back.Receive(new byte[60]);
        _back.Receive(new byte[60], 0, status: -1);
        Assert.True(client.Receive(out _).IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, client.Receive(out _));
        EFI_NETWORK_STATISTICS statistics = client.Statistics();
        Assert.Equal(2UL, statistics.RxTotalFrames);
        Assert.Equal(1UL, statistics.RxDroppedFrames);
        Assert.True(Unload().IsSuccess);
    }
}
