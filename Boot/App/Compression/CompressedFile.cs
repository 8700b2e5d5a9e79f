using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Compression;

/// <summary>Files of gzip (RFC 1952) and zlib (RFC 1950). Such a file may say how long its content is: that is never believed.</summary>
public static unsafe class CompressedFile
{
    private const byte Deflate = 8;
    private const int GzipHeaderSize = 10;
    private const int GzipTrailerSize = 8;
    private const int FlagsAt = 3;
    private const byte HasHeaderCrc = 0x02;
    private const byte HasExtra = 0x04;
    private const byte HasName = 0x08;
    private const byte HasComment = 0x10;
    private const byte ReservedFlags = 0xE0;
    private const int ZlibHeaderSize = 2;
    private const int ZlibTrailerSize = 4;
    private const byte HasDictionary = 0x20;

    /// <summary>Whether the first bytes are those of gzip or zlib.</summary>
    public static bool IsCompressed(ReadOnlySpan<byte> content) => IsGzip(content) || IsZlib(content);

    /// <summary>Whether the first bytes are those of gzip.</summary>
    public static bool IsGzip(ReadOnlySpan<byte> content) =>
        content.Length >= GzipHeaderSize + GzipTrailerSize && content[0] == 0x1F && content[1] == 0x8B && content[2] == Deflate;

    /// <summary>Decompresses a file; of gzip all members, one after the other. What follows that is none is left out, as gzip does.</summary>
    /// <param name="content">The file.</param>
    /// <param name="length">Its size in bytes.</param>
    /// <param name="to">Gets what comes out.</param>
    /// <param name="loop">Turns now and then, and stops the work when the user does.</param>
    /// <returns>What is wrong, with the byte at which that was seen.</returns>
    public static Error? Extract(byte* content, ulong length, DownloadTarget to, EventLoop loop)
    {
        ReadOnlySpan<byte> first = View(content, length, 0);
        bool isGzip = IsGzip(first);
        if (!isGzip && !IsZlib(first))
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, "neither gzip nor zlib");
        }

        Error? error = to.Begin(null);
        ulong at = 0;
        do
        {
            error ??= isGzip ? ExtractMember(content, length, ref at, to, loop) : ExtractZlib(content, length, to, loop);
        }
        while (error is null && isGzip && IsGzip(View(content, length, at)));
        if (error is null)
        {
            to.Complete();
        }

        return error;
    }

    private static bool IsZlib(ReadOnlySpan<byte> content) =>
        content.Length >= ZlibHeaderSize + ZlibTrailerSize && (content[0] & 0x0F) == Deflate && content[0] >> 4 <= 7 &&
        (content[0] * 256 + content[1]) % 31 == 0 && (content[1] & HasDictionary) == 0;

    /// <summary>One member, and <paramref name="at"/> behind it and the zeros that may pad it.</summary>
    private static Error? ExtractMember(byte* content, ulong length, ref ulong at, DownloadTarget to, EventLoop loop)
    {
        ReadOnlySpan<byte> header = View(content, length, at);
        byte flags = header[FlagsAt];
        int size = GzipHeaderSize;
        if ((flags & ReservedFlags) != 0)
        {
            return Bad(at + FlagsAt, "flags of a later gzip");
        }

        if ((flags & HasExtra) != 0)
        {
            size += 2 + BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(GzipHeaderSize));
        }

        int texts = ((flags & HasName) != 0 ? 1 : 0) + ((flags & HasComment) != 0 ? 1 : 0);
        for (; texts > 0 && size < header.Length; texts--)
        {
            int end = header.Slice(size).IndexOf((byte)0);
            size = end < 0 ? header.Length : size + end + 1;
        }

        size += (flags & HasHeaderCrc) != 0 ? 2 : 0;
        if (size > header.Length - GzipTrailerSize)
        {
            return Bad(at, "a header without an end");
        }

        Crc32 crc = new();
        Inflater inflater = new(content, length, at + (ulong)size);
        Error? error = inflater.Run(to, crc, loop);
        if (error is not null)
        {
            return error;
        }

        at = inflater.Position;
        ReadOnlySpan<byte> trailer = View(content, length, at);
        if (trailer.Length < GzipTrailerSize)
        {
            return Bad(at, "the data ends too early");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(trailer) != crc.Value ||
            BinaryPrimitives.ReadUInt32LittleEndian(trailer.Slice(4)) != (uint)inflater.Produced)
        {
            return Bad(at, "the content is not what its CRC-32 and length say");
        }

        at += GzipTrailerSize;
        while (at < length && content[at] == 0)
        {
            at++;
        }

        return null;
    }

    private static Error? ExtractZlib(byte* content, ulong length, DownloadTarget to, EventLoop loop)
    {
        Adler32 adler = new();
        Inflater inflater = new(content, length, ZlibHeaderSize);
        Error? error = inflater.Run(to, adler, loop);
        ReadOnlySpan<byte> trailer = View(content, length, inflater.Position);
        return error
            ?? (trailer.Length < ZlibTrailerSize ? Bad(inflater.Position, "the data ends too early")
            : BinaryPrimitives.ReadUInt32BigEndian(trailer) != adler.Value ? Bad(inflater.Position, "the content is not what its Adler-32 says")
            : null);
    }

    /// <summary>The next bytes, 2 GiB at most.</summary>
    private static ReadOnlySpan<byte> View(byte* content, ulong length, ulong at) =>
        new(content + at, (int)Math.Min(length - at, int.MaxValue));

    private static Error Bad(ulong at, string what) => new(EFI_STATUS.EFI_COMPROMISED_DATA, TextBuilder.Format($"byte {at}: {what}"));
}
