using System;
using System.Buffers.Binary;

namespace NetBoot.NicDrivers.Netvsc;

/// <summary>
/// NVSP messages in bytes: the ones that are sent, each written whole, and of the ones that are received, what is of use. Answers may be
/// longer than their message, padded by the ring, or empty.
/// </summary>
public static class NvspMessage
{
    /// <summary>Bytes of every message that is sent: what versions before 6.1 know, filled up with zeros.</summary>
    public const int Size = 28;

    /// <summary>Bytes of what completes received packets.</summary>
    public const int RndisPacketCompleteSize = 8;

    /// <summary>A status.</summary>
    public const uint Success = 1;

    /// <summary>No section of a send buffer.</summary>
    private const uint NoSection = uint.MaxValue;

    private const int TypeSize = 4;

    /// <param name="message">Of <see cref="Size"/> bytes, as in all that follow.</param>
    /// <param name="version">Major number in the upper half, minor in the lower.</param>
    public static void WriteInit(Span<byte> message, uint version) => Write(message, NvspMessageType.Init, version, version);

    /// <param name="message">See <see cref="WriteInit"/>.</param>
    /// <param name="mtu">Bytes of a frame with its header of 14 bytes.</param>
    public static void WriteNdisConfig(Span<byte> message, uint mtu) => Write(message, NvspMessageType.SendNdisConfig, mtu);

    public static void WriteNdisVersion(Span<byte> message, uint major, uint minor) =>
        Write(message, NvspMessageType.SendNdisVersion, major, minor);

    public static void WriteReceiveBuffer(Span<byte> message, uint gpadl, ushort id) =>
        Write(message, NvspMessageType.SendReceiveBuffer, gpadl, id);

    /// <summary>The RNDIS message itself is where the GPA-direct packet says.</summary>
    /// <param name="message">See <see cref="WriteInit"/>.</param>
    /// <param name="isControl">Whether the RNDIS message is not a frame.</param>
    public static void WriteRndisPacket(Span<byte> message, bool isControl) =>
        Write(message, NvspMessageType.SendRndisPacket, isControl ? 1u : 0, NoSection);

    /// <param name="message">Of <see cref="RndisPacketCompleteSize"/> bytes.</param>
    public static void WriteRndisPacketComplete(Span<byte> message)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)NvspMessageType.SendRndisPacketComplete);
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(TypeSize), Success);
    }

    /// <summary>Whether the host takes the version that it was asked for.</summary>
    public static bool IsInitAccepted(ReadOnlySpan<byte> message) =>
        Is(message, NvspMessageType.InitComplete) && Word(message, 2) == Success;

    /// <summary>Whether the host took the receive buffer.</summary>
    /// <param name="message">The host's answer.</param>
    /// <param name="sections">Into how many pieces it cuts the buffer: about as many frames as it holds.</param>
    public static bool IsReceiveBufferAccepted(ReadOnlySpan<byte> message, out uint sections)
    {
        sections = Word(message, 4); // The first and only section's: offset, size, count, end.
        return Is(message, NvspMessageType.SendReceiveBufferComplete) && Word(message, 0) == Success;
    }

    public static bool Is(ReadOnlySpan<byte> message, NvspMessageType type) =>
        message.Length >= TypeSize && BinaryPrimitives.ReadUInt32LittleEndian(message) == (uint)type;

    // A word behind the type; 0 where the message ends before.
    private static uint Word(ReadOnlySpan<byte> message, int index)
    {
        int at = TypeSize + (index * sizeof(uint));
        return message.Length - at >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(message.Slice(at)) : 0;
    }

    private static void Write(Span<byte> message, NvspMessageType type, uint first, uint second = 0, uint third = 0)
    {
        message.Slice(0, Size).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)type);
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(4), first);
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(8), second);
        BinaryPrimitives.WriteUInt32LittleEndian(message.Slice(12), third);
    }
}
