using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Twins;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>One NIC to the user: a paravirtual NIC, and emulated cards with its address and with others.</summary>
[Collection("Firmware")]
public sealed unsafe class TwinTests : IDisposable
{
    private const string Address = "525400123456";
    private const string OtherAddress = "525400ABCDEF";

    private readonly SimulatedFirmware _firmware = new();
    private readonly Footprint _footprint;
    private readonly List<SimulatedPciDevice> _cards = [];
    private readonly TwinDriver _twins = new();
    private readonly SimulatedImage _platform;
    private readonly FakeNicDriver _paravirtual;
    private readonly FakeStackDriver _stack = new();
    private readonly E1000Driver _e1000 = new();
    private readonly ForeignNicDriver _foreign;
    private readonly EFI_HANDLE _nic;
    private readonly EFI_HANDLE _card;
    private DriverSet? _ours;
    private DriverSet? _others;

    public TwinTests()
    {
        _paravirtual = new FakeNicDriver(_twins);
        _foreign = new ForeignNicDriver(_firmware, Convert.FromHexString(Address));
        FAKE_NIC_PROTOCOL* protocol = _firmware.Allocate<FAKE_NIC_PROTOCOL>();
        protocol->Model = 1;
        _nic = _firmware.Install(_firmware.CreateController(SimulatedPath.Of([0x01, 0x04, 0x14, 0, .. new byte[16]])), protocol);
        _card = AddCard(Address);
        _platform = _firmware.CreateApplication(_card, SimulatedPath.Of());
        _footprint = new Footprint(_firmware);
    }

    public void Dispose()
    {
        if (!_firmware.HasExitedBootServices)
        {
            _foreign.HoldsOn = false;
            _stack.HoldsOn = false;
            Assert.True(_ours is null || _ours.Uninstall().IsSuccess);
            NicController.Release(_card);
            Assert.True(_others is null || _others.Uninstall().IsSuccess);
            _footprint.ExpectUnchanged("The drivers");
        }

        _firmware.Dispose();
        Assert.Empty(_cards.SelectMany(each => each.Faults));
        _cards.ForEach(each => each.Dispose());
    }

    private EFI_HANDLE AddCard(string address)
    {
        SimulatedE1000 card = new(address: address);
        card.Config[0x0B] = 2;
        _cards.Add(card);
        return _firmware.Install(_firmware.CreateController(SimulatedPath.Pci((byte)(2 + _cards.Count))), card.Protocol);
    }

    private void Install(Driver[] ours, Driver[] others)
    {
        _others = new DriverSet(others);
        Firmware.Initialize(_platform.Handle, _firmware.SystemTable);
        Assert.True(_others.Install().IsSuccess);
        Firmware.Initialize(_firmware.ImageHandle, _firmware.SystemTable);
        _ours = new DriverSet(ours);
        Assert.True(_ours.Install().IsSuccess);
    }

    /// <summary>A paravirtual NIC's image, and everything else that the machine has.</summary>
    private void InstallWithForeign() => Install([_twins, new TwinNetworkDriver(_twins), _paravirtual], [_foreign, _stack]);

    private void Connect(EFI_HANDLE controller) => _firmware.Connect(controller, recursive: true);

    private void ConnectAll()
    {
        Connect(_nic);
        Connect(_card);
    }

    private EFI_HANDLE DriverOf(EFI_HANDLE card) => Controllers.FindDriver<EFI_PCI_IO_PROTOCOL>(card);

    private void ExpectOnlyTheParavirtualNic()
    {
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.Equal(child, Assert.Single(_firmware.Children(_nic)));
        Assert.Equal(_twins.Handle, DriverOf(_card));
    }

    private void ExpectOnlyTheEmulatedCard(Driver driver)
    {
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.Equal(child, Assert.Single(_firmware.Children(_card)));
        Assert.Equal(driver.Handle, DriverOf(_card));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Twin_OfAForeignDriver_WithAStackOnIt_LetsGo_WhicheverWasFirst(bool isParavirtualFirst)
    {
        InstallWithForeign();
        Connect(isParavirtualFirst ? _nic : _card);
        Connect(isParavirtualFirst ? _card : _nic);
        ExpectOnlyTheParavirtualNic();
        Assert.Equal(1, _foreign.Starts);
        Assert.Equal(1, _foreign.Stops);
        Assert.True(_paravirtual.Nic!.IsOpen); // The stack's.
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Twin_OfADriverThatTakesItsCardFromAnyone_LetsGo_WhicheverWasFirst(bool isParavirtualFirst)
    {
        InstallWithForeign();
        _foreign.TakeExclusively();
        for (int i = 0; i < 3; i++)
        {
            Connect(isParavirtualFirst ? _nic : _card);
            Connect(isParavirtualFirst ? _card : _nic);
            ConnectAll();
            ExpectOnlyTheParavirtualNic();
            Assert.True(_firmware.Disconnect(_nic).IsSuccess);
            ExpectOnlyTheEmulatedCard(_foreign);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Twin_OfOurOwnDriver_LetsGo_WhicheverWasFirst(bool isParavirtualFirst)
    {
        Install([_twins, new TwinNetworkDriver(_twins), _e1000, _paravirtual], [_stack]);
        Connect(isParavirtualFirst ? _nic : _card);
        Connect(isParavirtualFirst ? _card : _nic);
        ExpectOnlyTheParavirtualNic();
        Assert.False(((SimulatedE1000)_cards[0]).IsReceiving);
        Assert.Equal(0UL, _cards[0].Attributes);
    }

    [Fact]
    public void Twin_StaysReserved_WhateverFirmwareConnects()
    {
        InstallWithForeign();
        ConnectAll();
        for (int i = 0; i < 3; i++)
        {
            ConnectAll();
            _firmware.Disconnect(_card);
            ConnectAll();
            ExpectOnlyTheParavirtualNic();
        }

        Assert.Equal(1, _foreign.Starts);
    }

    [Fact]
    public void Twin_IsTheUsersAgain_WhenTheParavirtualNicStops_AndReservedWhenItStarts()
    {
        InstallWithForeign();
        ConnectAll();
        for (int i = 0; i < 50; i++)
        {
            Assert.True(_firmware.Disconnect(_nic).IsSuccess);
            ExpectOnlyTheEmulatedCard(_foreign);
            Assert.Contains(_firmware.HeldOpenings, each => each.Agent == _stack.Handle);
            Connect(_nic);
            ExpectOnlyTheParavirtualNic();
        }
    }

    [Fact]
    public void Twin_IsTheUsersAgain_WhenOnlyTheParavirtualChildIsStopped()
    {
        InstallWithForeign();
        ConnectAll();
        Assert.True(_firmware.Disconnect(_nic, _paravirtual.Handle, _firmware.Children(_nic)[0]).IsSuccess);
        ExpectOnlyTheEmulatedCard(_foreign);
    }

    [Fact]
    public void Twin_IsTheUsersAgain_WhenTheImageIsUnloaded()
    {
        InstallWithForeign();
        ConnectAll();
        Assert.True(_ours!.Uninstall().IsSuccess);
        _ours = null;
        ExpectOnlyTheEmulatedCard(_foreign);
    }

    [Fact]
    public void Unloading_AnImageThatDrivesBothTwins_LeavesBothFree()
    {
        Install([_twins, new TwinNetworkDriver(_twins), _e1000, _paravirtual], [_stack]);
        ConnectAll();
        Assert.True(_ours!.Uninstall().IsSuccess);
        _ours = null;
        Assert.Empty(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.True(DriverOf(_card).IsNull);
    }

    [Fact]
    public void Card_WithAnotherAddress_IsLeftAlone()
    {
        EFI_HANDLE other = AddCard(OtherAddress);
        Install([_twins, new TwinNetworkDriver(_twins), _e1000, _paravirtual], [_stack]);
        Connect(other);
        ConnectAll();
        Connect(other);
        Assert.Equal(_e1000.Handle, DriverOf(other));
        Assert.Equal(2, _firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>().Count);
        Assert.True(((SimulatedE1000)_cards[1]).IsReceiving);
        Assert.True(_firmware.Disconnect(_nic).IsSuccess);
        Assert.True(((SimulatedE1000)_cards[1]).IsReceiving);
        Assert.True(_ours!.Uninstall().IsSuccess);
        _ours = null;
        _firmware.Uninstall<EFI_PCI_IO_PROTOCOL>(other);
        _firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(other);
    }

    [Fact]
    public void SnpOfAnotherBus_WithTheSameAddress_IsLeftAlone()
    {
        InstallWithForeign();
        Connect(_nic);
        EFI_HANDLE usb = _firmware.CreateController(SimulatedPath.Of([0x03, 0x05, 0x06, 0, 1, 0]));
        NetBoot.Tests.Network.FakeSnp network = new(_firmware, usb, Convert.FromHexString(Address));
        Connect(usb);
        Assert.Equal(_stack.Handle, Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(usb));
        _firmware.Disconnect(usb);
        _firmware.Uninstall<EFI_SIMPLE_NETWORK_PROTOCOL>(network.Handle);
        _firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(network.Handle);
    }

    [Fact]
    public void Driver_ThatWillNotStop_KeepsItsCard_AndItIsSaid()
    {
        InstallWithForeign();
        Connect(_card);
        _foreign.HoldsOn = true;
        Connect(_nic);
        Assert.Equal(2, _firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>().Count);
        Assert.Contains("network card with address 52:54:00:12:34:56 stays in use beside its paravirtual twin", _firmware.Console.Text);
        Assert.True(_firmware.Disconnect(_nic).IsSuccess);
        ExpectOnlyTheEmulatedCard(_foreign);
    }

    [Fact]
    public void Start_ThatFails_LeavesTheCardWithItsDriver()
    {
        InstallWithForeign();
        Connect(_card);
        _paravirtual.CreateResult = EFI_STATUS.EFI_DEVICE_ERROR;
        Connect(_nic);
        ExpectOnlyTheEmulatedCard(_foreign);
        Assert.Equal(0, _foreign.Stops);
    }

    [Fact]
    public void Nic_ThatCannotBeOpened_GivesItsTwinToItsDriver_AndTakesItAgainWhenItCan()
    {
        InstallWithForeign();
        Connect(_card);
        Connect(_nic);
        ExpectOnlyTheParavirtualNic();
        EFI_HANDLE child = _firmware.Children(_nic)[0];
        EFI_SIMPLE_NETWORK_PROTOCOL* network = _firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(child);
        _firmware.Disconnect(child);
        for (int i = 0; i < 3; i++)
        {
            _paravirtual.Nic!.OpenResult = EFI_STATUS.EFI_DEVICE_ERROR;
            network->Start(network);
            Assert.True(network->Initialize(network, 0, 0).IsError);
            Assert.Equal(_foreign.Handle, DriverOf(_card));
            Assert.Equal(2, _firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>().Count);
            _paravirtual.Nic.OpenResult = EFI_STATUS.EFI_SUCCESS;
            Assert.True(network->Initialize(network, 0, 0).IsSuccess);
            ExpectOnlyTheParavirtualNic();
            network->Shutdown(network);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nic_ThatCouldNotBeOpenedAtItsStart_LeavesItsTwinWithItsDriver(bool isParavirtualFirst)
    {
        InstallWithForeign();
        _paravirtual.OpenResult = EFI_STATUS.EFI_DEVICE_ERROR;
        Connect(isParavirtualFirst ? _nic : _card);
        Connect(isParavirtualFirst ? _card : _nic);
        Assert.Equal(2, _firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>().Count);
        Assert.Equal(_foreign.Handle, DriverOf(_card));
        Assert.Equal(0, _foreign.Stops);
        _paravirtual.OpenResult = EFI_STATUS.EFI_SUCCESS;
        Assert.True(_firmware.Disconnect(_nic).IsSuccess);
        Connect(_nic);
        ExpectOnlyTheParavirtualNic();
    }

    [Fact]
    public void Fault_InTheParavirtualNic_FreesTheCard()
    {
        InstallWithForeign();
        ConnectAll();
        EFI_SIMPLE_NETWORK_PROTOCOL* network = _firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(_firmware.Children(_nic)[0]);
        _paravirtual.Nic!.FaultsOnTransmit = true;
        byte* frame = stackalloc byte[60];
        Assert.True(network->Transmit(network, 0, 60, frame, null, null, null).IsError);
        Assert.Equal(_foreign.Handle, DriverOf(_card));
        Assert.True(_firmware.Disconnect(_nic).IsSuccess);
        Connect(_nic);
        ExpectOnlyTheParavirtualNic();
    }

    [Fact]
    public void ExitBootServices_TouchesNothing()
    {
        InstallWithForeign();
        ConnectAll();
        _cards[0].RegisterReads = 0;
        _cards[0].RegisterWrites = 0;
        Assert.True(_firmware.ExitBootServices().IsSuccess);
        Assert.Equal(0, _cards[0].RegisterReads + _cards[0].RegisterWrites);
        Assert.Equal(0UL, _cards[0].Attributes);
    }

    [Fact]
    public void ExitBootServices_InWhichTheNicIsStopped_LeavesTheCardReserved()
    {
        InstallWithForeign();
        ConnectAll();
        int starts = _foreign.Starts;
        s_onExit = () => _firmware.Disconnect(_nic);
        EFI_EVENT created;
        Assert.True(_firmware.BootServices->CreateEvent(
            EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_CALLBACK, &OnExit, null, &created).IsSuccess);
        Assert.True(_firmware.ExitBootServices().IsSuccess); // Memory and map are the simulated firmware's to look after.
        Assert.Equal(starts, _foreign.Starts);
        Assert.True(_twins.Drives(_card));
        Assert.Equal(0UL, _cards[0].Attributes);
    }

    private static Action? s_onExit;

    [UnmanagedCallersOnly]
    private static void OnExit(EFI_EVENT target, void* context) => s_onExit!();

    [Fact]
    public void Card_ThatIsPulledWhileReserved_IsForgotten()
    {
        InstallWithForeign();
        ConnectAll();
        EFI_PCI_IO_PROTOCOL* protocol = _firmware.Get<EFI_PCI_IO_PROTOCOL>(_card);
        EFI_DEVICE_PATH_PROTOCOL* path = _firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(_card);
        Assert.True(_firmware.Uninstall<EFI_PCI_IO_PROTOCOL>(_card).IsSuccess);
        Assert.True(_firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(_card).IsSuccess);
        Assert.True(_firmware.Disconnect(_nic).IsSuccess);
        _firmware.Install(_firmware.Install(default, path), protocol);
    }

    [Fact]
    public void AnythingThatIsNotToBeHad_WhileTheTwinIsReserved_LeavesNothing()
    {
        InstallWithForeign();
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            Connect(_card);
            int calls = 0;
            failed = false;
            _firmware.Intercept = service =>
            {
                bool takes = service.StartsWith("Allocate") || service.StartsWith("Create") || service.StartsWith("Install") ||
                    service.StartsWith("Open") || service.StartsWith("Locate");
                failed |= takes && calls == nth;
                return takes && calls++ == nth ? EFI_STATUS.EFI_OUT_OF_RESOURCES : default;
            };
            Connect(_nic);
            _firmware.Intercept = null;
            _firmware.Disconnect(_nic);
            _firmware.Disconnect(_nic);
            Assert.Empty(_firmware.Children(_nic));
            Connect(_card);
            ExpectOnlyTheEmulatedCard(_foreign);
        }

        // A Start that fails late gives the card back: everything is as before, but its SNP has a new handle.
        Assert.All(_firmware.TakeViolations(), each => Assert.StartsWith("Start, which failed,", each));
    }
}
