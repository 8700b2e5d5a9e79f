using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Protocols.Dhcp6;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using static NetBoot.Tests.Protocols.Dhcp6Server;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>
/// Options that are read, and answers of a server with which a client goes on: the first byte says whether it asks for an address, and each answer
/// that follows has a length byte, its type, and its options behind what makes it ours.
/// </summary>
internal sealed class Dhcp6Target : FuzzTarget
{
    private readonly Dhcp6Message _message = new();
    private uint _sum;

    public override string Name => "dhcp6";

    public override string Subject => "DHCPv6 messages, options in options, and the client that goes by them";

    public override int MaximumSize => 1024;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] lease = Association([0, 0x12, 0x34, 0x56], 300, 480, Entry("2001:db8::1234", 600, 900));
            byte[] server = Option(2, 0, 3, 0, 1);
            byte[] refusal = Association([0, 0x12, 0x34, 0x56], 9, 8, [.. Status(2), .. Entry("2001:db8::1", 2, 1, Status(4))]);
            yield return [1, .. Answer(Advertise, [.. server, .. lease, .. Option(7, 255)]), .. Answer(Reply, [.. server, .. lease])];
            yield return [1, .. Answer(Reply, [.. server, .. Option(14), .. lease, .. Addresses(23, "2001:db8::53"), .. Option(82, 0, 0, 0, 60)])];
            yield return [1, .. Answer(Reply, [.. server, .. Option(14), .. refusal])];
            yield return
            [
                0, .. Answer(Reply, [
                    .. server, .. Option(24, [1, (byte)'a', 0]), .. Option(59, "http://[2001:db8::7]/a"), .. Option(60, 0, 1, 97, 0, 0),
                    .. Option(32, 0, 0, 2, 88), .. Option(83, 0, 0, 0, 60)]),
            ];
            yield return [0, .. Answer(Reply, [.. server, .. server, 0, 3, 0, 99])];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        Read(input);
        SimulatedNetwork network = new(configure: false) { IdleStep = 100_000 };
        using Dhcp6Client client = new(network.Stack, network.Interface);
        byte[] question = [];
        network.Peer.OnUdp(547, (_, bytes) => question = bytes);
        network.Interface.IPv6.Start();
        client.Begin(new DhcpOptions());
        new IPv6Router(network.Peer, "fe80::1").Advertise(1800, input[0] % 2 != 0 ? (byte)0x80 : (byte)0x40);
        network.RunFor(2_000_000);
        FuzzReader reader = new(input.Slice(1));
        for (int i = 0; i < 8 && !reader.IsEmpty; i++)
        {
            ReadOnlySpan<byte> answer = reader.Take(reader.Byte());
            byte[] ours = [.. question[1..4], .. Option(1, Find(question, 1)!)];
            byte[] message = answer.IsEmpty ? [] : [answer[0], .. ours, .. answer.Slice(1)];
            IPEndpoint to = new(network.Interface.IPv6.LinkLocal, 546);
            network.Peer.SendUdpFrom(new IPEndpoint(IPv6Router.Parse("fe80::547"), 547), to, message);
            network.RunFor(2_500_000);
            FuzzFinding.Unless(!client.IsBound || HasAddress(network.Interface, client.Address), $"bound without {client.Address}");
            _sum += (uint)client.Explain().Length;
            if (client.Answer is { } kept)
            {
                Read(kept.Packet);
            }
        }
    }

    private static bool HasAddress(NetworkInterface netif, IPAddress address)
    {
        bool isThere = false;
        foreach (IPv6AddressEntry entry in netif.IPv6.Addresses)
        {
            isThere |= entry.IsValid && entry.Address == address;
        }

        return isThere;
    }

    private void Read(ReadOnlySpan<byte> bytes)
    {
        if (!_message.TryLoad(bytes))
        {
            FuzzFinding.Unless(_message.FaultOffset < Math.Max(bytes.Length, 1), $"a fault at {_message.FaultOffset} of {bytes.Length} bytes");
            return;
        }

        _sum += (uint)_message.Type + _message.TransactionId + (uint)_message.Preference + (uint)_message.Status + (uint)_message.BootFileUrl.Length;
        int identifier = _message.ServerIdentifier.Length;
        FuzzFinding.Unless(identifier <= Dhcp6Message.MaximumIdentifier, $"a server's DUID of {identifier} bytes");
        int size = 0;
        Dhcp6OptionReader reader = new(_message.Options);
        while (reader.Read())
        {
            size += 4 + reader.Value.Length;
            if (reader.Tag == Dhcp6Tag.Association && _message.TryGetAssociation(WireBytes.Read32(reader.Value, 0), out Dhcp6Association association))
            {
                bool isLawful = association.ValidTime != 0 && association.PreferredTime <= association.ValidTime && association.Address.IsUnicast;
                FuzzFinding.Unless(
                    association.Address.IsAny || isLawful,
                    $"{association.Address} for {association.PreferredTime} of {association.ValidTime} s");
            }
        }

        FuzzFinding.Unless(size == _message.Options.Length, $"options of {size} bytes in {_message.Options.Length}");
    }

    private static byte[] Answer(byte type, byte[] options) => [(byte)(1 + options.Length), type, .. options];
}
