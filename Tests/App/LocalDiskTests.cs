using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.NetworkStack;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>localboot and sanboot on disks of the firmware's, beside those that are hooked: which is found, and what is said where none is.</summary>
[Collection("Firmware")]
public sealed unsafe class LocalDiskTests : IDisposable
{
    private const string Loader = @"\EFI\BOOT\BOOTX64.EFI";

    private static readonly Guid s_guid = new("00112233-4455-6677-8899-aabbccddeeff");

    private readonly SimulatedFirmware _firmware = new();
    private readonly TestTerminal _terminal = new();
    private readonly FirmwarePlatform _platform;
    private readonly Session _session;
    private readonly List<string> _started = [];
    private ushort _options;

    public LocalDiskTests()
    {
        _platform = new FirmwarePlatform(_firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestDomain());
        _session = new Session(_platform, _terminal, new TestEventLoop(_terminal), new NetBoot.NetworkStack.Sockets.Network(new RandomSource(1)));
        _platform.Session = _session;
        _firmware.ImageEntry = image =>
        {
            _started.Add(Encoding.ASCII.GetString(image.Source));
            return EFI_STATUS.EFI_SUCCESS;
        };
    }

    public void Dispose()
    {
        _session.Dispose();
        Assert.Empty(_firmware.Leaks);
        _firmware.Dispose();
    }

    /// <summary>Commands, and what is started of two local disks and a hooked one, in memory.</summary>
    [Theory]
    [InlineData(0x80, "localboot", "one")]
    [InlineData(0x80, "localboot --disk 1", "two")]
    [InlineData(0x80, "localboot --label two", "two")]
    [InlineData(0x80, "sanboot", "hooked")]
    [InlineData(0x80, "sanboot --drive 0x81", "one")]
    [InlineData(0x80, "sanboot --drive 0x82", "two")]
    [InlineData(0x81, "sanboot --drive 0x80", "one")]
    [InlineData(0x81, "sanboot --drive 0x82", "two")]
    [InlineData(0x90, "sanboot --drive 0x81", "two")]
    [InlineData(0x80, "sanunhook\nsanboot", "one")]
    public void HookedDisk_IsNoneOfTheMachinesOwn_WhichHaveTheNumbersThatItLeavesFree(ulong number, string lines, string expected)
    {
        Hook(number, "hooked");
        AddDisk(1, "one");
        AddDisk(2, "two");

        Assert.True(Run(lines).IsSuccess, _terminal.Output);

        Assert.Equal([expected], _started);
    }

    [Theory]
    [InlineData(1, "localboot --label NOPE", "localboot: no volume with label NOPE\n")]
    [InlineData(2, "localboot --uuid 0f112233-4455-6677-8899-aabbccddeeff", "no volume of partition 0f112233-4455-6677-8899-aabbccddeeff\n")]
    [InlineData(2, "localboot --extra /nope --filename /x", @"localboot: \nope is on no volume" + "\n")]
    [InlineData(2, "localboot --filename /nope.efi", @"localboot: \nope.efi is on no volume" + "\n")]
    [InlineData(2, "localboot --label 1 --filename /nope.efi", @"localboot: \nope.efi is on no volume of those asked for" + "\n")]
    [InlineData(2, "localboot --label 1 --extra /nope", @"localboot: \nope is on no volume of those asked for" + "\n")]
    [InlineData(2, "localboot --label 1", $@"localboot: {Loader} is on no volume of those asked for" + "\n")]
    [InlineData(2, "localboot --label hooked", "localboot: no volume with label hooked\n")]
    [InlineData(2, "localboot --disk 1 --label 0", "localboot: disk 1: no volume with label 0\n")]
    [InlineData(2, "localboot --disk 1", "localboot: disk 1: there is nothing to boot on it\n")]
    [InlineData(2, "localboot --disk 7", "localboot: there is no disk 7: there are 2\n")]
    [InlineData(1, "localboot --disk 1", "localboot: there is no disk 1: there is 1\n")]
    [InlineData(2, "localboot", "localboot: none of 2 disks has anything to boot\n")]
    [InlineData(1, "localboot", "localboot: the only disk has nothing to boot\n")]
    [InlineData(0, "localboot", "localboot: there is no disk\n")]
    [InlineData(1, "sanboot --drive 0x99", "sanboot: drive 0x99 is neither hooked (sanhook) nor a local disk: there is 1\n")]
    [InlineData(2, "sanboot --drive 0x82", "sanboot: drive 0x82: there is nothing to boot on it\n")]
    [InlineData(1, "sanboot --filename nope", "sanboot: SAN device 0x80: nope is on no volume\n")]
    [InlineData(1, "set san-filename /nope\nsanboot", @"sanboot: SAN device 0x80: \nope (san-filename) is on no volume" + "\n")]
    [InlineData(1, "set san-filename /nope\nsanboot -l NOPE", "sanboot: SAN device 0x80: no volume with label NOPE\n")]
    public void NothingFound_SaysWhatIsMissing(int disks, string lines, string expected)
    {
        Hook(0x80, "hooked");
        for (int i = 0; i < disks; i++)
        {
            AddDisk((byte)(i + 1), $"{i}", file: @"\x");
        }

        Assert.False(Run(lines).IsSuccess);

        Assert.Empty(_started);
        Assert.EndsWith(expected, _terminal.Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void HookedDisk_WithNothingToBoot_SaysSo()
    {
        Hook(0x80, "hooked", file: @"\x");

        Assert.False(Run("sanboot").IsSuccess);

        Assert.Contains("sanboot: SAN device 0x80: there is nothing to boot on it", _terminal.Output);
    }

    /// <summary>A boot option that begins with the partition leads to that of the disk in question.</summary>
    [Theory]
    [InlineData("localboot", "local installed")]
    [InlineData("localboot --disk 0", "local installed")]
    [InlineData("localboot --entry debian", "local installed")]
    [InlineData("sanboot", "hooked installed")]
    public void Entry_OfAPartitionThatACloneHasToo_IsThatOfTheDisk(string line, string expected)
    {
        foreach (bool isHookedFirst in (bool[])[true, false])
        {
            using LocalDiskTests test = new();
            if (isHookedFirst)
            {
                test.Hook(0x80, "hooked", Loader, @"\installed.efi");
            }

            test.AddDisk(1, "local", Loader, @"\installed.efi");
            if (!isHookedFirst)
            {
                test.Hook(0x80, "hooked", Loader, @"\installed.efi");
            }

            test.AddOption("debian", new DevicePathBuilder().Path(Partition()).FilePath(@"\installed.efi").ToArray());

            Assert.True(test.Run(line).IsSuccess, test._terminal.Output);

            Assert.Equal([expected], test._started);
        }
    }

    [Fact]
    public void Entry_OfAHookedDiskAlone_IsBootedByItsName()
    {
        Hook(0x80, "hooked", @"\installed.efi");
        AddOption("debian", new DevicePathBuilder().Path(Partition()).FilePath(@"\installed.efi").ToArray());

        Assert.True(Run("localboot --entry debian").IsSuccess, _terminal.Output);

        Assert.Equal(["hooked"], _started);
    }

    /// <summary>What a driver keeps must not be what went with its start: the options, and the device where that is a hooked disk.</summary>
    [Theory]
    [InlineData("localboot", false)]
    [InlineData("sanboot", true)]
    public void Driver_ThatStays_LosesItsOptions_AndAHookedDisk(string line, bool isDeviceGone)
    {
        _firmware.ImagesStay = true;
        Hook(0x80, "hooked", @"\installed.efi");
        EFI_HANDLE volume = AddDisk(1, "local", @"\installed.efi");
        AddOption("driver", new DevicePathBuilder().Path(Partition()).FilePath(@"\installed.efi").ToArray(), 1, 2, 3);
        SimulatedImage? image = null;
        uint size = 0;
        _firmware.ImageEntry = started =>
        {
            image = started;
            size = started.Protocol->LoadOptionsSize;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.True(Run(line).IsSuccess, _terminal.Output);

        Assert.Equal(3u, size);
        Assert.True(image!.Protocol->LoadOptions == null);
        Assert.Equal(0u, image.Protocol->LoadOptionsSize);
        Assert.Equal(isDeviceGone ? default : volume, image.Protocol->DeviceHandle);
    }

    /// <summary>A disk of the firmware's with one volume, and in its files its name and, where there are several, theirs.</summary>
    private EFI_HANDLE AddDisk(byte device, string name, string file = Loader, string? second = null)
    {
        byte[] path = SimulatedPath.Pci(device);
        EFI_BLOCK_IO_PROTOCOL* block = _firmware.Allocate<EFI_BLOCK_IO_PROTOCOL>();
        block->Media = _firmware.Allocate<EFI_BLOCK_IO_MEDIA>();
        block->Media->MediaPresent = 1;
        _firmware.Install(_firmware.CreateController(path), block);
        return AddVolume(path, name, file, second);
    }

    /// <summary>The same, hooked and in memory.</summary>
    private void Hook(ulong number, string name, string file = Loader, string? second = null)
    {
        Image image = Image.Create(_platform, name, $"http://h/{name}", isReserved: true);
        Assert.Null(image.Content.Begin(512) ?? image.Content.Write(new byte[512]));
        Assert.Null(_session.San.AddRam(number, image, out SanDrive? drive));
        EFI_HANDLE disk = ((ShownDisk)drive!.Shown!).Handle;
        AddVolume(DevicePath.Measure(_firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(disk)), name, file, second);
    }

    private EFI_HANDLE AddVolume(ReadOnlySpan<byte> disk, string name, string file, string? second)
    {
        SimulatedVolume volume = new(_firmware, new DevicePathBuilder().Path(disk).Path(Partition()).ToArray()) { Label = name };
        volume[file] = Encoding.ASCII.GetBytes(name);
        if (second is not null)
        {
            volume[second] = Encoding.ASCII.GetBytes($"{name} installed");
        }

        return volume.Handle;
    }

    private void AddOption(string description, byte[] path, params byte[] data)
    {
        _firmware.Variables[$"Boot{_options:X4}"] =
            [1, 0, 0, 0, (byte)path.Length, (byte)(path.Length >> 8), .. Encoding.Unicode.GetBytes(description + '\0'), .. path, .. data];
        _firmware.Variables["BootOrder"] = [.. BitConverter.GetBytes(_options++)];
    }

    /// <summary>The partition that all disks here have: they are clones.</summary>
    private static byte[] Partition()
    {
        byte[] node = new byte[38];
        node[0] = 1;
        s_guid.TryWriteBytes(node.AsSpan(20));
        node[36] = 2; // GPT
        node[37] = 2; // a GUID
        return new DevicePathBuilder().Node(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, HARDDRIVE_DEVICE_PATH.MEDIA_HARDDRIVE_DP, node).ToArray();
    }

    private EFI_STATUS Run(string lines)
    {
        byte[] content = Encoding.Latin1.GetBytes("#!ipxe\n" + lines);
        Image image = Image.Create(_platform, "boot.ipxe", "http://server/boot.ipxe");
        image.Content.Begin((ulong)content.Length);
        image.Content.Write(content);
        image.IsAutoFree = true;
        _session.Images.Add(image);
        return _session.Execute(image)?.Status ?? EFI_STATUS.EFI_SUCCESS;
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
