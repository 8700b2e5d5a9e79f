using System;
using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Dns;

/// <summary>One DNS answer as it comes by TCP, behind its length in two bytes (RFC 1035, 4.2.2).</summary>
internal sealed class DnsStream : StreamHandler
{
    /// <summary>Longer answers than this are none to the question for an address.</summary>
    public const int MaximumSize = 16 * 1024;

    private readonly byte[] _bytes = new byte[2 + MaximumSize];
    private int _length;
    private bool _isClosed;

    /// <summary>All of the answer is there.</summary>
    public bool IsWhole => _length >= 2 && _length - 2 >= Size;

    /// <summary>Nothing more is to be waited for.</summary>
    public bool IsOver => IsWhole || _isClosed || (_length >= 2 && Size > MaximumSize);

    /// <summary>The answer, when it <see cref="IsWhole"/>.</summary>
    public ReadOnlySpan<byte> Message => new(_bytes, 2, Size);

    private int Size => (_bytes[0] << 8) | _bytes[1];

    public override void OnConnected()
    {
    }

    public override void OnData(ReadOnlySpan<byte> data)
    {
        data = data.Slice(0, Math.Min(data.Length, _bytes.Length - _length));
        data.CopyTo(_bytes.AsSpan(_length));
        _length += data.Length;
    }

    public override void OnClosed(Error? error) => _isClosed = true;
}
