using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>Whole 4 KiB pages with one owner, for what is large (images, download targets). Disposing gives them back.</summary>
public sealed unsafe class Pages : IDisposable
{
    /// <summary>In bytes.</summary>
    public const int PageSize = 4096;

    private byte* _address;

    private Pages(byte* address, nuint count)
    {
        _address = address;
        Count = count;
    }

    /// <summary>The first byte, page-aligned; null once disposed.</summary>
    public byte* Address => _address;

    /// <summary>The number of pages.</summary>
    public nuint Count { get; private set; }

    /// <summary>The size in bytes, a multiple of <see cref="PageSize"/>.</summary>
    public ulong Size => Count * (ulong)PageSize;

    /// <summary>Allocates at least <paramref name="size"/> bytes anywhere; they are not zeroed. Null when there is no memory.</summary>
    public static Pages? Allocate(ulong size, EFI_MEMORY_TYPE type = EFI_MEMORY_TYPE.EfiBootServicesData)
    {
        nuint count = (nuint)(size / PageSize + (size % PageSize == 0 ? 0u : 1u));
        ulong address = 0;
        if (count == 0 ||
            Firmware.BootServices->AllocatePages(EFI_ALLOCATE_TYPE.AllocateAnyPages, type, count, &address).IsError)
        {
            return null;
        }

        return new Pages((byte*)address, count);
    }

    /// <summary>A part of the memory; both bounds are checked.</summary>
    public Span<byte> Slice(ulong offset, int length)
    {
        if (length < 0 || offset > Size || (ulong)length > Size - offset)
        {
            throw new ArgumentOutOfRangeException();
        }

        return new Span<byte>(_address + offset, length);
    }

    /// <summary>Gives the pages back; more than once does no harm.</summary>
    public void Dispose()
    {
        if (_address != null)
        {
            Firmware.BootServices->FreePages((ulong)_address, Count);
            _address = null;
            Count = 0;
        }
    }
}
