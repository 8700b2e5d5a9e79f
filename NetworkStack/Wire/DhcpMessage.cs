using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// A received DHCP or BOOTP message (RFC 2131, 2): a copy of it, with the options of all its fields (overload,
/// RFC 2132, 9.3) collected, and the parts of long ones joined (RFC 3396). Made once and loaded often: <see cref="TryLoad"/> makes no
/// objects.
/// </summary>
/// <remarks>
/// Nothing in a message can make it fault: an option that runs over its field's end is dropped with what follows it
/// (<see cref="IsDamaged"/>); an overload option inside an overloaded field means nothing.
/// </remarks>
public sealed class DhcpMessage
{
    /// <summary>The longest message that is taken: what fits an Ethernet frame, which is what option 57 announces.</summary>
    public const int MaximumSize = 1500 - 20 - 8;

    /// <summary>The fixed fields and the magic cookie.</summary>
    internal const int OptionsOffset = 240;
    internal const uint MagicCookie = 0x63825363;
    internal const int ServerNameOffset = 44;
    internal const int ServerNameSize = 64;
    internal const int FileOffset = 108;
    internal const int FileSize = 128;

    private const int Tags = 256;
    private const byte OverloadsFile = 1;
    private const byte OverloadsServerName = 2;

    private readonly byte[] _packet = new byte[MaximumSize];
    private readonly byte[] _values = new byte[MaximumSize];
    private readonly ushort[] _starts = new ushort[Tags];
    private readonly ushort[] _lengths = new ushort[Tags];
    private readonly bool[] _isPresent = new bool[Tags];
    private int _size;
    private byte _overload;

    /// <summary>The message as it came.</summary>
    public ReadOnlySpan<byte> Packet => new(_packet, 0, _size);

    /// <summary>Whether there is a message in it.</summary>
    public bool IsLoaded => _size > 0;

    /// <summary>Some option ran over the end of its field.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>From a server: BOOTREPLY (RFC 2131, 2).</summary>
    public bool IsReply => _packet[0] == 2;

    /// <summary>"xid": what the client made up for the exchange.</summary>
    public uint TransactionId => BinaryPrimitives.ReadUInt32BigEndian(_packet.AsSpan(4));

    /// <summary>"ciaddr": the address that the client has already.</summary>
    public IPv4Address ClientAddress => ReadAddress(_packet.AsSpan(12));

    /// <summary>"yiaddr": the address that the server gives.</summary>
    public IPv4Address YourAddress => ReadAddress(_packet.AsSpan(16));

    /// <summary>"siaddr": the server to boot from.</summary>
    public IPv4Address NextServer => ReadAddress(_packet.AsSpan(20));

    /// <summary>"chaddr": the client's station address.</summary>
    public MacAddress MacAddress => new(_packet.AsSpan(28));

    /// <summary>Option 53; 0 when there is none (BOOTP).</summary>
    public DhcpMessageType Type => TryGetOption(DhcpTag.MessageType, out ReadOnlySpan<byte> value) && value.Length > 0
        ? (DhcpMessageType)value[0]
        : DhcpMessageType.None;

    /// <summary>Option 54; 0.0.0.0 when there is none.</summary>
    public IPv4Address ServerIdentifier => GetAddress(DhcpTag.ServerIdentifier);

    /// <summary>The boot file: option 67, or else the "file" field when it does not hold options. Empty when none is named.</summary>
    public ReadOnlySpan<byte> FileName => GetName(DhcpTag.BootFileName, FileOffset, FileSize, OverloadsFile);

    /// <summary>The boot server's name: option 66, or else the "sname" field when that holds no options. Empty without one.</summary>
    public ReadOnlySpan<byte> ServerName => GetName(DhcpTag.TftpServerName, ServerNameOffset, ServerNameSize, OverloadsServerName);

    /// <summary>Option 60 begins with "PXEClient": a boot server answers (PXE 2.1, 2.2.3).</summary>
    public bool IsPxe => TryGetOption(DhcpTag.VendorClass, out ReadOnlySpan<byte> value) && value.StartsWith("PXEClient"u8);

    /// <summary>A boot server sends a menu of what there is to boot: <see cref="PxeOptions.Menu"/>.</summary>
    public bool HasBootMenu =>
        IsPxe && TryGetOption(DhcpTag.VendorSpecific, PxeOptions.BootMenu, out ReadOnlySpan<byte> menu) && !menu.IsEmpty;

    /// <summary>It names a file to boot, or sends a menu.</summary>
    public bool SaysWhatToBoot => !FileName.IsEmpty || HasBootMenu;

    /// <summary>
    /// Who has the boot file: siaddr, else option 66 or "sname" when that is an address, else, from a boot server, its own address; 0.0.0.0 when
    /// the message does not say.
    /// </summary>
    public IPv4Address FileServer =>
        !NextServer.IsAny ? NextServer
        : IPv4Address.TryParse(Encoding.Latin1.GetString(ServerName).AsSpan(), out IPv4Address server) ? server
        : IsPxe ? ServerIdentifier
        : default;

    /// <summary>Takes over a message. False when it is none: too short, too long, not for Ethernet, no magic cookie.</summary>
    public bool TryLoad(ReadOnlySpan<byte> packet)
    {
        _size = 0;
        if (packet.Length < OptionsOffset || packet.Length > MaximumSize ||
            packet[0] is not (1 or 2) || packet[1] != 1 || packet[2] != MacAddress.Size ||
            BinaryPrimitives.ReadUInt32BigEndian(packet.Slice(OptionsOffset - 4)) != MagicCookie)
        {
            return false;
        }

        packet.CopyTo(_packet);
        _size = packet.Length;
        Collect();
        return true;
    }

    /// <summary>Takes over what another message holds, which may be nothing.</summary>
    public void CopyFrom(DhcpMessage other) => TryLoad(other.Packet);

    /// <summary>Holds nothing any more.</summary>
    public void Clear() => _size = 0;

    /// <summary>The value of an option, its parts joined.</summary>
    /// <param name="tag">1 to 254.</param>
    /// <param name="value">Valid until the message is loaded again.</param>
    public bool TryGetOption(byte tag, out ReadOnlySpan<byte> value)
    {
        bool isPresent = IsLoaded && _isPresent[tag];
        value = isPresent ? new ReadOnlySpan<byte>(_values, _starts[tag], _lengths[tag]) : default;
        return isPresent;
    }

    /// <summary>The value of an option inside another one (43 and 175 hold such): "175.176".</summary>
    public bool TryGetOption(byte outer, byte tag, out ReadOnlySpan<byte> value)
    {
        TryGetOption(outer, out ReadOnlySpan<byte> field);
        DhcpOptionReader reader = new(field);
        while (reader.Read())
        {
            if (reader.Tag == tag)
            {
                value = reader.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    /// <summary>An option's first address; 0.0.0.0 when it is absent or too short.</summary>
    public IPv4Address GetAddress(byte tag) =>
        TryGetOption(tag, out ReadOnlySpan<byte> value) && value.Length >= 4 ? ReadAddress(value) : default;

    internal static IPv4Address ReadAddress(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>What stands before the first NUL.</summary>
    internal static ReadOnlySpan<byte> TrimName(ReadOnlySpan<byte> name)
    {
        int end = name.IndexOf((byte)0);
        return end < 0 ? name : name.Slice(0, end);
    }

    private ReadOnlySpan<byte> GetName(byte tag, int offset, int size, byte overload)
    {
        if (TryGetOption(tag, out ReadOnlySpan<byte> value) && !TrimName(value).IsEmpty)
        {
            return TrimName(value);
        }

        bool isName = IsLoaded && (_overload & overload) == 0;
        return isName ? TrimName(new ReadOnlySpan<byte>(_packet, offset, size)) : default;
    }

    // Lengths first, so that the parts of each option lie together; then the values, in the order of RFC 3396, 5.
    private void Collect()
    {
        _isPresent.AsSpan().Clear();
        _lengths.AsSpan().Clear();
        IsDamaged = false;
        _overload = 0;
        Visit(Packet.Slice(OptionsOffset), isCopying: false);
        if (_isPresent[DhcpTag.Overload])
        {
            DhcpOptionReader reader = new(Packet.Slice(OptionsOffset));
            while (reader.Read())
            {
                _overload |= reader.Tag == DhcpTag.Overload && reader.Value.Length == 1 ? reader.Value[0] : (byte)0;
            }
        }

        VisitOverloaded(isCopying: false);
        int start = 0;
        for (int tag = 0; tag < Tags; tag++)
        {
            _starts[tag] = (ushort)start;
            start += _lengths[tag];
            _lengths[tag] = 0;
        }

        Visit(Packet.Slice(OptionsOffset), isCopying: true);
        VisitOverloaded(isCopying: true);
    }

    private void VisitOverloaded(bool isCopying)
    {
        if ((_overload & OverloadsFile) != 0)
        {
            Visit(Packet.Slice(FileOffset, FileSize), isCopying);
        }

        if ((_overload & OverloadsServerName) != 0)
        {
            Visit(Packet.Slice(ServerNameOffset, ServerNameSize), isCopying);
        }
    }

    private void Visit(ReadOnlySpan<byte> field, bool isCopying)
    {
        DhcpOptionReader reader = new(field);
        while (reader.Read())
        {
            byte tag = reader.Tag;
            _isPresent[tag] = true;
            if (isCopying)
            {
                reader.Value.CopyTo(_values.AsSpan(_starts[tag] + _lengths[tag]));
            }

            _lengths[tag] += (ushort)reader.Value.Length;
        }

        IsDamaged |= reader.IsDamaged;
    }
}
