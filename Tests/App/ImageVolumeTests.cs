using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>The volume that what is started finds on its device, as the firmware's own clients use one (UEFI 2.10, 13.4 and 13.5).</summary>
[Collection("Firmware")]
public sealed unsafe class ImageVolumeTests : IDisposable
{
    private const ulong Read = EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ;
    private const ulong Write = EFI_FILE_PROTOCOL.EFI_FILE_MODE_WRITE;
    private const ulong Create = EFI_FILE_PROTOCOL.EFI_FILE_MODE_CREATE;

    private readonly SimulatedFirmware _firmware = new();
    private readonly ImageRegistry _images = new();
    private readonly FirmwarePlatform _platform;
    private readonly Image _started;

    public ImageVolumeTests()
    {
        _platform = new(_firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestDomain());
        _started = Add("wimboot", "MZ started");
        _started.IsExecutable = true;
    }

    public void Dispose()
    {
        _images.Dispose();
        _firmware.Dispose();
    }

    [Fact]
    public void Folder_ListsTheImagesByName_WithoutWhatIsStarted()
    {
        Add("BCD", "bcd");
        Add("boot.sdi", "sdi");
        Add("bcd", "a second one of the name");
        Add("hidden", "x").IsHidden = true;
        _images.DeviceTree = Add("tree.dtb", "x");
        _images.Shim = Add("shimx64.efi", "x");
        Add("\u00C3\u00BCber.txt", "");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);

        Assert.Equal([("BCD", 3UL), ("boot.sdi", 3UL), ("\u00FCber.txt", 0UL)], List(root));
        Assert.Equal([], List(root));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->SetPosition(root, 0));
        Assert.Equal(3, List(root).Count);
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, root->SetPosition(root, 1));
        ulong position;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, root->GetPosition(root, &position));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->Close(root));
        Assert.Empty(_firmware.Violations);
    }

    [Theory]
    [InlineData("BCD", "bcd")]
    [InlineData("bcd", "bcd")]
    [InlineData("\\bCd", "bcd")]
    [InlineData("\\.\\BCD", "bcd")]
    [InlineData("/BCD", "bcd")]
    [InlineData("\u00FCber.txt", "u")]
    [InlineData("dir\\file", "f")]
    [InlineData("\\dir/FILE", "f")]
    [InlineData(".profile", "p")]
    [InlineData("wimboot", "MZ started")]
    [InlineData("initrd.magic", "i")]
    [InlineData("", null)]
    [InlineData("\\", null)]
    [InlineData(".", null)]
    [InlineData("\\.\\", null)]
    public void Open_FindsAFile_OrTheRoot(string path, string? content)
    {
        Add("BCD", "bcd");
        Add("\u00C3\u00BCber.txt", "u");
        Add("/dir/file", "f");
        Add(".profile", "p");
        Add("initrd", "i").IsInitrd = true;
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);

        EFI_FILE_PROTOCOL* file = Open(root, path, Read, out EFI_STATUS status);

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
        EFI_FILE_INFO info = Info(file, out string name);
        Assert.Equal(content is null, (info.Attribute & EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY) != 0);
        Assert.NotEqual(0UL, info.Attribute & EFI_FILE_PROTOCOL.EFI_FILE_READ_ONLY);
        if (content is null)
        {
            Assert.Equal("", name);
            Assert.Equal(5, List(file).Count);
            return;
        }

        Assert.Equal((ulong)content.Length, info.FileSize);
        Assert.Equal(content, ReadAll(file));
    }

    [Theory]
    [InlineData("\\wimboot.extra.d")]
    [InlineData("\\loader\\credentials")]
    [InlineData("\\EFI\\BOOT\\BOOTX64.EFI")]
    [InlineData("BCD\\")]
    [InlineData("BC")]
    [InlineData("BCD2")]
    [InlineData("..")]
    [InlineData("hidden")]
    [InlineData("initrd.magic")]
    [InlineData("grubx64.efi")]
    public void Open_OfWhatIsNotThere_FindsNothing(string path)
    {
        Add("BCD", "bcd");
        Add("hidden", "x").IsHidden = true;
        using ImageVolume volume = Install();

        Assert.True(Open(OpenRoot(volume), path, Read, out EFI_STATUS status) == null);

        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, status);
    }

    [Fact]
    public void Open_OfTheSecondStage_UnderTheNameThatShimFallsBackTo_FindsIt()
    {
        Add("grub.cfg", "cfg");
        using ImageVolume volume = Install(isSecondStage: true);
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);

        Assert.Equal("MZ started", ReadAll(Open(root, "\\GRUBX64.EFI", Read, out _)));
        Assert.Equal("cfg", ReadAll(Open(root, "grub.cfg", Read, out _)));
        Assert.True(Open(root, "mmx64.efi", Read, out _) == null);
        Assert.True(Open(root, "grub.ef", Read, out _) == null);
    }

    [Fact]
    public void Open_OfAnotherImageOfTheNameOfWhatIsStarted_FindsWhatIsStarted()
    {
        Add("WIMBOOT", "other");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);

        Assert.Empty(List(root));
        Assert.Equal("MZ started", ReadAll(Open(root, "wimboot", Read, out _)));
    }

    [Fact]
    public void File_IsNoDirectory()
    {
        Add("BCD", "bcd");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* file = Open(OpenRoot(volume), "BCD", Read, out _);

        Assert.True(Open(file, "BCD", Read, out EFI_STATUS status) == null);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, status);
        Assert.Equal("bcd", ReadAll(Open(file, "\\BCD", Read, out _)));
    }

    [Fact]
    public void Volume_IsReadOnly()
    {
        Add("BCD", "bcd");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);
        EFI_FILE_PROTOCOL* file = Open(root, "BCD", Read, out _);
        EFI_GUID id = EFI_FILE_INFO.EFI_FILE_INFO_ID;
        nuint size = 3;

        Open(root, "BCD", Read | Write, out EFI_STATUS status);
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, status);
        Open(root, "new", Read | Write | Create, out status);
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, status);
        Open(root, "BCD", Write, out status);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, status);
        Open(root, "BCD", 0, out status);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, status);
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, file->Write(file, &size, &id));
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, file->SetInfo(file, &id, 3, &id));
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, file->Flush(file));
        int pools = _firmware.AllocatedPools;
        Assert.Equal(EFI_STATUS.EFI_WARN_DELETE_FAILURE, file->Delete(file));
        Assert.Equal(pools - 1, _firmware.AllocatedPools);
        Assert.Equal("bcd", ReadAll(Open(root, "BCD", Read, out _)));
    }

    [Fact]
    public void File_IsReadFromItsPosition()
    {
        Add("file", "0123456789");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* file = Open(OpenRoot(volume), "file", Read, out _);
        byte* buffer = stackalloc byte[16];

        Assert.Equal("012", Piece(3));
        Assert.Equal("3456789", Piece(16));
        Assert.Equal("", Piece(16));
        Assert.Equal(10UL, Position());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->SetPosition(file, 8));
        Assert.Equal("8", Piece(1));
        Assert.Equal(9UL, Position());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->SetPosition(file, ulong.MaxValue));
        Assert.Equal(10UL, Position());
        Assert.Equal("", Piece(1));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->SetPosition(file, 11));
        nuint size = 1;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, file->Read(file, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->SetPosition(file, 0));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, file->Read(file, &size, null));
        Assert.Equal(0UL, Position());

        string Piece(nuint count)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->Read(file, &count, buffer));
            return Encoding.ASCII.GetString(buffer, (int)count);
        }

        ulong Position()
        {
            ulong position;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->GetPosition(file, &position));
            return position;
        }
    }

    [Fact]
    public void Directory_WithTooLittleRoom_SaysHowMuch_AndStaysWhereItIs()
    {
        Add("boot.sdi", "sdi");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);
        byte* buffer = stackalloc byte[128];
        nuint size = 0;

        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, root->Read(root, &size, null));
        Assert.Equal((nuint)(EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO + 18), size);
        size--;
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, root->Read(root, &size, buffer));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->Read(root, &size, buffer));
        Assert.Equal((ulong)size, ((EFI_FILE_INFO*)buffer)->Size);
        Assert.Equal("boot.sdi", new string((char*)(buffer + EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO)));
    }

    [Fact]
    public void Info_OfFileVolumeAndLabel()
    {
        Add("one", "1");
        Add("three", "333");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);
        ulong* buffer = stackalloc ulong[16];
        EFI_GUID id = EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_INFO_ID;
        nuint size = 51;

        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, root->GetInfo(root, &id, &size, buffer));
        Assert.Equal((nuint)52, size);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->GetInfo(root, &id, &size, buffer));
        EFI_FILE_SYSTEM_INFO* info = (EFI_FILE_SYSTEM_INFO*)buffer;
        Assert.Equal((52UL, 1, 4UL, 0UL), (info->Size, info->ReadOnly, info->VolumeSize, info->FreeSpace));
        Assert.Equal("NetBoot", new string((char*)((byte*)buffer + EFI_FILE_SYSTEM_INFO.SIZE_OF_EFI_FILE_SYSTEM_INFO)));

        id = EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_VOLUME_LABEL_ID;
        size = 0;
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, root->GetInfo(root, &id, &size, null));
        Assert.Equal((nuint)16, size);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->GetInfo(root, &id, &size, buffer));
        Assert.Equal("NetBoot", new string((char*)buffer));

        id = EFI_LOADED_IMAGE_PROTOCOL.Guid;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, root->GetInfo(root, &id, &size, buffer));
    }

    [Fact]
    public void Nulls_AreRefused()
    {
        Add("file", "x");
        using ImageVolume volume = Install();
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* protocol = _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(volume.Handle);
        EFI_FILE_PROTOCOL* file = Open(OpenRoot(volume), "file", Read, out _);
        EFI_FILE_PROTOCOL* opened;
        nuint size = 0;
        EFI_GUID id;

        Assert.Equal(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_REVISION, protocol->Revision);
        Assert.Equal(EFI_FILE_PROTOCOL.EFI_FILE_PROTOCOL_REVISION, file->Revision);
        EFI_STATUS[] statuses =
        [
            protocol->OpenVolume(null, &opened), protocol->OpenVolume(protocol, null), file->Open(null, &opened, null, Read, 0),
            file->Open(file, &opened, null, Read, 0), file->Close(null), file->Delete(null), file->Read(null, &size, null), file->Read(file, null, null),
            file->GetPosition(null, null), file->GetPosition(file, null), file->SetPosition(null, 0), file->GetInfo(file, null, &size, null),
            file->GetInfo(file, &id, null, null), file->GetInfo(null, &id, &size, null),
        ];
        Assert.All(statuses, status => Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, status));
    }

    [Fact]
    public void WholeInitrd_IsReadInPiecesAsInOne()
    {
        Add("first", "12345");
        Add("second", "content").CommandLine.Set("/a/b/c mkdir=-1");
        Add("third", "3");
        Initrd initrd = new(_images, isForLinux: true);
        byte[] whole = new byte[initrd.Size];
        fixed (byte* target = whole)
        {
            initrd.Read(0, target, initrd.Size);
        }

        Assert.StartsWith("12345\0\0\0070701", Encoding.Latin1.GetString(whole));
        using ImageVolume volume = Install(isForLinux: true);
        EFI_FILE_PROTOCOL* file = Open(OpenRoot(volume), "initrd.magic", Read, out _);
        Assert.Equal(initrd.Size, Info(file, out _).FileSize);
        foreach (int step in (int[])[1, 3, 7, 110, 4096])
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->SetPosition(file, 0));
            Assert.Equal(Encoding.Latin1.GetString(whole), ReadAll(file, step));
        }
    }

    [Fact]
    public void File_Of4500MiB_IsReadAtItsEnd()
    {
        const ulong Size = 4608UL << 20;
        TestPlatform platform = new() { PageLimit = 1 << 22 };
        using ImageRegistry images = new();
        images.Add(InitrdTests.Make(platform, "large", Size));
        Image started = Image.Create(platform, "app.efi", "");
        images.Add(started);
        ImageFolder folder = new(images, started, new Initrd(images, isForLinux: true), false);
        using ImageVolume volume = ImageVolume.Install(folder, default, NewPath(), new TestDomain(), out _)!;
        byte* buffer = stackalloc byte[16];
        foreach (string name in (string[])["large", "initrd.magic"])
        {
            EFI_FILE_PROTOCOL* file = Open(OpenRoot(volume), name, Read, out _);
            nuint size = 16;

            Assert.Equal(Size, Info(file, out _).FileSize);
            file->SetPosition(file, Size - 2);
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->Read(file, &size, buffer));

            Assert.Equal((nuint)2, size);
            Assert.Equal((byte)(Size / AliasedMemory.Period - 1), buffer[1]);
        }

        Assert.InRange(new FatView(folder).Length * FatView.SectorSize, 0UL, Size / 8); // FAT has no such files.
    }

    /// <summary>Each step is checked against a model of what the specification says.</summary>
    [Fact]
    public void RandomCalls_AnswerAsTheModelDoes_AndLeaveNothing()
    {
        string[] names = ["a", "b.txt", "c"];
        for (int i = 0; i < names.Length; i++)
        {
            Add(names[i], new string((char)('0' + i), i * 700));
        }

        int pools = _firmware.AllocatedPools;
        int handles = _firmware.HandleCount;
        for (int seed = 0; seed < 30; seed++)
        {
            using ImageVolume volume = Install();
            Random random = new(seed);
            List<(nint File, int Index, ulong Position)> open = [((nint)OpenRoot(volume), -1, 0)];
            byte[] memory = new byte[2000];
            fixed (byte* buffer = memory)
            {
                for (int step = 0; step < 400; step++)
                {
                    int which = random.Next(open.Count);
                    (nint address, int index, ulong position) = open[which];
                    EFI_FILE_PROTOCOL* file = (EFI_FILE_PROTOCOL*)address;
                    ulong length = index < 0 ? 0 : (ulong)index * 700;
                    switch (random.Next(6))
                    {
                        case 0:
                            int wanted = random.Next(-1, names.Length + 1);
                            string path = wanted < 0 ? "\\" : wanted == names.Length ? "\\none" : "\\" + names[wanted];
                            EFI_FILE_PROTOCOL* opened = Open(file, path, Read, out EFI_STATUS status);
                            Assert.Equal(wanted == names.Length ? EFI_STATUS.EFI_NOT_FOUND : EFI_STATUS.EFI_SUCCESS, status);
                            if (opened != null)
                            {
                                open.Add(((nint)opened, wanted, 0));
                            }

                            break;
                        case 1 when open.Count > 1:
                            Assert.False((random.Next(2) == 0 ? file->Close(file) : file->Delete(file)).IsError);
                            open.RemoveAt(which);
                            break;
                        case 2:
                            ulong to = random.Next(4) == 0 ? ulong.MaxValue : (ulong)random.Next(1500);
                            Assert.Equal(index < 0 && to != 0, file->SetPosition(file, to).IsError);
                            open[which] = (address, index, index < 0 ? to == 0 ? 0 : position : to == ulong.MaxValue ? length : to);
                            break;
                        case 3:
                            EFI_GUID id = random.Next(2) == 0 ? EFI_FILE_INFO.EFI_FILE_INFO_ID : EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_INFO_ID;
                            nuint room = (nuint)random.Next(120);
                            nuint size = room;
                            status = file->GetInfo(file, &id, &size, buffer);
                            Assert.Equal(size > room ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS, status);
                            break;
                        default:
                            nuint count = (nuint)random.Next(memory.Length);
                            nuint asked = count;
                            status = file->Read(file, &count, buffer);
                            if (index < 0)
                            {
                                bool isEnd = position >= (ulong)names.Length;
                                Assert.Equal(!isEnd && asked < count ? EFI_STATUS.EFI_BUFFER_TOO_SMALL : EFI_STATUS.EFI_SUCCESS, status);
                                Assert.Equal(isEnd, count == 0);
                                position += isEnd || status.IsError ? 0UL : 1;
                            }
                            else
                            {
                                Assert.Equal(position > length ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS, status);
                                ulong expected = position > length ? 0 : Math.Min(asked, length - position);
                                Assert.True(status.IsError || count == expected);
                                Assert.All(memory.Take((int)expected), each => Assert.Equal((byte)('0' + index), each));
                                position += expected;
                            }

                            open[which] = (address, index, position);
                            break;
                    }
                }
            }
        }

        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public void Start_ShowsTheImages_OnTheDeviceThatTheImageComesFrom_AThousandTimes_AndLeavesNothing()
    {
        Add("BCD", "bcd");
        EFI_HANDLE nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        int handles = _firmware.HandleCount;
        int pools = _firmware.AllocatedPools;
        List<string> seen = [];
        EFI_HANDLE device = default;
        _firmware.ImageEntry = image =>
        {
            device = image.Protocol->DeviceHandle;
            EFI_FILE_PROTOCOL* root = OpenRoot(device);
            seen.Add(ReadAll(Open(root, "BCD", Read, out _)));
            return EFI_STATUS.EFI_SUCCESS; // with both open
        };

        for (int i = 0; i < 1000; i++)
        {
            using Arena arena = Arena.Create();
            using (arena.Enter())
            {
                bool hasNic = i % 2 == 0;
                Assert.Null(ImageStarter.Start(_started, _images, hasNic ? nic : default, null, default, new TestDomain(), new TestTerminal()));
                Assert.Equal(hasNic, device == nic);
            }
        }

        Assert.Equal(1000, seen.Count(content => content == "bcd"));
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.Empty(_firmware.HandlesWith<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>());
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public void Volume_OfAnotherLoader_GivesWay_AndIsThereAgain()
    {
        Add("BCD", "bcd");
        SimulatedVolume other = new(_firmware, new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* before = _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(other.Handle);
        string content = "";
        _firmware.ImageEntry = image =>
        {
            content = ReadAll(Open(OpenRoot(image.Protocol->DeviceHandle), "BCD", Read, out _));
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(_started, _images, other.Handle, null, default, new TestDomain(), new TestTerminal()));

        Assert.Equal("bcd", content);
        Assert.True(_firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(other.Handle) == before);
    }

    /// <summary>A loader beside its own files, on the volume that the application came from: with the images beside them.</summary>
    [Theory]
    [InlineData("file:///EFI/loader/Loader%20one.efi", true)]
    [InlineData("file:/EFI/loader/Loader%20one.efi", true)]
    [InlineData("http://h/EFI/loader.efi", false)]
    public void Start_OfAFileOfTheApplicationsVolume_JoinsTheImagesWithIt(string uri, bool isJoined)
    {
        Add("loader/entries/ours.conf", "ours");
        byte[] partition = new DevicePathBuilder().Vendor(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, ImageDisk.Vendor, default).ToArray();
        SimulatedVolume home = new(_firmware, partition) { ["\\loader\\loader.conf"] = "theirs"u8.ToArray() };
        EFI_HANDLE nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        _started.MoveTo(uri);
        int handles = _firmware.HandleCount;
        string file = "";
        string content = "";
        EFI_HANDLE device = default;
        _firmware.ImageEntry = image =>
        {
            device = image.Protocol->DeviceHandle;
            file = BootOrigin.FilePath(DevicePath.Measure(image.Protocol->FilePath));
            EFI_FILE_PROTOCOL* root = OpenRoot(device);
            content = ReadAll(Open(root, "\\loader\\entries\\ours.conf", Read, out _));
            EFI_FILE_PROTOCOL* theirs = Open(root, "\\loader\\loader.conf", Read, out _);
            content += theirs == null ? "" : " " + ReadAll(theirs);
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(_started, _images, nic, null, home.Handle, new TestDomain(), new TestTerminal()));

        Assert.Equal(isJoined ? home.Handle : nic, device);
        Assert.Equal(isJoined ? "\\EFI\\loader\\Loader one.efi" : "wimboot", file);
        Assert.Equal(isJoined ? "ours theirs" : "ours", content);
        Assert.Equal(handles, _firmware.HandleCount);
        Assert.Equal("theirs", ReadAll(Open(OpenRoot(home.Handle), "\\loader\\loader.conf", Read, out _)));
        Assert.Empty(_firmware.Violations);
    }

    /// <summary>On a NIC's handle a shim asks PXE and GRUB the lease's server, and neither looks for a file.</summary>
    [Theory]
    [InlineData("GRUBx64.efi", false)]
    [InlineData("grubaa64.efi", false)]
    [InlineData("EFI/debian/Grub.cfg", false)]
    [InlineData("EFI/grubx64.efi", true)]
    [InlineData("grub.cfg", false)]
    [InlineData("mygrub.cfg", true)]
    [InlineData("cfg", true)]
    public void Start_WithWhatGrubOrAShimLooksForAmongTheImages_IsOnNoNic(string name, bool isOnNic)
    {
        Add(name, "second");
        EFI_HANDLE nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        EFI_HANDLE device = default;
        string content = "";
        _firmware.ImageEntry = image =>
        {
            device = image.Protocol->DeviceHandle;
            content = ReadAll(Open(OpenRoot(device), "\\" + name.Replace('/', '\\'), Read, out _));
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(_started, _images, nic, null, default, new TestDomain(), new TestTerminal()));

        Assert.Equal(isOnNic, device == nic);
        Assert.Equal("second", content);
    }

    [Fact]
    public void Directory_OfNamesWithSeparators_IsListed_Opened_AndLeft()
    {
        Add("EFI/Microsoft/Boot/BCD", "bcd");
        Add("efi\\boot\\fonts\\a.ttf", "a");
        Add("EFI/x", "xx");
        Add("bootmgr", "b");
        using ImageVolume volume = Install();
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);

        Assert.Equal([("EFI", 0UL), ("bootmgr", 1UL)], List(root));
        EFI_FILE_PROTOCOL* efi = Open(root, "\\efi\\", Read, out _);
        Assert.Equal([("Microsoft", 0UL), ("boot", 0UL), ("x", 2UL)], List(efi));
        Assert.NotEqual(0UL, Info(efi, out string name).Attribute & EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY);
        Assert.Equal("EFI", name);
        EFI_FILE_PROTOCOL* boot = Open(efi, "Microsoft\\.\\..\\MICROSOFT\\Boot", Read, out _);
        Assert.Equal([("BCD", 3UL)], List(boot));
        Assert.Equal("bcd", ReadAll(Open(boot, "bcd", Read, out _)));
        Info(Open(boot, "BCD", Read, out _), out name);
        Assert.Equal("BCD", name);
        Assert.Equal("a", ReadAll(Open(boot, "..\\..\\boot\\fonts\\a.ttf", Read, out _)));
        Assert.Equal("b", ReadAll(Open(boot, "\\bootmgr", Read, out _)));
        Assert.Equal(2, List(Open(boot, "..\\..\\..", Read, out _)).Count);
        string[] absent =
            ["..\\..\\..\\..", "..\\..\\..\\..\\bootmgr", "BCD\\..\\..\\none", "none", new string('x', 3000), "\\EF", "\\EFI\\Micro"];
        foreach (string path in absent)
        {
            Assert.True(Open(boot, path, Read, out EFI_STATUS status) == null);
            Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, status);
        }

        Assert.True(Open(root, "EFI", Read | Write | Create, out EFI_STATUS refused) == null);
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, refused);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, efi->SetPosition(efi, 0));
        Assert.Equal(3, List(efi).Count);
    }

    [Fact]
    public void DisksVolume_HasTheImagesBesideItsFiles_AndBeforeThoseOfTheirName_UntilItIsLeft()
    {
        Add("loader/loader.conf", "ours");
        Add("initrd.img", "i").IsInitrd = true;
        SimulatedVolume disk = new(_firmware, new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray())
        {
            ["\\LOADER\\Loader.conf"] = "theirs"u8.ToArray(),
            ["\\loader\\entries\\a.conf"] = "a"u8.ToArray(),
            ["\\vmlinuz"] = "v"u8.ToArray(),
            ["\\initrd.img\\x"] = "x"u8.ToArray(),
        };
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* protocol = _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(disk.Handle);
        using (Join(disk))
        {
            Assert.True(protocol == _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(disk.Handle));
            EFI_FILE_PROTOCOL* root = OpenRoot(disk.Handle);

            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(["wimboot", "loader", "initrd.img", "vmlinuz"], List(root).Select(entry => entry.Name));
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->SetPosition(root, 0));
            }

            Assert.Equal("v", ReadAll(Open(root, "\\vmlinuz", Read, out _)));
            Assert.Equal("i", ReadAll(Open(root, "initrd.img", Read, out _)));
            Assert.Equal("i", ReadAll(Open(root, "initrd.magic", Read, out _)));
            Assert.Equal("ours", ReadAll(Open(root, "\\Loader\\LOADER.CONF", Read, out _)));
            EFI_FILE_PROTOCOL* loader = Open(root, "loader", Read, out _);
            Assert.Equal(["loader.conf", "entries"], List(loader).Select(entry => entry.Name));
            Assert.Equal("a", ReadAll(Open(loader, "entries\\a.conf", Read, out _)));
            Assert.Equal("v", ReadAll(Open(loader, "..\\vmlinuz", Read, out _)));
            Assert.True(Open(loader, "none", Read, out EFI_STATUS status) == null);
            Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, status);
            Assert.True(Open(root, "\\loader\\loader.conf", Read | Write, out status) == null);
            Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, status);
            nuint size = 0;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->SetPosition(root, 0));
            Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, root->Read(root, &size, null));
            int open = disk.OpenCount;
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->Close(root));
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, loader->Close(loader));
            Assert.Equal(open - 2, disk.OpenCount);
        }

        Assert.Equal("theirs", ReadAll(Open(OpenRoot(disk.Handle), "\\loader\\loader.conf", Read, out _)));
        Assert.Empty(_firmware.Violations);
    }

    [Fact]
    public void DisksVolume_WhoseDriverIsStoppedMeanwhile_IsLeftAlone()
    {
        Add("file", "x");
        SimulatedVolume disk = new(_firmware, new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* protocol = _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(disk.Handle);
        ImageVolume volume = Join(disk);
        EFI_FILE_PROTOCOL* root = OpenRoot(disk.Handle);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Firmware.Uninstall(disk.Handle, protocol));
        *protocol = default;

        Assert.True(Open(root, "none", Read, out _) == null);
        volume.Dispose();

        Assert.True(protocol->OpenVolume == null);
        Assert.Equal(1, disk.OpenCount);
    }

    /// <summary>As FAT opens directories: for writing too. What the disk does not have is not made, and nothing of ours is written.</summary>
    [Fact]
    public void DisksDirectory_ThatIsSharedWithImages_IsOpenedForWriting_AndWhatChangesItIsPassedOn()
    {
        Add("loader/ours.conf", "ours");
        Add("own/file", "x");
        SimulatedVolume disk = new(_firmware, new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray()) { IsWritable = true };
        disk["\\loader\\theirs.conf"] = "theirs"u8.ToArray();
        disk["\\own"] = "a file of a directory's name"u8.ToArray();
        using ImageVolume volume = Join(disk);
        EFI_FILE_PROTOCOL* root = OpenRoot(disk.Handle);
        EFI_GUID id = EFI_FILE_SYSTEM_INFO.EFI_FILE_SYSTEM_INFO_ID;

        Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->Flush(root));
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, root->SetInfo(root, &id, 40, &id));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, root->Flush(null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, root->SetInfo(root, null, 40, &id));
        foreach (ulong mode in (ulong[])[Read | Write, Read | Write | Create])
        {
            foreach (string path in (string[])["\\", "loader", "."])
            {
                EFI_FILE_PROTOCOL* directory = Open(root, path, mode, out EFI_STATUS opened);
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, opened);
                Assert.Equal(path == "loader" ? 2 : 3, List(directory).Count);
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, directory->Flush(directory));
            }

            foreach (string path in (string[])["own", "own\\file", "loader\\ours.conf"])
            {
                Open(root, path, mode, out EFI_STATUS refused);
                Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, refused);
            }
        }

        Assert.Equal(
            ["Flush \\", "SetInfo \\ 40", "Flush \\", "Flush \\loader", "Flush \\", "Flush \\", "Flush \\loader", "Flush \\"], disk.Changes);
        EFI_FILE_PROTOCOL* file = Open(root, "loader\\ours.conf", Read, out _);
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, file->Flush(file));
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, file->SetInfo(file, &id, 40, &id));
        foreach (string path in (string[])["\\", "loader", "loader\\theirs.conf", "none"])
        {
            Open(root, path, Read | Create, out EFI_STATUS refused);
            Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, refused);
        }
    }

    /// <summary>A driver of the firmware's that does not let go goes on calling.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Volume_ThatCannotBeTakenAway_Stays_AndAnswersWithErrors(int refusal)
    {
        Add("BCD", "bcd");
        ImageVolume volume = Install();
        EFI_HANDLE handle = volume.Handle;
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* protocol = _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(handle);
        EFI_FILE_PROTOCOL* root = OpenRoot(volume);
        EFI_FILE_PROTOCOL* file = Open(root, "BCD", Read, out _);
        int pools = _firmware.AllocatedPools;
        int calls = 0;
        _firmware.Intercept = service =>
            service == nameof(EFI_BOOT_SERVICES.UninstallProtocolInterface) && ++calls == refusal ? EFI_STATUS.EFI_ACCESS_DENIED : default;

        volume.Dispose();

        _firmware.Intercept = null;
        Assert.Equal(refusal, calls);
        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.True(_firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(handle) == protocol);
        Assert.True(_firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle) != null);
        EFI_FILE_PROTOCOL* opened;
        byte* buffer = stackalloc byte[16];
        nuint size = 16;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, protocol->OpenVolume(protocol, &opened));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, file->Read(file, &size, buffer));
        Open(root, "BCD", Read, out EFI_STATUS status);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, file->Close(file));
    }

    /// <summary>The options are freed, and a handle of ours goes; the card's stays.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Driver_ThatStays_LosesWhatGoesWithItsStart(bool hasNic)
    {
        _firmware.ImagesStay = true;
        _started.CommandLine.Set("a b");
        EFI_HANDLE nic = _firmware.CreateController(new DevicePathBuilder().Mac(new MacAddress(1), 1).ToArray());
        SimulatedImage? driver = null;
        string options = "";
        _firmware.ImageEntry = image =>
        {
            driver = image;
            options = image.LoadOptions;
            return EFI_STATUS.EFI_SUCCESS;
        };

        Assert.Null(ImageStarter.Start(_started, _images, hasNic ? nic : default, null, default, new TestDomain(), new TestTerminal()));

        Assert.Equal("wimboot a b", options);
        Assert.True(driver!.Protocol->LoadOptions == null);
        Assert.Equal(0u, driver.Protocol->LoadOptionsSize);
        Assert.Equal(hasNic ? nic : default, driver.Protocol->DeviceHandle);
    }

    [Fact]
    public void Start_WhateverFails_LeavesNothing()
    {
        Add("file", "x");
        int handles = _firmware.HandleCount;
        int pools = _firmware.AllocatedPools;
        bool hasFailed = true;
        for (int i = 0; hasFailed; i++)
        {
            FailingCall failing = new(_firmware, i);
            Error? error = ImageStarter.Start(_started, _images, default, null, default, new TestDomain(), new TestTerminal());

            hasFailed = failing.End();
            Assert.True(hasFailed || error is null);
            Assert.Equal(handles, _firmware.HandleCount);
            Assert.Equal(pools, _firmware.AllocatedPools);
        }
    }

    private Image Add(string name, string content)
    {
        Image image = Image.Create(_platform, name, "http://h/" + name);
        Assert.Null(image.Content.Begin((ulong)content.Length) ?? image.Content.Write(Encoding.Latin1.GetBytes(content)));
        _images.Add(image);
        return image;
    }

    private ImageVolume Install(bool isSecondStage = false, bool isForLinux = false)
    {
        ImageFolder folder = new(_images, _started, new Initrd(_images, isForLinux), isSecondStage);
        ImageVolume? volume = ImageVolume.Install(folder, default, NewPath(), new TestDomain(), out EFI_STATUS status);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, status);
        return volume!;
    }

    private ImageVolume Join(SimulatedVolume disk)
    {
        ImageVolume? volume = ImageVolume.Join(new ImageFolder(_images, null, new Initrd(_images, false), false), disk.Handle, new TestDomain());
        Assert.NotNull(volume);
        return volume;
    }

    private static EFI_DEVICE_PATH_PROTOCOL* NewPath() => new DevicePathBuilder().Uri("http://h/x").ToPool();

    private EFI_FILE_PROTOCOL* OpenRoot(ImageVolume volume) => OpenRoot(volume.Handle);

    private EFI_FILE_PROTOCOL* OpenRoot(EFI_HANDLE handle)
    {
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume = _firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(handle);
        EFI_FILE_PROTOCOL* root;
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, volume->OpenVolume(volume, &root));
        return root;
    }

    private static EFI_FILE_PROTOCOL* Open(EFI_FILE_PROTOCOL* from, string path, ulong mode, out EFI_STATUS status)
    {
        EFI_FILE_PROTOCOL* file = null;
        fixed (char* name = path + '\0')
        {
            status = from->Open(from, &file, name, mode, 0);
        }

        return file;
    }

    private static EFI_FILE_INFO Info(EFI_FILE_PROTOCOL* file, out string name)
    {
        byte[] memory = new byte[256];
        EFI_GUID id = EFI_FILE_INFO.EFI_FILE_INFO_ID;
        nuint size = (nuint)memory.Length;
        fixed (byte* buffer = memory)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->GetInfo(file, &id, &size, buffer));
            name = new string((char*)(buffer + EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO));
            Assert.Equal(EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO + (name.Length + 1) * 2, (int)size);
            return *(EFI_FILE_INFO*)buffer;
        }
    }

    private static List<(string Name, ulong Size)> List(EFI_FILE_PROTOCOL* folder)
    {
        List<(string, ulong)> entries = [];
        byte[] memory = new byte[256];
        fixed (byte* buffer = memory)
        {
            while (true)
            {
                nuint size = (nuint)memory.Length;
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, folder->Read(folder, &size, buffer));
                if (size == 0)
                {
                    return entries;
                }

                entries.Add((new string((char*)(buffer + EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO)), ((EFI_FILE_INFO*)buffer)->FileSize));
            }
        }
    }

    private static string ReadAll(EFI_FILE_PROTOCOL* file, int step = 4)
    {
        StringBuilder text = new();
        byte[] memory = new byte[step];
        fixed (byte* buffer = memory)
        {
            while (true)
            {
                nuint size = (nuint)step;
                Assert.Equal(EFI_STATUS.EFI_SUCCESS, file->Read(file, &size, buffer));
                if (size == 0)
                {
                    return text.ToString();
                }

                text.Append(Encoding.Latin1.GetString(memory, 0, (int)size));
            }
        }
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
