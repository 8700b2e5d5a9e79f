using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>Frames that the host at the other end of a simulated wire sends.</summary>
internal static class SampleFrames
{
    private static readonly IPv4Address s_peer = new(192, 0, 2, 2);

    /// <summary>One of each kind.</summary>
    public static IReadOnlyList<byte[]> All
    {
        get
        {
            SimulatedNetwork network = new();
            List<byte[]> frames = [];
            network.Wire.Delivered = frames.Add;
            PeerTcpServer server = new(network.Peer, 80) { OnConnected = connection => connection.Send(new byte[100]) };
            RecordingTcpHandler handler = new();
            TcpConnection.Connect(network.Stack, new IPEndpoint(s_peer, 80), handler, out _);
            network.RunUntil(() => handler.Data.Count == 100);
            server.Connections[0].Finish();
            network.RunFor(1_000_000);
            network.Peer.SendUdpFrom(new(s_peer, 67), new(SimulatedNetwork.Address, 68), new byte[20]);
            network.Peer.SendArp(1, PeerHost.Mac, s_peer, default, SimulatedNetwork.Address);
            foreach (byte type in new byte[] { 8, 3 })
            {
                byte[] message = new byte[36];
                IcmpMessage.WriteHeader(message, type, type == 3 ? (byte)4 : (byte)0, 576);
                message[8] = 0x45;
                message[17] = 6;
                network.Peer.SendIPv4(s_peer, SimulatedNetwork.Address, 1, message);
            }

            MacAddress bridges = new([1, 0x80, 0xC2, 0, 0, 0]);
            network.Peer.SendFrame(0x88CC, [2, 7, 4, 0x52, 0x54, 0, 1, 2, 3, 4, 2, 5, 65, 6, 2, 0, 120, 10, 1, 65, 254, 6, 0, 0x80, 0xC2, 1, 0, 42, 0, 0], bridges);
            network.Peer.SendFrame(39, [0x42, 0x42, 3, 0, 0, 2, 2, 0x3C, .. new byte[8], 0, 0, 0, 4, .. new byte[8], 0x80, 1, 0, 0, 20, 0, 2, 0, 15, 0, 0], bridges);

            byte[] tagged = [.. frames[0].AsSpan(0, 12), 0x81, 0, 0, 5, .. frames[0].AsSpan(12)];
            frames.Add(tagged);
            return frames;
        }
    }
}
