using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>The records that TLS cuts its stream into (RFC 5246, 6.2; RFC 8446, 5.1): type, version, length, content.</summary>
internal static class TlsRecord
{
    public const int HeaderSize = 5;

    /// <summary>The most bytes of content in clear.</summary>
    public const int MaximumContent = 16384;

    /// <summary>The most bytes behind the header (RFC 5246, 6.2.3); TLS 1.3 has fewer.</summary>
    public const int MaximumLength = MaximumContent + 2048;

    public const byte ChangeCipherSpec = 20;
    public const byte Alert = 21;
    public const byte Handshake = 22;
    public const byte ApplicationData = 23;

    public const ushort Version12 = 0x0303;
    public const ushort Version13 = 0x0304;

    /// <summary>Whether what begins so can be a record at all.</summary>
    /// <param name="header">Of <see cref="HeaderSize"/> bytes.</param>
    public static bool IsHeader(ReadOnlySpan<byte> header) => header[0] is >= ChangeCipherSpec and <= ApplicationData && header[1] == 3;

    /// <summary>Bytes behind the header.</summary>
    /// <param name="header">Of <see cref="HeaderSize"/> bytes.</param>
    public static int Length(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadUInt16BigEndian(header.Slice(3));
}
