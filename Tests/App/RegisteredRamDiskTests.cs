using System;
using System.Runtime.InteropServices;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>A disk of memory that the firmware shows, in one that keeps the paths it gives away, as edk2's RamDiskDxe does (RamDiskProtocol.c).</summary>
[Collection("Firmware")]
public sealed unsafe class RegisteredRamDiskTests : IDisposable
{
    private static EFI_DEVICE_PATH_PROTOCOL* s_path;
    private static EFI_BLOCK_IO_PROTOCOL* s_block;
    private static ProtocolSet? s_disk;
    private static bool s_hasBlockIo;

    private readonly SimulatedFirmware _firmware = new();
    private readonly TestPlatform _platform = new();
    private readonly ProtocolSet _installed = new(1);
    private readonly EFI_RAM_DISK_PROTOCOL* _protocol;

    public RegisteredRamDiskTests()
    {
        _protocol = (EFI_RAM_DISK_PROTOCOL*)NativeMemory.AllocZeroed((nuint)sizeof(EFI_RAM_DISK_PROTOCOL));
        _protocol->Register = &Register;
        _protocol->Unregister = &Unregister;
        _installed.Add(_protocol);
        Assert.True(_installed.Install(default).IsSuccess);
    }

    public void Dispose()
    {
        _installed.Uninstall();
        NativeMemory.Free(_protocol);
        _firmware.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Path_ThatTheFirmwareKeeps_IsFreedOnce(bool isShown)
    {
        s_hasBlockIo = isShown;
        Image image = Image.Create(_platform, "d", "http://192.0.2.1/d", isReserved: true);
        image.Content.Begin(1024);
        image.Content.Write(new byte[1024]);
        using RamDisk disk = new(image);
        int pools = _firmware.AllocatedPools;

        RegisteredRamDisk? registered = RegisteredRamDisk.Register(disk, out EFI_STATUS status);

        Assert.Equal(isShown, registered is not null);
        Assert.Equal(isShown, status.IsSuccess);
        Assert.Equal(isShown, registered?.Handle == s_disk?.Handle);
        registered?.Dispose();
        Assert.Equal(pools, _firmware.AllocatedPools);
        Assert.Empty(_firmware.Violations);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Register(ulong address, ulong size, EFI_GUID* kind, EFI_DEVICE_PATH_PROTOCOL* parent, EFI_DEVICE_PATH_PROTOCOL** path)
    {
        s_path = new DevicePathBuilder().Uri("ram").ToPool();
        s_block = Pool.Allocate<EFI_BLOCK_IO_PROTOCOL>();
        s_disk = new ProtocolSet(2);
        s_disk.Add(s_path);
        if (s_hasBlockIo)
        {
            s_disk.Add(s_block);
        }

        *path = s_path;
        return s_disk.Install(default);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Unregister(EFI_DEVICE_PATH_PROTOCOL* path)
    {
        if (path != s_path)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        s_disk!.Uninstall();
        Pool.Free(s_block);
        Pool.Free(s_path);
        return EFI_STATUS.EFI_SUCCESS;
    }
}
