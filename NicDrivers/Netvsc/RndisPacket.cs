using System;
using System.Buffers.Binary;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>REMOTE_NDIS_PACKET_MSG, which carries one frame. [MS-RNDIS], 2.2.14; per-packet information: [MS-RNDIS], 2.2.14.1.</summary>
public readonly struct RndisPacket
{
    /// <summary>Bytes before the frame in what is sent: no per-packet information.</summary>
    public const int HeaderSize = 44;

    /// <summary>An IEEE 802.1Q tag in a frame: its type, 0x8100, and what it says.</summary>
    public const int TagSize = 4;

    // Offsets count from here.
    private const int Base = 8;

    private const uint Ieee8021Q = 6;
    private const int ElementHeaderSize = 12;

    /// <summary>Where the frame is in the message; not before <see cref="HeaderSize"/>.</summary>
    public int Offset { get; private init; }

    /// <summary>The frame's bytes; all of them are in the message.</summary>
    public int Length { get; private init; }

    /// <summary>
    /// The control information of an 802.1Q tag that the host has taken out of the frame, or 0: priority in bits 13 to 15, drop
    /// eligibility in 12, VLAN in 0 to 11.
    /// </summary>
    public ushort Tag { get; private init; }

    /// <summary>Reads a message that is known to be a packet. No word is read twice: the memory is the host's too.</summary>
    /// <param name="message">With its header, to the end of its range.</param>
    /// <param name="packet">What it says, checked.</param>
    /// <returns>False when the frame is not inside of the message.</returns>
    public static bool TryParse(ReadOnlySpan<byte> message, out RndisPacket packet)
    {
        packet = default;
        if (message.Length < HeaderSize)
        {
            return false;
        }

        uint room = (uint)message.Length - Base;
        uint offset = Word(message, 8);
        uint length = Word(message, 12);
        if (offset < HeaderSize - Base || offset > room || length > room - offset)
        {
            return false;
        }

        uint informationOffset = Word(message, 28);
        uint informationLength = Word(message, 32);
        bool hasInformation = informationOffset <= room && informationLength <= room - informationOffset;
        packet = new RndisPacket
        {
            Offset = Base + (int)offset,
            Length = (int)length,
            Tag = hasInformation ? FindTag(message.Slice(Base + (int)informationOffset, (int)informationLength)) : (ushort)0,
        };
        return true;
    }

    /// <summary>Writes what comes before a frame.</summary>
    /// <param name="message">At least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="frameLength">Bytes of the frame that follows.</param>
    public static void WriteHeader(Span<byte> message, int frameLength)
    {
        message.Slice(0, HeaderSize).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)RndisMessageType.Packet);
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(4), (uint)(HeaderSize + frameLength));
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(8), HeaderSize - Base);
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(12), (uint)frameLength);
    }

    /// <summary>
    /// Puts a tag back where it was: the addresses move into the <see cref="TagSize"/> bytes before the frame.
    /// </summary>
    /// <param name="bytes">Those bytes, and the frame behind them.</param>
    /// <param name="tag">Priority and VLAN identifier. IEEE 802.1Q, 9.6.</param>
    public static void InsertTag(Span<byte> bytes, ushort tag)
    {
        const int Addresses = 12;
        const ushort EtherType = 0x8100;
        bytes.Slice(TagSize, Addresses).CopyTo(bytes);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.Slice(Addresses), EtherType);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.Slice(Addresses + sizeof(ushort)), tag);
    }

    // Elements follow each other: size, type, offset of the value in the element. What makes no sense ends the search, and nothing else.
    private static ushort FindTag(ReadOnlySpan<byte> elements)
    {
        while (elements.Length >= ElementHeaderSize)
        {
            uint size = Word(elements, 0);
            uint type = Word(elements, 4);
            uint offset = Word(elements, 8);
            if (size < ElementHeaderSize || size > (uint)elements.Length)
            {
                break;
            }

            if (type == Ieee8021Q && offset <= size - sizeof(uint))
            {
                // NDIS_NET_BUFFER_LIST_8021Q_INFO: priority in bits 0 to 2, drop eligibility in 3, VLAN in 4 to 15.
                uint value = Word(elements, (int)offset);
                return (ushort)(((value & 7) << 13) | ((value & 8) << 9) | ((value >> 4) & 0xFFF));
            }

            elements = elements.Slice((int)size);
        }

        return 0;
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.Slice(at));
}
