using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Links;

/// <summary>
/// Wraps a link and writes what passes as a packet capture that tcpdump and Wireshark read: the pcap format of IETF draft-ietf-opsawg-pcap,
/// in microseconds.
/// </summary>
/// <param name="inner">The link that does the work.</param>
/// <param name="sink">Takes the file's bytes.</param>
/// <param name="clock">The time stamps.</param>
public sealed class PcapLink(Link inner, IByteSink sink, EventLoop clock) : Link
{
    private const uint Magic = 0xA1B2C3D4; // Microseconds, in the order of the writer: little-endian here.
    private const ushort MajorVersion = 2;
    private const ushort MinorVersion = 4;
    private const uint SnapLength = 65535;
    private const uint Ethernet = 1;
    private const int FileHeaderSize = 24;
    private const int RecordHeaderSize = 16;
    private const ulong Second = 1_000_000;

    private bool _hasHeader;

    /// <inheritdoc/>
    public override MacAddress Address => inner.Address;

    /// <inheritdoc/>
    public override MacAddress PermanentAddress => inner.PermanentAddress;

    /// <inheritdoc/>
    public override int Mtu => inner.Mtu;

    /// <inheritdoc/>
    public override bool IsUp => inner.IsUp;

    /// <inheritdoc/>
    public override Error? Open() => inner.Open();

    /// <inheritdoc/>
    public override void Close() => inner.Close();

    /// <inheritdoc/>
    public override Error? SetAddress(MacAddress? address) => inner.SetAddress(address);

    /// <inheritdoc/>
    public override void SetGroups(ReadOnlySpan<MacAddress> groups) => inner.SetGroups(groups);

    /// <inheritdoc/>
    public override bool Send(ReadOnlySpan<byte> frame)
    {
        Write(frame);
        return inner.Send(frame);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Receive()
    {
        ReadOnlySpan<byte> frame = inner.Receive();
        if (!frame.IsEmpty)
        {
            Write(frame);
        }

        return frame;
    }

    private void Write(ReadOnlySpan<byte> frame)
    {
        Span<byte> header = stackalloc byte[FileHeaderSize];
        if (!_hasHeader)
        {
            _hasHeader = true;
            header.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(header, Magic);
            BinaryPrimitives.WriteUInt16LittleEndian(header.Slice(4), MajorVersion);
            BinaryPrimitives.WriteUInt16LittleEndian(header.Slice(6), MinorVersion);
            BinaryPrimitives.WriteUInt32LittleEndian(header.Slice(16), SnapLength);
            BinaryPrimitives.WriteUInt32LittleEndian(header.Slice(20), Ethernet);
            sink.Write(header);
        }

        Span<byte> record = header.Slice(0, RecordHeaderSize);
        BinaryPrimitives.WriteUInt32LittleEndian(record, (uint)(clock.Now / Second));
        BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(4), (uint)(clock.Now % Second));
        BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(8), (uint)frame.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.Slice(12), (uint)frame.Length);
        sink.Write(record);
        sink.Write(frame);
    }
}
