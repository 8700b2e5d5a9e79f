using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>The firmware's memory map of one moment (UEFI 2.10, 7.2.3). The caller disposes it.</summary>
public unsafe ref struct MemoryMap
{
    private const ulong PageSize = 4096;
    private const ulong LowMemory = 64 << 20;

    private byte* _map;
    private nuint _size;
    private nuint _stride;

    /// <summary>Bytes of memory that is not the devices' or broken.</summary>
    public readonly ulong MemorySize
    {
        get
        {
            ulong pages = 0;
            for (nuint at = 0; at + _stride <= _size; at += _stride)
            {
                EFI_MEMORY_DESCRIPTOR* region = Region(at);
                pages += IsMemory(region->Type) ? region->NumberOfPages : 0;
            }

            return pages * PageSize;
        }
    }

    /// <summary>Asks for the map; it is empty when there is no memory for it.</summary>
    public static MemoryMap Read()
    {
        MemoryMap map = default;
        nuint key;
        uint version;
        nuint size = 0;
        nuint stride = 0;
        Firmware.BootServices->GetMemoryMap(&size, null, &key, &stride, &version);
        size += 16 * stride; // the map grows by what holds it
        map._map = (byte*)Pool.Allocate(size);
        if (map._map != null && !Firmware.BootServices->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR*)map._map, &key, &stride, &version).IsError &&
            stride >= (nuint)sizeof(EFI_MEMORY_DESCRIPTOR))
        {
            map._size = size;
            map._stride = stride;
        }

        return map;
    }

    /// <summary>
    /// Where the largest free region begins, for what may grow: firmware allocates from the other end. Memory below 64 MiB is left alone where there
    /// is more, for kernels that ask for places in it. 0 when there is no room.
    /// </summary>
    public readonly ulong FindRoom(ulong count)
    {
        ulong room = 0;
        ulong largest = count - 1;
        for (nuint at = 0; at + _stride <= _size; at += _stride)
        {
            EFI_MEMORY_DESCRIPTOR* region = Region(at);
            ulong start = Math.Max(region->PhysicalStart, LowMemory);
            ulong end = region->PhysicalStart + region->NumberOfPages * PageSize;
            if (region->Type == EFI_MEMORY_TYPE.EfiConventionalMemory && end > start && (end - start) / PageSize > largest)
            {
                largest = (end - start) / PageSize;
                room = start;
            }
        }

        return room;
    }

    /// <summary>Whether all of a range is memory that can be read.</summary>
    public readonly bool Contains(ulong address, ulong length)
    {
        ulong end = address + length;
        while (address < end)
        {
            ulong next = EndOfMemoryAt(address);
            if (next <= address)
            {
                return false;
            }

            address = next;
        }

        return address >= end && end >= length;
    }

    /// <summary>
    /// The n-th region of memory (from 0) in the order of addresses, whatever uses it, as long as it goes on without a gap; false when there are not so
    /// many.
    /// </summary>
    public readonly bool TryGetRegion(int index, out ulong start, out ulong length)
    {
        start = 0;
        length = 0;
        bool isThere = true;
        for (; isThere && index >= 0; index--)
        {
            isThere = TryFindNext(start + length, out start, out length);
        }

        return isThere;
    }

    public readonly void Dispose() => Pool.Free(_map);

    /// <summary>The lowest region that begins at or behind an address, with all that follows on it.</summary>
    private readonly bool TryFindNext(ulong from, out ulong start, out ulong length)
    {
        start = ulong.MaxValue;
        length = 0;
        for (nuint at = 0; at + _stride <= _size; at += _stride)
        {
            EFI_MEMORY_DESCRIPTOR* region = Region(at);
            if (IsMemory(region->Type) && region->NumberOfPages > 0 && region->PhysicalStart >= from && region->PhysicalStart < start)
            {
                start = region->PhysicalStart;
                length = region->NumberOfPages * PageSize;
            }
        }

        bool hasGrown = length > 0;
        while (hasGrown)
        {
            hasGrown = false;
            for (nuint at = 0; at + _stride <= _size; at += _stride)
            {
                EFI_MEMORY_DESCRIPTOR* region = Region(at);
                if (IsMemory(region->Type) && region->NumberOfPages > 0 && region->PhysicalStart == start + length)
                {
                    length += region->NumberOfPages * PageSize;
                    hasGrown = true;
                }
            }
        }

        return length > 0;
    }

    /// <summary>Where the region of memory ends that an address is in; 0 when it is in none.</summary>
    private readonly ulong EndOfMemoryAt(ulong address)
    {
        for (nuint at = 0; at + _stride <= _size; at += _stride)
        {
            EFI_MEMORY_DESCRIPTOR* region = Region(at);
            ulong start = region->PhysicalStart;
            if (address >= start && address - start < region->NumberOfPages * PageSize &&
                (IsMemory(region->Type) || region->Type == EFI_MEMORY_TYPE.EfiACPIMemoryNVS))
            {
                return start + region->NumberOfPages * PageSize;
            }
        }

        return 0;
    }

    private readonly EFI_MEMORY_DESCRIPTOR* Region(nuint at) => (EFI_MEMORY_DESCRIPTOR*)(_map + at);

    private static bool IsMemory(EFI_MEMORY_TYPE type) => type is
        EFI_MEMORY_TYPE.EfiLoaderCode or EFI_MEMORY_TYPE.EfiLoaderData or
        EFI_MEMORY_TYPE.EfiBootServicesCode or EFI_MEMORY_TYPE.EfiBootServicesData or
        EFI_MEMORY_TYPE.EfiRuntimeServicesCode or EFI_MEMORY_TYPE.EfiRuntimeServicesData or
        EFI_MEMORY_TYPE.EfiConventionalMemory or EFI_MEMORY_TYPE.EfiACPIReclaimMemory;
}
