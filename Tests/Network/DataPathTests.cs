using System;
using System.Collections.Generic;
using System.Diagnostics;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Links;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Sockets.Tcp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;
using Xunit.Abstractions;

namespace NetBoot.Tests.Network;

/// <summary>What a received segment costs from the link to the owner: no allocation, and how long (for people to read; nothing depends on it).</summary>
public class DataPathTests(ITestOutputHelper output)
{
    private const int SegmentSize = 1448;
    private const int Segments = 4000;
    private const int Rounds = 10;

    /// <summary>A ring with prepared frames, and what was last sent.</summary>
    private sealed class PreparedLink : Link
    {
        private readonly List<byte[]> _frames = [];
        private int _next;

        public byte[] LastSent { get; private set; } = [];
        public int Sent { get; private set; }
        public bool Remembers { get; set; } = true;
        public bool IsEmpty => _next == _frames.Count;

        public override MacAddress Address => SimulatedLink.StationAddress;
        public override int Mtu => 1500;
        public override bool IsUp => true;

        public void Add(byte[] frame) => _frames.Add(frame);

        public override bool Send(ReadOnlySpan<byte> frame)
        {
            Sent++;
            if (Remembers)
            {
                LastSent = frame.ToArray();
            }

            return true;
        }

        public override ReadOnlySpan<byte> Receive() => _next < _frames.Count ? _frames[_next++] : default;
    }

    private sealed class CountingHandler : StreamHandler
    {
        public long Bytes { get; private set; }

        public override void OnConnected()
        {
        }

        public override void OnData(ReadOnlySpan<byte> data) => Bytes += data.Length;

        public override void OnClosed(Error? error)
        {
        }
    }

    private static byte[] Segment(ushort port, uint sequence, uint acknowledgement, TcpFlags flags, uint clock, uint echo, int length)
    {
        byte[] frame = new byte[14 + 20 + 32 + length];
        Span<byte> segment = frame.AsSpan(34);
        int size = 20;
        if (flags.HasFlag(TcpFlags.Syn))
        {
            frame = new byte[14 + 20 + 20 + 24];
            segment = frame.AsSpan(34);
            byte[] options = new byte[TcpOptions.MaximumSize];
            size += TcpOptions.WriteSyn(options, 1460, 7, true, true, clock, echo);
            options.AsSpan(0, size - 20).CopyTo(segment[20..]);
        }
        else
        {
            size += TcpOptions.WriteTimestamp(segment[20..], clock, echo);
        }

        IPv4Address server = new(192, 0, 2, 2);
        TcpSegment.WriteHeader(segment, size, Reference.Addresses(server, SimulatedNetwork.Address), 80, port, sequence, acknowledgement, flags, 1000);
        IPv4Packet.WriteHeader(frame.AsSpan(14), frame.Length - 14, 1, 0, IPProtocol.Tcp, server, SimulatedNetwork.Address);
        EthernetFrame.WriteHeader(frame, SimulatedLink.StationAddress, PeerHost.Mac, EtherType.IPv4);
        return frame;
    }

    [Fact]
    public void ReceivedSegments_ReachTheOwner_WithoutAnyAllocation()
    {
        long ticks = 0;
        List<long> allocated = [];
        int acknowledgements = 0;
        for (int round = 0; round < Rounds; round++)
        {
            PreparedLink link = new();
            NetBoot.NetworkStack.Sockets.Network network = new(new RandomSource((ulong)round));
            NetworkInterface nic = new("net0", link);
            network.Add(nic);
            nic.Open();
            nic.Configure(SimulatedNetwork.Address, SimulatedNetwork.Netmask, default);
            network.Poll(1);
            CountingHandler handler = new();
            TcpConnection connection = TcpConnection.Connect(network, new(new IPv4Address(192, 0, 2, 2), 80), handler, out _)!;
            byte[] arp = new byte[60];
            EthernetFrame.WriteHeader(arp, SimulatedLink.StationAddress, PeerHost.Mac, EtherType.Arp);
            ArpPacket.Write(arp.AsSpan(14), ArpPacket.Reply, PeerHost.Mac, new(192, 0, 2, 2), SimulatedLink.StationAddress, SimulatedNetwork.Address);
            link.Add(arp);
            network.Poll(2);
            Assert.True(TcpSegment.TryParse(link.LastSent.AsSpan(34), out TcpSegment syn));
            uint ours = syn.Sequence + 1;
            link.Add(Segment(syn.SourcePort, 5000, ours, TcpFlags.Syn | TcpFlags.Ack, 1, 0, 0));
            network.Poll(3);
            Assert.True(connection.IsConnected);
            for (int i = 0; i < Segments; i++)
            {
                link.Add(Segment(syn.SourcePort, 5001 + (uint)(i * SegmentSize), ours, TcpFlags.Ack, 1, 0, SegmentSize));
            }

            link.Remembers = false;
            int sent = link.Sent;
            long start = Stopwatch.GetTimestamp();
            allocated.Add(Allocations.During(() =>
            {
                for (ulong now = 4; !link.IsEmpty; now++)
                {
                    network.Poll(now);
                }
            }));
            ticks += round < Rounds / 2 ? 0 : Stopwatch.GetTimestamp() - start; // The first half is for the compiler.
            acknowledgements += link.Sent - sent;
            Assert.Equal((long)Segments * SegmentSize, handler.Bytes);
            connection.Dispose();
        }

        Assert.Contains(0, allocated); // In the others the runtime has (Allocations).
        double nanoseconds = ticks * 1e9 / Stopwatch.Frequency / (Segments * (Rounds - Rounds / 2));
        output.WriteLine(
            $"{nanoseconds:F0} ns a segment of {SegmentSize} bytes, {1e9 / nanoseconds / 1e6:F2} M frames/s, " +
            $"{(double)Segments * Rounds / acknowledgements:F1} segments an acknowledgement");
        byte[] bytes = new byte[1480];
        long begin = Stopwatch.GetTimestamp();
        ulong sum = 0;
        for (int i = 0; i < 100_000; i++)
        {
            sum += InternetChecksum.Sum(bytes);
        }

        output.WriteLine($"of which the checksum takes {(Stopwatch.GetTimestamp() - begin) * 1e9 / Stopwatch.Frequency / 100_000:F0} ns ({sum})");
    }
}
