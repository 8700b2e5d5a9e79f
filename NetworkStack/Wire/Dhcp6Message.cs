using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// A received DHCPv6 message between client and server (RFC 8415, 8): a copy of it, whose options were checked when it was taken, with those in
/// other options. Made once and loaded often: <see cref="TryLoad"/> makes no objects.
/// </summary>
/// <remarks>
/// A message is taken whole or not at all: one with an option that is cut off, of a length that cannot be, or repeated where one means
/// something, is refused, and <see cref="FaultTag"/> and <see cref="FaultOffset"/> say where. Options that are not read here are not looked into.
/// </remarks>
public sealed class Dhcp6Message
{
    /// <summary>The longest message that is taken: what fits an Ethernet frame.</summary>
    public const int MaximumSize = 1500 - IPv6Packet.HeaderSize - UdpPacket.HeaderSize;

    /// <summary>The longest DUID (RFC 8415, 11.1): a type of 2 bytes, and 128.</summary>
    public const int MaximumIdentifier = 130;

    /// <summary>What there is before the options: type, transaction (RFC 8415, 8).</summary>
    public const int HeaderSize = 4;

    /// <summary>What an association has before the options in it: number, T1, T2.</summary>
    internal const int AssociationSize = 12;

    /// <summary>What an address has before the options in it: the address, its preferred and valid lifetimes.</summary>
    internal const int AddressSize = 24;

    private const int MinimumIdentifier = 3;

    private readonly byte[] _packet = new byte[MaximumSize];
    private int _size;

    /// <summary>The message as it came.</summary>
    public ReadOnlySpan<byte> Packet => new(_packet, 0, _size);

    /// <summary>Whether there is a message in it.</summary>
    public bool IsLoaded => _size > 0;

    /// <summary>The tag of the option for which a message was not taken.</summary>
    public ushort FaultTag { get; private set; }

    /// <summary>Where that option begins, in bytes from the message's first; 0 when the message was taken, or was none at all.</summary>
    public int FaultOffset { get; private set; }

    /// <summary>What it is.</summary>
    public Dhcp6MessageType Type => IsLoaded ? (Dhcp6MessageType)_packet[0] : Dhcp6MessageType.None;

    /// <summary>What the client made up for the exchange: 24 bits.</summary>
    public uint TransactionId => WireBytes.Read32(_packet, 0) & 0xFF_FFFF;

    /// <summary>The status of the message as a whole.</summary>
    public Dhcp6Status Status => StatusOf(Options);

    /// <summary>All options.</summary>
    public ReadOnlySpan<byte> Options => IsLoaded ? Packet.Slice(HeaderSize) : default;

    /// <summary>The DUID of who answers; empty when there is none.</summary>
    public ReadOnlySpan<byte> ServerIdentifier => Find(Dhcp6Tag.ServerIdentifier);

    /// <summary>The DUID of who is answered; empty when there is none.</summary>
    public ReadOnlySpan<byte> ClientIdentifier => Find(Dhcp6Tag.ClientIdentifier);

    /// <summary>The URL of what to boot; empty when none is named.</summary>
    public ReadOnlySpan<byte> BootFileUrl => DhcpMessage.TrimName(Find(Dhcp6Tag.BootFileUrl));

    /// <summary>0 to 255.</summary>
    public int Preference => Find(Dhcp6Tag.Preference) is { Length: 1 } value ? value[0] : 0;

    /// <summary>Takes over a message. False when it is none, or one that has a fault.</summary>
    public bool TryLoad(ReadOnlySpan<byte> packet)
    {
        _size = 0;
        FaultTag = 0;
        FaultOffset = 0;
        if (packet.Length < HeaderSize || packet.Length > MaximumSize || !Check(packet.Slice(HeaderSize), HeaderSize, 0))
        {
            return false;
        }

        packet.CopyTo(_packet);
        _size = packet.Length;
        return true;
    }

    /// <summary>Holds nothing any more.</summary>
    public void Clear() => _size = 0;

    /// <summary>The value of an option of the message itself.</summary>
    /// <param name="tag">Any.</param>
    /// <param name="value">Valid until the message is loaded again.</param>
    public bool TryGetOption(ushort tag, out ReadOnlySpan<byte> value) => Dhcp6OptionReader.TryFind(Options, tag, out value);

    /// <summary>A number of 4 bytes in an option; <paramref name="otherwise"/> without it.</summary>
    public uint GetNumber(ushort tag, uint otherwise) => Find(tag) is { Length: 4 } value ? WireBytes.Read32(value, 0) : otherwise;

    /// <summary>The association of a number.</summary>
    /// <param name="number">IAID.</param>
    /// <param name="association">With its first usable address.</param>
    public bool TryGetAssociation(uint number, out Dhcp6Association association)
    {
        Dhcp6OptionReader reader = new(Options);
        while (reader.Read())
        {
            if (reader.Tag == Dhcp6Tag.Association && WireBytes.Read32(reader.Value, 0) == number)
            {
                association = new Dhcp6Association(reader.Value);
                return true;
            }
        }

        association = default;
        return false;
    }

    /// <summary>Success when there is no status among options.</summary>
    internal static Dhcp6Status StatusOf(ReadOnlySpan<byte> options) =>
        Dhcp6OptionReader.TryFind(options, Dhcp6Tag.StatusCode, out ReadOnlySpan<byte> value)
            ? (Dhcp6Status)WireBytes.Read16(value, 0)
            : Dhcp6Status.Success;

    private ReadOnlySpan<byte> Find(ushort tag)
    {
        TryGetOption(tag, out ReadOnlySpan<byte> value);
        return value;
    }

    // The options of the message, or those in an option of that tag.
    private bool Check(ReadOnlySpan<byte> options, int offset, ushort outer)
    {
        ulong seen = 0;
        ulong seenAbove = 0;
        Dhcp6OptionReader reader = new(options);
        while (reader.Read())
        {
            ref ulong word = ref reader.Tag < 64 ? ref seen : ref seenAbove;
            ulong bit = reader.Tag < 128 && IsSingle(reader.Tag) ? 1UL << (reader.Tag & 63) : 0;
            if ((word & bit) != 0 || !IsLawful(reader.Tag, reader.Value, outer))
            {
                return Fail(reader.Tag, offset + reader.Offset);
            }

            word |= bit;
            int inner = InnerOffset(reader.Tag, outer);
            if (inner > 0 && !Check(reader.Value.Slice(inner), offset + reader.Offset + Dhcp6OptionReader.HeaderSize + inner, reader.Tag))
            {
                return false;
            }
        }

        return !reader.IsDamaged || Fail(reader.Tag, offset + reader.Offset);
    }

    private bool Fail(ushort tag, int offset)
    {
        FaultTag = tag;
        FaultOffset = offset;
        return false;
    }

    // Where the options in an option begin; 0 for none. An option within itself is not gone into.
    private static int InnerOffset(ushort tag, ushort outer) => tag switch
    {
        Dhcp6Tag.Association when outer == 0 => AssociationSize,
        Dhcp6Tag.Address when outer == Dhcp6Tag.Association => AddressSize,
        _ => 0,
    };

    // Of what is read here, everything but associations and their addresses is there once.
    private static bool IsSingle(ushort tag) => tag is
        Dhcp6Tag.ClientIdentifier or Dhcp6Tag.ServerIdentifier or Dhcp6Tag.Preference or Dhcp6Tag.StatusCode or Dhcp6Tag.RapidCommit or
        Dhcp6Tag.DnsServers or Dhcp6Tag.DomainList or Dhcp6Tag.InformationRefreshTime or Dhcp6Tag.BootFileUrl or Dhcp6Tag.BootFileParameters or
        Dhcp6Tag.SolicitMaximumTime or Dhcp6Tag.InformationMaximumTime;

    private static bool IsLawful(ushort tag, ReadOnlySpan<byte> value, ushort outer) => tag switch
    {
        Dhcp6Tag.StatusCode => value.Length >= 2,
        Dhcp6Tag.Address => outer == Dhcp6Tag.Association && value.Length >= AddressSize,
        Dhcp6Tag.Association => outer == 0 && value.Length >= AssociationSize,
        _ when outer != 0 => true,
        Dhcp6Tag.ClientIdentifier or Dhcp6Tag.ServerIdentifier => value.Length is >= MinimumIdentifier and <= MaximumIdentifier,
        Dhcp6Tag.Preference => value.Length == 1,
        Dhcp6Tag.RapidCommit => value.IsEmpty,
        Dhcp6Tag.DnsServers => value.Length % IPAddress.IPv6Size == 0,
        Dhcp6Tag.InformationRefreshTime or Dhcp6Tag.SolicitMaximumTime or Dhcp6Tag.InformationMaximumTime => value.Length == 4,
        Dhcp6Tag.BootFileParameters => AreTexts(value),
        _ => true,
    };

    private static bool AreTexts(ReadOnlySpan<byte> value)
    {
        while (value.Length >= 2 && value.Length - 2 >= WireBytes.Read16(value, 0))
        {
            value = value.Slice(2 + WireBytes.Read16(value, 0));
        }

        return value.IsEmpty;
    }
}
