using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.San;

/// <summary>A disk with a cache before it. Writes go to the disk at once.</summary>
public sealed unsafe class CachedDisk : SanDevice, ISanSource
{
    /// <summary>Bytes of memory for it.</summary>
    public const int Room = SanCache.Room + 1024;

    private readonly SanCache _cache;
    private SanDevice? _disk;

    /// <summary>Takes the memory, from the current arena. Nothing is read before <see cref="Use"/>.</summary>
    public CachedDisk()
    {
        _cache = new SanCache(this);
    }

    /// <summary>Says what is read.</summary>
    /// <param name="disk">Open; nobody else writes on it. Goes with this one.</param>
    public void Use(SanDevice disk)
    {
        _disk = disk;
        BlockSize = disk.BlockSize;
        BlockCount = disk.BlockCount;
    }

    /// <inheritdoc/>
    public override bool IsReadOnly => _disk!.IsReadOnly;

    /// <inheritdoc/>
    public override ReadOnlySpan<char> Failure => _disk!.Failure;

    /// <inheritdoc/>
    public override EFI_STATUS Read(ulong block, Span<byte> to) => BlockSize > SanCache.LineSize
        ? _disk!.Read(block, to)
        : _cache.Read(block * (ulong)BlockSize, to, BlockCount * (ulong)BlockSize);

    /// <inheritdoc/>
    public override EFI_STATUS Write(ulong block, ReadOnlySpan<byte> from)
    {
        _cache.Forget(block * (ulong)BlockSize, (ulong)from.Length);
        return _disk!.Write(block, from);
    }

    /// <inheritdoc/>
    public override EFI_STATUS Flush() => _disk!.Flush();

    /// <inheritdoc/>
    public override bool Uses(NetworkInterface netif) => _disk!.Uses(netif);

    /// <inheritdoc/>
    public override void AppendTo(DevicePathBuilder path) => _disk!.AppendTo(path);

    /// <inheritdoc/>
    public override bool IsSameAs(SanDevice other) => other is CachedDisk cached && _disk!.IsSameAs(cached._disk!);

    /// <inheritdoc/>
    public override void Abandon()
    {
        base.Abandon();
        _disk!.Abandon();
    }

    /// <inheritdoc/>
    public override void Leave() => _disk!.Leave();

    /// <inheritdoc/>
    public override void Dispose() => _disk!.Dispose();

    EFI_STATUS ISanSource.Fetch(ulong start, ulong length, byte* to) => _disk!.Read(start / (ulong)BlockSize, new Span<byte>(to, (int)length));
}
