using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;
using static NetBoot.Tests.Protocols.Dhcp6Server;

namespace NetBoot.Tests.Network;

/// <summary>DHCPv6 messages and options on the wire.</summary>
public class Dhcp6WireTests
{
    private static readonly Config s_runs = Config.QuickThrowOnFailure.WithMaxTest(2000);
    private static readonly byte[] s_number = [0, 0, 0, 7];

    private static Dhcp6Message Load(params byte[][] options)
    {
        Dhcp6Message message = new();
        Assert.True(message.TryLoad([7, 1, 2, 3, .. options.SelectMany(each => each)]));
        return message;
    }

    [Fact]
    public void Message_IsReadWithAllThatIsInIt()
    {
        Dhcp6Message message = Load(
            Option(1, 0, 3, 9), Option(2, 0, 4, 8, 8), Association([0, 0, 0, 1], 1, 2, Entry("2001:db8::9", 1, 2)),
            Association(s_number, 300, 480, [.. Entry("2001:db8::5", 600, 900), .. Entry("2001:db8::6", 1, 2)]),
            Option(7, 9), Option(59, "http://a/\0b"));
        Assert.Equal(Dhcp6MessageType.Reply, message.Type);
        Assert.Equal(0x010203u, message.TransactionId);
        Assert.Equal([0, 4, 8, 8], message.ServerIdentifier.ToArray());
        Assert.Equal(9, message.Preference);
        Assert.Equal("http://a/"u8.ToArray(), message.BootFileUrl.ToArray());
        Assert.True(message.TryGetAssociation(7, out Dhcp6Association association));
        Assert.Equal(("2001:db8::5", 300u, 480u, 600u, 900u), (
            association.Address.Text(), association.RenewalTime, association.RebindingTime, association.PreferredTime, association.ValidTime));
        Assert.False(message.TryGetAssociation(8, out _));
    }

    [Fact]
    public void Association_GivesTheFirstAddressThatAHostMayHave()
    {
        byte[] entries =
        [
            .. Entry("ff02::1", 1, 2), .. Entry("fe80::1", 1, 2), .. Entry("::", 1, 2), .. Entry("2001:db8::1", 1, 0), .. Entry("2001:db8::2", 3, 2),
            .. Entry("2001:db8::3", 1, 2, Status(4)), .. Entry("2001:db8::4", 1, 2),
        ];
        Load(Association(s_number, 0, 0, entries)).TryGetAssociation(7, out Dhcp6Association association);
        Assert.Equal("2001:db8::4", association.Address.Text());
        Load(Association(s_number, 0, 0, Status(2))).TryGetAssociation(7, out association);
        Assert.Equal((true, Dhcp6Status.NoAddresses), (association.Address.IsAny, association.Status));
    }

    public static TheoryData<string, byte[], ushort, int> Faults => new()
    {
        { "cut off in its length", [0, 23, 0], 23, 18 },
        { "cut off in its value", [0, 23, 0, 16, 1], 23, 18 },
        { "longer than any message", [0, 23, 255, 255, 1], 23, 18 },
        { "a server's DUID of 131 bytes", Option(2, new byte[131]), 2, 18 },
        { "a DUID without a type", Option(2, 1), 2, 18 },
        { "the client's DUID twice", Option(1, 0, 3, 9), 1, 18 },
        { "an association without times", Option(3, 0, 0, 0, 7, 0, 0, 0, 1), 3, 18 },
        { "an address outside of an association", Entry("2001:db8::1", 1, 2), 5, 18 },
        { "an association in an association", Association(s_number, 0, 0, Association(s_number, 0, 0)), 3, 34 },
        { "an address that is cut off", Association(s_number, 0, 0, Option(5, new byte[23])), 5, 34 },
        { "an address longer than its association", Association(s_number, 0, 0, 0, 5, 0, 25), 5, 34 },
        { "a status without a number", Association(s_number, 0, 0, Entry("2001:db8::1", 1, 2, Option(13, 1))), 13, 62 },
        { "a status twice", [.. Status(0), .. Status(2)], 13, 27 },
        { "an address in an address", Association(s_number, 0, 0, Entry("2001:db8::1", 1, 2, Entry("2001:db8::1", 1, 2))), 5, 62 },
        { "part of a name server", Option(23, new byte[17]), 23, 18 },
        { "name servers twice", [.. Addresses(23, "2001:db8::1"), .. Addresses(23, "2001:db8::1")], 23, 38 },
        { "parameters longer than their option", Option(60, 0, 2, 1), 60, 18 },
        { "a preference of two bytes", Option(7, 1, 2), 7, 18 },
        { "a time of three bytes", Option(82, 1, 2, 3), 82, 18 },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Fault_IsNamed_ByOptionAndOffset(string fault, byte[] options, ushort tag, int offset)
    {
        Dhcp6Message message = new();
        Assert.True(message.TryLoad([7, 1, 2, 3, .. Option(1, 0, 3, 9)]), fault);
        Assert.False(message.TryLoad([7, 1, 2, 3, .. Option(1, 0, 3, 9, 9, 9, 9, 9, 9, 9, 9), .. options]), fault);
        Assert.Equal((tag, offset), (message.FaultTag, message.FaultOffset));
        Assert.False(message.IsLoaded);
    }

    [Fact]
    public void LongestIdentifier_IsTaken() => Assert.Equal(130, Load(Option(2, new byte[130])).ServerIdentifier.Length);

    [Fact]
    public void AnyBytes_AreReadWithinThem_OrRefused() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        Dhcp6Message message = new();
        if (!message.TryLoad(bytes))
        {
            return message.FaultOffset < Math.Max(1, bytes.Length);
        }

        Dhcp6OptionReader reader = new(message.Options);
        int size = 4;
        while (reader.Read())
        {
            size += 4 + reader.Value.Length;
        }

        return size == bytes.Length && message.Packet.SequenceEqual(bytes);
    }).Check(s_runs);

    [Fact]
    public void WhatWasWritten_IsReadAsTheSame() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), ArbMap.Default.ArbFor<uint>(), (text, number) =>
    {
        Dhcp6Writer writer = new(new byte[512], Dhcp6MessageType.Solicit, number);
        writer.Option(Dhcp6Tag.ServerIdentifier, [0, 3, 1]);
        int outer = writer.Begin(Dhcp6Tag.Association);
        writer.Append(number);
        writer.Append(1u);
        writer.Append(2u);
        writer.End(outer);
        int option = writer.Begin(Dhcp6Tag.UserClass);
        writer.AppendText(text);
        writer.End(option);
        writer.Option(Dhcp6Tag.ElapsedTime, (ushort)number);
        Dhcp6Message message = new();
        return message.TryLoad(writer.Written) && message.TransactionId == (number & 0xFF_FFFF) &&
            message.TryGetAssociation(number, out Dhcp6Association association) && association.RebindingTime == 2 &&
            message.TryGetOption(Dhcp6Tag.UserClass, out ReadOnlySpan<byte> value) && value.Slice(2).SequenceEqual(text);
    }).Check(s_runs);

    [Fact]
    public void Writer_WithoutRoom_LeavesOutWholeOptions()
    {
        for (int size = 4; size < 40; size++)
        {
            Dhcp6Writer writer = new(new byte[size], Dhcp6MessageType.Solicit, 1);
            writer.Option(Dhcp6Tag.ServerIdentifier, [0, 3, 1, 2, 3, 4, 5, 6, 7]);
            writer.Option(Dhcp6Tag.BootFileUrl, new byte[19]);
            Assert.Equal(size < 40, writer.IsFull);
            Assert.True(new Dhcp6Message().TryLoad(writer.Written));
        }
    }

    [Fact]
    public void TryLoad_AllocatesNothing()
    {
        byte[] packet = [7, 1, 2, 3, .. Option(2, 0, 3, 9), .. Association(s_number, 1, 2, Entry("2001:db8::1", 1, 2))];
        Dhcp6Message message = new();
        message.TryLoad(packet);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isRead = message.TryLoad(packet) && message.TryGetAssociation(7, out _);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.True(isRead);
    }
}
