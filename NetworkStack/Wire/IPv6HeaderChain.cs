using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// Walks the extension headers of an IPv6 datagram up to its payload (RFC 8200, 4), and says what is to be done with it.
/// </summary>
internal ref struct IPv6HeaderChain
{
    // More than any honest sender chains (RFC 8504, 5.3, lets a node set a limit).
    private const int MaximumHeaders = 8;
    private const byte Pad1 = 0;
    private const int FragmentHeaderSize = 8;

    private IPv6HeaderChain(IPv6ChainVerdict verdict, IPProtocol protocol, int offset)
    {
        Verdict = verdict;
        Protocol = protocol;
        Offset = offset;
    }

    /// <summary>What stands at <see cref="Offset"/>.</summary>
    public IPv6ChainVerdict Verdict { get; }

    /// <summary>Of the payload, or (<see cref="IPv6ChainVerdict.Fragment"/>) of the first header in the fragments.</summary>
    public IPProtocol Protocol { get; }

    /// <summary>Where the payload begins, the fragment header, or the byte that is wrong.</summary>
    public int Offset { get; }

    /// <summary>Walks from a header on.</summary>
    /// <param name="bytes">The datagram.</param>
    /// <param name="header">The kind of the header at <paramref name="at"/>.</param>
    /// <param name="at">Where to begin.</param>
    /// <param name="nextHeaderAt">Where the kind stands.</param>
    /// <param name="isFirst">Whether a hop-by-hop header may stand there: it comes first or not at all.</param>
    public static IPv6HeaderChain Read(ReadOnlySpan<byte> bytes, IPProtocol header, int at, int nextHeaderAt, bool isFirst)
    {
        for (int count = 0; count <= MaximumHeaders; count++)
        {
            switch (header)
            {
                case IPProtocol.Tcp or IPProtocol.Udp or IPProtocol.IcmpV6:
                    return new(IPv6ChainVerdict.Payload, header, at);
                case IPProtocol.NoNextHeader:
                    return new(IPv6ChainVerdict.Malformed, header, at);
                case IPProtocol.HopByHop when !(isFirst && count == 0):
                    return new(IPv6ChainVerdict.UnknownHeader, header, nextHeaderAt);
                case IPProtocol.HopByHop or IPProtocol.DestinationOptions or IPProtocol.Routing:
                    if (bytes.Length - at < 8 || bytes.Length - at < (bytes[at + 1] + 1) * 8)
                    {
                        return new(IPv6ChainVerdict.Malformed, header, at);
                    }

                    int size = (bytes[at + 1] + 1) * 8;
                    if (header == IPProtocol.Routing)
                    {
                        if (bytes[at + 3] != 0) // Segments left: we forward nothing, and type 0 is dead (RFC 5095).
                        {
                            return new(IPv6ChainVerdict.BadField, header, at + 2);
                        }
                    }
                    else if (CheckOptions(bytes, at + 2, at + size) is { Verdict: not IPv6ChainVerdict.Payload } bad)
                    {
                        return bad;
                    }

                    header = (IPProtocol)bytes[at];
                    nextHeaderAt = at;
                    at += size;
                    break;
                case IPProtocol.Fragment:
                    return bytes.Length - at < FragmentHeaderSize
                        ? new(IPv6ChainVerdict.Malformed, header, at)
                        : new(IPv6ChainVerdict.Fragment, (IPProtocol)bytes[at], at);
                default:
                    return new(IPv6ChainVerdict.UnknownHeader, header, nextHeaderAt);
            }
        }

        return new(IPv6ChainVerdict.Malformed, header, at);
    }

    // RFC 8200, 4.2: the two highest bits of an unknown option's type say what to do with the datagram.
    private static IPv6HeaderChain CheckOptions(ReadOnlySpan<byte> bytes, int at, int end)
    {
        while (at < end)
        {
            byte type = bytes[at];
            if (type == Pad1)
            {
                at++;
                continue;
            }

            if (end - at < 2 || end - at < 2 + bytes[at + 1])
            {
                return new(IPv6ChainVerdict.Malformed, default, at);
            }

            if (type >> 6 != 0)
            {
                IPv6ChainVerdict verdict = (type >> 6) switch
                {
                    1 => IPv6ChainVerdict.Malformed,
                    2 => IPv6ChainVerdict.UnknownOption,
                    _ => IPv6ChainVerdict.UnknownOptionOfOne,
                };
                return new(verdict, default, at);
            }

            at += 2 + bytes[at + 1];
        }

        return new(IPv6ChainVerdict.Payload, default, at);
    }
}
