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
public sealed unsafe class HttpDisk : SanDevice, ISanSource
{
    /// <summary>What is read first, in lines of the cache: partition tables, and where a CD says that it is one.</summary>
    private const int FirstRead = 16;

    private const int DiskBlockSize = 512;
    private const int CdBlockSize = 2048;

    /// <summary>ECMA-119, 8.1: the standard identifier of the first volume descriptor.</summary>
    private const int CdIdentifierAt = 16 * CdBlockSize + 1;

    private const int MaximumServers = 16;

    /// <summary>Bytes for what one request makes.</summary>
    private const int RequestRoom = 16 * 1024;

    /// <summary>Bytes for a place that a server redirects to.</summary>
    private const int PlaceRoom = 4 * 1024;

    private readonly Network _network;
    private readonly FetchClient _client;
    private readonly FetchOptions _options;
    private readonly HttpRange _range = new();
    private readonly ResourceUri[] _uris;
    private readonly SanCache _cache;
    private readonly HttpDiskTarget _target = new();
    private readonly IPAddress[] _servers = new IPAddress[MaximumServers];
    private readonly Arena _scratch;
    private Arena? _placeArena;
    private ResourceUri? _place;
    private int _placeOf;
    private int _serverCount;
    private int _current;
    private EFI_STATUS _gone;
    private string?[]? _failures; // While it is opened.

    private HttpDisk(Network network, FetchClient client, ResourceUri[] uris, FetchOptions options, Arena scratch)
    {
        _network = network;
        _client = client;
        _uris = uris;
        _options = options;
        _options.Range = _range;
        _scratch = scratch;
        _cache = new SanCache(this);
    }

    /// <summary>Opens a file as a disk, in the current arena, in which it stays.</summary>
    /// <param name="network">What the client is on.</param>
    /// <param name="client">Fetches the parts, also while no arena is current: its loop lets nobody interfere. Nobody else's.</param>
    /// <param name="uris">Where the file is: the first that answers is read, and when that fails the others, if theirs is the same.</param>
    /// <param name="options">Times and tries.</param>
    /// <param name="disk">Null with an error.</param>
    /// <param name="failures">Gets, for each of the URIs, why it could not be used; stays null where it was, or was not tried.</param>
    public static Error? Open(Network network, FetchClient client, ResourceUri[] uris, FetchOptions options, out HttpDisk? disk, string?[]? failures = null)
    {
        disk = null;
        Arena? scratch = Arena.TryCreate(RequestRoom);
        if (scratch is null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "out of memory");
        }

        client.KeepNames();
        HttpDisk opened = new(network, client, uris, options, scratch);
        opened._failures = failures;
        EFI_STATUS status = opened.Open();
        opened._failures = null;
        if (status.IsError)
        {
            Error error = new(status, new string(opened.Failure));
            opened.Dispose();
            return error;
        }

        disk = opened;
        return null;
    }

    /// <summary>Where those are who may be asked, the last 16.</summary>
    internal ReadOnlySpan<IPAddress> Servers => new(_servers, 0, Math.Min(_serverCount, MaximumServers));

    /// <summary>Which of its URIs is read now.</summary>
    public int Current => _current;

    /// <summary>A change of the file is seen by more than its size: the server gives an ETag or Last-Modified.</summary>
    public bool NoticesChanges => !_range.Validator.IsEmpty;

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

        return _cache.Read(block * (ulong)BlockSize, to, _range.Total!.Value);
    }

    /// <inheritdoc/>
    public override bool Uses(NetworkInterface netif)
    {
        foreach (IPAddress server in Servers)
        {
            if (_network.TryFlow(server, out Flow flow) && flow.Interface == netif)
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    public override void AppendTo(DevicePathBuilder path) => path.Uri(_uris[0].ToString());

    /// <inheritdoc/>
    public override bool IsSameAs(SanDevice other) => other is HttpDisk disk && _uris[0].ToString() == disk._uris[0].ToString();

    /// <inheritdoc/>
    public override void Abandon()
    {
        base.Abandon();
        _client.Dispose();
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _client.Dispose();
        _placeArena?.Dispose();
        if (!IsAbandoned)
        {
            _scratch.Dispose(); // Else a question for a name may be left of it, whose answer is yet to come.
        }
    }

    private EFI_STATUS Open()
    {
        EFI_STATUS status = _cache.Fill(0, FirstRead, ulong.MaxValue);
        if (status.IsError)
        {
            return status;
        }

        ulong size = _range.Total!.Value;
        Span<byte> identifier = stackalloc byte[5];
        bool isCd = size >= CdIdentifierAt + 5 && !_cache.Read(CdIdentifierAt, identifier, size).IsError && identifier.SequenceEqual("CD001"u8);
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

    /// <summary>Reads a part; all of it, as far as the file goes.</summary>
    EFI_STATUS ISanSource.Fetch(ulong start, ulong length, byte* to)
    {
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        bool isChanged = false;
        int tries = _range.Total is not null && _range.Validator.IsEmpty ? 1 : _uris.Length;
        for (int i = 0; i < tries; i++)
        {
            int index = (_current + i) % _uris.Length;
            ResourceUri? place = index == _placeOf ? _place : null;
            status = Fetch(place ?? _uris[index], index, start, length, to);
            if (place is not null && status.IsError && status != EFI_STATUS.EFI_MEDIA_CHANGED)
            {
                _place = null; // Where it was redirected to may have had its time.
                status = Fetch(_uris[index], index, start, length, to);
                status = status == EFI_STATUS.EFI_MEDIA_CHANGED ? Fail(EFI_STATUS.EFI_DEVICE_ERROR, "redirected to another file than before") : status;
            }

            if (!status.IsError)
            {
                _current = index;
                return Fail(EFI_STATUS.EFI_SUCCESS, default);
            }

            if (_failures is not null)
            {
                _failures[index] = new string(Failure);
            }

            isChanged |= i == 0 && status == EFI_STATUS.EFI_MEDIA_CHANGED; // Another server may always have had another file.
        }

        if (isChanged)
        {
            _gone = EFI_STATUS.EFI_MEDIA_CHANGED; // For good: what was read before is of another file.
        }

        return status;
    }

    /// <summary>Reads a part from one place, to which one of the disk's URIs led.</summary>
    private EFI_STATUS Fetch(ResourceUri uri, int index, ulong start, ulong length, byte* to)
    {
        EFI_STATUS status;
        _range.Start = start;
        _range.Length = length;
        _target.GoTo(to, length); // What another server began does not count.
        using (_scratch.Enter())
        {
            Error? error = _client.Run(uri, _target, _options);
            status = error is null ? EFI_STATUS.EFI_SUCCESS : Fail(error.Status, error.Message);
            if (error is null && _serverCount == 0)
            {
                FindServers();
            }

            if (error is null && _target.MovedTo is not null)
            {
                Remember(_target.MovedTo, index);
            }

            _target.MovedTo = null; // It is of this request's memory.
        }

        _scratch.Reset();
        return status;
    }

    /// <summary>Where a server redirects to, it may redirect to another the next time, whose file is another: the first is asked again.</summary>
    private void Remember(ResourceUri place, int index)
    {
        _placeArena ??= Arena.TryCreate(PlaceRoom);
        if (_placeArena is null)
        {
            return;
        }

        Add(place);
        string text = place.ToText();
        _place = null;
        _placeArena.Reset();
        using (_placeArena.Enter())
        {
            _place = ResourceUri.Parse(new string(text.AsSpan()), out _);
        }

        _placeOf = index;
    }

    /// <summary>Where those are who have the file. Which way leads to them is chosen by each connection anew.</summary>
    private void FindServers()
    {
        foreach (ResourceUri uri in _uris)
        {
            Add(uri);
        }

        if (_client.HttpProxy is not null)
        {
            Add(_client.HttpProxy);
        }
    }

    private void Add(ResourceUri uri)
    {
        Span<IPAddress> addresses = stackalloc IPAddress[FetchClient.MaximumAddresses];
        if (_client.ResolveHost(uri, 0, addresses, out int count) is not null)
        {
            return; // It will not be read from.
        }

        foreach (IPAddress each in addresses.Slice(0, count))
        {
            if (!Knows(each))
            {
                _servers[_serverCount++ % MaximumServers] = each; // The newest are those that are asked.
            }
        }
    }

    private bool Knows(IPAddress server)
    {
        foreach (IPAddress each in Servers)
        {
            if (each == server)
            {
                return true;
            }
        }

        return false;
    }
}
