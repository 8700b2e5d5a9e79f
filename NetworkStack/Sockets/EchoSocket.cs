using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Sockets;

/// <summary>Asks a host whether it is there (RFC 792, RFC 4443: echo), one question at a time. A network has one such socket at a time.</summary>
public sealed class EchoSocket : IDisposable
{
    private readonly Network _network;
    private readonly ushort _identifier;
    private IPAddress _to;
    private ushort _sequence;
    private int _size;

    /// <summary>Hears answers until it is disposed.</summary>
    public EchoSocket(Network network)
    {
        _network = network;
        _identifier = (ushort)network.Random.Next32();
        network.Echo = this;
    }

    /// <summary>The last question was answered, with the bytes that were sent.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>Why the last question does not arrive, if somebody says so; not for sure, for anybody could.</summary>
    public Unreachable? Unreachable { get; private set; }

    /// <summary>Asks; what was asked before is forgotten.</summary>
    /// <param name="to">Of one host.</param>
    /// <param name="sequence">What tells the answer from others.</param>
    /// <param name="size">Bytes of data, which come back.</param>
    /// <returns>EFI_NO_MAPPING without a route, EFI_BAD_BUFFER_SIZE when it does not fit the MTU.</returns>
    public Error? Send(IPAddress to, ushort sequence, int size)
    {
        IsAnswered = false;
        Unreachable = null;
        (_to, _sequence, _size) = (to, sequence, size);
        if (!_network.TryFlow(to, out Flow flow))
        {
            return _network.NoRoute(to);
        }

        if (size > flow.Mtu - flow.HeaderSize - IcmpMessage.HeaderSize)
        {
            return new Error(EFI_STATUS.EFI_BAD_BUFFER_SIZE, TextBuilder.Format($"{size} bytes do not fit the MTU of {flow.Interface.Name}, {flow.Mtu}"));
        }

        Span<byte> data = stackalloc byte[NetworkInterface.MaximumMtu];
        for (int i = 0; i < size; i++)
        {
            data[i] = (byte)i;
        }

        _network.SendEcho(flow, ((uint)_identifier << 16) | sequence, data.Slice(0, size));
        return null;
    }

    /// <summary>Hears no more.</summary>
    public void Dispose()
    {
        if (_network.Echo == this)
        {
            _network.Echo = null;
        }
    }

    internal void OnReply(IPAddress source, IcmpMessage message)
    {
        ReadOnlySpan<byte> data = message.Body;
        bool isAnswer = source == _to && IsOurs(message.Rest) && data.Length == _size;
        for (int i = 0; i < data.Length && isAnswer; i++)
        {
            isAnswer = data[i] == (byte)i;
        }

        IsAnswered |= isAnswer;
    }

    internal void OnUnreachable(IPAddress destination, uint rest, Unreachable reason)
    {
        if (destination == _to && IsOurs(rest))
        {
            Unreachable = reason;
        }
    }

    private bool IsOurs(uint rest) => rest == (((uint)_identifier << 16) | _sequence);
}
