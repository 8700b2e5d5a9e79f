using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.BusDrivers;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.E1000;
using NetBoot.NicDrivers.Netfront;
using NetBoot.NicDrivers.Twins;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Tests.Network;
using NetBoot.Tests.Nics;
using NetBoot.Tests.Protocols;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.EndToEnd;

/// <summary>
/// The whole product in one process: the application with its drivers on simulated firmware and devices, and servers on the other end of
/// the cable. Whatever happens, at the end everything is as it was before.
/// </summary>
[Collection("Firmware")]
public sealed unsafe class ApplicationTests : IDisposable
{
    private const string Mac = "525400123456";

    private readonly SimulatedFirmware _firmware = new() { CounterTime = TimeSpan.FromMicroseconds(10) };
    private readonly SimulatedVolume _volume;
    private readonly SimulatedE1000 _e1000 = new(address: Mac);
    private readonly SimulatedVirtioNet _virtio = new(address: Mac);
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly List<string> _started = [];
    private DeviceWire? _wire;
    private PeerHost? _host;
    private DhcpServer? _dhcp;
    private TftpServer? _tftp;
    private WebServer? _web;
    private byte[]? _initrd;

    public ApplicationTests()
    {
        _volume = new SimulatedVolume(_firmware, SimulatedPath.Pci(9));
        _firmware.ImageEntry = image =>
        {
            _started.Add(image.LoadOptions);
            _initrd = Kernel.ReadInitrd(_firmware);
            Assert.False(_e1000.IsReceiving);
            return EFI_STATUS.EFI_SUCCESS;
        };
    }

    public void Dispose()
    {
        _firmware.Dispose();
        Assert.Empty(_e1000.Faults);
        Assert.Empty(_virtio.Faults);
        Assert.Equal(0, _e1000.AllocationCount + _virtio.AllocationCount);
        Assert.Equal(0, _volume.OpenCount);
        _e1000.Dispose();
        _virtio.Dispose();
    }

    private string Screen => _firmware.Console.Text;

    private EFI_HANDLE AttachE1000() => Attach(_e1000, _e1000.Sent, frame => _e1000.Receive(frame));

    private EFI_HANDLE AttachVirtio() => Attach(_virtio, _virtio.Sent, frame => _virtio.Receive(frame));

    private EFI_HANDLE Attach(SimulatedPciDevice device, List<byte[]> sent, Func<byte[], bool> receive)
    {
        device.Config[0x0B] = 2; // A network controller.
        _wire = new DeviceWire(_firmware, new MacAddress(Convert.FromHexString(Mac)), sent, receive);
        _host = _wire.AddHost("192.0.2.1");
        _dhcp = new DhcpServer(_host) { Next = "192.0.2.1" };
        _tftp = new TftpServer(_host, name => _files.GetValueOrDefault("/" + name.TrimStart('/')));
        _web = new WebServer(_host, _files);
        return _firmware.Install(_firmware.CreateController(SimulatedPath.Pci(3)), device.Protocol);
    }

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] File(string path) => SimulatedPath.Of(SimulatedPath.Node(
        EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, FILEPATH_DEVICE_PATH.MEDIA_FILEPATH_DP, Encoding.Unicode.GetBytes(path + '\0')));

    private static Driver[] CreateDrivers() => [new E1000Driver(), new VirtioNetDriver()];

    private EFI_STATUS Run(EFI_HANDLE device, byte[] file, string options = "", bool withDrivers = true) =>
        Run(device, file, options, withDrivers ? &CreateDrivers : null);

    private EFI_STATUS Run(EFI_HANDLE device, byte[] file, string options, delegate*<Driver[]> drivers)
    {
        Footprint footprint = new(_firmware);
        SimulatedImage image = _firmware.CreateApplication(device, file, options);
        EFI_STATUS status = Application.Main(image.Handle, _firmware.SystemTable, drivers);
        Assert.True(_firmware.Unload(image).IsSuccess);
        Firmware.Initialize(_firmware.ImageHandle, _firmware.SystemTable);
        footprint.ExpectUnchanged("The application");
        return status;
    }

    private EFI_STATUS RunFromVolume(string script, string options = "", bool withDrivers = true)
    {
        _volume[@"\EFI\BOOT\autoexec.ipxe"] = Text(script);
        return Run(_volume.Handle, File(@"\EFI\BOOT\BOOTX64.EFI"), options, withDrivers);
    }

    private const string BootScript =
        """
        #!ipxe
        dhcp || exit 1
        kernel http://192.0.2.1/linux console=ttyS0 quiet || exit 2
        initrd http://192.0.2.1/initrd.gz || exit 3
        boot || exit 4
        echo And back

        """;

    private void ServeLinux()
    {
        _files["/linux"] = Kernel.Linux(300_000);
        _files["/initrd.gz"] = Kernel.Noise(200_000);
    }

    private void ExpectLinux()
    {
        Assert.Equal("console=ttyS0 quiet", Assert.Single(_started));
        Assert.Equal(_files["/initrd.gz"], _initrd!.Take(200_000));
        Assert.Contains("And back", Screen);
        Assert.Equal(["/linux", "/initrd.gz"], _web!.Requests);
        Assert.Equal(1, _host!.Accepted);
    }

    [Fact]
    public void AThousandExits_LeaveNothing()
    {
        AttachE1000();
        _files["/hello"] = Text("hello");
        int arenas = Arena.LiveOnThread;
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, RunFromVolume("#!ipxe\ndhcp && imgfetch http://192.0.2.1/hello && exit\n"));
        }

        Assert.Equal(arenas, Arena.LiveOnThread);
        Assert.Equal(1000, _web!.Requests.Count);
    }

    [Fact]
    public void Fault_InTheApplication_EndsItWithNothingLeftInstalled()
    {
        AttachE1000();
        Func<ulong> counter = Machine.Counter!;
        bool hasFaulted = false;
        Machine.Counter = () =>
        {
            if (!hasFaulted && Screen.Contains("before the fault"))
            {
                hasFaulted = true;
                throw new IndexOutOfRangeException();
            }

            return counter();
        };

        EFI_STATUS status = RunFromVolume("#!ipxe\ndhcp\necho before the fault\nsleep 5\necho after the fault\n");

        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.True(hasFaulted);
        Assert.DoesNotContain("after the fault", Screen);
        Assert.False(_e1000.IsReceiving);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fault_InAMenu_LeavesTheConsoleAsItWas(bool isOnScreen)
    {
        AttachE1000();
        SimulatedScreen screen = new(_firmware, hasFont: isOnScreen, (800, 600), (640, 480));
        Func<ulong> counter = Machine.Counter!;
        bool hasFaulted = false;
        Machine.Counter = () =>
        {
            if (!hasFaulted && (Screen.Contains("Esc: cancel") || screen.Glyphs.Contains('/')))
            {
                hasFaulted = true;
                throw new IndexOutOfRangeException();
            }

            return counter();
        };

        EFI_STATUS status = RunFromVolume("#!ipxe\nconsole --x 640 --y 480\nmenu T\nitem a A\nchoose x\n");

        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.True(hasFaulted);
        Assert.Equal(7, _firmware.Console.Attribute);
        Assert.True(_firmware.Console.IsCursorVisible);
        Assert.Equal(0u, screen.Mode);
    }

    [Fact]
    public void Linux_BootsByHttp_OnOurE1000()
    {
        AttachE1000();
        ServeLinux();
        EFI_STATUS status = RunFromVolume(BootScript);
        Assert.True(status.IsSuccess, Screen);
        ExpectLinux();
        Assert.Equal(0, _wire!.Lost);
    }

    [Fact]
    public void Linux_BootsByHttp_OnOurVirtio()
    {
        AttachVirtio();
        ServeLinux();
        EFI_STATUS status = RunFromVolume(BootScript);
        Assert.True(status.IsSuccess, Screen);
        ExpectLinux();
        Assert.False(_virtio.IsRunning);
    }

    private static Driver[] CreateXenDrivers()
    {
        TwinDriver twins = new();
        return [twins, new TwinNetworkDriver(twins), new XenBusDriver(), new E1000Driver(), new NetfrontDriver(twins)];
    }

    [Fact]
    public void Linux_BootsByHttp_OnNetfront_AndItsTwinIsNoSecondInterface()
    {
        using SimulatedXen xen = new(_firmware);
        SimulatedNetback back = new(xen, mac: Mac);
        EFI_HANDLE card = Attach(_e1000, back.Sent, frame => back.Receive(frame));
        ServeLinux();
        _volume[@"\EFI\BOOT\autoexec.ipxe"] = Text(BootScript.Replace("boot ||", "ifstat\nboot ||"));

        EFI_STATUS status = Run(_volume.Handle, File(@"\EFI\BOOT\BOOTX64.EFI"), "", &CreateXenDrivers);

        Assert.True(status.IsSuccess, Screen);
        ExpectLinux();
        Assert.Contains("net0: 52:54:00:12:34:56 Xen network interface 0", Screen);
        Assert.DoesNotContain("net1", Screen);
        Assert.Equal(0, _wire!.Lost);
        Assert.False(back.IsConnected);
        Assert.True(Controllers.FindDriver<EFI_PCI_IO_PROTOCOL>(card).IsNull); // Nobody had it before either.
    }

    [Fact]
    public void Linux_BootsByHttp_OnTheSnpOfTheFirmware_WhichGetsItBack()
    {
        EFI_HANDLE controller = AttachVirtio();
        ServeLinux();
        FakeStackDriver stack = new();
        DriverSet drivers = new([new VirtioNetDriver(), stack]);
        Assert.True(drivers.Install().IsSuccess);
        _firmware.Connect(controller, recursive: true);
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        Opening before = Assert.Single(_firmware.Openings<EFI_SIMPLE_NETWORK_PROTOCOL>(child), each => each.IsHeld);

        EFI_STATUS status = RunFromVolume(BootScript, withDrivers: false);

        Assert.True(status.IsSuccess, Screen);
        ExpectLinux();
        Assert.True(stack.Stops > 0);
        Opening after = Assert.Single(_firmware.Openings<EFI_SIMPLE_NETWORK_PROTOCOL>(child), each => each.IsHeld);
        Assert.Equal(before.Agent, after.Agent);
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    [Theory]
    [InlineData(false, "", false)]
    [InlineData(false, "iftake", true)]
    [InlineData(true, "", true)]
    public void Nic_ThatAnotherDriverMakesANetworkOf_IsLeftToIt_OnHardwareUnlessAskedFor(bool isGuest, string command, bool isTaken)
    {
        EFI_HANDLE controller = AttachE1000();
        ForeignNicDriver foreign = new(_firmware, Convert.FromHexString(Mac));
        DriverSet others = new([foreign]);
        Assert.True(others.Install().IsSuccess);
        _firmware.Connect(controller, recursive: true);
        Processor.Host = isGuest ? new GuestProcessor() : null;
        SimulatedImage image = _firmware.CreateApplication(_volume.Handle, File(@"\netboot.efi"), $"netboot.efi {command} ; ifopen && echo opened");

        EFI_STATUS status = Application.Main(image.Handle, _firmware.SystemTable, &CreateDrivers);

        Processor.Host = null;
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("opened", Screen);
        Assert.Equal(isTaken ? 1 : 0, foreign.Stops);
        Assert.True(foreign.Drives(controller)); // Afterwards as before.
        Assert.True(_firmware.Unload(image).IsSuccess);
        Firmware.Initialize(_firmware.ImageHandle, _firmware.SystemTable);
        Assert.True(others.Uninstall().IsSuccess);
    }

    private sealed class GuestProcessor : IProcessor
    {
        public void Cpuid(uint leaf, uint subleaf, Span<uint> result) => result[2] = leaf == 1 ? 1u << 31 : 0;

        public ulong ReadMsr(uint register) => throw new NotSupportedException();

        public void WriteMsr(uint register, ulong value) => throw new NotSupportedException();

        public ulong HyperVCall(void* page, ulong control, ulong input, ulong output) => throw new NotSupportedException();
    }

    [Fact]
    public void Application_FromPxe_GoesOnWithItsLease_AndFindsItsScriptByTftp()
    {
        EFI_HANDLE controller = AttachE1000();
        ServeLinux();
        _files["/boot/autoexec.ipxe"] = Text(BootScript.Replace("dhcp || exit 1\n", "isset ${filename} || exit 5\n"));
        DriverSet drivers = new([new E1000Driver()]);
        Assert.True(drivers.Install().IsSuccess);
        _firmware.Connect(controller);
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        EFI_PXE_BASE_CODE_MODE* mode = InstallPxe(child);
        Put(ref mode->DhcpAck, ref mode->DhcpAckReceived, Packet(Mac, "192.0.2.50", "boot/netboot.efi"));

        EFI_STATUS status = Run(child, SimulatedPath.Of(), withDrivers: false);

        Assert.True(status.IsSuccess, Screen);
        ExpectLinux();
        Assert.Empty(_dhcp!.Discovers);
        Assert.StartsWith("boot/autoexec.ipxe", Assert.Single(_tftp!.Requests).TrimStart('/'));
        Assert.True(_firmware.Uninstall<EFI_PXE_BASE_CODE_PROTOCOL>(child).IsSuccess);
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    /// <summary>
    /// What edk2 leaves: for PXE the packets alone, for HTTP boot a path with everything. A boot server's reply comes before a proxy's answer,
    /// and both before the lease; IPv4 is left alone.
    /// </summary>
    [Theory]
    [InlineData("ack", "tftp://[2001:db8::7]/boot/netboot.efi")]
    [InlineData("proxy", "tftp://[2001:db8::7]/boot/netboot.efi")]
    [InlineData("reply", "tftp://[2001:db8::7]/boot/netboot.efi;mode=octet")]
    [InlineData("uri", "http://[2001:db8::7]/boot/netboot.efi")]
    public void Application_FromTheFirmwaresBootOverIPv6_FindsItsScriptThere(string from, string own)
    {
        EFI_HANDLE controller = AttachE1000();
        PeerHost router = _wire!.AddHost("fe80::1");
        router.IcmpArrived = (_, message) =>
        {
            if (message[0] == 133)
            {
                new IPv6Router(router, "fe80::1").Advertise(1800, IPv6Router.OnLinkPrefix);
            }
        };
        PeerHost server = _wire.AddHost("2001:db8::7");
        _tftp = new TftpServer(server, name => _files.GetValueOrDefault("/" + name));
        _web = new WebServer(server, _files);
        _files["/boot/autoexec.ipxe"] = Text("#!ipxe\necho <${cwuri}> <${net0/ip6}> <${net0/ip}>\n");
        DriverSet drivers = new([new E1000Driver()]);
        Assert.True(drivers.Install().IsSuccess);
        _firmware.Connect(controller);
        EFI_HANDLE nic = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        byte[] path = DevicePath.WithoutEnd(DevicePath.Measure(_firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(nic))).ToArray();
        DevicePathBuilder device = new DevicePathBuilder().Path(path)
            .Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv6_DEVICE_PATH.MSG_IPv6_DP, new byte[56]);
        EFI_HANDLE child = _firmware.CreateController((from == "uri" ? device.Uri(own) : device).ToArray());
        if (from != "uri")
        {
            EFI_PXE_BASE_CODE_MODE* mode = InstallPxe(child);
            mode->UsingIpv6 = 1;
            Put(ref mode->DhcpAck, ref mode->DhcpAckReceived, PacketV6(from == "ack" ? own : "tftp://[2001:db8::8]/x"));
            if (from != "ack")
            {
                Put(ref mode->ProxyOffer, ref mode->ProxyOfferReceived, PacketV6(from == "proxy" ? own : "tftp://[2001:db8::8]/y"));
            }

            if (from == "reply")
            {
                Put(ref mode->PxeReply, ref mode->PxeReplyReceived, PacketV6(own));
            }
        }

        EFI_STATUS status = Run(child, SimulatedPath.Of(), withDrivers: false);

        Assert.True(status.IsSuccess, Screen);
        Assert.Contains($"<{own.Substring(0, 4)}://[2001:db8::7]/boot/autoexec.ipxe> <2001:db8::5054:ff:fe12:3456> <>", Screen);
        Assert.DoesNotContain(server.Frames, frame => frame[12] == 8);
        if (from != "uri")
        {
            Assert.True(_firmware.Uninstall<EFI_PXE_BASE_CODE_PROTOCOL>(child).IsSuccess);
        }

        Assert.True(_firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(child).IsSuccess);
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    /// <summary>A reply (7) with both sides' identifiers (1, 2) before the boot file's URL (59): RFC 8415, 7.3, and RFC 5970, 3.1.</summary>
    private static byte[] PacketV6(string url) => [7, 1, 2, 3, 0, 1, 0, 2, 0, 4, 0, 2, 0, 3, 1, 2, 3, 0, 59, 0, (byte)url.Length, .. Text(url)];

    /// <summary>A firmware's PXE that has started and has no packets yet.</summary>
    private EFI_PXE_BASE_CODE_MODE* InstallPxe(EFI_HANDLE child)
    {
        EFI_PXE_BASE_CODE_PROTOCOL* pxe = _firmware.Allocate<EFI_PXE_BASE_CODE_PROTOCOL>();
        pxe->Mode = _firmware.Allocate<EFI_PXE_BASE_CODE_MODE>();
        pxe->Mode->Started = 1;
        _firmware.Install(child, pxe);
        return pxe->Mode;
    }

    private static void Put(ref EFI_PXE_BASE_CODE_PACKET packet, ref byte isReceived, byte[] content)
    {
        isReceived = 1;
        fixed (byte* raw = packet.Raw)
        {
            content.CopyTo(new Span<byte>(raw, EFI_PXE_BASE_CODE_PACKET.Size));
        }
    }

    private byte[] Packet(string mac, string your, string file, byte type = 5, string next = "192.0.2.1")
    {
        byte[] request = new byte[240];
        request[1] = 1;
        request[2] = 6;
        Convert.FromHexString(mac).CopyTo(request, 28);
        new byte[] { 0x63, 0x82, 0x53, 0x63 }.CopyTo(request, 236);
        byte[] common = [.. DhcpBytes.Option(53, type), .. DhcpBytes.Option(54, 192, 0, 2, 1), .. DhcpBytes.Option(51, 0, 1, 0, 0)];
        byte[] pxe = your.Length == 0 ? DhcpBytes.Option(60, "PXEClient") : _dhcp!.Options;
        return DhcpBytes.Reply(request, your, next, [.. common, .. pxe], file);
    }

    /// <summary>Runs from PXE with a script on the command line.</summary>
    private void RunFromPxe(Action<nint> fill, string options)
    {
        EFI_HANDLE controller = AttachE1000();
        DriverSet drivers = new([new E1000Driver()]);
        Assert.True(drivers.Install().IsSuccess);
        _firmware.Connect(controller);
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        fill((nint)InstallPxe(child));
        EFI_STATUS status = Run(child, SimulatedPath.Of(), options, withDrivers: false);
        Assert.True(status.IsSuccess, Screen);
        Assert.True(_firmware.Uninstall<EFI_PXE_BASE_CODE_PROTOCOL>(child).IsSuccess);
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    [Fact]
    public void LeaseOfTheFirmwaresPxe_IsTakenWithTheProxysOffer()
    {
        RunFromPxe(
            mode =>
            {
                EFI_PXE_BASE_CODE_MODE* pxe = (EFI_PXE_BASE_CODE_MODE*)mode;
                Put(ref pxe->DhcpAck, ref pxe->DhcpAckReceived, Packet(Mac, "192.0.2.50", "", next: ""));
                Put(ref pxe->ProxyOffer, ref pxe->ProxyOfferReceived, Packet(Mac, "", "proxy/boot.efi", 2, "192.0.2.9"));
            },
            "netboot.efi echo ip ${ip} file ${filename} next ${next-server} cwuri ${cwuri}");
        Assert.Contains("ip 192.0.2.50 file proxy/boot.efi next 192.0.2.9 cwuri tftp://192.0.2.9/proxy/boot.efi", Screen);
        Assert.Empty(_dhcp!.Discovers);
    }

    [Fact]
    public void LeaseOfTheFirmwaresPxe_TakesTheBootServersReply_BeforeTheProxysOffer()
    {
        RunFromPxe(
            mode =>
            {
                EFI_PXE_BASE_CODE_MODE* pxe = (EFI_PXE_BASE_CODE_MODE*)mode;
                Put(ref pxe->DhcpAck, ref pxe->DhcpAckReceived, Packet(Mac, "192.0.2.50", "", next: ""));
                Put(ref pxe->ProxyOffer, ref pxe->ProxyOfferReceived, Packet(Mac, "", "menu", 2, "192.0.2.9"));
                Put(ref pxe->PxeReply, ref pxe->PxeReplyReceived, Packet(Mac, "", "chosen.efi", 5, "192.0.2.8"));
            },
            "netboot.efi echo file ${filename} next ${next-server}");
        Assert.Contains("file chosen.efi next 192.0.2.8", Screen);
    }

    [Theory]
    [InlineData("not received")]
    [InlineData("another address")]
    [InlineData("no packet")]
    public void LeaseOfTheFirmwaresPxe_ThatIsNotOurs_IsNotTaken(string what)
    {
        RunFromPxe(
            mode =>
            {
                EFI_PXE_BASE_CODE_MODE* pxe = (EFI_PXE_BASE_CODE_MODE*)mode;
                byte[] packet = what == "no packet" ? Kernel.Noise(1400) : Packet(what == "another address" ? "020000000009" : Mac, "192.0.2.66", "x");
                Put(ref pxe->DhcpAck, ref pxe->DhcpAckReceived, packet);
                pxe->DhcpAckReceived = what == "not received" ? (byte)0 : (byte)1;
            },
            "netboot.efi echo <${net0/ip}>");
        Assert.Contains("<>", Screen);
    }

    [Theory]
    [InlineData("imgfetch file:/dir/sub/file.txt && imgstat", "file.txt : 5 bytes")]
    [InlineData("imgfetch sibling.txt && imgstat", "sibling.txt : 7 bytes")]
    [InlineData("imgfetch file:/dir", "is a directory")]
    [InlineData("imgfetch file:/none.txt", "/none.txt: not found")]
    public void FilesOfTheVolume_AreFetched(string command, string expected)
    {
        _volume[@"\dir\sub\file.txt"] = Text("hello");
        _volume[@"\EFI\BOOT\sibling.txt"] = Text("sibling");
        EFI_STATUS status = RunFromVolume($"#!ipxe\n{command} ||\necho Still here\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains(expected, Screen);
        Assert.Contains("Still here", Screen);
    }

    [Fact]
    public void FilesOfTheVolume_AreCompletedInTheShell()
    {
        _volume[@"\dir\sub\file.txt"] = Text("hello");
        _volume[@"\EFI\BOOT\sibling.txt"] = Text("sibling");
        _firmware.Console.Type("imgfetch sib\t\rimgfetch /dir/\tf\t\rimgstat\rexit\r");
        EFI_STATUS status = RunFromVolume("#!ipxe\nshell\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("sibling.txt : 7 bytes", Screen);
        Assert.Contains("file.txt : 5 bytes", Screen);
    }

    [Fact]
    public void Menu_IsDrivenOnTheFirmwaresConsole()
    {
        _firmware.Console.Press(EFI_SCAN_CODE.SCAN_DOWN);
        _firmware.Console.Type("\r" + "name\rword\r");
        EFI_STATUS status = RunFromVolume("#!ipxe\nmenu T\nitem a Alpha\nitem b Beta\nchoose x\nlogin\necho <${x} ${username} ${password}>\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.EndsWith("<b name word>\n", Screen);
        Assert.Equal(7, _firmware.Console.Attribute);
    }

    [Fact]
    public void Autoexec_IsLookedForInTheRootToo()
    {
        _volume[@"\autoexec.ipxe"] = Text("#!ipxe\necho From the root: ${cwuri}\n");
        EFI_STATUS status = Run(_volume.Handle, File(@"\EFI\BOOT\BOOTX64.EFI"));
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("From the root: file:", Screen);
    }

    [Fact]
    public void Autoexec_WithoutContent_EndsTheSearch()
    {
        _volume[@"\EFI\BOOT\autoexec.ipxe"] = [];
        _volume[@"\autoexec.ipxe"] = Text("#!ipxe\necho Not this one\n");
        Run(_volume.Handle, File(@"\EFI\BOOT\BOOTX64.EFI"));
        Assert.DoesNotContain("Not this one", Screen);
    }

    [Fact]
    public void Application_WithoutAScript_BootsWhatDhcpNames()
    {
        AttachE1000();
        _dhcp!.File = "app.efi";
        _files["/app.efi"] = Kernel.Application(5000);
        EFI_STATUS status = Run(_volume.Handle, File(@"\netboot.efi"));
        Assert.True(status.IsSuccess, Screen);
        Assert.Equal("", Assert.Single(_started));
        Assert.Null(_initrd);
    }

    [Fact]
    public void Application_WithArguments_RunsThem()
    {
        AttachE1000();
        EFI_STATUS status = Run(_volume.Handle, File(@"\netboot.efi"), "netboot.efi echo Hello ${net0/mac}");
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("Hello 52:54:00:12:34:56", Screen);
        Assert.Equal(0, _wire!.FromClient);
    }

    [Fact]
    public void Errors_NameWhatAndWhere_AndTheApplicationGoesOn()
    {
        AttachE1000();
        EFI_STATUS status = RunFromVolume(
            """
            #!ipxe
            dhcp
            imgfetch http://192.0.2.1/missing ||
            imgfetch tftp://192.0.2.1/missing ||
            imgfetch http://192.0.2.77/nobody ||
            imgfetch file:/missing ||
            echo Still here

            """);
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("http://192.0.2.1/missing", Screen);
        Assert.Contains("404", Screen);
        Assert.Contains("file not found", Screen);
        Assert.Contains("192.0.2.77", Screen);
        Assert.Contains("Still here", Screen);
    }

    [Theory]
    [InlineData("imgfetch http://192.0.2.1/broken", "http://192.0.2.1/broken", "500")]
    [InlineData("imgfetch http://192.0.2.1/loop", "redirects", "http://192.0.2.1/loop")]
    [InlineData("imgfetch http://192.0.2.1/gopher", "gopher://192.0.2.1/x", "not supported")]
    [InlineData("imgfetch http://192.0.2.1/nonsense", "http://192.0.2.1/nonsense", "")]
    [InlineData("imgfetch http://192.0.2.1/lies", "http://192.0.2.1/lies", "")]
    [InlineData("imgfetch gopher://192.0.2.1/x", "gopher", "")]
    [InlineData("chain http://192.0.2.1/text", "text", "")]
    [InlineData("chain http://192.0.2.1/bad.ipxe", "frobnicate", "command not found")]
    [InlineData("chain http://192.0.2.1/lost.ipxe", "nowhere", "")]
    [InlineData("imgfetch", "imgfetch", "")]
    [InlineData("boot nothing-of-that-name", "nothing-of-that-name", "")]
    [InlineData("ifopen net7", "net7", "")]
    public void BadInput_IsAnErrorThatNamesIt_AndTheScriptGoesOn(string command, string what, string why)
    {
        AttachE1000();
        _dhcp!.File = "x"; // Nobody waits for a proxy.
        _web!.Responses["/broken"] = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n";
        _web.Responses["/loop"] = "HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n";
        _web.Responses["/gopher"] = "HTTP/1.1 302 Found\r\nLocation: gopher://192.0.2.1/x\r\nContent-Length: 0\r\n\r\n";
        _web.Responses["/nonsense"] = "220 smtp.example.org ESMTP\r\n\r\n";
        _web.Responses["/lies"] = "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nx";
        _files["/text"] = Text("just text");
        _files["/bad.ipxe"] = Text("#!ipxe\nfrobnicate now\n");
        _files["/lost.ipxe"] = Text("#!ipxe\ngoto nowhere\n");
        EFI_STATUS status = RunFromVolume($"#!ipxe\ndhcp\n{command} && echo No error ||\necho Still here\n");
        Assert.True(status.IsSuccess, Screen);
        string after = Screen[(Screen.IndexOf("DHCP", StringComparison.Ordinal))..];
        Assert.Contains(what, after);
        Assert.Contains(why, after);
        Assert.DoesNotContain("No error", Screen);
        Assert.Contains("Still here", Screen);
    }

    [Fact]
    public void Application_FromHttpBoot_FindsItsScriptBesideItself()
    {
        EFI_HANDLE controller = AttachE1000();
        ServeLinux();
        _files["/boot/autoexec.ipxe"] = Text("#!ipxe\necho From ${cwuri} || echo Here\nimgfetch ../linux || exit 1\n");
        DriverSet drivers = new([new E1000Driver()]);
        Assert.True(drivers.Install().IsSuccess);
        _firmware.Connect(controller);
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        byte[] nic = SimulatedPath.Bytes(_firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(child));
        EFI_HANDLE http = _firmware.CreateController([.. nic[..^4], .. SimulatedPath.Of(
            SimulatedPath.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, 12, new byte[23]),
            SimulatedPath.Node(
                EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, URI_DEVICE_PATH.MSG_URI_DP, Text("http://192.0.2.1/boot/netboot.efi")))]);

        EFI_STATUS status = Run(http, SimulatedPath.Of(), withDrivers: false);

        Assert.True(status.IsSuccess, Screen);
        Assert.Equal(["/boot/autoexec.ipxe", "/linux"], _web!.Requests);
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    [Fact]
    public void Application_FromHttpBootInAVlan_GoesOnInIt_AlsoBehindWhatItStarts()
    {
        EFI_HANDLE controller = AttachE1000();
        ServeLinux();
        PeerHost outside = _host!;
        PeerVlan vlan = new(_wire!, 5);
        vlan.Host = new PeerHost(vlan, outside.Address);
        _wire!.Vlan = vlan;
        _dhcp = new DhcpServer(vlan.Host);
        _web = new WebServer(vlan.Host, _files);
        _files["/boot/autoexec.ipxe"] = Text(
            "#!ipxe\nkernel http://192.0.2.1/linux\nboot\nimgfetch http://192.0.2.1/initrd.gz || exit 1\n" +
            "vcreate --tag 6 net0\nvdestroy net0-6\necho VLAN ${net0-5/vlan-id} ${net0-5/ip} <${net0/ip}>\n");
        DriverSet drivers = new([new E1000Driver()]);
        Assert.True(drivers.Install().IsSuccess);
        _firmware.Connect(controller);
        EFI_HANDLE child = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
        byte[] nic = SimulatedPath.Bytes(_firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(child));
        EFI_HANDLE http = _firmware.CreateController([.. nic[..^4], .. SimulatedPath.Of(
            SimulatedPath.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, VLAN_DEVICE_PATH.MSG_VLAN_DP, [5, 0]),
            SimulatedPath.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, 12, new byte[23]),
            SimulatedPath.Node(
                EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, URI_DEVICE_PATH.MSG_URI_DP, Text("http://192.0.2.1/boot/netboot.efi")))]);

        EFI_STATUS status = Run(http, SimulatedPath.Of(), withDrivers: false);

        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("VLAN 5 192.0.2.50 <>", Screen);
        Assert.Equal(["/boot/autoexec.ipxe", "/linux", "/initrd.gz"], _web.Requests);
        Assert.Single(_dhcp.Discovers);
        Assert.Empty(outside.Frames);
        Assert.True(drivers.Uninstall().IsSuccess);
    }

    [Fact]
    public void Image_ThatTheFirmwareRefuses_IsAnErrorThatNamesIt()
    {
        AttachE1000();
        ServeLinux();
        _firmware.LoadImageResult = EFI_STATUS.EFI_SECURITY_VIOLATION;
        EFI_STATUS status = RunFromVolume("#!ipxe\ndhcp\nkernel http://192.0.2.1/linux\nboot || echo Still here\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("linux: the firmware refuses it", Screen);
        Assert.Contains("Still here", Screen);
        Assert.Empty(_started);
    }

    [Fact]
    public void Image_ThatEndsInAnError_IsAnErrorThatNamesIt_AndTheNetworkIsThereAsBefore()
    {
        AttachE1000();
        ServeLinux();
        int before = 0;
        _firmware.ImageEntry = _ =>
        {
            before = _dhcp!.Discovers.Count;
            return EFI_STATUS.EFI_NO_MEDIA;
        };
        EFI_STATUS status = RunFromVolume(
            "#!ipxe\ndhcp\nkernel http://192.0.2.1/linux\nboot || echo Still here\nimgfetch http://192.0.2.1/initrd.gz && echo and there\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("linux ended with", Screen);
        Assert.Contains("Still here", Screen);
        Assert.Contains("and there", Screen);
        Assert.Equal(before, _dhcp!.Discovers.Count);
    }

    [Fact]
    public void Image_HasTheNetworkForItself_WhileItRuns()
    {
        AttachE1000();
        ServeLinux();
        EFI_STATUS? taken = null;
        _firmware.ImageEntry = image =>
        {
            EFI_HANDLE nic = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
            EFI_GUID guid = EFI_SIMPLE_NETWORK_PROTOCOL.Guid;
            EFI_SIMPLE_NETWORK_PROTOCOL* network;
            taken = _firmware.BootServices->OpenProtocol(
                nic, &guid, (void**)&network, image.Handle, nic, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_EXCLUSIVE);
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, network->Mode->State);
            network->Start(network);
            network->Initialize(network, 0, 0);
            Assert.True(_e1000.IsReceiving);
            _firmware.BootServices->CloseProtocol(nic, &guid, image.Handle, nic); // As GRUB leaves it: initialized.
            return EFI_STATUS.EFI_SUCCESS;
        };
        EFI_STATUS status = RunFromVolume("#!ipxe\ndhcp\nkernel http://192.0.2.1/linux\nboot\nimgfetch http://192.0.2.1/initrd.gz\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.True(taken?.IsSuccess);
        Assert.Equal(2, _web!.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Image_FindsTheStackOfTheFirmware_AndItsPxeWithOurLease(bool withDrivers)
    {
        EFI_HANDLE controller = AttachE1000();
        _dhcp!.File = "app.efi"; // Nobody waits for a proxy.
        _files["/app.efi"] = Kernel.Application(5000);
        _files["/hello"] = Text("hello");
        DriverSet stack = new(withDrivers ? [new FakePxeDriver(_firmware)] : [new FakePxeDriver(_firmware), new E1000Driver()]);
        Assert.True(stack.Install().IsSuccess);
        if (!withDrivers)
        {
            _firmware.Connect(controller, recursive: true);
        }

        string seen = "nothing was started";
        _firmware.ImageEntry = image =>
        {
            EFI_HANDLE pxe = Assert.Single(_firmware.HandlesWith<EFI_PXE_BASE_CODE_PROTOCOL>());
            Assert.Equal(pxe, image.Protocol->DeviceHandle);
            EFI_PXE_BASE_CODE_MODE* mode = _firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(pxe)->Mode;
            Assert.Equal(1, mode->Started);
            Assert.Equal(1, mode->DhcpAckReceived);
            Assert.Equal(0, mode->ProxyOfferReceived);
            Assert.Equal([192, 0, 2, 50], new ReadOnlySpan<byte>(mode->StationIp.v4.Addr, 4).ToArray());
            Assert.Equal([255, 255, 255, 0], new ReadOnlySpan<byte>(mode->SubnetMask.v4.Addr, 4).ToArray());
            Assert.Equal([192, 0, 2, 50], new ReadOnlySpan<byte>(mode->DhcpAck.Raw + 16, 4).ToArray());
            seen = image.LoadOptions;
            return EFI_STATUS.EFI_SUCCESS;
        };

        (int, int, int) before = (_firmware.AllocatedPools, _firmware.HandleCount, _firmware.EventCount);
        EFI_STATUS status = RunFromVolume("#!ipxe\ndhcp\nchain http://192.0.2.1/app.efi\nimgfetch http://192.0.2.1/hello\n", withDrivers: withDrivers);

        Assert.True(status.IsSuccess, Screen);
        Assert.Equal("", seen);
        Assert.Equal(["/app.efi", "/hello"], _web!.Requests);
        Assert.Single(_dhcp.Discovers);
        Assert.Equal(withDrivers ? 0 : 1, _firmware.HandlesWith<EFI_PXE_BASE_CODE_PROTOCOL>().Count);
        Assert.Equal(before, (_firmware.AllocatedPools, _firmware.HandleCount, _firmware.EventCount));
        if (!withDrivers)
        {
            Assert.Contains("left something behind", Assert.Single(_firmware.TakeViolations())); // PXE is back, on a new handle.
        }

        Assert.True(stack.Uninstall().IsSuccess);
    }

    [Fact]
    public void Image_WhereTheFirmwareHasNoPxe_FindsOurs_AndReadsAFileThroughIt()
    {
        AttachE1000();
        _dhcp!.File = "app.efi"; // Nobody waits for a proxy.
        _files["/app.efi"] = Kernel.Application(5000);
        _files["/second"] = Text("second stage");
        _files["/hello"] = Text("hello");
        string seen = "nothing was started";
        _firmware.ImageEntry = image =>
        {
            EFI_HANDLE device = image.Protocol->DeviceHandle;
            EFI_PXE_BASE_CODE_PROTOCOL* pxe = _firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(device);
            Assert.Equal((1, 1), (pxe->Mode->Started, pxe->Mode->DhcpAckReceived));
            Assert.Equal([192, 0, 2, 50], new ReadOnlySpan<byte>(pxe->Mode->StationIp.v4.Addr, 4).ToArray());
            Assert.True(_firmware.Get<EFI_LOAD_FILE_PROTOCOL>(device) != null);
            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped, NicState()); // Who drives it himself finds it free.
            EFI_IP_ADDRESS server = default;
            new byte[] { 192, 0, 2, 1 }.CopyTo(new Span<byte>(server.v4.Addr, 4));
            byte* buffer = stackalloc byte[64];
            ulong size = 64;
            fixed (byte* name = "second\0"u8)
            {
                EFI_STATUS status = pxe->Mtftp(
                    pxe, EFI_PXE_BASE_CODE_TFTP_OPCODE.EFI_PXE_BASE_CODE_TFTP_READ_FILE, buffer, 0, &size, null, &server, name, null, 0);
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
            }

            Assert.Equal(EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized, NicState());
            seen = Encoding.ASCII.GetString(buffer, (int)size);
            return EFI_STATUS.EFI_SUCCESS;
        };

        EFI_STATUS status = RunFromVolume("#!ipxe\ndhcp\nchain http://192.0.2.1/app.efi\nimgfetch http://192.0.2.1/hello\n");

        Assert.True(status.IsSuccess, Screen);
        Assert.Equal("second stage", seen);
        Assert.Equal(["/app.efi", "/hello"], _web!.Requests);
        Assert.Empty(_firmware.HandlesWith<EFI_PXE_BASE_CODE_PROTOCOL>());
    }

    private EFI_SIMPLE_NETWORK_STATE NicState() =>
        _firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>()))->Mode->State;

    [Fact]
    public void Application_ThatStartsItself_GoesOnAfterwards_OnANicThatCameBackOnAnotherHandle()
    {
        AttachE1000();
        _dhcp!.File = "netboot.efi"; // Nobody waits for a proxy.
        _files["/netboot.efi"] = Kernel.Application(5000);
        _files["/inner"] = Text("inner");
        _files["/outer"] = Text("outer");
        DriverSet stack = new([new FakePxeDriver(_firmware)]);
        Assert.True(stack.Install().IsSuccess);
        EFI_HANDLE before = default;
        EFI_HANDLE outer = default;
        _firmware.ImageEntry = image =>
        {
            outer = Firmware.ImageHandle;
            before = Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>(), each => each != image.Protocol->DeviceHandle);
            EFI_STATUS inner = Application.Main(image.Handle, _firmware.SystemTable, &CreateDrivers);
            Firmware.Initialize(outer, _firmware.SystemTable); // In firmware each image has statics of its own.
            return inner;
        };

        EFI_STATUS status = RunFromVolume(
            "#!ipxe\ndhcp\nchain http://192.0.2.1/netboot.efi imgfetch http://192.0.2.1/inner && isset ${ip} || exit 7\n" +
            "echo Back with ${net0/mac} and ${net0/ip}\nimgfetch http://192.0.2.1/outer\n");

        Assert.True(status.IsSuccess, Screen);
        Assert.Equal(["/netboot.efi", "/inner", "/outer"], _web!.Requests);
        Assert.Contains("Back with 52:54:00:12:34:56 and 192.0.2.50", Screen);
        Assert.Single(_dhcp.Discovers);
        Assert.False(_firmware.IsHandle(before));
        Assert.True(stack.Uninstall().IsSuccess);
    }

    [Fact]
    public void CtrlC_EndsADownload_AndTheScript()
    {
        AttachE1000();
        ServeLinux();
        int pressed = 0;
        _firmware.Surroundings += () =>
        {
            if (_web!.Requests.Count == 1 && _firmware.Console.PendingKeys == 0 && pressed++ == 0)
            {
                _firmware.Console.Type("\u0003");
            }
        };
        _files["/linux"] = Kernel.Linux(4_000_000);
        EFI_STATUS status = RunFromVolume("#!ipxe\ndhcp\nimgfetch http://192.0.2.1/linux\necho Not here\n");
        Assert.True(status.IsError, Screen);
        Assert.DoesNotContain("Not here", Screen);
        Assert.Single(_web!.Requests);
    }

    [Theory]
    [InlineData("reboot", EFI_RESET_TYPE.EfiResetCold)]
    [InlineData("reboot --warm", EFI_RESET_TYPE.EfiResetWarm)]
    [InlineData("poweroff", EFI_RESET_TYPE.EfiResetShutdown)]
    public void Reset_IsAskedOfTheFirmware(string command, EFI_RESET_TYPE expected)
    {
        RunFromVolume($"#!ipxe\n{command}\n");
        Assert.Equal(expected, Assert.Single(_firmware.Resets).Type);
    }

    [Fact]
    public void AnythingThatIsNotToBeHad_IsAnErrorAndLeavesNothing()
    {
        AttachE1000();
        _files["/linux"] = Kernel.Linux(3000);
        _files["/initrd.gz"] = Kernel.Noise(2000);
        _dhcp!.File = "linux"; // Nobody waits for a proxy.
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            FailingCall call = new(_firmware, nth, "Load");
            _started.Clear();
            _firmware.Console.Clear();
            EFI_STATUS status = RunFromVolume(BootScript);
            failed = call.HasFailed;
            Assert.True(failed || status.IsSuccess, Screen);
            Assert.True(status != EFI_STATUS.EFI_DEVICE_ERROR, $"A fault after call {nth}, {call.Victim}: {Screen}");
            Assert.True(_firmware.Violations.Count == 0, $"Call {nth}, {call.Victim}: {string.Join('\n', _firmware.Violations)}");
        }
    }

    [Fact]
    public void Shell_IsThereForWhoPressesCtrlB()
    {
        AttachE1000();
        _firmware.Console.Type("\u0002");
        _firmware.Console.Type("set greeting Hello\recho ${greeting} there\rexit\r");
        EFI_STATUS status = Run(_volume.Handle, File(@"\netboot.efi"));
        Assert.True(status.IsSuccess, Screen);
        Assert.Contains("Hello there", Screen);
    }

    [Fact]
    public void Application_OnAMachineWithoutNetwork_SaysSoAndEnds()
    {
        EFI_STATUS status = Run(_volume.Handle, File(@"\netboot.efi"));
        Assert.True(status.IsError);
        Assert.Contains("no network device", Screen);
    }

    [Fact]
    public void Watchdog_IsHeldOff_ForAsLongAsTheApplicationWorks()
    {
        AttachE1000();
        _firmware.SetWatchdog(300);
        _firmware.CounterTime = TimeSpan.FromMilliseconds(2);
        EFI_STATUS status = RunFromVolume("#!ipxe\nsleep 400\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.True(_firmware.Elapsed > TimeSpan.FromSeconds(400));
    }

    [Fact]
    public void ScriptThatTriesForEver_UsesTheMemoryOfItsFirstRound()
    {
        AttachE1000();
        ServeLinux();
        HashSet<(int, ulong)> seen = [];
        _files["/again"] = Text("#!ipxe\ninc round\nimgfetch --name k http://192.0.2.1/linux\nboot k\nimgfree\niseq ${round} 20 && exit ||\nchain --replace again\n");
        _firmware.ImageEntry = _ =>
        {
            seen.Add((_firmware.AllocatedPools, _firmware.AllocatedPages));
            return EFI_STATUS.EFI_SUCCESS;
        };
        EFI_STATUS status = RunFromVolume("#!ipxe\ndhcp\nset round:int32 0\nchain --replace http://192.0.2.1/again\n");
        Assert.True(status.IsSuccess, Screen);
        Assert.True(seen.Count <= 2, string.Join(' ', seen));
        Assert.Equal(40, _web!.Requests.Count);
    }
}
