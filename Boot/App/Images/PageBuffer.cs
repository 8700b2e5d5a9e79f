using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Images;

/// <summary>
/// Bytes in pages of their own, in one piece. When the size is known they are allocated once and everything is written to its final place;
/// otherwise pages are added behind those that are there, so that there is never more than the size and one step. Where somebody else has the
/// pages behind, the whole moves to twice the room, so that each byte is copied twice at most on average.
/// </summary>
/// <param name="platform">Has the pages.</param>
/// <param name="isReserved">They are ones that the operating system leaves alone.</param>
public sealed unsafe class PageBuffer(Platform platform, bool isReserved = false) : DownloadTarget, IDisposable
{
    /// <summary>What is allocated first when nobody says how much will come.</summary>
    public const ulong FirstCapacity = 1 << 20;

    /// <summary>The most that is added at a time.</summary>
    public const ulong LargestStep = 16 << 20;

    /// <summary>No machine has more, and sizes below it never overflow.</summary>
    private const ulong MaximumCapacity = 1UL << 46;

    /// <summary>Null when there is nothing.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>Bytes in use.</summary>
    public ulong Length => Received;

    /// <summary>Bytes allocated: whole pages.</summary>
    public ulong Capacity { get; private set; }

    /// <summary>The first 2 GiB of what is in use.</summary>
    public ReadOnlySpan<byte> Span => new(Pointer, (int)Math.Min(Length, int.MaxValue));

    /// <summary>Empties the buffer and gives its pages back.</summary>
    public void Dispose() => Begin(0);

    /// <inheritdoc/>
    protected override Error? Prepare(ulong? size)
    {
        ulong capacity = RoundUp(Math.Min(size ?? FirstCapacity, MaximumCapacity + 1));
        if (Capacity >= capacity && (Capacity == capacity || size is null))
        {
            return null;
        }

        if (Pointer is not null)
        {
            platform.FreePages(Pointer, Capacity / Platform.PageSize);
        }

        Pointer = null;
        Capacity = 0;
        return capacity == 0 ? null : Allocate(capacity, mayGrow: size is null);
    }

    /// <inheritdoc/>
    protected override Error? Store(ReadOnlySpan<byte> data)
    {
        ulong end = Length + (ulong)data.Length;
        if (end > Capacity)
        {
            Error? error = Grow(end);
            if (error is not null)
            {
                return error;
            }
        }

        data.CopyTo(new Span<byte>(Pointer + Length, data.Length));
        return null;
    }

    private Error? Grow(ulong atLeast)
    {
        byte* old = Pointer;
        ulong oldCapacity = Capacity;
        ulong step = RoundUp(Math.Max(atLeast - Capacity, Math.Min(Capacity, LargestStep)));
        if (old is not null && !isReserved && atLeast <= MaximumCapacity && platform.TryExtendPages(old, Capacity / Platform.PageSize, step / Platform.PageSize))
        {
            Capacity += step;
            return null;
        }

        Error? error = Allocate(RoundUp(Math.Max(FirstCapacity, Math.Max(atLeast, Capacity * 2))), mayGrow: true);
        if (error is not null)
        {
            return error;
        }

        for (ulong at = 0; at < Length; at += 1 << 30)
        {
            int count = (int)Math.Min(1 << 30, Length - at);
            new ReadOnlySpan<byte>(old + at, count).CopyTo(new Span<byte>(Pointer + at, count));
        }

        if (old is not null)
        {
            platform.FreePages(old, oldCapacity / Platform.PageSize);
        }

        return null;
    }

    private Error? Allocate(ulong capacity, bool mayGrow)
    {
        ulong count = capacity / Platform.PageSize;
        byte* pages = capacity > MaximumCapacity ? null
            : mayGrow && !isReserved ? platform.AllocateGrowingPages(count)
            : platform.AllocatePages(count, isReserved);
        if (pages is null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"not enough memory: {new ByteSize(capacity)} in one piece"));
        }

        Pointer = pages;
        Capacity = capacity;
        return null;
    }

    private static ulong RoundUp(ulong size) => (size + Platform.PageSize - 1) & ~(ulong)(Platform.PageSize - 1);
}
