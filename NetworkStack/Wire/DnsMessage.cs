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
}

/// <summary>DNS messages (RFC 1035, 4): the question for an address, and the answer to it.</summary>
internal static class DnsMessage
{
    public const int HeaderSize = 12;
    public const ushort Port = 53;

    /// <summary>Header, name, type and class.</summary>
    public const int MaximumQuerySize = HeaderSize + DnsName.MaximumSize + 4;

    private const ushort TypeA = 1;
    private const ushort TypeCname = 5;
    private const ushort ClassInternet = 1;
    private const int MaximumAliases = 16;

    /// <summary>Writes a recursive question for the address of <paramref name="name"/> (wire format).</summary>
    public static int WriteQuery(Span<byte> buffer, ushort id, ReadOnlySpan<byte> name)
    {
        buffer.Slice(0, HeaderSize).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(buffer, id);
        buffer[2] = 1; // recursion desired
        buffer[5] = 1; // one question
        name.CopyTo(buffer.Slice(HeaderSize));
        int at = HeaderSize + name.Length;
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(at), TypeA);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(at + 2), ClassInternet);
        return at + 4;
    }

    /// <summary>Reads the answer to a question.</summary>
    /// <param name="message">The whole datagram.</param>
    /// <param name="id">That of the query.</param>
    /// <param name="name">The name asked for (wire format, at most 255 bytes).</param>
    /// <param name="address">With <see cref="DnsVerdict.Found"/>: the first address.</param>
    /// <param name="lifetime">Of what was found, in seconds: the shortest on the way to it.</param>
    /// <param name="alias">255 bytes; for <see cref="DnsVerdict.Alias"/>, the name to ask for next.</param>
    /// <param name="aliasLength">Bytes in the alias.</param>
    public static DnsVerdict ReadAnswer(
        ReadOnlySpan<byte> message,
        ushort id,
        ReadOnlySpan<byte> name,
        out IPv4Address address,
        out uint lifetime,
        Span<byte> alias,
        out int aliasLength)
    {
        address = default;
        lifetime = uint.MaxValue;
        aliasLength = 0;
        Span<byte> owner = stackalloc byte[DnsName.MaximumSize];
        int at = HeaderSize;
        if (message.Length < HeaderSize || BinaryPrimitives.ReadUInt16BigEndian(message) != id ||
            (message[2] & 0xF8) != 0x80 || message[4] != 0 || message[5] != 1)
        {
            return DnsVerdict.Ignored; // another's, not an answer to a query, or not with one question
        }

        int length = DnsName.Read(message, ref at, owner);
        if (length < 0 || !owner.Slice(0, length).SequenceEqual(name) || message.Length - at < 4 ||
            BinaryPrimitives.ReadUInt16BigEndian(message.Slice(at)) != TypeA)
        {
            return DnsVerdict.Ignored;
        }

        int answers = at + 4;
        int rcode = message[3] & 0xF;
        if (rcode != 0)
        {
            return rcode == 3 ? DnsVerdict.NoSuchName : DnsVerdict.ServerFailure;
        }

        int count = BinaryPrimitives.ReadUInt16BigEndian(message.Slice(6));
        name.CopyTo(alias);
        aliasLength = name.Length;
        int aliases = 0;
        while (TryFind(message, answers, count, alias.Slice(0, aliasLength), ref lifetime, out ushort type, out int data))
        {
            if (type == TypeA)
            {
                address = new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(message.Slice(data)));
                return DnsVerdict.Found;
            }

            length = DnsName.Read(message, ref data, owner);
            if (length < 0 || ++aliases > MaximumAliases)
            {
                return DnsVerdict.ServerFailure;
            }

            owner.Slice(0, length).CopyTo(alias);
            aliasLength = length;
        }

        bool isTruncated = (message[2] & 2) != 0;
        return aliases > 0 ? DnsVerdict.Alias : isTruncated ? DnsVerdict.ServerFailure : DnsVerdict.NoAddress;
    }

    /// <summary>Finds an A or CNAME record of <paramref name="name"/>, the address before the alias.</summary>
    private static bool TryFind(
        ReadOnlySpan<byte> message, int at, int count, ReadOnlySpan<byte> name, ref uint lifetime, out ushort type, out int data)
    {
        Span<byte> owner = stackalloc byte[DnsName.MaximumSize];
        bool isFound = false;
        uint foundLifetime = 0;
        type = 0;
        data = 0;
        for (; count > 0 && type != TypeA; count--)
        {
            int length = DnsName.Read(message, ref at, owner);
            if (length < 0 || message.Length - at < 10)
            {
                break; // truncated or damaged: what came before may do
            }

            ReadOnlySpan<byte> record = message.Slice(at);
            ushort recordType = BinaryPrimitives.ReadUInt16BigEndian(record);
            int recordSize = BinaryPrimitives.ReadUInt16BigEndian(record.Slice(8));
            if (message.Length - at - 10 < recordSize)
            {
                break;
            }

            bool isWanted = recordType == TypeA ? recordSize == 4 : recordType == TypeCname && !isFound;
            if (isWanted && BinaryPrimitives.ReadUInt16BigEndian(record.Slice(2)) == ClassInternet &&
                owner.Slice(0, length).SequenceEqual(name))
            {
                uint seconds = BinaryPrimitives.ReadUInt32BigEndian(record.Slice(4));
                foundLifetime = seconds > int.MaxValue ? 0 : seconds; // RFC 2181, 8
                type = recordType;
                data = at + 10;
                isFound = true;
            }

            at += 10 + recordSize;
        }

        lifetime = isFound ? Math.Min(lifetime, foundLifetime) : lifetime;
        return isFound;
    }
}
