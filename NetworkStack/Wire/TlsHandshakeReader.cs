using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// Messages of a handshake in clear (RFC 5246, 7.4), which records cut anywhere: several in one, one in several. Of what lies in more than one
/// record only hellos and certificates are kept.
/// </summary>
internal sealed class TlsHandshakeReader
{
    /// <summary>A longer message is not read: so long is the longest list of certificates that OpenSSL takes by itself.</summary>
    public const int LongestMessage = 100 * 1024;

    public const byte HelloRequest = 0;
    public const byte ServerHello = 2;
    public const byte Certificate = 11;
    public const byte CertificateRequest = 13;
    private const int HeaderSize = 4;

    private readonly byte[] _header = new byte[HeaderSize];
    private int _headerLength;
    private byte[] _body = [];
    private int _bodyLength;

    /// <summary>A message is too long; nothing is read any more.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Takes the next message, or as much of it as there is.</summary>
    /// <param name="content">A record's; what is left of it is behind the message.</param>
    /// <param name="type">The message's.</param>
    /// <param name="body">Behind its header; valid as long as the record, and until the next call. Empty where it was not kept.</param>
    /// <returns>False when it goes on in the next record.</returns>
    public bool TryRead(scoped ref ReadOnlySpan<byte> content, out byte type, out ReadOnlySpan<byte> body)
    {
        body = default;
        int part = Math.Min(HeaderSize - _headerLength, content.Length);
        content.Slice(0, part).CopyTo(new Span<byte>(_header, _headerLength, part));
        content = content.Slice(part);
        _headerLength += part;
        type = _header[0];
        int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(_header) & 0xFFFFFF);
        HasFailed |= _headerLength == HeaderSize && length > LongestMessage;
        if (HasFailed || _headerLength < HeaderSize)
        {
            return false;
        }

        if (_bodyLength == 0 && content.Length >= length)
        {
            body = content.Slice(0, length);
            content = content.Slice(length);
            _headerLength = 0;
            return true;
        }

        if (content.IsEmpty)
        {
            return false;
        }

        bool isKept = type is ServerHello or Certificate;
        if (_bodyLength == 0)
        {
            _body = isKept ? new byte[length] : [];
        }

        part = Math.Min(length - _bodyLength, content.Length);
        if (isKept)
        {
            content.Slice(0, part).CopyTo(new Span<byte>(_body, _bodyLength, part));
        }

        content = content.Slice(part);
        _bodyLength += part;
        if (_bodyLength < length)
        {
            return false;
        }

        body = _body;
        _headerLength = 0;
        _bodyLength = 0;
        return true;
    }
}
