using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;

namespace NetBoot.Tests.Protocols;

/// <summary>A DHCPv6 server on a wire, which builds and reads messages byte by byte, apart from the product's own code.</summary>
internal sealed class Dhcp6Server
{
    public const byte Solicit = 1, Advertise = 2, Request = 3, Renew = 5, Rebind = 6, Reply = 7, Decline = 9, InformationRequest = 11;

    private readonly PeerHost _host;

    public Dhcp6Server(PeerHost host)
    {
        _host = host;
        host.OnUdp(547, OnMessage);
    }

    public byte[] Identifier { get; set; } = [0, 3, 0, 1, 1, 2, 3, 4, 5, 6];
    public IPAddress Address { get; set; } = IPv6Router.Parse("fe80::547");
    public IPAddress Client { get; set; } = IPv6Router.Parse("fe80::5054:ff:fe12:3456");
    public string Lease { get; set; } = "2001:db8::1234";
    public (uint T1, uint T2, uint Preferred, uint Valid) Times { get; set; } = (300, 480, 600, 900);

    /// <summary>What every answer has besides.</summary>
    public byte[] More { get; set; } = [];

    /// <summary>Status of an association, by the type of the question; 0 gives the address.</summary>
    public Dictionary<byte, ushort> Refusals { get; } = [];

    /// <summary>Types that it does not hear.</summary>
    public HashSet<byte> Deaf { get; } = [];

    public bool CommitsRapidly { get; set; }

    /// <summary>Another program's turn at a question and its answer.</summary>
    public Func<byte[], byte[], byte[]?>? Change { get; set; }

    public List<byte[]> Questions { get; } = [];

    public IEnumerable<byte> Types => Questions.Select(each => each[0]);

    public static byte[] Option(ushort tag, params byte[] value) =>
        [(byte)(tag >> 8), (byte)tag, (byte)(value.Length >> 8), (byte)value.Length, .. value];

    public static byte[] Option(ushort tag, string text) => Option(tag, Encoding.Latin1.GetBytes(text));

    public static byte[] Addresses(ushort tag, params string[] addresses) => Option(tag, [.. addresses.SelectMany(Bytes)]);

    public static byte[] Status(ushort status) => Option(13, [(byte)(status >> 8), (byte)status, .. "why"u8]);

    public static byte[] Association(byte[] number, uint t1, uint t2, params byte[] options) =>
        Option(3, [.. number, .. Number(t1), .. Number(t2), .. options]);

    public static byte[] Entry(string address, uint preferred, uint valid, params byte[] options) =>
        Option(5, [.. Bytes(address), .. Number(preferred), .. Number(valid), .. options]);

    public static byte[] Number(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>An option of a message, or of another option from <paramref name="at"/> on; null when it is absent.</summary>
    public static byte[]? Find(byte[] message, ushort tag, int at = 4)
    {
        while (at < message.Length)
        {
            int length = BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at + 2));
            if (BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at)) == tag)
            {
                return message[(at + 4)..(at + 4 + length)];
            }

            at += 4 + length;
        }

        return null;
    }

    /// <summary>The address that a question names; null when it names none.</summary>
    public static string? AddressIn(byte[] question) =>
        Find(question, 3) is byte[] association && Find(association, 5, 12) is byte[] entry ? new IPAddress(entry).Text() : null;

    /// <summary>The answer to a question.</summary>
    public byte[] Answer(byte[] question)
    {
        bool isRapid = CommitsRapidly && question[0] == Solicit && Find(question, 14) is not null;
        byte type = question[0] == Solicit && !isRapid ? Advertise : Reply;
        byte[] answer = [type, .. question[1..4], .. Option(1, Find(question, 1)!), .. Option(2, Identifier), .. isRapid ? Option(14) : []];
        if (Find(question, 3) is byte[] association && question[0] != Decline)
        {
            byte[] entry = Refusals.TryGetValue(question[0], out ushort status) ? Status(status) : Entry(Lease, Times.Preferred, Times.Valid);
            answer = [.. answer, .. Association(association[..4], Times.T1, Times.T2, entry)];
        }

        return [.. answer, .. More];
    }

    public void Send(byte[] message) => _host.SendUdpFrom(new IPEndpoint(Address, 547), new IPEndpoint(Client, 546), message);

    private static byte[] Bytes(string address)
    {
        byte[] bytes = new byte[16];
        IPv6Router.Parse(address).CopyTo(bytes);
        return bytes;
    }

    private void OnMessage(IPEndpoint from, byte[] question)
    {
        Questions.Add(question);
        if (Deaf.Contains(question[0]) || (Find(question, 2) is byte[] server && !server.SequenceEqual(Identifier)))
        {
            return;
        }

        byte[]? answer = Answer(question);
        answer = Change is null ? answer : Change(question, answer);
        if (answer is not null)
        {
            Send(answer);
        }
    }
}
