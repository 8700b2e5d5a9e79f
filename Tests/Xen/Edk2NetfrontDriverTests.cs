using System.Linq;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Netfront;
using NetBoot.NicDrivers.Twins;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Netfront where the firmware has the bus: on a handle with edk2's XenBus.</summary>
[Collection("Firmware")]
public sealed unsafe class Edk2NetfrontDriverTests
{
    private const string Frontend = "device/vif/3";
    private const string Backend = "/local/domain/2/backend/vif/7/3";

    private static FakeEdk2XenBus Create(SimulatedFirmware firmware)
    {
        FakeEdk2XenBus bus = new(firmware);
        bus.Nodes[$"{Frontend}/mac"] = "52:54:00:12:34:56";
        bus.Nodes[$"{Backend}/feature-rx-copy"] = "1";
        firmware.Surroundings += () => bus.Nodes[$"{Backend}/state"] = bus.Nodes[$"{Frontend}/state"] switch
        {
            "1" => "2",
            string state => state,
        };
        return bus;
    }

    [Fact]
    public void Netfront_OnTheFirmwaresXenBus_ConnectsAndCloses_ForEver()
    {
        using SimulatedFirmware firmware = new();
        FakeEdk2XenBus bus = Create(firmware);
        EFI_HANDLE controller = firmware.Install(firmware.CreateController(SimulatedPath.Pci(4, 1)), bus.Protocol);
        Footprint footprint = new(firmware);
        TwinDriver twins = new();
        DriverSet drivers = new([twins, new TwinNetworkDriver(twins), new NetfrontDriver(twins), new Edk2NetfrontDriver(twins)]);
        Assert.True(drivers.Install().IsSuccess);
        for (int i = 0; i < 20; i++)
        {
            Assert.True(firmware.Connect(controller).IsSuccess);
            EFI_HANDLE child = Assert.Single(firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
            using SnpClient client = new(firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(child));
            client.Start();
            Assert.True(client.Initialize().IsSuccess);
            Assert.Equal("4", bus.Nodes[$"{Frontend}/state"]);
            Assert.Equal("5", bus.Nodes[$"{Frontend}/event-channel"]);
            Assert.Equal("1", bus.Nodes[$"{Frontend}/request-rx-copy"]);
            Assert.Equal(162, bus.Grants.Count);
            Assert.True(client.Transmit(new byte[60], out _).IsSuccess);
            Assert.True(firmware.Disconnect(controller).IsSuccess);
            Assert.Equal("1", bus.Nodes[$"{Frontend}/state"]);
            Assert.Empty(bus.Grants);
        }

        Assert.True(drivers.Uninstall().IsSuccess);
        footprint.ExpectUnchanged("The driver");
    }

    [Fact]
    public void ExitBootServices_OfAFirmwareWhoseXenBusDisconnectsUs_ClosesTheBackend_AndDoesNothingElse()
    {
        using SimulatedFirmware firmware = new();
        using SimulatedE1000 twin = new(address: "525400123456");
        twin.Config[0x0B] = 2;
        EFI_HANDLE card = firmware.Install(firmware.CreateController(SimulatedPath.Pci(3)), twin.Protocol);
        FakeEdk2XenBus bus = Create(firmware);
        bus.Start();
        TwinDriver twins = new();
        DriverSet drivers = new([twins, new TwinNetworkDriver(twins), new E1000Driver(), new Edk2NetfrontDriver(twins), new FakeStackDriver()]);
        Assert.True(drivers.Install().IsSuccess);
        firmware.Connect(card, recursive: true);
        firmware.Connect(bus.Child, recursive: true);
        Assert.Single(firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.True(twins.Drives(card));
        Assert.Equal("4", bus.Nodes[$"{Frontend}/state"]);

        Assert.True(firmware.ExitBootServices().IsSuccess); // Memory and map are the simulated firmware's to look after.

        Assert.True(bus.IsStopped);
        Assert.Empty(bus.Faults);
        Assert.Equal("1", bus.Nodes[$"{Frontend}/state"]);
        string[] toolstacks = [$"{Frontend}/backend-id", $"{Frontend}/mac", $"{Frontend}/state"];
        Assert.Empty(bus.Nodes.Keys.Where(each => each.StartsWith(Frontend)).Except(toolstacks));
        Assert.Empty(bus.Grants);
        Assert.Single(firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.False(twin.IsReceiving);
        Assert.Equal(0UL, twin.Attributes);
        Assert.DoesNotContain("netboot", firmware.Console.Text);
    }
}
