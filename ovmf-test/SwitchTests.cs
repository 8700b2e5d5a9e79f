using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Networks;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The switch that machines are put on, with stations that are sockets.</summary>
public sealed class SwitchTests : IAsyncLifetime
{
    private const byte Everybody = 0xFF;

    private readonly ManualTime _time = new();
    private readonly List<Station> _stations = [];
    private readonly EthernetSwitch _switch;
    private Station? _witness;

    public SwitchTests()
        : this(seed: 1)
    {
    }

    private SwitchTests(int seed)
    {
        _switch = new EthernetSwitch(seed, _time);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _stations.ForEach(each => each.Dispose());
        await _switch.DisposeAsync();
    }

    [Fact]
    public async Task Frame_GoesToAll_UntilItsStationIsKnown()
    {
        Station a = await PlugInAsync();
        Station b = await PlugInAsync();
        Station c = await PlugInAsync();
        a.Send(b.Number, "to b, whom nobody knows");
        Assert.Equal("to b, whom nobody knows", await b.ReadAsync());
        Assert.Equal("to b, whom nobody knows", await c.ReadAsync());
        b.Send(a.Number, "to a");
        Assert.Equal("to a", await a.ReadAsync());
        b.Send(Everybody, "to all");
        Assert.Equal("to all", await c.ReadAsync());
        Assert.Equal("to all", await a.ReadAsync());
    }

    [Fact]
    public async Task Vlan_OfATrunk_IsTagged_AndOfOtherPortsIsNot()
    {
        Station trunk = await PlugInAsync(port => port.IsTrunk = true);
        Station one = await PlugInAsync();
        Station five = await PlugInAsync(port => port.Vlan = 5);
        trunk.Send(Everybody, "untagged");
        trunk.Send(Everybody, "tagged", tag: 0x6005);
        trunk.Send(Everybody, "of no port's VLAN", tag: 6);
        trunk.Send(Everybody, "with a priority alone", tag: 0xE000);
        trunk.SendBytes([.. trunk.Header(Everybody), 0x81, 0, 0]); // A tag that is cut off.
        trunk.SendBytes([0xFF, 0xFF]);
        trunk.Send(Everybody, "the last", tag: 5);
        Assert.Equal("untagged", await one.ReadAsync());
        Assert.Equal("with a priority alone", await one.ReadAsync());
        Assert.Equal("tagged", await five.ReadAsync());
        Assert.Equal("the last", await five.ReadAsync());
        Assert.Equal(2, trunk.Port.Refused);
        five.Send(Everybody, "from five");
        Assert.Equal("0005 from five", await trunk.ReadAsync());
        one.Send(Everybody, "refused here", tag: 5);
        one.Send(Everybody, "from one", tag: 0x4001);
        Assert.Equal("from one", await trunk.ReadAsync());
        Assert.Equal(1, one.Port.Refused);
        Assert.Equal(1, trunk.Port.SentTagged);
    }

    [Fact]
    public async Task Faults_ComeAtTheirRates_TheSameWithTheSameSeed()
    {
        const int count = 4000;
        FrameFaults faults = new() { Loss = 0.1, Duplicates = 0.05, Reordering = 0.02 };
        List<string> first = await PassAsync(seed: 7, faults, count);
        string[] distinct = [.. first.Distinct()];
        Assert.InRange(distinct.Length, 0.88 * count, 0.92 * count);
        Assert.InRange(first.Count - distinct.Length, 0.03 * count, 0.06 * count);
        Assert.InRange(first.Zip(first.Skip(1)).Count(pair => string.CompareOrdinal(pair.First, pair.Second) > 0), 1, count / 10);
        Assert.Equal(first, await PassAsync(seed: 7, faults, count));
        Assert.NotEqual(first, await PassAsync(seed: 8, faults, count));
    }

    [Fact]
    public async Task Delay_KeepsAFrameForThatLong()
    {
        Station a = await PlugInAsync();
        Station b = await PlugInAsync(port => port.Faults = new FrameFaults { Delay = TimeSpan.FromSeconds(1) });
        a.Send(Everybody, "late");
        await PassedAsync(a);
        b.Port.Faults = new FrameFaults();
        a.Send(Everybody, "at once");
        Assert.Equal("at once", await b.ReadAsync());
        _time.Advance(TimeSpan.FromSeconds(0.9));
        a.Send(Everybody, "then");
        Assert.Equal("then", await b.ReadAsync());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("late", await b.ReadAsync());
    }

    [Fact]
    public async Task Port_OfASpanningTree_ForwardsLate_AndSendsBpdus()
    {
        Station b = await PlugInAsync();
        Station a = Connect(port => port.ForwardDelay = TimeSpan.FromSeconds(30));
        byte[] bpdu = await a.ReadBytesAsync();
        Assert.Equal([0x01, 0x80, 0xC2, 0, 0, 0], bpdu[..6]);
        Assert.Equal([0, 38, 0x42, 0x42, 3, 0, 0, 0, 0], bpdu[12..21]);
        Assert.Equal(15, bpdu[50]); // Seconds: the forward delay.
        Assert.Equal(60, bpdu.Length);
        a.Send(Everybody, "into nothing");
        await RefusedAsync(a);
        b.Send(Everybody, "into nothing either");
        await PassedAsync(b);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(bpdu, await a.ReadBytesAsync());
        Assert.False(a.Port.Forwarding.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(28));
        await a.Port.Forwarding;
        a.Send(Everybody, "forwarded");
        Assert.Equal("forwarded", await b.ReadAsync());
        Assert.Equal(1, a.Port.Refused);
        a.Port.StartLink();
        b.Send(Everybody, "into nothing again");
        await PassedAsync(b);
        _time.Advance(TimeSpan.FromSeconds(30));
        b.Send(Everybody, "forwarded again");
        byte[] frame;
        for (int bpdus = 2; (frame = await a.ReadBytesAsync()).AsSpan().SequenceEqual(bpdu); bpdus++)
        {
            Assert.InRange(bpdus, 2, 31); // Twice at 0, 2 ... 30 s, of which two are read above.
        }

        Assert.Equal("forwarded again", Encoding.ASCII.GetString(frame.AsSpan(14)));
    }

    /// <summary>What arrives of so many frames behind a port with faults.</summary>
    private static async Task<List<string>> PassAsync(int seed, FrameFaults faults, int count)
    {
        SwitchTests other = new(seed);
        Station from = await other.PlugInAsync();
        Station to = await other.PlugInAsync(port => port.Faults = faults);
        await other.PassedAsync(from); // The witness's port has its share of chance too: it is there from the first frame on.
        for (int i = 0; i < count; i++)
        {
            from.Send(Everybody, $"{i:0000}");
        }

        await other.PassedAsync(from);
        other._time.Advance(TimeSpan.FromSeconds(1));
        to.Port.Faults = new FrameFaults();
        from.Send(Everybody, "end");
        List<string> passed = [];
        for (string text; (text = await to.ReadAsync()) != "end";)
        {
            passed.Add(text);
        }

        await other.DisposeAsync();
        return passed;
    }

    /// <summary>Waits until the switch has taken all that a station sent.</summary>
    private async Task PassedAsync(Station station)
    {
        _witness ??= await PlugInAsync();
        station.Send(_witness.Number, Station.Passed);
        while (Encoding.ASCII.GetString((await _witness.ReadBytesAsync()).AsSpan(14)) != Station.Passed)
        {
        }
    }

    /// <summary>Waits until the switch has refused a frame of a station's, for nobody hears of that.</summary>
    private static async Task RefusedAsync(Station station)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (station.Port.Refused == 0)
        {
            await Task.Delay(1, patience.Token);
        }
    }

    private async Task<Station> PlugInAsync(Action<SwitchPort>? set = null)
    {
        Station station = Connect(set);
        await station.Port.Forwarding;
        return station;
    }

    private Station Connect(Action<SwitchPort>? set)
    {
        SwitchPort port = _switch.AddPort();
        set?.Invoke(port);
        Station station = new(port);
        _stations.Add(station);
        return station;
    }

    /// <summary>What QEMU is otherwise: it sends and receives text in frames.</summary>
    private sealed class Station : IDisposable
    {
        /// <summary>A text that <see cref="ReadAsync()"/> passes over.</summary>
        public const string Passed = "passed";

        private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(1));

        public Station(SwitchPort port)
        {
            Port = port;
            _socket.Connect(new UnixDomainSocketEndPoint(port.Arguments.Split("addr.path=")[1]));
        }

        public SwitchPort Port { get; }

        public byte Number => (byte)Port.Number;

        public byte[] Header(byte to) => [.. to == Everybody ? Enumerable.Repeat(to, 6) : [2, 0, 0, 0, 0, to], 2, 0, 0, 0, 0, Number];

        public void Send(byte to, string text, int? tag = null) => SendBytes(
            [.. Header(to), .. tag is int value ? [0x81, 0, (byte)(value >> 8), (byte)value] : (byte[])[], 0x12, 0x34, .. Encoding.ASCII.GetBytes(text)]);

        public void SendBytes(byte[] frame)
        {
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
            _socket.Send([length, frame], SocketFlags.None);
        }

        /// <summary>The next frame's text, behind its tag if it has one.</summary>
        public async Task<string> ReadAsync()
        {
            while (true)
            {
                byte[] frame = await ReadBytesAsync();
                bool isTagged = frame[12] == 0x81;
                string text = Encoding.ASCII.GetString(frame.AsSpan(isTagged ? 18 : 14));
                if (text != Passed)
                {
                    return isTagged ? $"{frame[14]:x2}{frame[15]:x2} {text}" : text;
                }
            }
        }

        public async Task<byte[]> ReadBytesAsync()
        {
            byte[] length = new byte[4];
            await ReadAsync(length);
            byte[] frame = new byte[BinaryPrimitives.ReadInt32BigEndian(length)];
            await ReadAsync(frame);
            return frame;
        }

        public void Dispose()
        {
            _socket.Dispose();
            _patience.Dispose();
        }

        private async Task ReadAsync(byte[] buffer)
        {
            for (int at = 0, count; at < buffer.Length; at += count)
            {
                count = await _socket.ReceiveAsync(buffer.AsMemory(at), _patience.Token);
                Assert.NotEqual(0, count);
            }
        }
    }
}
