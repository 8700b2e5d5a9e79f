using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// Pool and pages (UEFI 2.10, 7.2). Nothing is where it was a moment ago: fresh memory is full of a pattern, pool memory is 8-byte
/// aligned and no more, has guards around it, and freed memory is kept and watched.
/// </summary>
internal sealed unsafe partial class SimulatedMemory : IDisposable
{
    public const ulong PageSize = 4096;

    private const byte Fresh = 0xAF;
    private const byte Freed = 0xDD;
    private const byte Guard = 0xA5;
    private const int GuardSize = 40; // Behind it the address is 8 beyond a multiple of 16.
    private const ulong KeptFreed = 64 << 20;
    private const ulong PreferredBase = 0x4000_0000;

    private sealed class Block(ulong address, ulong size, EFI_MEMORY_TYPE type, string? trace)
    {
        public readonly ulong Address = address;

        /// <summary>In bytes.</summary>
        public readonly ulong Size = size;
        public readonly EFI_MEMORY_TYPE Type = type;
        public readonly string? Trace = trace;

        public ulong End => Address + Size;
    }

    private readonly SimulatedFirmware _firmware;
    private readonly Dictionary<ulong, Block> _pool = [];
    private readonly Dictionary<ulong, Block> _freed = [];
    private readonly Queue<Block> _freedOrder = new();
    private readonly SortedList<ulong, Block> _pages = [];
    private readonly HashSet<ulong> _freedPages = [];
    private readonly ulong _base;
    private readonly ulong _size;
    private ulong _freedSize;
    private Block? _last;

    public SimulatedMemory(SimulatedFirmware firmware, ulong size)
    {
        _firmware = firmware;
        _size = size & ~(PageSize - 1);
        nint memory = Map((nint)PreferredBase, (nuint)_size, ReadWrite, PrivateAnonymousNoReserve, -1, 0);
        if (memory == -1)
        {
            throw new OutOfMemoryException();
        }

        _base = (ulong)memory;
    }

    public nuint MapKey { get; private set; } = 1;

    public int PoolCount => _pool.Count;
    public ulong PoolBytes => (ulong)_pool.Values.Sum(each => (long)each.Size);
    public ulong PageCount => (ulong)_pages.Values.Sum(each => (long)each.Size) / PageSize;
    public ulong FreePageCount => (_size / PageSize) - PageCount;

    public IEnumerable<string> Leaks =>
        _pages.Values.Select(each => $"{each.Size / PageSize} pages of {each.Type} at {each.Address:x}{each.Trace}").Concat(
            _pool.Values.Select(each => $"{each.Size} bytes of {each.Type} at {each.Address:x}{each.Trace}"));

    /// <summary>Whether a range is inside of one allocation, of pages or pool.</summary>
    public bool IsAllocated(ulong address, ulong size)
    {
        if (_last is { } last && Contains(last, address, size) && (_pages.GetValueOrDefault(last.Address) ?? _pool.GetValueOrDefault(last.Address)) == last)
        {
            return true;
        }

        _last = _pages.Values.Concat(_pool.Values).FirstOrDefault(each => Contains(each, address, size));
        return _last is not null;
    }

    private static bool Contains(Block block, ulong address, ulong size) =>
        address >= block.Address && address - block.Address <= block.Size && size <= block.Size - (address - block.Address);

    // UEFI 2.10, 7.2.4, 7.2.5: pool

    public EFI_STATUS AllocatePool(EFI_MEMORY_TYPE type, nuint size, void** result)
    {
        if (result == null || !IsType(type))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (size > _size || !_firmware.TakeAllocation())
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        byte* memory = (byte*)NativeMemory.AlignedAlloc(size + (2 * GuardSize), 16);
        Fill(memory, GuardSize, Guard);
        Fill(memory + GuardSize, size, Fresh);
        Fill(memory + GuardSize + size, GuardSize, Guard);
        ulong address = (ulong)memory + GuardSize;
        _pool.Add(address, new Block(address, size, type, Trace()));
        MapKey++;
        *result = (void*)address;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS FreePool(void* memory)
    {
        if (!_pool.Remove((ulong)memory, out Block? block))
        {
            _firmware.Violate(_freed.ContainsKey((ulong)memory)
                ? $"FreePool of {(ulong)memory:x}, which is free already"
                : $"FreePool of {(ulong)memory:x}, which is not from the pool");
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        CheckGuards(block);
        Fill((byte*)memory, block.Size, Freed);
        _freed.Add(block.Address, block);
        _freedOrder.Enqueue(block);
        _freedSize += block.Size;
        while (_freedSize > KeptFreed)
        {
            Release(_freedOrder.Dequeue());
        }

        MapKey++;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private void Release(Block block)
    {
        if (new ReadOnlySpan<byte>((void*)block.Address, (int)block.Size).ContainsAnyExcept(Freed))
        {
            _firmware.Violate($"{block.Size} bytes of pool memory were written after they were freed{block.Trace}");
        }

        _freed.Remove(block.Address);
        _freedSize -= block.Size;
        NativeMemory.AlignedFree((void*)(block.Address - GuardSize));
    }

    private void CheckGuards(Block block)
    {
        if (new ReadOnlySpan<byte>((void*)(block.Address - GuardSize), GuardSize).ContainsAnyExcept(Guard))
        {
            _firmware.Violate($"Something was written before the {block.Size} bytes of pool memory at {block.Address:x}{block.Trace}");
        }

        if (new ReadOnlySpan<byte>((void*)block.End, GuardSize).ContainsAnyExcept(Guard))
        {
            _firmware.Violate($"Something was written behind the {block.Size} bytes of pool memory at {block.Address:x}{block.Trace}");
        }
    }

    // UEFI 2.10, 7.2.1, 7.2.2: pages

    public EFI_STATUS AllocatePages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, nuint count, ulong* address)
    {
        if (address == null || !IsType(type) || how >= EFI_ALLOCATE_TYPE.MaxAllocateType)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (count == 0 || count > _size / PageSize)
        {
            return how == EFI_ALLOCATE_TYPE.AllocateAddress ? EFI_STATUS.EFI_NOT_FOUND : EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        ulong size = count * PageSize;
        ulong? found;
        switch (how)
        {
            case EFI_ALLOCATE_TYPE.AllocateAddress when *address % PageSize != 0 || !IsFree(*address, size):
                return EFI_STATUS.EFI_NOT_FOUND;
            case EFI_ALLOCATE_TYPE.AllocateAddress:
                found = *address;
                break;
            default:
                found = FindFree(size, how == EFI_ALLOCATE_TYPE.AllocateMaxAddress ? *address : ulong.MaxValue);
                break;
        }

        if (found is null || !_firmware.TakeAllocation())
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        for (ulong page = found.Value; page < found.Value + size; page += PageSize)
        {
            CheckFreed(page);
        }

        Fill((byte*)found.Value, size, Fresh);
        _pages.Add(found.Value, new Block(found.Value, size, type, Trace()));
        MapKey++;
        *address = found.Value;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS FreePages(ulong address, nuint count)
    {
        if (count == 0 || address % PageSize != 0)
        {
            _firmware.Violate($"FreePages of {count} pages at {address:x}");
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Block? block = _pages.Values.FirstOrDefault(each => address >= each.Address && address < each.End);
        if (block is null || count > (block.End - address) / PageSize)
        {
            _firmware.Violate($"FreePages of {count} pages at {address:x}, which are not allocated");
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        ulong end = address + (count * PageSize);
        _pages.Remove(block.Address);
        Keep(block, block.Address, address);
        Keep(block, end, block.End);
        Fill((byte*)address, end - address, Freed);
        for (ulong page = address; page < end; page += PageSize)
        {
            _freedPages.Add(page);
        }

        MapKey++;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>The type of an allocated page; null when it is free, or nothing of ours.</summary>
    public EFI_MEMORY_TYPE? TypeOf(ulong address) =>
        _pages.Values.FirstOrDefault(each => address >= each.Address && address < each.End)?.Type;

    private void Keep(Block block, ulong start, ulong end)
    {
        if (end > start)
        {
            _pages.Add(start, new Block(start, end - start, block.Type, block.Trace));
        }
    }

    private bool IsFree(ulong address, ulong size) =>
        address >= _base && address + size <= _base + _size &&
        !_pages.Values.Any(each => each.Address < address + size && address < each.End);

    // From the top, as firmware does.
    private ulong? FindFree(ulong size, ulong lastByte)
    {
        ulong end = lastByte - _base >= _size ? _base + _size : (lastByte + 1) & ~(PageSize - 1);
        if (lastByte < _base)
        {
            return null;
        }

        foreach (Block block in _pages.Values.Reverse())
        {
            if (block.End <= end && end - block.End >= size)
            {
                break;
            }

            end = Math.Min(end, block.Address);
        }

        return end - _base >= size ? end - size : null;
    }

    private void CheckFreed(ulong page)
    {
        if (_freedPages.Remove(page) && new ReadOnlySpan<byte>((void*)page, (int)PageSize).ContainsAnyExcept(Freed))
        {
            _firmware.Violate($"The page at {page:x} was written after it was freed");
        }
    }

    // UEFI 2.10, 7.2.3: the memory map

    public EFI_STATUS GetMap(nuint* size, EFI_MEMORY_DESCRIPTOR* map, nuint* key, nuint* descriptorSize, uint* version)
    {
        if (size == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        List<EFI_MEMORY_DESCRIPTOR> regions = DescribeMap();
        nuint stride = (nuint)sizeof(EFI_MEMORY_DESCRIPTOR) + 8; // As real firmware does, so that nobody indexes it as an array.
        if (descriptorSize != null)
        {
            *descriptorSize = stride;
        }

        if (version != null)
        {
            *version = EFI_MEMORY_DESCRIPTOR.EFI_MEMORY_DESCRIPTOR_VERSION;
        }

        nuint given = *size;
        *size = (nuint)regions.Count * stride;
        if (given < *size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        if (map == null || key == null || descriptorSize == null || version == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Fill((byte*)map, *size, Fresh);
        for (int i = 0; i < regions.Count; i++)
        {
            *(EFI_MEMORY_DESCRIPTOR*)((byte*)map + ((nuint)i * stride)) = regions[i];
        }

        *key = MapKey;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private List<EFI_MEMORY_DESCRIPTOR> DescribeMap()
    {
        List<EFI_MEMORY_DESCRIPTOR> regions = [];
        Describe(regions, EFI_MEMORY_TYPE.EfiReservedMemoryType, 0, PageSize, 0);
        ulong at = _base;
        foreach (Block block in _pages.Values)
        {
            Describe(regions, EFI_MEMORY_TYPE.EfiConventionalMemory, at, block.Address, EFI_MEMORY_DESCRIPTOR.EFI_MEMORY_WB);
            Describe(regions, block.Type, block.Address, block.End, EFI_MEMORY_DESCRIPTOR.EFI_MEMORY_WB);
            at = block.End;
        }

        Describe(regions, EFI_MEMORY_TYPE.EfiConventionalMemory, at, _base + _size, EFI_MEMORY_DESCRIPTOR.EFI_MEMORY_WB);
        return regions;
    }

    private static void Describe(List<EFI_MEMORY_DESCRIPTOR> regions, EFI_MEMORY_TYPE type, ulong start, ulong end, ulong attribute)
    {
        if (end <= start)
        {
            return;
        }

        ulong pages = (end - start) / PageSize;
        if (regions.Count > 0 && regions[^1] is var last && last.Type == type && last.PhysicalStart + (last.NumberOfPages * PageSize) == start)
        {
            last.NumberOfPages += pages;
            regions[^1] = last;
            return;
        }

        regions.Add(new EFI_MEMORY_DESCRIPTOR
        {
            Type = type,
            PhysicalStart = start,
            NumberOfPages = pages,
            Attribute = attribute,
        });
    }

    /// <summary>Looks once more at all guards and at all that was freed, and gives everything back.</summary>
    public void Dispose()
    {
        foreach (Block block in _pool.Values)
        {
            CheckGuards(block);
            NativeMemory.AlignedFree((void*)(block.Address - GuardSize));
        }

        while (_freedOrder.TryDequeue(out Block? block))
        {
            Release(block);
        }

        foreach (ulong page in _freedPages.ToList())
        {
            CheckFreed(page);
        }

        Unmap((nint)_base, (nuint)_size);
    }

    // The types of the specification that can be allocated, and those of OEMs and OS loaders (UEFI 2.10, 7.2.1).
    private static bool IsType(EFI_MEMORY_TYPE type) =>
        (uint)type >= 0x7000_0000 ||
        (type < EFI_MEMORY_TYPE.EfiMaxMemoryType && type is not (EFI_MEMORY_TYPE.EfiConventionalMemory or
            EFI_MEMORY_TYPE.EfiPersistentMemory or EFI_MEMORY_TYPE.EfiUnacceptedMemoryType));

    private string? Trace() => _firmware.TracesAllocations ? "\n" + new StackTrace(3, true) : null;

    private static void Fill(byte* memory, ulong size, byte value) => NativeMemory.Fill(memory, (nuint)size, value);

    private const int ReadWrite = 0x1 | 0x2;
    private const int PrivateAnonymousNoReserve = 0x02 | 0x20 | 0x4000;

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint size);
}
