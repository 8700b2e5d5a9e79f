using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A UDP port of an image that speaks through EFI_PXE_BASE_CODE_PROTOCOL, with what has come to it and was not read yet.</summary>
internal sealed class PxePort : IUdpHandler
{
    /// <summary>The most that one has, in bytes.</summary>
    public const int MaximumPayload = 1472;

    private const int Capacity = 4;

    private readonly byte[] _payloads = new byte[Capacity * MaximumPayload];
    private readonly int[] _lengths = new int[Capacity];
    private readonly IPEndpoint[] _sources = new IPEndpoint[Capacity];
    private readonly IPAddress[] _destinations = new IPAddress[Capacity];
    private int _first;
    private int _count;

    /// <summary>Null while it is closed.</summary>
    public UdpSocket? Socket { get; set; }

    /// <summary>Why what was sent last does not arrive, if somebody says so.</summary>
    public Unreachable? Unreachable { get; set; }

    public bool IsEmpty => _count == 0;

    /// <summary>Closes the port; what came is forgotten.</summary>
    public void Close()
    {
        Socket?.Dispose();
        Socket = null;
        Unreachable = null;
        _count = 0;
    }

    /// <summary>Takes the oldest datagram out; there is one. The payload is valid until the network is polled.</summary>
    public ReadOnlySpan<byte> Take(out IPEndpoint source, out IPAddress destination)
    {
        int index = _first;
        _first = (_first + 1) % Capacity;
        _count--;
        source = _sources[index];
        destination = _destinations[index];
        return new ReadOnlySpan<byte>(_payloads, index * MaximumPayload, _lengths[index]);
    }

    /// <inheritdoc/>
    public void OnDatagram(in UdpDatagram datagram)
    {
        if (_count == Capacity || datagram.Payload.Length > MaximumPayload)
        {
            return; // Lost, as on any wire.
        }

        int index = (_first + _count++) % Capacity;
        _sources[index] = datagram.Source;
        _destinations[index] = datagram.Destination;
        _lengths[index] = datagram.Payload.Length;
        datagram.Payload.CopyTo(_payloads.AsSpan(index * MaximumPayload));
    }

    /// <inheritdoc/>
    public void OnUnreachable(IPEndpoint destination, Unreachable reason) => Unreachable = reason;
}
