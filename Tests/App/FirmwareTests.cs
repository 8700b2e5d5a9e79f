using System;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>The app on simulated firmware: console, clock, images, and the whole from entry to exit.</summary>
[Collection("Firmware")]
public sealed unsafe class FirmwareTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();

    public void Dispose() => _firmware.Dispose();

    [Fact]
    public void Terminal_WritesLinesAndUtf8_AndHonoursColoursOnly()
    {
        FirmwareTerminal terminal = new(_firmware.SystemTable);

        terminal.Write("a\nb\tc \u00C3\u00A9 \x1B[1;31mred\x1B[0m \x1B[2Kgone \u00E9\n");

        Assert.Equal("a\nb c \u00E9 red gone \u00E9\n", _firmware.Console.Text);
        Assert.Equal(7, _firmware.Console.Attribute);
        terminal.Write("\x1B[1;31;44mx");
        Assert.Equal(0x1C, _firmware.Console.Attribute);
        Assert.Equal(80, terminal.Columns);
    }

    [Fact]
    public void Terminal_MovesTheCursor_AndSequencesGoBackToTheColoursThatWereSet()
    {
        FirmwareTerminal terminal = new(_firmware.SystemTable);

        terminal.SetColours(terminal.Palette.Screen);
        terminal.Clear();
        terminal.MoveTo(10, 5);
        terminal.Write("\x1B[31mx\x1B[0m");

        Assert.Equal((11, 5, 0x17), (_firmware.Console.CursorColumn, _firmware.Console.CursorRow, _firmware.Console.Attribute));
        Assert.Equal((80, 25), (terminal.Columns, terminal.Rows));
        terminal.Write("\x1B[3");
        terminal.SetColours(TextColours.Usual);
        terminal.Write("1m");
        Assert.EndsWith("x1m", _firmware.Console.Text);
        Assert.Equal(7, _firmware.Console.Attribute);
    }

    [Fact]
    public void Terminal_WritesLongTexts()
    {
        string text = new('x', 1000);

        new FirmwareTerminal(_firmware.SystemTable).Write(text);

        Assert.Equal(text, _firmware.Console.Text.Replace("\n", ""));
    }

    [Fact]
    public void Terminal_ReadsKeys()
    {
        FirmwareTerminal terminal = new(_firmware.SystemTable);
        _firmware.Console.Type("a");
        _firmware.Console.Press(EFI_SCAN_CODE.SCAN_LEFT);
        _firmware.Console.Press(EFI_SCAN_CODE.SCAN_F12);

        Assert.True(terminal.TryReadKey(out Key key));
        Assert.Equal('a', key.Character);
        Assert.True(terminal.TryReadKey(out key));
        Assert.Equal(KeyCode.Left, key.Code);
        Assert.True(terminal.TryReadKey(out key));
        Assert.Equal(KeyCode.F12, key.Code);
        Assert.False(terminal.TryReadKey(out _));
    }

    [Fact]
    public void Pump_HoldsTheWatchdog_AndSeesControlC()
    {
        FirmwareTerminal terminal = new(_firmware.SystemTable);
        FirmwareEventLoop loop = new(terminal, new NetBoot.NetworkStack.Sockets.Network(new RandomSource(1)));
        Assert.True(_firmware.Watchdog > TimeSpan.FromMinutes(4));
        for (int i = 0; i < 60; i++)
        {
            _firmware.Advance(TimeSpan.FromSeconds(30));
            Assert.True(loop.RunOnce());
        }

        Assert.True(_firmware.Watchdog > TimeSpan.FromMinutes(3));
        _firmware.Console.Type("a\x03");
        _firmware.Advance(TimeSpan.FromMilliseconds(11));

        Assert.False(loop.RunOnce());
        Assert.True(loop.RunOnce());
    }

    [Fact]
    public void Pump_WithoutFrames_RestsBetweenTheFirmwaresTicks_AndIsAwakeAgainWithTheFirst()
    {
        NetBoot.NetworkStack.Sockets.Network network = new(new RandomSource(1));
        TestLink link = new(1);
        NetworkInterface netif = new("net0", link);
        network.Add(netif);
        Assert.Null(netif.Open());
        FirmwareEventLoop loop = new(new FirmwareTerminal(_firmware.SystemTable), network);
        Assert.InRange(Rounds(loop, 200_000), 1000, int.MaxValue);
        Rounds(loop, 100_000);

        Assert.InRange(Rounds(loop, 1_000_000), 50, 200);

        link.Carry(toClient: true, new byte[60]);
        Assert.InRange(Rounds(loop, 100_000), 1000, int.MaxValue);
        Assert.Empty(_firmware.Violations);

        static int Rounds(FirmwareEventLoop loop, ulong microseconds)
        {
            int rounds = 0;
            for (ulong started = loop.Now; loop.Now - started < microseconds; rounds++)
            {
                Assert.True(loop.RunOnce());
            }

            return rounds;
        }
    }

    [Fact]
    public void Start_GivesLinuxItsCommandLine_ItsInitrd_AndADevicePath()
    {
        using ImageRegistry images = new();
        FirmwarePlatform platform = NewPlatform();
        Image kernel = NewImage(images, platform, "vmlinuz", LinuxKernel(), "console=ttyS0 quiet");
        kernel.IsExecutable = true;
        NewImage(images, platform, "initrd", "INITRD"u8.ToArray(), "");
        EFI_HANDLE nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        int handles = _firmware.HandleCount;
        int pools = _firmware.AllocatedPools;
        string initrd = "";
        string options = "";
        byte[] path = [];
        _firmware.ImageEntry = image =>
        {
            options = image.LoadOptions;
            path = image.Path;
            initrd = ReadInitrd();
            return EFI_STATUS.EFI_SUCCESS;
        };

        Error? error = ImageStarter.Start(kernel, images, nic, null, default, new TestService(), new TestTerminal());

        Assert.Null(error);
        Assert.Equal("console=ttyS0 quiet", options);
        Assert.Equal("INITRD", initrd);
        Assert.Equal(new DevicePathBuilder().Mac(new MacAddress(1), 1).Uri("http://h/vmlinuz").FilePath("vmlinuz").ToArray(), path);
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal(pools, _firmware.AllocatedPools);
    }

    [Fact]
    public void Start_OfWhatCameByHttp_HasAHandleAsHttpBootGivesIt()
    {
        using ImageRegistry images = new();
        FirmwarePlatform platform = NewPlatform();
        Image image = NewImage(images, platform, "app.efi", Encoding.Latin1.GetBytes(TestSession.Executable), "");
        image.IsExecutable = true;
        EFI_HANDLE nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        BootInterface from = new(new NetworkInterface("net0", new SnpLink(nic)), "a card");
        new NetBoot.NetworkStack.Sockets.Network(new RandomSource(1)).Add(from.Interface);
        Assert.Null(from.Interface.Configure(new IPv4Address(192, 0, 2, 50), new IPv4Address(255, 255, 255, 0), new IPv4Address(192, 0, 2, 1)));
        const string Uri = "http://192.0.2.1:8080/dir/app.efi";
        Assert.Null(NetworkLoan.HttpPathOf(from, Uri)); // The firmware has no HTTP there.
        EFI_HTTP_SERVICE_BINDING_PROTOCOL* http = _firmware.Allocate<EFI_HTTP_SERVICE_BINDING_PROTOCOL>();
        _firmware.Install(nic, http);
        Assert.Null(NetworkLoan.HttpPathOf(from, "tftp://192.0.2.1/app.efi"));
        Assert.Null(NetworkLoan.HttpPathOf(null, Uri));
        DevicePathBuilder Expected(string uri, string port) => new DevicePathBuilder().Mac(new MacAddress(1), 1)
            .Node(3, 0x0C, Convert.FromHexString($"c0000232000000000000{port}060000c0000201ffffff00")).Uri(uri + "\0");
        Assert.Null(NetworkLoan.HttpPathOf(from, "http://name/app.efi"));
        Assert.Null(NetworkLoan.HttpPathOf(from, "http://[2001:db8::1]/app.efi")); // There is no address of that version.
        Assert.Equal(Expected("https://192.0.2.1/x", "bb01").ToArray(), NetworkLoan.HttpPathOf(from, "https://192.0.2.1/x")!.ToArray());
        byte[] device = [];
        byte[] path = [];
        bool hasFiles = false;
        bool hasPxe = true;
        _firmware.ImageEntry = started =>
        {
            EFI_HANDLE handle = started.Protocol->DeviceHandle;
            device = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle)).ToArray();
            hasFiles = Firmware.Has<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(handle);
            hasPxe = Firmware.Has<EFI_PXE_BASE_CODE_PROTOCOL>(handle);
            path = started.Path;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(image, images, nic, NetworkLoan.HttpPathOf(from, Uri), default, new TestService(), new TestTerminal()));

        Assert.Equal(Expected(Uri, "901f").ToArray(), device);
        Assert.Equal(Expected(Uri, "901f").FilePath("app.efi").ToArray(), path);
        Assert.Equal((true, false), (hasFiles, hasPxe));
        Assert.True(_firmware.Uninstall<EFI_HTTP_SERVICE_BINDING_PROTOCOL>(nic).IsSuccess);
    }

    [Fact]
    public void Start_GivesOtherImagesTheirNameFirst_AndNoInitrdWithoutOne()
    {
        using ImageRegistry images = new();
        FirmwarePlatform platform = NewPlatform();
        Image image = NewImage(images, platform, "app.efi", Encoding.Latin1.GetBytes(TestSession.Executable), "a b");
        image.IsExecutable = true;
        string options = "";
        bool hasInitrd = true;
        _firmware.ImageEntry = started =>
        {
            options = started.LoadOptions;
            hasInitrd = _firmware.HandlesWith<EFI_LOAD_FILE2_PROTOCOL>().Count > 0;
            return EFI_STATUS.EFI_TIMEOUT;
        };

        Error? error = ImageStarter.Start(image, images, default, null, default, new TestService(), new TestTerminal());

        Assert.Equal("app.efi ended with Time out", error!.Message);
        Assert.Equal(EFI_STATUS.EFI_TIMEOUT, error.Status);
        Assert.Equal("app.efi a b", options);
        Assert.False(hasInitrd);
    }

    [Fact]
    public void Start_OfARefusedImage_SaysWhy_AndLeavesNothing()
    {
        using ImageRegistry images = new();
        FirmwarePlatform platform = NewPlatform();
        Image image = NewImage(images, platform, "app.efi", Encoding.Latin1.GetBytes(TestSession.Executable), "");
        int handles = _firmware.HandleCount;
        int pools = _firmware.AllocatedPools;

        _firmware.LoadImageResult = EFI_STATUS.EFI_SECURITY_VIOLATION;
        Assert.Equal(
            "app.efi: the firmware refuses it: Secure Boot finds no signature that it trusts",
            ImageStarter.Start(image, images, default, null, default, new TestService(), new TestTerminal())!.Message);
        _firmware.LoadImageResult = EFI_STATUS.EFI_UNSUPPORTED;
        Assert.Equal(
            "app.efi: not an EFI executable for this processor", ImageStarter.Start(image, images, default, null, default, new TestService(), new TestTerminal())!.Message);
        _firmware.LoadImageResult = EFI_STATUS.EFI_LOAD_ERROR;
        Assert.Equal("app.efi: the firmware cannot load it: Load Error", ImageStarter.Start(image, images, default, null, default, new TestService(), new TestTerminal())!.Message);
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal(pools, _firmware.AllocatedPools);
    }

    [Fact]
    public void Initrd_AnswersAsTheSpecificationSays()
    {
        using ImageRegistry images = new();
        NewImage(images, NewPlatform(), "initrd", "INITRD"u8.ToArray(), "");
        using InitrdFile file = InitrdFile.Install(new Initrd(images, isForLinux: true), new TestService(), out _)!;
        EFI_HANDLE handle = Assert.Single(_firmware.HandlesWith<EFI_LOAD_FILE2_PROTOCOL>());
        EFI_LOAD_FILE2_PROTOCOL* protocol = _firmware.Get<EFI_LOAD_FILE2_PROTOCOL>(handle);
        EFI_DEVICE_PATH_PROTOCOL* path = _firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle);
        byte* buffer = stackalloc byte[6];
        nuint size = 5;

        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->LoadFile(null, path, 0, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->LoadFile(protocol, null, 0, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, protocol->LoadFile(protocol, path, 0, null, buffer));
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, protocol->LoadFile(protocol, path, 1, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, protocol->LoadFile(protocol, path, 0, &size, buffer));
        Assert.Equal((nuint)6, size);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, protocol->LoadFile(protocol, path, 0, &size, buffer));
    }

    [Fact]
    public void Initrd_WhereAnotherLoaderHasOne_TakesItsPlace_AndGivesItBack()
    {
        using ImageRegistry others = new();
        NewImage(others, NewPlatform(), "initrd", "OTHER"u8.ToArray(), "");
        using InitrdFile other = InitrdFile.Install(new Initrd(others, isForLinux: true), new TestService(), out _)!;
        using ImageRegistry images = new();
        NewImage(images, NewPlatform(), "initrd", "INITRD"u8.ToArray(), "");
        Assert.Equal("OTHER", ReadInitrd());

        InitrdFile? file = InitrdFile.Install(new Initrd(images, isForLinux: true), new TestService(), out EFI_STATUS status);

        Assert.False(status.IsError);
        Assert.Equal("INITRD", ReadInitrd());
        file!.Dispose();
        Assert.Equal("OTHER", ReadInitrd());
        Assert.Single(_firmware.HandlesWith<EFI_LOAD_FILE2_PROTOCOL>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Initrd_ThatCannotBeTakenAway_Stays_AndAnswersWithErrors(bool isTakenOver)
    {
        using ImageRegistry images = new();
        NewImage(images, NewPlatform(), "initrd", "INITRD"u8.ToArray(), "");
        InitrdFile? other = isTakenOver ? InitrdFile.Install(new Initrd(images, isForLinux: true), new TestService(), out _) : null;
        InitrdFile file = InitrdFile.Install(new Initrd(images, isForLinux: true), new TestService(), out _)!;
        EFI_HANDLE handle = Assert.Single(_firmware.HandlesWith<EFI_LOAD_FILE2_PROTOCOL>());
        EFI_LOAD_FILE2_PROTOCOL* protocol = _firmware.Get<EFI_LOAD_FILE2_PROTOCOL>(handle);
        EFI_DEVICE_PATH_PROTOCOL* path = _firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle);
        int pools = _firmware.AllocatedPools;
        _firmware.Intercept = service => service.Contains("install", StringComparison.Ordinal) ? EFI_STATUS.EFI_ACCESS_DENIED : default;

        file.Dispose();

        _firmware.Intercept = null;
        Assert.True(_firmware.Get<EFI_LOAD_FILE2_PROTOCOL>(handle) == protocol);
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, protocol->LoadFile(protocol, path, 0, &size, null));
        Assert.Equal(pools, _firmware.AllocatedPools);
        GC.KeepAlive(other);
    }

    [Theory]
    [InlineData(false, false, "")]
    [InlineData(false, true, "stray")]
    [InlineData(true, false, "stray")]
    public void Start_OffersWhatWasFetchedForSomethingElse_ToLinuxAlone(bool isLinux, bool isInitrd, string expected)
    {
        using ImageRegistry images = new();
        FirmwarePlatform platform = NewPlatform();
        Image image = NewImage(images, platform, "uki.efi", isLinux ? LinuxKernel() : Encoding.Latin1.GetBytes(TestSession.Executable), "");
        image.IsExecutable = true;
        NewImage(images, platform, "stray", "stray"u8.ToArray(), "").IsInitrd = isInitrd;
        string initrd = "";
        string? options = null;
        _firmware.ImageEntry = started =>
        {
            options = started.LoadOptions;
            initrd = _firmware.HandlesWith<EFI_LOAD_FILE2_PROTOCOL>().Count > 0 ? ReadInitrd() : "";
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(image, images, default, null, default, new TestService(), new TestTerminal()));

        Assert.Equal(expected, initrd);
        Assert.Equal("", options);
    }

    [Theory]
    [InlineData(1970, 1, 1, 0, 0UL)]
    [InlineData(2000, 2, 29, 0, 951782400UL)]
    [InlineData(2025, 12, 31, 60, 1767142800UL)]
    [InlineData(2026, 3, 1, -60, 1772319600UL)]
    public void Clock_CountsSecondsSince1970(int year, int month, int day, short zone, ulong expected) =>
        Assert.Equal(expected, FirmwarePlatform.Seconds(new EFI_TIME { Year = (ushort)year, Month = (byte)month, Day = (byte)day, TimeZone = zone }));

    [Fact]
    public void Platform_TellsWhatTheFirmwareKnows()
    {
        FirmwarePlatform platform = NewPlatform();

        Assert.Equal((ulong)new DateTimeOffset(_firmware.Clock!.Value).ToUnixTimeSeconds(), platform.UnixTime);
        Assert.InRange(platform.MemorySize, 1UL << 20, 1UL << 40);
        Assert.False(platform.IsSecureBoot);
        Assert.True(platform.GetSmbios(out _).IsEmpty);
        Assert.Equal("x86_64", platform.Architecture);
        byte* pages = platform.AllocatePages(3);
        Assert.Equal(3UL, _firmware.AllocatedPages);
        platform.FreePages(pages, 3);
        Assert.Equal(0UL, _firmware.AllocatedPages);
        Assert.True(platform.AllocatePages(1UL << 40) is null);
    }

    /// <summary>A loader's volume on the network is what it has fetched, not where the app came from.</summary>
    [Theory]
    [InlineData(true, "http://h/dir/app.efi")]
    [InlineData(false, "file:///app.efi")]
    public void Origin_OfAnAppWhoseDeviceHasAVolume_IsTheNetwork_WhereThePathEndsThere(bool isNetwork, string expected)
    {
        DevicePathBuilder path = new DevicePathBuilder().Mac(new MacAddress(1), 1);
        byte[] device = isNetwork ? path.ToArray() : path.Vendor(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, default, default).ToArray();
        SimulatedVolume volume = new(_firmware, device);
        SimulatedImage app = _firmware.CreateApplication(volume.Handle, isNetwork
            ? new DevicePathBuilder().Uri("http://h/dir/app.efi").FilePath("app.efi").ToArray()
            : new DevicePathBuilder().FilePath("app.efi").ToArray());

        BootOrigin origin = BootOrigin.Find(app.Protocol);

        Assert.Equal(expected, origin.Uri);
        Assert.Equal(isNetwork, origin.Mac is not null);
    }

    /// <summary>Whoever starts what came by HTTP has the lease in a PXE beside it.</summary>
    [Theory]
    [InlineData(1, "c0000232", 1, true)]
    [InlineData(2, "c0000232", 1, false)] // Of another NIC.
    [InlineData(1, "c0000233", 1, false)] // Of another time.
    [InlineData(1, "00000000", 1, false)]
    [InlineData(1, "c0000232", 0, false)]
    public void Origin_OfAnAppThatCameByHttp_HasTheLeaseOfThePxeWithItsAddress(ulong nic, string address, byte isStarted, bool hasLease)
    {
        EFI_PXE_BASE_CODE_PROTOCOL* pxe = _firmware.Allocate<EFI_PXE_BASE_CODE_PROTOCOL>();
        pxe->Mode = _firmware.Allocate<EFI_PXE_BASE_CODE_MODE>();
        pxe->Mode->Started = isStarted;
        pxe->Mode->DhcpAckReceived = 1;
        pxe->Mode->StationIp = PxeAddress.ToFirmware(new IPv4Address(192, 0, 2, 50));
        byte[] request = [1, 1, 6, 0, 1, 2, 3, 4, .. new byte[228], 99, 130, 83, 99];
        pxe->Mode->DhcpAck = PxeAddress.ToFirmware(DhcpBytes.Reply(
            request, "192.0.2.50", "", [.. DhcpBytes.Option(53, 5), .. DhcpBytes.Option(54, 192, 0, 2, 1), .. DhcpBytes.Option(1, 255, 255, 255, 0)]));
        _firmware.Install(_firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).Node(3, 0x0C, new byte[23]).ToArray()), pxe);
        byte[] node = [.. Convert.FromHexString(address), .. new byte[19]];
        SimulatedVolume volume = new(_firmware, new DevicePathBuilder().Mac(new MacAddress(nic), 1).Node(3, 0x0C, node).Uri("http://h/app.efi\0").ToArray());
        BootOrigin origin = BootOrigin.Find(_firmware.CreateApplication(volume.Handle, new DevicePathBuilder().FilePath("app.efi").ToArray()).Protocol);

        Assert.Equal("http://h/app.efi", origin.Uri);
        Assert.Equal(hasLease ? new IPv4Address(192, 0, 2, 50) : null, origin.Lease?.Address);
        origin.Lease?.Dispose();
    }

    [Fact]
    public void Main_WithACommandLine_RunsIt_AndGivesAllMemoryBack()
    {
        SetOptions("netboot.efi set a b && echo line ${a} && imgstat ; exit 3");
        int pools = _firmware.AllocatedPools;
        int handles = _firmware.HandleCount;

        EFI_STATUS status = Application.Main(_firmware.ImageHandle, _firmware.SystemTable, null);

        Assert.Equal(3u, ExitStatus.ToCode(status));
        Assert.Contains("line b\n", _firmware.Console.Text);
        Assert.Equal(0UL, _firmware.AllocatedPages);
        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal(0, _firmware.EventCount);
        Assert.Empty(_firmware.HeldOpenings);
    }

    [Fact]
    public void Main_WithNothing_OffersTheShell_AndReturnsAnError()
    {
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Application.Main(_firmware.ImageHandle, _firmware.SystemTable, null));
        Assert.Contains("Press Ctrl-B", _firmware.Console.Text);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, Application.Main(_firmware.ImageHandle, null, null));
    }

    [Fact]
    public void Main_WithControlB_IsAShell()
    {
        _firmware.Console.Type("\x02" + "echo hi\rexit\r");

        Application.Main(_firmware.ImageHandle, _firmware.SystemTable, null);

        Assert.Contains("NetBoot> echo hi\nhi\n", _firmware.Console.Text);
    }

    /// <summary>After a success, the boot manager shows its menu rather than trying the next option.</summary>
    [Fact]
    public void Main_StartedByTheBootManager_DoesNotEndWithSuccess()
    {
        EFI_LOADED_IMAGE_PROTOCOL* loaded = _firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(_firmware.ImageHandle);
        SetOptions("netboot.efi exit 0");
        loaded->ParentHandle = default;
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Application.Main(_firmware.ImageHandle, _firmware.SystemTable, null));

        loaded->ParentHandle = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Application.Main(_firmware.ImageHandle, _firmware.SystemTable, null));
        loaded->ParentHandle = default;
    }

    private static Image NewImage(ImageRegistry images, Platform platform, string name, byte[] content, string arguments)
    {
        Image image = Image.Create(platform, name, "http://h/" + name);
        Assert.Null(image.Content.Begin((ulong)content.Length));
        Assert.Null(image.Content.Write(content));
        image.CommandLine.Set(arguments);
        images.Add(image);
        return image;
    }

    internal static byte[] LinuxKernel()
    {
        byte[] kernel = new byte[0x400];
        Encoding.Latin1.GetBytes(TestSession.Executable).CopyTo(kernel, 0);
        "HdrS"u8.CopyTo(kernel.AsSpan(0x202));
        return kernel;
    }

    /// <summary>Reads the initrd as the kernel's EFI stub does.</summary>
    private string ReadInitrd()
    {
        EFI_GUID guid = EFI_LOAD_FILE2_PROTOCOL.Guid;
        EFI_GUID media = new(0x5568E427, 0x68FC, 0x4F3D, 0xAC, 0x74, 0xCA, 0x55, 0x52, 0x31, 0xCC, 0x68);
        EFI_DEVICE_PATH_PROTOCOL* path = _firmware.AllocatePath(
            new DevicePathBuilder().Vendor(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, media, default).ToArray());
        EFI_HANDLE handle;
        Assert.True(_firmware.BootServices->LocateDevicePath(&guid, &path, &handle).IsSuccess);
        EFI_LOAD_FILE2_PROTOCOL* file = _firmware.Get<EFI_LOAD_FILE2_PROTOCOL>(handle);
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, file->LoadFile(file, path, 0, &size, null));
        byte[] content = new byte[size];
        fixed (byte* buffer = content)
        {
            Assert.True(file->LoadFile(file, path, 0, &size, buffer).IsSuccess);
        }

        return Encoding.ASCII.GetString(content);
    }

    private FirmwarePlatform NewPlatform() => new(_firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestService());

    private void SetOptions(string options)
    {
        char[] characters = (options + "\0").ToCharArray();
        _firmware.Image.Protocol->LoadOptions = _firmware.AllocateBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(characters.AsSpan()));
        _firmware.Image.Protocol->LoadOptionsSize = (uint)characters.Length * 2;
    }

    private sealed class TestService : FaultDomain
    {
        public override string Name => "test";
    }
}
