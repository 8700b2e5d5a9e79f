using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>Whole zeroed pages, which need no arena to be taken: channels are opened long after their objects were made.</summary>
internal static unsafe class PageMemory
{
    public const int PageSize = 4096;

    /// <summary>Null when there is no memory, or for no pages.</summary>
    public static byte* Allocate(nuint count, EFI_MEMORY_TYPE type = EFI_MEMORY_TYPE.EfiBootServicesData)
    {
        ulong address = 0;
        if (count == 0 || Firmware.BootServices->AllocatePages(EFI_ALLOCATE_TYPE.AllocateAnyPages, type, count, &address).IsError)
        {
            return null;
        }

        for (nuint i = 0; i < count; i++)
        {
            new Span<byte>((byte*)address + i * PageSize, PageSize).Clear();
        }

        return (byte*)address;
    }

    /// <summary>Gives back what <see cref="Allocate"/> gave; null is fine.</summary>
    public static void Free(byte* memory, nuint count)
    {
        if (memory != null)
        {
            Firmware.BootServices->FreePages((ulong)memory, count);
        }
    }
}
