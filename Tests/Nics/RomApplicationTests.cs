using System;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.OptionRoms;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Pci;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Packaging;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>The application in a card's option ROM: a boot option when the driver came from there too.</summary>
[Collection("Firmware")]
public sealed unsafe class RomApplicationTests : IDisposable
{
    private static readonly EFI_STATUS s_success = EFI_STATUS.EFI_SUCCESS;
    private static readonly byte[] s_application = SampleImage.Make(subsystem: PortableExecutable.Application, codeSize: 5000);
    private static readonly byte[] s_driverFile = SampleImage.Make(codeSize: 100);

    private readonly SimulatedFirmware _firmware = new();
    private readonly Footprint _footprint;
    private readonly EFI_PCI_IO_PROTOCOL* _io;
    private readonly EFI_HANDLE _controller;
    private readonly FakePciNicDriver _driver = new();
    private readonly DriverSet _drivers;

    public RomApplicationTests()
    {
        EFI_DECOMPRESS_PROTOCOL* decompress = _firmware.Allocate<EFI_DECOMPRESS_PROTOCOL>();
        decompress->GetInfo = &GetInfo;
        decompress->Decompress = &Decompress;
        _firmware.Install(default, decompress);
        _io = _firmware.Allocate<EFI_PCI_IO_PROTOCOL>();
        _io->Pci.Read = &ReadConfig;
        _controller = _firmware.Install(_firmware.CreateController([1, 1, 6, 0, 0, 3, 0x7F, 0xFF, 4, 0]), _io); // Pci(3,0)
        EFI_LOADED_IMAGE_PROTOCOL* loaded = _firmware.Image.Protocol;
        loaded->DeviceHandle = _controller;
        loaded->ImageBase = _firmware.AllocateBytes(s_driverFile);
        loaded->ImageSize = (ulong)s_driverFile.Length;
        PutRom(NewRom());
        _footprint = new Footprint(_firmware);
        _drivers = new DriverSet([_driver]);
        Assert.Equal(s_success, _drivers.Install());
    }

    public void Dispose()
    {
        Assert.Equal(s_success, _drivers.Uninstall());
        _footprint.ExpectUnchanged("The driver");
        _firmware.Dispose();
    }

    [Fact]
    public void Start_OfADriverFromTheRom_MakesTheApplicationAChildWithItsName()
    {
        Assert.Equal(s_success, _firmware.Connect(_controller));
        EFI_HANDLE child = Child;
        Assert.Contains(child, _firmware.Children(_controller));
        ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(child));
        byte[] name = Encoding.Unicode.GetBytes("NetBoot 52:54:00:12:34:56\0");
        byte[] expected = [1, 1, 6, 0, 0, 3, 4, 4, (byte)(name.Length + 4), 0, .. name, 0x7F, 0xFF, 4, 0];
        Assert.Equal(expected, path.ToArray());
    }

    [Fact]
    public void LoadFile_AsksForABuffer_ThenGivesTheApplication()
    {
        Assert.Equal(s_success, _firmware.Connect(_controller));
        Assert.Equal(s_application, Load());
    }

    [Fact]
    public void LoadFile_OfAnApplicationThatIsNotCompressed_GivesIt()
    {
        byte[] rom = NewRom();
        RomImage image = RomReader.Read(new InputView("rom", rom))[1];
        byte[] plain = new byte[image.Payload + 8192];
        rom.AsSpan(0, image.Payload).CopyTo(plain);
        s_application.CopyTo(plain, image.Payload);
        int blocks = (plain.Length - image.Offset) / 512;
        plain[image.Offset + 2] = plain[image.DataStructure + 0x10] = (byte)blocks;
        plain[image.Offset + 0x0C] = 0;
        PutRom(plain);
        Assert.Equal(s_success, _firmware.Connect(_controller));
        Assert.Equal(s_application, Load().AsSpan(0, s_application.Length).ToArray());
    }

    [Fact]
    public void LoadFile_WithBadArguments_RefusesThem()
    {
        Assert.Equal(s_success, _firmware.Connect(_controller));
        EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Child);
        EFI_DEVICE_PATH_PROTOCOL* end = _firmware.AllocatePath([0x7F, 0xFF, 4, 0]);
        EFI_DEVICE_PATH_PROTOCOL* file = _firmware.AllocatePath([4, 4, 8, 0, (byte)'a', 0, 0, 0, 0x7F, 0xFF, 4, 0]);
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, load->LoadFile(null, end, 1, &size, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, load->LoadFile(load, null, 1, &size, null));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, load->LoadFile(load, end, 1, null, null));
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, load->LoadFile(load, file, 1, &size, null));
    }

    [Fact]
    public void LoadFile_WithoutMemoryOrFirmwaresHelp_IsAnError()
    {
        Assert.Equal(s_success, _firmware.Connect(_controller));
        EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Child);
        EFI_DEVICE_PATH_PROTOCOL* end = _firmware.AllocatePath([0x7F, 0xFF, 4, 0]);
        byte[] buffer = new byte[s_application.Length];
        nuint size = (nuint)buffer.Length;
        fixed (byte* into = buffer)
        {
            _firmware.AllocationsLeft = 0;
            Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, load->LoadFile(load, end, 1, &size, into));
            _firmware.AllocationsLeft = int.MaxValue;
            Assert.Equal(s_success, load->LoadFile(load, end, 1, &size, into));
        }
    }

    [Fact]
    public void Start_OfADriverThatCameFromElsewhere_MakesNoApplication()
    {
        _firmware.Image.Protocol->DeviceHandle = _firmware.ImageHandle;
        Assert.Equal(s_success, _firmware.Connect(_controller));
        Assert.Single(_firmware.Children(_controller));
    }

    [Fact]
    public void Start_WithAnApplicationForAnotherProcessorAlone_MakesNone()
    {
        RomBuilder rom = new(0x8086, [0x100E]);
        rom.Add(new PortableExecutable("app", SampleImage.Make(PortableExecutable.Aarch64, PortableExecutable.Application)));
        PutRom(rom.ToArray());
        Assert.Equal(s_success, _firmware.Connect(_controller));
        Assert.Single(_firmware.Children(_controller));
    }

    [Fact]
    public void Start_WithTheNodeOfAChild_MakesThatChildAlone()
    {
        Assert.Equal(s_success, _firmware.Connect(_controller));
        byte[] path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(Child)).ToArray();
        Assert.Equal(s_success, _firmware.Disconnect(_controller));
        Assert.Empty(_firmware.Children(_controller));
        Assert.Equal(s_success, _firmware.Connect(_controller, path[6..]));
        Assert.Equal([Child], _firmware.Children(_controller));
        Assert.Equal(s_success, _firmware.Connect(_controller));
        Assert.Equal(2, _firmware.Children(_controller).Count);
    }

    [Fact]
    public void Stop_OfTheApplication_LeavesTheNetwork()
    {
        Assert.Equal(s_success, _firmware.Connect(_controller));
        Assert.Equal(s_success, _firmware.Disconnect(_controller, _driver.Handle, Child));
        Assert.Empty(_firmware.HandlesWith<EFI_LOAD_FILE_PROTOCOL>());
        Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
    }

    [Fact]
    public void Start_OfEveryTruncationAndEveryChangedByteOfTheRomsHeaders_StartsTheNetwork()
    {
        byte[] rom = NewRom();
        RomImage image = RomReader.Read(new InputView("rom", rom))[1];
        for (int length = 0; length < rom.Length; length += length < 0x60 ? 1 : 97)
        {
            PutRom(rom.AsSpan(0, length).ToArray());
            StartAndLoad();
        }

        for (int at = 0; at < 0x40; at++)
        {
            foreach (int start in new[] { 0, image.Offset })
            {
                foreach (byte value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
                {
                    byte[] changed = [.. rom];
                    changed[start + at] = value;
                    PutRom(changed);
                    StartAndLoad();
                }
            }
        }

        void StartAndLoad()
        {
            Assert.Equal(s_success, _firmware.Connect(_controller));
            Assert.Single(_firmware.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>());
            if (_firmware.HandlesWith<EFI_LOAD_FILE_PROTOCOL>().Count != 0)
            {
                EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Child);
                nuint size = 0;
                Assert.NotEqual(s_success, load->LoadFile(load, End, 1, &size, null));
            }

            Assert.Equal(s_success, _firmware.Disconnect(_controller));
        }
    }

    private EFI_DEVICE_PATH_PROTOCOL* End { get; } = NewEnd();

    private EFI_HANDLE Child => Assert.Single(_firmware.HandlesWith<EFI_LOAD_FILE_PROTOCOL>());

    private static EFI_DEVICE_PATH_PROTOCOL* NewEnd()
    {
        byte* end = (byte*)NativeMemory.Alloc(4);
        new byte[] { 0x7F, 0xFF, 4, 0 }.CopyTo(new Span<byte>(end, 4));
        return (EFI_DEVICE_PATH_PROTOCOL*)end;
    }

    private static byte[] NewRom()
    {
        RomBuilder rom = new(0x8086, [0x100E]);
        rom.Add(new PortableExecutable("driver", s_driverFile));
        rom.Add(new PortableExecutable("application", s_application));
        return rom.ToArray();
    }

    private void PutRom(byte[] rom)
    {
        NativeMemory.Free(_io->RomImage);
        _io->RomImage = NativeMemory.Alloc((nuint)rom.Length);
        rom.CopyTo(new Span<byte>(_io->RomImage, rom.Length));
        _io->RomSize = (ulong)rom.Length;
    }

    private byte[] Load()
    {
        EFI_LOAD_FILE_PROTOCOL* load = Firmware.Get<EFI_LOAD_FILE_PROTOCOL>(Child);
        nuint size = 0;
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, load->LoadFile(load, End, 1, &size, null));
        byte[] file = new byte[size];
        fixed (byte* buffer = file)
        {
            size--;
            Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, load->LoadFile(load, End, 1, &size, buffer));
            Assert.Equal(s_success, load->LoadFile(load, End, 0, &size, buffer));
        }

        return file;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReadConfig(EFI_PCI_IO_PROTOCOL* self, EFI_PCI_IO_PROTOCOL_WIDTH width, uint offset, nuint count, void* buffer)
    {
        *(uint*)buffer = 0x100E_8086;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetInfo(EFI_DECOMPRESS_PROTOCOL* self, void* source, uint size, uint* destination, uint* scratch)
    {
        ReadOnlySpan<byte> bytes = new(source, (int)size);
        if (size < 8 || BitConverter.ToUInt32(bytes) > size - 8)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        *destination = BitConverter.ToUInt32(bytes[4..]);
        *scratch = 100;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Decompress(
        EFI_DECOMPRESS_PROTOCOL* self, void* source, uint size, void* destination, uint destinationSize, void* scratch, uint scratchSize)
    {
        byte[] result = UefiDecompressor.Decompress(new ReadOnlySpan<byte>(source, (int)size));
        result.CopyTo(new Span<byte>(destination, (int)destinationSize));
        return EFI_STATUS.EFI_SUCCESS;
    }

    private sealed class FakePciNicDriver : PciNicDriver
    {
        public override string Name => "NetBoot fake PCI network driver";
        public override ReadOnlySpan<uint> Identifiers => [0x8086_100E];

        protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status)
        {
            status = EFI_STATUS.EFI_SUCCESS;
            return new FakeNic();
        }
    }
}
