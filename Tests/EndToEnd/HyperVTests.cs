using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.BusDrivers.Storvsc;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.HyperVMachine;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.EndToEnd;

public sealed class WindowsHyperVTests() : HyperVTests(HostKind.Windows);

public sealed class OpenVmmHyperVTests() : HyperVTests(HostKind.OpenVmm);

/// <summary>The application as a guest of the Hyper-V model, with a synthetic NIC and nothing else.</summary>
[Collection("Firmware")]
public abstract unsafe class HyperVTests : IDisposable
{
    private const string Mac = "00155D010203";

    private const string Script =
        """
        #!ipxe
        dhcp || exit 1
        kernel http://192.0.2.1/linux console=ttyS0 quiet || exit 2
        initrd http://192.0.2.1/initrd.gz || exit 3
        boot || exit 4

        """;

    private readonly SimulatedFirmware _firmware = new() { CounterTime = TimeSpan.FromMicroseconds(10) };
    private readonly SimulatedHyperV _hyperV;
    private readonly SimulatedVolume _volume;
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly List<string> _started = [];
    private byte[]? _initrd;
    private PeerHost? _host;

    protected HyperVTests(HostKind kind)
    {
        _hyperV = new SimulatedHyperV(_firmware, kind);
        _volume = new SimulatedVolume(_firmware, SimulatedPath.Pci(9));
        _firmware.ImageEntry = image =>
        {
            _started.Add(image.LoadOptions);
            _initrd = Kernel.ReadInitrd(_firmware);
            return EFI_STATUS.EFI_SUCCESS;
        };
        _files["/linux"] = Kernel.Linux(300_000);
        _files["/initrd.gz"] = Kernel.Noise(1_000_000);
    }

    public void Dispose()
    {
        Assert.Empty(_hyperV.Host.Remains);
        _hyperV.Dispose();
        _firmware.Dispose();
    }

    private NetvspDevice AttachNetwork()
    {
        NetvspDevice network = _hyperV.AddNetwork(Convert.FromHexString(Mac));
        List<byte[]> sent = [];
        network.Transmitted = sent.Add;
        DeviceWire wire = new(_firmware, new MacAddress(Convert.FromHexString(Mac)), sent, frame =>
        {
            network.Deliver(frame);
            return true;
        });
        _host = wire.AddHost("192.0.2.1");
        _ = new DhcpServer(_host) { Next = "192.0.2.1" };
        _ = new WebServer(_host, _files);
        return network;
    }

    private static Driver[] CreateDrivers() => [new VmbusDriver(), new NetvscDriver(), new StorvscDriver()];

    private EFI_STATUS Run(bool withDrivers = true)
    {
        _volume[@"\EFI\BOOT\autoexec.ipxe"] = Encoding.UTF8.GetBytes(Script);
        SimulatedImage image = _firmware.CreateApplication(_volume.Handle, SimulatedPath.Of(SimulatedPath.Node(
            EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, FILEPATH_DEVICE_PATH.MEDIA_FILEPATH_DP,
            Encoding.Unicode.GetBytes(@"\EFI\BOOT\BOOTX64.EFI" + '\0'))));
        EFI_STATUS status = Application.Main(image.Handle, _firmware.SystemTable, withDrivers ? &CreateDrivers : null);
        Assert.True(_firmware.Unload(image).IsSuccess);
        Firmware.Initialize(_firmware.ImageHandle, _firmware.SystemTable);
        return status;
    }

    private void ExpectLinux(EFI_STATUS status)
    {
        Assert.True(status.IsSuccess, _firmware.Console.Text);
        Assert.Equal("console=ttyS0 quiet", Assert.Single(_started));
        Assert.Equal(_files["/initrd.gz"], _initrd!.Take(1_000_000));
    }

    [Fact]
    public void Linux_BootsByHttp_OnOurVmbusAndNetvsc()
    {
        AttachNetwork();
        Footprint footprint = new(_firmware);
        ExpectLinux(Run());
        footprint.ExpectUnchanged("The application");
        Assert.Contains("net0: 00:15:5d:01:02:03", _firmware.Console.Text);
        Assert.DoesNotContain("network device", _firmware.Console.Text);
    }

    [Fact]
    public void Download_GoesOn_OverATakeover()
    {
        NetvspDevice network = AttachNetwork();
        using Pages foreign = Pages.Allocate(4096)!;
        int takeovers = 0;
        int next = 100;
        _firmware.Surroundings += () =>
        {
            if (network.TransmittedCount >= next && takeovers < 2)
            {
                takeovers++;
                next += 200;
                _hyperV.Host.TakeOver((ulong)foreign.Address);
            }
        };
        ExpectLinux(Run());
        Assert.Equal(2, takeovers);
        Assert.InRange(_host!.Accepted, 1, 3); // This server never sends anything again: what a takeover costs, the client asks for anew.
        _hyperV.Host.TakeViolations(); // Signals before the takeover was noticed.
    }

    [Fact]
    public void Application_ConnectsWhatHangsOnTheBus_WhenOtherImagesHaveTheDrivers()
    {
        AttachNetwork();
        DriverSet drivers = new(CreateDrivers());
        Assert.True(drivers.Install().IsSuccess);
        Assert.Empty(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        ExpectLinux(Run(withDrivers: false));
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    [Fact]
    public void Application_TakesTheNicFromTheDriversOfOtherImages_AndGivesItBack_AndLeavesThemBusAndDisk()
    {
        AttachNetwork();
        StorvspDevice controller = new(_hyperV.Host);
        controller.Attach(0, new ScsiDisk(new byte[4096]));
        _hyperV.Vmbus.Add(controller);
        VmbusDriver bus = new();
        DriverSet drivers = new([bus, new NetvscDriver(), new StorvscDriver()]);
        Assert.True(drivers.Install().IsSuccess);
        EFI_HANDLE root = Assert.Single(_firmware.HandlesWith<NETBOOT_VMBUS_ROOT_PROTOCOL>());
        Assert.True(Controllers.Connect(root, default, recursive: true).IsSuccess);
        Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        ExpectLinux(Run());
        Assert.True(bus.Drives(root));
        Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Assert.Single(controller.Log, StorvspOperation.BeginInitialization); // Never closed since.
        Assert.True(controller.IsReady);
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    [Fact]
    public void Host_WithoutVersion3_IsNamedOnTheScreen()
    {
        _hyperV.Vmbus.HighestVersion = NetBoot.Tests.Models.HyperV.VmbusVersion.Win8;
        Assert.False(Run().IsSuccess);
        Assert.Contains("the host does not take VMBus version 3.0", _firmware.Console.Text);
        Assert.DoesNotContain("the firmware's driver keeps its device", _firmware.Console.Text);
    }
}
