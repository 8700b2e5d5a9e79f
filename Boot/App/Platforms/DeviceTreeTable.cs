using System;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A device tree in the firmware's configuration table while an image runs (UEFI 2.10, 4.6.1); the firmware's own is there again afterwards.</summary>
public sealed unsafe class DeviceTreeTable : IDisposable
{
    private const ulong PageSize = 4096;

    private readonly void* _before;
    private ulong _pages;
    private nuint _count;

    private DeviceTreeTable(void* before)
    {
        _before = before;
    }

    /// <summary>Installs a copy of a tree, which the kernel keeps; null, with an error, when that fails.</summary>
    public static DeviceTreeTable? Install(Image image, out Error? error)
    {
        ReadOnlySpan<byte> tree = image.Content.Span;
        tree = tree.Slice(0, DeviceTree.Size(tree));
        DeviceTreeTable table = new(FirmwarePlatform.FindTable(EFI_CONFIGURATION_TABLE_GUID.EFI_DTB_TABLE_GUID));
        table._count = (nuint)(((ulong)tree.Length + PageSize - 1) / PageSize);
        ulong address = 0;
        EFI_STATUS status = Firmware.BootServices->AllocatePages(
            EFI_ALLOCATE_TYPE.AllocateAnyPages, EFI_MEMORY_TYPE.EfiACPIReclaimMemory, table._count, &address);
        if (!status.IsError)
        {
            table._pages = address;
            tree.CopyTo(new Span<byte>((void*)address, tree.Length));
            status = Put((void*)address);
        }

        error = status.IsError ? new Error(status, TextBuilder.Format($"{image.Name}: the device tree cannot be installed: {status}")) : null;
        if (status.IsError)
        {
            table.Free();
            return null;
        }

        return table;
    }

    public void Dispose()
    {
        Put(_before);
        Free();
    }

    private void Free()
    {
        if (_pages != 0)
        {
            Firmware.BootServices->FreePages(_pages, _count);
        }

        _pages = 0;
    }

    private static EFI_STATUS Put(void* tree)
    {
        EFI_GUID guid = EFI_CONFIGURATION_TABLE_GUID.EFI_DTB_TABLE_GUID;
        return Firmware.BootServices->InstallConfigurationTable(&guid, tree);
    }
}
