using System;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// An Ethernet II frame without its FCS (IEEE 802.3, 3.1), with or without an 802.1Q tag (IEEE 802.1Q, 9.6). Frames in 802.3
/// length form show as an EtherType below 0x600, which nothing here answers to.
/// </summary>
internal readonly ref struct EthernetFrame
{
    public const int HeaderSize = 14;

    /// <summary>What a tag adds to a frame.</summary>
    public const int TagSize = 4;

    private const int AddressesSize = 2 * MacAddress.Size;

    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _headerSize;

    private EthernetFrame(ReadOnlySpan<byte> bytes, int headerSize)
    {
        _bytes = bytes;
        _headerSize = headerSize;
    }

    public MacAddress Destination => WireBytes.ReadMac(_bytes, 0);
    public MacAddress Source => WireBytes.ReadMac(_bytes, 6);

    /// <summary>The tag's VLAN identifier; 0 for untagged frames and for those that are tagged for their priority alone.</summary>
    public int VlanId => _headerSize == HeaderSize ? 0 : WireBytes.Read16(_bytes, 14) & 0xFFF;

    public EtherType Type => (EtherType)WireBytes.Read16(_bytes, _headerSize - 2);

    /// <summary>What follows the header, with whatever padding the frame has.</summary>
    public ReadOnlySpan<byte> Payload => _bytes.Slice(_headerSize);

    /// <summary>What a frame for such an address carries.</summary>
    public static EtherType TypeOf(IPAddress address) => address.Family == AddressFamily.IPv6 ? EtherType.IPv6 : EtherType.IPv4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryParse(ReadOnlySpan<byte> bytes, out EthernetFrame frame)
    {
        frame = default;
        if (bytes.Length < HeaderSize)
        {
            return false;
        }

        int headerSize = HeaderSize;
        if ((EtherType)WireBytes.Read16(bytes, 12) == EtherType.Vlan)
        {
            headerSize += TagSize;
            if (bytes.Length < headerSize)
            {
                return false;
            }
        }

        frame = new EthernetFrame(bytes, headerSize);
        return true;
    }

    /// <summary>Copies a frame with a tag put in (IEEE 802.1Q, 9.3).</summary>
    /// <param name="frame">At least <see cref="HeaderSize"/> bytes, without a tag.</param>
    /// <param name="tagged">Has room for <see cref="TagSize"/> more.</param>
    /// <param name="vlanId">1 to 4094.</param>
    /// <param name="priority">0 to 7.</param>
    /// <returns>The part of <paramref name="tagged"/> that is the frame.</returns>
    public static ReadOnlySpan<byte> WriteTagged(ReadOnlySpan<byte> frame, Span<byte> tagged, int vlanId, int priority)
    {
        frame.Slice(0, AddressesSize).CopyTo(tagged);
        WireBytes.Write16(tagged, AddressesSize, (ushort)EtherType.Vlan);
        WireBytes.Write16(tagged, AddressesSize + 2, (ushort)((priority << 13) | vlanId));
        frame.Slice(AddressesSize).CopyTo(tagged.Slice(AddressesSize + TagSize));
        return tagged.Slice(0, frame.Length + TagSize);
    }

    /// <param name="frame">At least <see cref="HeaderSize"/> bytes.</param>
    /// <param name="destination">A station, a group or all.</param>
    /// <param name="source">Ours.</param>
    /// <param name="type">Of what follows the header.</param>
    public static void WriteHeader(Span<byte> frame, MacAddress destination, MacAddress source, EtherType type)
    {
        frame = frame.Slice(0, HeaderSize);
        WireBytes.WriteMac(frame, 0, destination);
        WireBytes.WriteMac(frame, 6, source);
        WireBytes.Write16(frame, 12, (ushort)type);
    }
}
