using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>Each format: bytes on one side, values on the other. The bytes are captures of real traffic or the RFCs' own examples.</summary>
public class WireTests
{
    private static byte[] Hex(string text) => Convert.FromHexString(text.Replace(" ", ""));

    private static readonly byte[] s_ethernetHeader = Hex("525400123456 52550a000202 0800");

    [Fact]
    public void Ethernet_ReadsAndWritesItsHeader()
    {
        Assert.True(EthernetFrame.TryParse([.. s_ethernetHeader, 1, 2, 3], out EthernetFrame frame));
        Assert.Equal(new MacAddress([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]), frame.Destination);
        Assert.Equal(new MacAddress([0x52, 0x55, 0x0A, 0x00, 0x02, 0x02]), frame.Source);
        Assert.Equal(EtherType.IPv4, frame.Type);
        Assert.Equal(0, frame.VlanId);
        Assert.Equal([1, 2, 3], frame.Payload.ToArray());

        byte[] written = new byte[14];
        EthernetFrame.WriteHeader(written, frame.Destination, frame.Source, frame.Type);
        Assert.Equal(s_ethernetHeader, written);
    }

    [Theory]
    [InlineData("8100 2000 0800", 0)]
    [InlineData("8100 6007 0800", 7)]
    public void Ethernet_ReadsPastAVlanTag(string tag, int vlan)
    {
        Assert.True(EthernetFrame.TryParse([.. s_ethernetHeader.AsSpan(0, 12), .. Hex(tag), 9], out EthernetFrame frame));
        Assert.Equal(vlan, frame.VlanId);
        Assert.Equal(EtherType.IPv4, frame.Type);
        Assert.Equal([9], frame.Payload.ToArray());
    }

    [Fact]
    public void Ethernet_ShorterThanItsHeader_IsRefused()
    {
        for (int length = 0; length < 14; length++)
        {
            Assert.False(EthernetFrame.TryParse(s_ethernetHeader.AsSpan(0, length), out _));
        }

        Assert.False(EthernetFrame.TryParse([.. s_ethernetHeader.AsSpan(0, 12), .. Hex("8100 2000 08")], out _));
    }

    [Fact]
    public void Arp_ReadsAndWrites()
    {
        byte[] bytes = Hex("0001 0800 06 04 0001 525400123456 0a00020f 000000000000 0a000202");
        Assert.True(ArpPacket.TryParse(bytes, out ArpPacket packet));
        Assert.Equal(ArpPacket.Request, packet.Operation);
        Assert.Equal(new IPv4Address(10, 0, 2, 15), packet.Sender);
        Assert.Equal(new IPv4Address(10, 0, 2, 2), packet.Target);
        byte[] written = new byte[ArpPacket.Size];
        ArpPacket.Write(written, packet.Operation, packet.SenderMac, packet.Sender, packet.TargetMac, packet.Target);
        Assert.Equal(bytes, written);
    }

    [Theory]
    [InlineData("0006 0800 06 04")]
    [InlineData("0001 86dd 06 04")]
    [InlineData("0001 0800 08 04")]
    [InlineData("0001 0800 06 10")]
    public void Arp_OfOtherHardwareOrProtocol_IsRefused(string start)
    {
        Assert.False(ArpPacket.TryParse([.. Hex(start), .. new byte[40]], out _));
        Assert.False(ArpPacket.TryParse(Hex("0001 0800 06 04"), out _));
    }

    // The header that RFC 1071's literature computes: checksum b861.
    private static readonly byte[] s_header = Hex("4500 0073 0000 4000 4011 b861 c0a80001 c0a800c7");

    [Fact]
    public void IPv4_ReadsAndWritesItsHeader()
    {
        byte[] bytes = new byte[0x73 + 5];
        s_header.CopyTo(bytes, 0);
        Assert.True(IPv4Packet.TryParse(bytes, out IPv4Packet packet));
        Assert.True(packet.IsChecksumCorrect);
        Assert.Equal(IPProtocol.Udp, packet.Protocol);
        Assert.Equal(new IPv4Address(192, 168, 0, 1), packet.Source);
        Assert.Equal(new IPv4Address(192, 168, 0, 199), packet.Destination);
        Assert.False(packet.IsFragment);
        Assert.Equal(0x73 - 20, packet.Payload.Length); // Without the padding.

        byte[] written = new byte[20];
        IPv4Packet.WriteHeader(written, 0x73, 0, IPv4Packet.DontFragment, IPProtocol.Udp, packet.Source, packet.Destination);
        Assert.Equal(s_header, written);
    }

    [Fact]
    public void IPv4_StepsOverOptions()
    {
        byte[] bytes = Hex("46 00 001a 0000 0000 40 01 0000 c0a80001 c0a800c7 94040000 abcd");
        Assert.True(IPv4Packet.TryParse(bytes, out IPv4Packet packet));
        Assert.Equal([0xAB, 0xCD], packet.Payload.ToArray());
    }

    [Theory]
    [InlineData(0, 0x65)] // Version 6
    [InlineData(0, 0x44)] // A header of 16 bytes
    [InlineData(3, 19)] // A total below the header
    [InlineData(3, 200)] // A total beyond the bytes
    public void IPv4_WithLengthsThatContradict_IsRefused(int at, byte value)
    {
        byte[] bytes = new byte[0x73];
        s_header.CopyTo(bytes, 0);
        bytes[at] = value;
        Assert.False(IPv4Packet.TryParse(bytes, out _));
    }

    [Fact]
    public void IPv4_ReadsFragmentFields()
    {
        byte[] bytes = Hex("4500 001c 1234 20b9 4011 0000 c0a80001 c0a800c7 0011223344556677");
        Assert.True(IPv4Packet.TryParse(bytes, out IPv4Packet packet));
        Assert.True(packet.IsFragment);
        Assert.True(packet.HasMoreFragments);
        Assert.Equal(1480, packet.FragmentOffset);
        Assert.Equal(0x1234, packet.Identification);
    }

    [Fact]
    public void Icmp_ReadsAndWritesAnEcho()
    {
        byte[] bytes = Hex("0800 e6d5 0001 0007 1122 00");
        Assert.True(IcmpMessage.TryParse(bytes, out IcmpMessage message));
        Assert.True(message.IsChecksumCorrect(0));
        Assert.Equal(IcmpMessage.EchoRequest, message.Type);
        Assert.Equal(0x0001_0007u, message.Rest);
        Assert.Equal([0x11, 0x22, 0x00], message.Body.ToArray());
        byte[] written = [.. new byte[8], 0x11, 0x22, 0x00];
        IcmpMessage.WriteHeader(written, message.Type, message.Code, message.Rest);
        Assert.Equal(bytes, written);
    }

    [Fact]
    public void Udp_ReadsAndWrites()
    {
        IPv4Address source = new(152, 1, 51, 27);
        IPv4Address destination = new(152, 14, 94, 75);
        byte[] bytes = Hex("a08f 2694 000a 6262 4869");
        Assert.True(UdpPacket.TryParse([.. bytes, 0, 0], out UdpPacket packet));
        Assert.Equal(41103, packet.SourcePort);
        Assert.Equal(9876, packet.DestinationPort);
        Assert.Equal("Hi"u8.ToArray(), packet.Payload.ToArray());

        byte[] written = [.. new byte[8], .. "Hi"u8];
        UdpPacket.WriteHeader(written, Reference.Addresses(source, destination), 41103, 9876);
        Assert.Equal(Convert.ToHexString(Reference.UdpChecksummed(bytes, source, destination)), Convert.ToHexString(written));
        Assert.True(UdpPacket.TryParse(written, out packet));
        Assert.True(packet.IsChecksumCorrect(Reference.Addresses(source, destination)));
        Assert.False(packet.IsChecksumCorrect(Reference.Addresses(source, new IPv4Address(1, 2, 3, 4))));
    }

    [Fact]
    public void Udp_WithoutChecksum_SaysSo()
    {
        Assert.True(UdpPacket.TryParse(Hex("0001 0002 0009 0000 ff"), out UdpPacket packet));
        Assert.False(packet.HasChecksum);
    }

    [Theory]
    [InlineData("0001 0002 0007 0000")]
    [InlineData("0001 0002 0009 0000")]
    [InlineData("0001 0002 0008 00")]
    public void Udp_WithALengthThatCannotBe_IsRefused(string bytes) => Assert.False(UdpPacket.TryParse(Hex(bytes), out _));

    [Fact]
    public void Udp_WhoseChecksumWouldBeZero_SendsAllOnes()
    {
        for (int i = 0; i < 0x10000; i++)
        {
            byte[] packet = [.. new byte[8], (byte)(i >> 8), (byte)i];
            UdpPacket.WriteHeader(packet, Reference.Addresses(default, default), 0, 0);
            Assert.False(packet[6] == 0 && packet[7] == 0);
        }
    }

    [Fact]
    public void Tcp_ReadsAndWritesASyn()
    {
        byte[] bytes = Hex("c35e 0050 00000001 00000000 a0 02 ffff 0000 0000 020405b4 01030304 01010402 0101080a 00000010 00000000");
        Span<byte> options = stackalloc byte[40];
        int size = TcpOptions.WriteSyn(options, 1460, 4, true, true, 0x10, 0);
        Assert.Equal(24, size);
        Assert.Equal(bytes.AsSpan(20, 24).ToArray(), options.Slice(0, size).ToArray());

        bytes[12] = 11 << 4;
        Assert.True(TcpSegment.TryParse(bytes, out TcpSegment segment));
        Assert.Equal(0xC35E, segment.SourcePort);
        Assert.Equal(80, segment.DestinationPort);
        Assert.Equal(1u, segment.Sequence);
        Assert.True(segment.Has(TcpFlags.Syn));
        Assert.False(segment.Has(TcpFlags.Ack | TcpFlags.Fin));
        Assert.Equal(0xFFFF, segment.Window);
        TcpOptions read = TcpOptions.Parse(segment.Options);
        Assert.Equal(1460, read.MaximumSegmentSize);
        Assert.Equal(4, read.WindowShift);
        Assert.True(read.SackPermitted);
        Assert.True(read.HasTimestamp);
        Assert.Equal(0x10u, read.TimestampValue);
    }

    [Fact]
    public void Tcp_WritesAChecksumThatTheOtherSideFindsCorrect()
    {
        for (int length = 0; length < 70; length++)
        {
            byte[] segment = new byte[20 + length];
            new Random(length).NextBytes(segment);
            TcpSegment.WriteHeader(segment, 20, Reference.Addresses(new IPv4Address(10, 0, 2, 15), new IPv4Address(10, 0, 2, 2)), 1, 2, 3, 4, TcpFlags.Ack, 5);
            Assert.True(TcpSegment.TryParse(segment, out TcpSegment read));
            Assert.True(read.IsChecksumCorrect(Reference.Addresses(new IPv4Address(10, 0, 2, 15), new IPv4Address(10, 0, 2, 2))));
            Assert.Equal(0, Reference.Checksum([10, 0, 2, 15, 10, 0, 2, 2, 0, 6, 0, (byte)segment.Length, .. segment]));
        }
    }

    [Theory]
    [InlineData(0x40)]
    [InlineData(0xF0)]
    public void Tcp_WithADataOffsetThatCannotBe_IsRefused(byte offset)
    {
        byte[] bytes = new byte[24];
        bytes[12] = offset;
        Assert.False(TcpSegment.TryParse(bytes, out _));
    }

    [Theory]
    [InlineData("02")]
    [InlineData("0204")]
    [InlineData("0201")]
    [InlineData("0200 05b4")]
    [InlineData("0304 0700")]
    [InlineData("0500")]
    [InlineData("08ff 0000")]
    public void TcpOptions_ThatAreMalformed_AreAsIfAbsent(string bytes)
    {
        TcpOptions options = TcpOptions.Parse(Hex(bytes));
        Assert.Equal(0, options.MaximumSegmentSize);
        Assert.Equal(-1, options.WindowShift);
        Assert.False(options.HasTimestamp);
        Assert.True(options.Sack.IsEmpty);
    }

    [Fact]
    public void TcpOptions_ReadsSackBlocksBehindATimestamp()
    {
        TcpOptions options = TcpOptions.Parse(Hex("0101080a0000000100000002 0101 0512 00000010 00000020 00000040 00000050"));
        Assert.True(options.HasTimestamp);
        Assert.Equal(16, options.Sack.Length);
        options.GetSackBlock(1, out uint left, out uint right);
        Assert.Equal((0x40u, 0x50u), (left, right));
    }

    [Fact]
    public void TcpOptions_LimitTheWindowShiftTo14() => Assert.Equal(14, TcpOptions.Parse(Hex("0303 ff 00")).WindowShift);

    [Theory]
    [InlineData("192.0.2.1", true)]
    [InlineData("255.255.255.255", true)]
    [InlineData("0.0.0.0", true)]
    [InlineData("256.0.0.1", false)]
    [InlineData("1.2.3", false)]
    [InlineData("1.2.3.4.", false)]
    [InlineData("1.2.3.4.5", false)]
    [InlineData("01.2.3.4", false)]
    [InlineData("1..2.3", false)]
    [InlineData(" 1.2.3.4", false)]
    [InlineData("1.2.3.1234", false)]
    [InlineData("", false)]
    public void IPv4Address_ReadsDottedDecimalAndNothingElse(string text, bool expected)
    {
        Assert.Equal(expected, IPv4Address.TryParse(text, out IPv4Address address));
        if (expected)
        {
            Assert.Equal(text, TextBuilder.Format($"{address}"));
        }
    }

    [Theory]
    [InlineData(0xFFFFFF00u, true)]
    [InlineData(0xFFFFFFFFu, true)]
    [InlineData(0u, true)]
    [InlineData(0xFF00FF00u, false)]
    [InlineData(1u, false)]
    public void IPv4Address_KnowsANetmask(uint value, bool expected) => Assert.Equal(expected, new IPv4Address(value).IsNetmask);
}
