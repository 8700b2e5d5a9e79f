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

    private sealed class Medium(PreparedLink link) : IPeerMedium
    {
        public ulong Now => 0;

        public MacAddress ClientMac => SimulatedLink.StationAddress;

        public void Carry(bool toClient, byte[] frame) => link.Add(frame);

        public void After(ulong delay, Action action) => throw new InvalidOperationException("Segments are prepared: nothing here is to wait.");
    }

    private static byte[] Segment(ulong addresses, ushort port, uint sequence, uint acknowledgement, TcpFlags flags, uint clock, uint echo, int length)
    {
        byte[] options = new byte[TcpOptions.MaximumSize];
        int size = flags.HasFlag(TcpFlags.Syn)
            ? TcpOptions.WriteSyn(options, 1460, 7, true, true, clock, echo)
            : TcpOptions.WriteTimestamp(options, clock, echo);
        byte[] segment = [.. new byte[20], .. options.AsSpan(0, size), .. new byte[length]];
        TcpSegment.WriteHeader(segment, 20 + size, addresses, 80, port, sequence, acknowledgement, flags, 1000);
        return segment;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ReceivedSegments_ReachTheOwner_WithoutAnyAllocation(bool isIPv6)
    {
        IPAddress client = isIPv6 ? IPv6Router.Parse("2001:db8::5054:ff:fe12:3456") : SimulatedNetwork.Address;
        IPAddress server = isIPv6 ? IPv6Router.Parse("2001:db8::2") : new IPv4Address(192, 0, 2, 2);
        ulong addresses = Reference.Addresses(server, client);
        int headers = isIPv6 ? 54 : 34;
        int size = isIPv6 ? SegmentSize - 20 : SegmentSize;
        long ticks = long.MaxValue;
        List<long> allocated = [];
        int acknowledgements = 0;
        for (int round = 0; round < Rounds; round++)
        {
            PreparedLink link = new();
            PeerHost host = new(new Medium(link), default);
            NetBoot.NetworkStack.Sockets.Network network = new(new RandomSource((ulong)round));
            NetworkInterface nic = new("net0", link);
            network.Add(nic);
            nic.Open();
            ulong now = 1;
            if (isIPv6)
            {
                nic.IPv6.Start();
                new IPv6Router(host, "fe80::1").Advertise(1800, IPv6Router.OnLinkPrefix);
                for (; nic.IPv6.Global.IsAny; now += 100_000)
                {
                    network.Poll(now);
                }
            }
            else
            {
                nic.Configure(SimulatedNetwork.Address, SimulatedNetwork.Netmask, default);
            }

            network.Poll(now);
            CountingHandler handler = new();
            TcpConnection connection = TcpConnection.Connect(network, new(server, 80), handler, out _)!;
            if (isIPv6)
            {
                host.SendAdvertisement(server, client, 0x60, PeerHost.Mac);
            }
            else
            {
                host.SendArp(2, PeerHost.Mac, server.IPv4, SimulatedLink.StationAddress, SimulatedNetwork.Address);
            }

            network.Poll(++now);
            Assert.True(TcpSegment.TryParse(link.LastSent.AsSpan(headers), out TcpSegment syn));
            uint ours = syn.Sequence + 1;
            ushort port = syn.SourcePort;
            host.SendIP(server, client, 6, Segment(addresses, port, 5000, ours, TcpFlags.Syn | TcpFlags.Ack, 1, 0, 0));
            network.Poll(++now);
            Assert.True(connection.IsConnected);
            for (int i = 0; i < Segments; i++)
            {
                host.SendIP(server, client, 6, Segment(addresses, port, 5001 + (uint)(i * size), ours, TcpFlags.Ack, 1, 0, size));
            }

            link.Remembers = false;
            int sent = link.Sent;
            long start = Stopwatch.GetTimestamp();
            allocated.Add(Allocations.During(() =>
            {
                while (!link.IsEmpty)
                {
                    network.Poll(++now);
                }
            }));
            ticks = Math.Min(ticks, Stopwatch.GetTimestamp() - start); // In the others somebody else had the processor, or the compiler was at work.
            acknowledgements += link.Sent - sent;
            Assert.Equal((long)Segments * size, handler.Bytes);
            connection.Dispose();
        }

        Assert.Contains(0, allocated); // In the others the runtime has (Allocations).
        double nanoseconds = ticks * 1e9 / Stopwatch.Frequency / Segments;
        output.WriteLine(
            $"{nanoseconds:F0} ns a segment of {size} bytes, {1e9 / nanoseconds / 1e6:F2} M frames/s, " +
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
