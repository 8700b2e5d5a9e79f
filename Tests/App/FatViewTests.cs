using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Boot.Tool;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>The images as a FAT32 volume, which mtools reads, and as the firmware's block device.</summary>
[Collection("Firmware")]
public sealed class FatViewTests : IDisposable
{
    private const int Sector = FatView.SectorSize;

    private readonly SimulatedFirmware _firmware = new();
    private readonly ImageRegistry _images = new();
    private readonly FirmwarePlatform _platform;
    private readonly TestDomain _domain = new();

    public unsafe FatViewTests() => _platform = new(_firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestDomain());

    public void Dispose()
    {
        _images.Dispose();
        _firmware.Dispose();
    }

    [Fact]
    public async Task Volume_HasWhatIsListed_AsMtoolsReadsIt()
    {
        Dictionary<string, byte[]> files = new()
        {
            ["empty"] = [],
            ["one.b"] = [7],
            ["exactly a cluster and no byte more.cfg"] = Noise(4096),
            ["A name of over two hundred and fifty-five characters " + new string('x', 200)] = Noise(4097), // 253
            ["EFI/Microsoft/Boot/BCD"] = Noise(300_000),
            ["EFI/Microsoft/Boot/fonts/a.ttf"] = Noise(1234),
            ["EFI/x.efi"] = Noise(5000),
            ["\u00FCber.txt"] = Noise(3),
        };
        for (int i = 0; i < 150; i++)
        {
            files[$"many/of these, number {i}"] = Noise(i); // more than a cluster of entries
        }

        foreach ((string name, byte[] content) in files)
        {
            Add(name, content);
        }

        Add(new string('y', 256), Noise(1));
        using TemporaryDirectory directory = new();
        string volume = directory.Combine("volume");
        Dump(volume);

        Assert.Contains("NETBOOT", await RunAsync("mlabel", "-s", "-i", volume, "::"));
        string listed = await RunAsync("mdir", "-/", "-b", "-i", volume, "::");
        Assert.Equal(files.Keys.Order(StringComparer.Ordinal), listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Replace("::/", "", StringComparison.Ordinal)).Where(name => !name.EndsWith('/')).Order(StringComparer.Ordinal));
        string copy = directory.CreateDirectory("copy");
        await RunAsync("mcopy", "-s", "-n", "-i", volume, "::*", copy);
        foreach ((string name, byte[] content) in files)
        {
            Assert.Equal(content, await File.ReadAllBytesAsync(Path.Combine(copy, name)));
        }
    }

    /// <summary>Each sector for itself, and runs of any length and beginning.</summary>
    [Fact]
    public void Volume_IsReadInPiecesAsInOne()
    {
        Add("a/b", Noise(10_000));
        Add("c", Noise(1));
        FatView view = NewView();
        int sectors = (int)view.Length - 65_520 * 8; // with all that is there
        byte[] one = ReadSectors(view, 0, sectors);
        Assert.Contains((byte)0xF8, one);
        Random random = new(1);
        for (int i = 0; i < 3000; i++)
        {
            int first = i < sectors ? i : random.Next(sectors);
            int count = i < sectors ? 1 : random.Next(1, Math.Min(40, sectors - first + 1));
            Assert.True(one.AsSpan(first * Sector, count * Sector).SequenceEqual(ReadSectors(view, (ulong)first, count)), $"{count} from {first}");
        }

        Assert.All(ReadSectors(view, view.Length - 3, 3), each => Assert.Equal(0, each));
    }

    [Fact]
    public void File_OfMoreThanTheLeastVolume_IsReadAtItsEnd()
    {
        const ulong Size = 300 << 20;
        TestPlatform platform = new() { PageLimit = 1 << 22 };
        using ImageRegistry images = new();
        images.Add(InitrdTests.Make(platform, "large", Size - 1));
        FatView view = new(new ImageFolder(images, null, new Initrd(images, false), false));

        ulong tables = view.Length - Size / Sector - 8; // The root has the first cluster.
        Assert.InRange(tables, Size / 4096 * 4 / Sector, Size / 4096 * 4 / Sector + 40);
        byte[] end = ReadSectors(view, view.Length - 1, 1);
        Assert.Equal((byte)((Size - 1) / AliasedMemory.Period), end[Sector - 2]);
        Assert.Equal(0, end[Sector - 1]);
    }

    /// <summary>A name is a server's, or a script's: whatever it is, there is a volume.</summary>
    [Fact]
    public void AnyNames_AreLaidOut()
    {
        string[] parts = ["a", "A", "/", "/", "\\", "..", ".", "\u00C3", "\u00BC", "\u00FF", "\0", " ", new('n', 250), new('m', 13)];
        for (int seed = 0; seed < 300; seed++)
        {
            Random random = new(seed);
            using ImageRegistry images = new();
            for (int i = random.Next(1, 12); i > 0; i--)
            {
                string name = string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => parts[random.Next(parts.Length)]));
                images.Add(Image.Create(_platform, name, "http://h/x"));
            }

            ImageFolder folder = new(images, null, new Initrd(images, false), false);
            if (folder.ListsAny)
            {
                FatView view = new(folder);
                Assert.Equal(0xAA, ReadSectors(view, 0, 2000)[511]);
            }
        }
    }

    [Fact]
    public unsafe void Disk_IsReadOnly_AndRefusesWhatIsNotThere()
    {
        Add("file", Noise(10));
        using ImageDisk? disk = ImageDisk.Install(NewFolder(), default, _domain);
        EFI_HANDLE handle = Assert.Single(_firmware.HandlesWith<EFI_BLOCK_IO_PROTOCOL>());
        EFI_BLOCK_IO_PROTOCOL* block = _firmware.Get<EFI_BLOCK_IO_PROTOCOL>(handle);
        Assert.Equal(
            new DevicePathBuilder().Vendor(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, ImageDisk.Vendor, default).ToArray(),
            DevicePath.Measure(_firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle)).ToArray());
        EFI_BLOCK_IO_MEDIA media = *block->Media;
        Assert.Equal((1, 1, 1, 512U), (media.MediaPresent, media.ReadOnly, media.LogicalPartition, media.BlockSize));
        byte* buffer = stackalloc byte[1024];

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, block->ReadBlocks(block, media.MediaId, 0, 1024, buffer));
        Assert.Equal((0xAA, 0x52), (buffer[511], buffer[512]));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, block->ReadBlocks(block, media.MediaId, media.LastBlock, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, block->ReadBlocks(block, media.MediaId, media.LastBlock, 1024, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, block->ReadBlocks(block, media.MediaId, ulong.MaxValue, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, block->ReadBlocks(block, media.MediaId, 0, 512, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, block->ReadBlocks(null, media.MediaId, 0, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_BAD_BUFFER_SIZE, block->ReadBlocks(block, media.MediaId, 0, 513, buffer));
        Assert.Equal(EFI_STATUS.EFI_MEDIA_CHANGED, block->ReadBlocks(block, media.MediaId + 1, 0, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, block->WriteBlocks(block, media.MediaId, 0, 512, buffer));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, block->FlushBlocks(block));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, block->Reset(block, 0));
        Assert.Empty(_firmware.Violations);
    }

    /// <summary>On the handle that the image comes from where that is ours, and beside a NIC's, whose loaders go on by the network.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public unsafe void Start_ShowsTheDisk_WhileTheImageRuns(bool hasNic)
    {
        Image started = Add("grub.efi", Noise(10));
        Add("other.cfg", Noise(100));
        EFI_HANDLE nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        int handles = _firmware.HandleCount;
        int pools = _firmware.AllocatedPools;
        bool isOnDevice = !hasNic;
        int found = 0;
        _firmware.ImageEntry = image =>
        {
            found = _firmware.HandlesWith<EFI_BLOCK_IO_PROTOCOL>().Count;
            isOnDevice = Firmware.Has<EFI_BLOCK_IO_PROTOCOL>(image.Protocol->DeviceHandle);
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(started, _images, hasNic ? nic : default, null, default, _domain, new TestTerminal()));

        Assert.Equal((1, !hasNic), (found, isOnDevice));
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public unsafe void Start_WithoutOtherImages_ShowsNoDisk()
    {
        Image started = Add("grub.efi", Noise(10));
        int found = -1;
        _firmware.ImageEntry = image =>
        {
            found = _firmware.HandlesWith<EFI_BLOCK_IO_PROTOCOL>().Count;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(started, _images, default, null, default, _domain, new TestTerminal()));

        Assert.Equal(0, found);
    }

    private static byte[] Noise(int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private Image Add(string name, byte[] content)
    {
        string bytes = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name));
        Image image = Image.Create(_platform, bytes, "http://h/x");
        Assert.Null(image.Content.Begin((ulong)content.Length) ?? image.Content.Write(content));
        _images.Add(image);
        return image;
    }

    private ImageFolder NewFolder() => new(_images, null, new Initrd(_images, false), false);

    private FatView NewView() => new(NewFolder());

    private static unsafe byte[] ReadSectors(FatView view, ulong first, int count)
    {
        byte[] bytes = new byte[count * Sector];
        bytes.AsSpan().Fill(0xCC);
        fixed (byte* target = bytes)
        {
            view.Read(first, target, (ulong)count);
        }

        return bytes;
    }

    /// <summary>A file of the whole volume; what is zero takes no room.</summary>
    private void Dump(string path)
    {
        const int Step = 2048;
        FatView view = NewView();
        using FileStream file = File.Create(path);
        file.SetLength((long)view.Length * Sector);
        ulong end = view.Length - BinaryPrimitives.ReadUInt32LittleEndian(ReadSectors(view, 1, 1).AsSpan(488)) * 8UL; // Behind it nothing is used.
        for (ulong at = 0; at < end; at += Step)
        {
            byte[] bytes = ReadSectors(view, at, (int)Math.Min(Step, end - at));
            if (bytes.AsSpan().ContainsAnyExcept((byte)0))
            {
                file.Position = (long)at * Sector;
                file.Write(bytes);
            }
        }
    }

    private static Task<string> RunAsync(string program, params string[] arguments) => ChildProcess.RunAsync(program, arguments, "mtools");

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
