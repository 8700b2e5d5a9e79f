using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>What an answer means to who asked for an address.</summary>
internal enum DnsVerdict
{
    /// <summary>Not an answer to this question, or damaged before anything useful: as if it had not come.</summary>
    Ignored,
    Found,

    /// <summary>The name stands for another one, of which the answer has no address.</summary>
    Alias,

    /// <summary>The name exists, but has no address.</summary>
    NoAddress,

    /// <summary>RFC 1035's name error.</summary>
    NoSuchName,

    /// <summary>The server cannot or will not say: another may.</summary>
    ServerFailure,

    /// <summary>The server does not understand the question: one without extensions (RFC 6891, 7) may do.</summary>
    FormatError,

    /// <summary>The answer did not fit a datagram: by TCP it will (RFC 7766, 5).</summary>
    Truncated,

    /// <summary>The answer to this question, but in other letters' case: no proof that it comes from who was asked.</summary>
    OtherCase,
}

/// <summary>DNS messages (RFC 1035, 4): the question for an address, and the answer to it.</summary>
internal static class DnsMessage
{
    public const int HeaderSize = 12;
    public const ushort Port = 53;

    /// <summary>Header, name, type, class and an OPT record.</summary>
    public const int MaximumQuerySize = HeaderSize + DnsName.MaximumSize + 4 + OptionsSize;

    public const ushort TypeA = 1;
    public const ushort TypeAaaa = 28; // RFC 3596, 2.1
    private const ushort TypeCname = 5;
    private const ushort TypeOptions = 41; // RFC 6891, 6.1.1
    private const int OptionsSize = 11;

    /// <summary>What we take in a datagram: the largest that no path has to fragment.</summary>
    private const ushort DatagramSize = 1232;
    private const ushort ClassInternet = 1;
    private const int MaximumAliases = 16;

    /// <summary>Writes a recursive question for the address of <paramref name="name"/> (wire format, in any case).</summary>
    /// <param name="buffer">At least <see cref="MaximumQuerySize"/> bytes.</param>
    /// <param name="id">What the answer is known by.</param>
    /// <param name="name">At most 255 bytes.</param>
    /// <param name="type"><see cref="TypeA"/> or <see cref="TypeAaaa"/>.</param>
    /// <param name="isExtended">Says how long an answer may be (EDNS0: RFC 6891, 6.1.2).</param>
    /// <returns>Bytes written.</returns>
    public static int WriteQuery(Span<byte> buffer, ushort id, ReadOnlySpan<byte> name, ushort type, bool isExtended)
    {
        buffer.Slice(0, HeaderSize).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        buffer[2] = 1; // recursion desired
        buffer[5] = 1; // one question
        name.CopyTo(buffer.Slice(HeaderSize));
        int at = HeaderSize + name.Length;
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(at), type);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(at + 2), ClassInternet);
        at += 4;
        if (isExtended)
        {
            buffer[11] = 1; // one additional record
            Span<byte> options = buffer.Slice(at, OptionsSize);
            options.Clear(); // its owner is the root, and it is empty
            BinaryPrimitives.WriteUInt16BigEndian(options.Slice(1), TypeOptions);
            BinaryPrimitives.WriteUInt16BigEndian(options.Slice(3), DatagramSize);
            at += OptionsSize;
        }

        return at;
    }

    /// <summary>Reads the answer to a question.</summary>
    /// <param name="message">The whole message.</param>
    /// <param name="id">That of the query.</param>
    /// <param name="question">The name as it was asked for (wire format, at most 255 bytes): its letters' case comes back with the answer.</param>
    /// <param name="wanted">The type of record that was asked for.</param>
    /// <param name="addresses">With <see cref="DnsVerdict.Found"/>: the first of them, as many as there is room for.</param>
    /// <param name="count">How many these are.</param>
    /// <param name="lifetime">Of what was found, in seconds: the shortest on the way to it.</param>
    /// <param name="alias">255 bytes; for <see cref="DnsVerdict.Alias"/>, the name to ask for next.</param>
    /// <param name="aliasLength">Bytes in the alias.</param>
    public static DnsVerdict ReadAnswer(
        ReadOnlySpan<byte> message,
        ushort id,
        ReadOnlySpan<byte> question,
        ushort wanted,
        Span<IPAddress> addresses,
        out int count,
        out uint lifetime,
        Span<byte> alias,
        out int aliasLength)
    {
        count = 0;
        lifetime = uint.MaxValue;
        aliasLength = 0;
        int answers = HeaderSize + question.Length + 4;
        if (message.Length < answers || BinaryPrimitives.ReadUInt16BigEndian(message) != id ||
            (message[2] & 0xF8) != 0x80 || message[4] != 0 || message[5] != 1)
        {
            return DnsVerdict.Ignored; // another's, not an answer to a query, or not with one question
        }

        ReadOnlySpan<byte> asked = message.Slice(HeaderSize, question.Length);
        if (!AsciiText.EqualsIgnoreCase(asked, question) || BinaryPrimitives.ReadUInt16BigEndian(message.Slice(answers - 4)) != wanted)
        {
            return DnsVerdict.Ignored;
        }

        if (!asked.SequenceEqual(question))
        {
            return DnsVerdict.OtherCase;
        }

        switch (message[3] & 0xF)
        {
            case 0:
                break;
            case 1 or 4: // RFC 6891, 7
                return DnsVerdict.FormatError;
            case 3:
                return DnsVerdict.NoSuchName;
            default:
                return DnsVerdict.ServerFailure;
        }

        int records = BinaryPrimitives.ReadUInt16BigEndian(message.Slice(6));
        for (int i = 0; i < question.Length; i++)
        {
            alias[i] = AsciiText.ToLower(question[i]);
        }

        aliasLength = question.Length;
        Span<byte> owner = stackalloc byte[DnsName.MaximumSize];
        int aliases = 0;
        while (TryFind(message, answers, records, alias.Slice(0, aliasLength), wanted, addresses, out count, ref lifetime, out int data))
        {
            if (count > 0)
            {
                return DnsVerdict.Found;
            }

            int length = DnsName.Read(message, ref data, owner);
            if (length < 0 || ++aliases > MaximumAliases)
            {
                return DnsVerdict.ServerFailure;
            }

            owner.Slice(0, length).CopyTo(alias);
            aliasLength = length;
        }

        bool isTruncated = (message[2] & 2) != 0;
        return aliases > 0 ? DnsVerdict.Alias : isTruncated ? DnsVerdict.Truncated : DnsVerdict.NoAddress;
    }

    /// <summary>Finds the address records of <paramref name="name"/> or, when there are none, where its CNAME record's name stands.</summary>
    private static bool TryFind(
        ReadOnlySpan<byte> message, int at, int records, ReadOnlySpan<byte> name, ushort wanted, Span<IPAddress> addresses, out int count,
        ref uint lifetime, out int alias)
    {
        Span<byte> owner = stackalloc byte[DnsName.MaximumSize];
        uint addressLifetime = uint.MaxValue;
        uint aliasLifetime = 0;
        count = 0;
        alias = 0;
        for (; records > 0; records--)
        {
            int length = DnsName.Read(message, ref at, owner);
            if (length < 0 || message.Length - at < 10)
            {
                break; // truncated or damaged: what came before may do
            }

            ReadOnlySpan<byte> record = message.Slice(at);
            ushort type = BinaryPrimitives.ReadUInt16BigEndian(record);
            int size = BinaryPrimitives.ReadUInt16BigEndian(record.Slice(8));
            at += 10;
            if (message.Length - at < size)
            {
                break;
            }

            if (BinaryPrimitives.ReadUInt16BigEndian(record.Slice(2)) == ClassInternet && owner.Slice(0, length).SequenceEqual(name))
            {
                uint seconds = BinaryPrimitives.ReadUInt32BigEndian(record.Slice(4));
                seconds = seconds > int.MaxValue ? 0 : seconds; // RFC 2181, 8
                if (type == wanted && size == (type == TypeA ? 4 : IPAddress.IPv6Size) && count < addresses.Length)
                {
                    addresses[count++] = type == TypeA
                        ? new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(message.Slice(at)))
                        : new IPAddress(message.Slice(at, size));
                    addressLifetime = Math.Min(addressLifetime, seconds);
                }
                else if (type == TypeCname && alias == 0)
                {
                    alias = at;
                    aliasLifetime = seconds;
                }
            }

            at += size;
        }

        if (count == 0 && alias == 0)
        {
            return false;
        }

        lifetime = Math.Min(lifetime, count > 0 ? addressLifetime : aliasLifetime);
        return true;
    }
}
