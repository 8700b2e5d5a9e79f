using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Writes a DHCP request (RFC 2131, 2): the fixed fields, then options in the order of the calls.</summary>
public ref struct DhcpWriter
{
    /// <summary>The shortest message that old servers and relays take (RFC 1542, 2.1).</summary>
    public const int MinimumSize = 300;

    private readonly Span<byte> _buffer;
    private int _length;

    /// <param name="buffer">At least <see cref="MinimumSize"/> bytes.</param>
    /// <param name="transactionId">xid.</param>
    /// <param name="mac">The client's.</param>
    /// <param name="seconds">Since the client began (RFC 2131: some servers and relays weigh it).</param>
    /// <param name="client">"ciaddr": the client's address when it can already answer ARP.</param>
    /// <param name="isBroadcast">Asks for answers to the broadcast address.</param>
    public DhcpWriter(Span<byte> buffer, uint transactionId, MacAddress mac, ushort seconds, IPv4Address client, bool isBroadcast)
    {
        buffer.Clear();
        _buffer = buffer;
        buffer[0] = 1; // BOOTREQUEST
        buffer[1] = 1; // Ethernet
        buffer[2] = MacAddress.Size;
        BinaryPrimitives.WriteUInt32BigEndian(buffer.Slice(4), transactionId);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(8), seconds);
        BinaryPrimitives.WriteUInt16BigEndian(buffer.Slice(10), (ushort)(isBroadcast ? 0x8000 : 0));
        BinaryPrimitives.WriteUInt32BigEndian(buffer.Slice(12), client.Value);
        mac.CopyTo(buffer.Slice(28));
        BinaryPrimitives.WriteUInt32BigEndian(buffer.Slice(DhcpMessage.OptionsOffset - 4), DhcpMessage.MagicCookie);
        _length = DhcpMessage.OptionsOffset;
    }

    /// <summary>Something did not fit and is missing.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Adds an option, in parts when it is longer than 255 bytes (RFC 3396).</summary>
    public void Option(byte tag, scoped ReadOnlySpan<byte> value)
    {
        do
        {
            ReadOnlySpan<byte> part = value.Slice(0, Math.Min(value.Length, 255));
            if (_buffer.Length - _length < part.Length + 3)
            {
                IsFull = true; // room for the end option is always kept
                return;
            }

            _buffer[_length] = tag;
            _buffer[_length + 1] = (byte)part.Length;
            part.CopyTo(_buffer.Slice(_length + 2));
            _length += 2 + part.Length;
            value = value.Slice(part.Length);
        }
        while (!value.IsEmpty);
    }

    /// <summary>The options so far.</summary>
    public readonly ReadOnlySpan<byte> Options => _buffer.Slice(DhcpMessage.OptionsOffset, _length - DhcpMessage.OptionsOffset);

    /// <summary>Appends what another writer's <see cref="Options"/> were.</summary>
    public void Append(scoped ReadOnlySpan<byte> options)
    {
        if (_buffer.Length - _length <= options.Length)
        {
            IsFull = true;
            return;
        }

        options.CopyTo(_buffer.Slice(_length));
        _length += options.Length;
    }

    /// <summary>Appends an option of one number.</summary>
    public void Option(byte tag, byte value) => Option(tag, [value]);

    /// <summary>Appends an option of one number.</summary>
    public void Option(byte tag, ushort value) => Option(tag, [(byte)(value >> 8), (byte)value]);

    /// <summary>Appends an option of one number.</summary>
    public void Option(byte tag, IPv4Address value) =>
        Option(tag, [(byte)(value.Value >> 24), (byte)(value.Value >> 16), (byte)(value.Value >> 8), (byte)value.Value]);

    /// <summary>Ends the options and returns the message.</summary>
    public readonly ReadOnlySpan<byte> Finish()
    {
        _buffer[_length] = DhcpTag.End;
        return _buffer.Slice(0, Math.Max(_length + 1, MinimumSize));
    }
}
