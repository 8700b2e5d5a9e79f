using System;

namespace NetBoot.NetworkStack.Trust;

/// <summary>What a server sends in TLS' Certificate message: a list with its length in front, and so each certificate (RFC 5246, 7.4.2).</summary>
internal readonly ref struct SentCertificates
{
    /// <summary>More are not looked at; nobody's chain is as long.</summary>
    public const int Maximum = 16;

    private const int LengthSize = 3;

    private readonly ReadOnlySpan<byte> _list;

    private SentCertificates(ReadOnlySpan<byte> list, int count)
    {
        _list = list;
        Count = Math.Min(count, Maximum);
        HasMore = count > Maximum;
    }

    /// <summary>There are some behind the last.</summary>
    public readonly bool HasMore;

    /// <summary>At most <see cref="Maximum"/>.</summary>
    public readonly int Count;

    /// <summary>A certificate, as it was sent; the first is the server's own.</summary>
    /// <param name="index">Below <see cref="Count"/>.</param>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            ReadOnlySpan<byte> rest = _list;
            ReadOnlySpan<byte> certificate = default;
            for (; index >= 0; index--)
            {
                Cut(ref rest, out certificate);
            }

            return certificate;
        }
    }

    /// <summary>Reads a list; false when its lengths do not fit.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out SentCertificates certificates)
    {
        bool isGood = Cut(ref message, out ReadOnlySpan<byte> list) && message.IsEmpty;
        int count = 0;
        for (ReadOnlySpan<byte> rest = list; isGood && !rest.IsEmpty; count++)
        {
            isGood = Cut(ref rest, out _);
        }

        certificates = new SentCertificates(list, isGood ? count : 0);
        return isGood;
    }

    private static bool Cut(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> part)
    {
        part = default;
        int length = rest.Length < LengthSize ? -1 : (rest[0] << 16) | (rest[1] << 8) | rest[2];
        if (length < 0 || length > rest.Length - LengthSize)
        {
            rest = default;
            return false;
        }

        part = rest.Slice(LengthSize, length);
        rest = rest.Slice(LengthSize + length);
        return true;
    }
}
