using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A network with an open socket and a connection that receives, and frames of the input's.</summary>
/// <remarks>
/// A frame each: a byte with what is set right in it (bit 0: it is for us, and of a type that we know; bit 1: its checksums) and milliseconds to
/// its next (bits 4 to 7), its length in 16 bits, its bytes.
/// </remarks>
internal sealed class NetworkTarget : FuzzTarget
{
    private static readonly IPv4Address s_peer = new(192, 0, 2, 2);

    public override string Name => "network";

    public override string Subject => "frames from the network, as a stack with a socket and a connection takes them";

    public override int MaximumSize => 4096;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] all = [.. SampleFrames.All.SelectMany(Record)];
            return [all, .. SampleFrames.All.Select(Record)];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        SimulatedNetwork network = new() { IdleStep = 20_000 };
        UdpSocket.Open(network.Stack, new Deaf(), 68, out _);
        _ = new PeerTcpServer(network.Peer, 80) { OnConnected = connection => connection.Send(new byte[100]) };
        RecordingTcpHandler handler = new();
        using TcpConnection? connection = TcpConnection.Connect(network.Stack, new IPEndpoint(s_peer, 80), handler, out _);
        network.RunUntil(() => handler.Data.Count == 100);
        network.Interface.IPv6.Start();
        while (!reader.IsEmpty)
        {
            byte bits = reader.Byte();
            byte[] frame = reader.Take(reader.Word() & 2047).ToArray();
            if ((bits & 1) != 0)
            {
                FrameRepair.Address(frame, SimulatedLink.StationAddress);
            }

            if ((bits & 2) != 0)
            {
                FrameRepair.Checksums(frame);
            }

            network.Wire.Deliver(frame);
            network.RunFor((ulong)(bits >> 4) * 1000);
        }

        network.RunFor(2_000_000);
        network.Interface.Close();
    }

    private static byte[] Record(byte[] frame) => [0x13, (byte)frame.Length, (byte)(frame.Length >> 8), .. frame];

    private sealed class Deaf : IUdpHandler
    {
        public void OnDatagram(in UdpDatagram datagram)
        {
        }
    }
}
