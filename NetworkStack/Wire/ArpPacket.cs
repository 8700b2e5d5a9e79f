using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An ARP packet for IPv4 on Ethernet (RFC 826).</summary>
internal readonly ref struct ArpPacket
{
    public const int Size = 28;
    public const ushort Request = 1;
    public const ushort Reply = 2;
    private const ushort EthernetHardware = 1;

    private readonly ReadOnlySpan<byte> _bytes;

    private ArpPacket(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    public ushort Operation => WireBytes.Read16(_bytes, 6);
    public MacAddress SenderMac => WireBytes.ReadMac(_bytes, 8);
    public IPv4Address Sender => WireBytes.ReadIPv4(_bytes, 14);
    public MacAddress TargetMac => WireBytes.ReadMac(_bytes, 18);
    public IPv4Address Target => WireBytes.ReadIPv4(_bytes, 24);

    /// <summary>False when it is too short, or of other hardware or another protocol.</summary>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out ArpPacket packet)
    {
        packet = default;
        if (bytes.Length < Size ||
            WireBytes.Read16(bytes, 0) != EthernetHardware || (EtherType)WireBytes.Read16(bytes, 2) != EtherType.IPv4 ||
            WireBytes.Read8(bytes, 4) != MacAddress.Size || WireBytes.Read8(bytes, 5) != sizeof(uint))
        {
            return false;
        }

        packet = new ArpPacket(bytes.Slice(0, Size));
        return true;
    }

    /// <param name="packet">At least <see cref="Size"/> bytes.</param>
    /// <param name="operation"><see cref="Request"/> or <see cref="Reply"/>.</param>
    /// <param name="senderMac">Ours.</param>
    /// <param name="sender">Our address.</param>
    /// <param name="targetMac">Zeros in a request.</param>
    /// <param name="target">Whom it asks for, or answers.</param>
    public static void Write(
        Span<byte> packet, ushort operation, MacAddress senderMac, IPv4Address sender, MacAddress targetMac, IPv4Address target)
    {
        packet = packet.Slice(0, Size);
        WireBytes.Write16(packet, 0, EthernetHardware);
        WireBytes.Write16(packet, 2, (ushort)EtherType.IPv4);
        WireBytes.Write8(packet, 4, MacAddress.Size);
        WireBytes.Write8(packet, 5, sizeof(uint));
        WireBytes.Write16(packet, 6, operation);
        WireBytes.WriteMac(packet, 8, senderMac);
        WireBytes.Write32(packet, 14, sender.Value);
        WireBytes.WriteMac(packet, 18, targetMac);
        WireBytes.Write32(packet, 24, target.Value);
    }
}
