using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Http;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.San;

/// <summary>
/// A file on an HTTP server as a disk that is read only. Small reads go through a cache, which reads ahead where they follow each other; large ones
/// go straight to who reads. A connection that is lost is made again. Each part has to be of the file that the first was of.
/// </summary>
public sealed unsafe class HttpDisk : SanDevice
{
    internal const int LineSize = 32 * 1024;

    /// <summary>In lines, as all sizes below.</summary>
    internal const int LargestReadAhead = 32;

    private const int Lines = 64;

    /// <summary>What is at least as long does not go through the cache.</summary>
    private const int LongRead = 8;

    /// <summary>What is read first: partition tables, and where a CD says that it is one.</summary>
    private const int FirstRead = 2;

    private const int DiskBlockSize = 512;
    private const int CdBlockSize = 2048;

    /// <summary>ECMA-119, 8.1: the standard identifier of the first volume descriptor.</summary>
    private const int CdIdentifierAt = 16 * CdBlockSize + 1;

    private const int MaximumInterfaces = 8;

    /// <summary>Bytes for what one request makes.</summary>
    private const int RequestRoom = 16 * 1024;

    private const ulong NoLine = ulong.MaxValue;

    private readonly Network _network;
    private readonly FetchClient _client;
    private readonly FetchOptions _options;
    private readonly HttpRange _range = new();
    private readonly ResourceUri[] _uris;
    private readonly byte[] _cache = new byte[Lines * LineSize];
    private readonly ulong[] _lines = new ulong[Lines];
    private readonly uint[] _usedAt = new uint[Lines];
    private readonly int[] _slots = new int[LargestReadAhead];
    private readonly HttpDiskTarget _target;
    private readonly NetworkInterface?[] _interfaces = new NetworkInterface?[MaximumInterfaces];
    private readonly Arena _scratch;
    private uint _uses;
    private ulong _nextRead;
    private int _readAhead = 1;
    private int _current;
    private EFI_STATUS _gone;

    private HttpDisk(Network network, FetchClient client, ResourceUri[] uris, FetchOptions options, Arena scratch)
    {
        _network = network;
        _client = client;
        _uris = uris;
        _options = options;
        _options.Range = _range;
        _scratch = scratch;
        _target = new HttpDiskTarget(_cache);
        Array.Fill(_lines, NoLine);
    }

    /// <summary>Opens a file as a disk, in the current arena, in which it stays.</summary>
    /// <param name="network">What the client is on.</param>
    /// <param name="client">Fetches the parts, also while no arena is current: its loop lets nobody interfere. Nobody else's.</param>
    /// <param name="uris">Where the file is: the first that answers is read, and when that fails the others, if theirs is the same.</param>
    /// <param name="options">Times and tries.</param>
    /// <param name="disk">Null with an error.</param>
    public static Error? Open(Network network, FetchClient client, ResourceUri[] uris, FetchOptions options, out HttpDisk? disk)
    {
        disk = null;
        Arena? scratch = Arena.TryCreate(RequestRoom);
        if (scratch is null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "out of memory");
        }

        HttpDisk opened = new(network, client, uris, options, scratch);
        EFI_STATUS status = opened.Open();
        if (status.IsError)
        {
            Error error = new(status, new string(opened.Failure));
            opened.Dispose();
            return error;
        }

        disk = opened;
        return null;
    }

    /// <inheritdoc/>
    public override EFI_STATUS Read(ulong block, Span<byte> to)
    {
        if (_gone.IsError)
        {
            return _gone;
        }

        if (block >= BlockCount || (ulong)to.Length > (BlockCount - block) * (ulong)BlockSize)
        {
            return Fail(EFI_STATUS.EFI_INVALID_PARAMETER, "beyond the end of the disk");
        }

        ulong at = block * (ulong)BlockSize;
        bool isNext = at == _nextRead;
        _readAhead = isNext ? _readAhead : 1;
        _nextRead = at + (ulong)to.Length;
        while (!to.IsEmpty)
        {
            ulong line = at / LineSize;
            int slot = FindSlot(line);
            int count;
            if (slot >= 0)
            {
                int offset = (int)(at % LineSize);
                count = Math.Min(to.Length, LineSize - offset);
                new ReadOnlySpan<byte>(_cache, slot * LineSize + offset, count).CopyTo(to);
                _usedAt[slot] = ++_uses;
            }
            else
            {
                count = LengthOfGap(at, to.Length);
                EFI_STATUS status;
                if (count >= LongRead * LineSize)
                {
                    status = ReadThrough(at, to.Slice(0, count));
                }
                else
                {
                    status = ReadLines(line, (int)((at + (ulong)count - 1) / LineSize - line) + 1);
                    count = 0;
                    _readAhead = isNext ? Math.Min(_readAhead * 2, LargestReadAhead) : _readAhead;
                }

                if (status.IsError)
                {
                    return status;
                }
            }

            at += (ulong)count;
            to = to.Slice(count);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <inheritdoc/>
    public override bool Uses(NetworkInterface netif)
    {
        foreach (NetworkInterface? each in _interfaces)
        {
            if (each == netif)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override void AppendTo(DevicePathBuilder path) => path.Uri(_uris[0].ToText());

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        _scratch.Dispose();
    }

    private EFI_STATUS Open()
    {
        EFI_STATUS status = ReadLines(0, FirstRead);
        if (status.IsError)
        {
            return status;
        }

        ulong size = _range.Total!.Value;
        bool isCd = size > CdIdentifierAt + 5 && FindSlot(CdIdentifierAt / LineSize) is int slot and >= 0 &&
            new ReadOnlySpan<byte>(_cache, slot * LineSize + CdIdentifierAt % LineSize, 5).SequenceEqual("CD001"u8);
        BlockSize = isCd ? CdBlockSize : DiskBlockSize;
        BlockCount = size / (ulong)BlockSize;
        using (_scratch.Enter())
        {
            if (BlockCount == 0)
            {
                status = Fail(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{_uris[0]}: {size} bytes are no disk"));
            }
        }

        _scratch.Reset();
        return status;
    }

    private int FindSlot(ulong line)
    {
        for (int i = 0; i < _lines.Length; i++)
        {
            if (_lines[i] == line)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>How many of some bytes come before the next that are in the cache.</summary>
    private int LengthOfGap(ulong at, int length)
    {
        ulong end = at + (ulong)length;
        ulong line = at / LineSize + 1;
        while (line * LineSize < end && FindSlot(line) < 0)
        {
            line++;
        }

        return (int)(Math.Min(line * LineSize, end) - at);
    }

    /// <summary>Reads lines into the cache, and further ones while reads follow each other.</summary>
    /// <param name="line">The first, which is not in the cache.</param>
    /// <param name="count">How many are needed, at most <see cref="LargestReadAhead"/>; none of them is in the cache.</param>
    private EFI_STATUS ReadLines(ulong line, int count)
    {
        ulong? total = _range.Total;
        int wanted = Math.Max(count, _readAhead);
        int chosen = 0;
        while (chosen < wanted && (chosen < count || FindSlot(line + (ulong)chosen) < 0) && (total is null || (line + (ulong)chosen) * LineSize < total))
        {
            int slot = FindOldest();
            _lines[slot] = NoLine; // Whatever comes of it, what it had is lost.
            _usedAt[slot] = ++_uses;
            _slots[chosen++] = slot;
        }

        _target.GoTo(new ReadOnlySpan<int>(_slots, 0, chosen));
        EFI_STATUS status = Fetch(line * LineSize, (ulong)chosen * LineSize);
        for (int i = 0; i < chosen && !status.IsError; i++)
        {
            bool hasCome = (ulong)i * LineSize < _target.Received;
            _lines[_slots[i]] = hasCome ? line + (ulong)i : NoLine;
        }

        return status;
    }

    private int FindOldest()
    {
        int oldest = 0;
        for (int i = 1; i < _usedAt.Length; i++)
        {
            oldest = _usedAt[i] < _usedAt[oldest] ? i : oldest;
        }

        return oldest;
    }

    private EFI_STATUS ReadThrough(ulong at, Span<byte> to)
    {
        fixed (byte* bytes = to)
        {
            _target.GoTo(bytes, (ulong)to.Length);
            return Fetch(at, (ulong)to.Length);
        }
    }

    /// <summary>Fetches a part to the target; all of it, as far as the file goes.</summary>
    private EFI_STATUS Fetch(ulong start, ulong length)
    {
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        bool isChanged = false;
        int tries = _range.Total is not null && _range.Validator.IsEmpty ? 1 : _uris.Length;
        for (int i = 0; i < tries; i++)
        {
            int index = (_current + i) % _uris.Length;
            _range.Start = start;
            _range.Length = length;
            using (_scratch.Enter())
            {
                bool isFirst = _range.Total is null;
                Error? error = _client.Run(_uris[index], _target, _options);
                if (error is null && isFirst)
                {
                    FindInterfaces();
                }

                _target.MovedTo = null; // It is of this request's memory.
                status = error is null ? EFI_STATUS.EFI_SUCCESS : Fail(error.Status, error.Message);
            }

            _scratch.Reset();
            if (!status.IsError)
            {
                _current = index;
                return status;
            }

            isChanged |= status == EFI_STATUS.EFI_MEDIA_CHANGED;
        }

        if (isChanged)
        {
            _gone = status; // For good: what was read before is of another file.
        }

        return status;
    }

    /// <summary>Which interfaces lead to those who have the file.</summary>
    private void FindInterfaces()
    {
        foreach (ResourceUri uri in _uris)
        {
            Add(uri);
        }

        if (_client.HttpProxy is not null)
        {
            Add(_client.HttpProxy);
        }

        if (_target.MovedTo is not null)
        {
            Add(_target.MovedTo);
        }
    }

    private void Add(ResourceUri uri)
    {
        Span<IPAddress> addresses = stackalloc IPAddress[FetchClient.MaximumAddresses];
        if (_client.ResolveHost(uri, 0, addresses, out int count) is not null)
        {
            return; // It will not be read from.
        }

        foreach (IPAddress address in addresses.Slice(0, count))
        {
            for (int i = 0; _network.TryFlow(address, out Flow flow) && i < _interfaces.Length; i++)
            {
                if (_interfaces[i] is null || _interfaces[i] == flow.Interface)
                {
                    _interfaces[i] = flow.Interface;
                    break;
                }
            }
        }
    }
}
