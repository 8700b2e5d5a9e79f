using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace NetBoot.Boot.Tool.Networks;

/// <summary>
/// A switch for networks of QEMU's: it learns where stations are, keeps VLANs apart (IEEE 802.1Q), and its ports can lose, double, reorder and
/// delay frames, and begin to forward late.
/// </summary>
public sealed class EthernetSwitch : IAsyncDisposable
{
    private const int HeaderSize = 14;
    private const int TypeOffset = 12;
    private const int TagSize = 4;
    private const ushort TagType = 0x8100; // IEEE 802.1Q, table 9-1
    private const int MinimumFrameSize = 60; // IEEE 802.3, 4.2.3.3: without FCS
    private static readonly TimeSpan s_helloTime = TimeSpan.FromSeconds(2); // IEEE 802.1D-2004, 17.14

    private readonly TemporaryDirectory _directory = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly Random _random;
    private readonly Lock _gate = new();
    private readonly List<SwitchPort> _ports = [];
    private readonly Dictionary<(int Vlan, ulong Station), SwitchPort> _stations = [];
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Number)> _later = new();
    private long _number;
    private bool _isDisposed;

    /// <param name="seed">Of the generator that faults come from.</param>
    /// <param name="time">What delays are measured by; null for the system's clock.</param>
    public EthernetSwitch(int seed = 1, TimeProvider? time = null)
    {
        _random = new Random(seed);
        _time = time ?? TimeProvider.System;
        _timer = _time.CreateTimer(_ => RunDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds a port; it ends with the switch.</summary>
    public SwitchPort AddPort()
    {
        SwitchPort port = new(this, _ports.Count + 1, _directory.Combine($"port{_ports.Count + 1}.sock"));
        lock (_gate)
        {
            _ports.Add(port);
        }

        return port;
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (SwitchPort port in _ports)
        {
            port.Dispose();
        }

        _directory.Dispose();
    }

    internal void StartLink(SwitchPort port)
    {
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            int link = ++port.LinkCount;
            port.SetForwarding(port.ForwardDelay is null);
            if (port.ForwardDelay is TimeSpan delay)
            {
                SendBpdus(port, link);
                After(delay, () => port.SetForwarding(port.IsForwarding || port.LinkCount == link));
            }
        }
    }

    /// <summary>Takes what a port's station sends.</summary>
    internal void Receive(SwitchPort port, byte[] frame)
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                port.Received++;
                Disturb(port, frame, passed => Forward(port, passed));
            }
        }
    }

    private void Forward(SwitchPort from, byte[] frame)
    {
        if (!from.IsForwarding || !TryUntag(from, ref frame, out int vlan, out int priority))
        {
            from.Refused++;
            return;
        }

        ulong destination = ReadStation(frame, 0);
        _stations[(vlan, ReadStation(frame, 6))] = from;
        if (destination is >= 0x0180_C200_0000 and <= 0x0180_C200_000F)
        {
            return; // IEEE 802.1D-2004, 7.12.6: for the bridge itself
        }

        _stations.TryGetValue((vlan, destination), out SwitchPort? known);
        foreach (SwitchPort port in _ports)
        {
            if (port != from && (known is null || known == port) && port.IsForwarding && (port.IsTrunk || port.Vlan == vlan))
            {
                Disturb(port, port.Vlan == vlan ? frame : Tag(frame, vlan, priority), passed => Send(port, passed));
            }
        }
    }

    /// <summary>Lets a frame through a port's faults, now or later.</summary>
    private void Disturb(SwitchPort port, byte[] frame, Action<byte[]> passed)
    {
        FrameFaults faults = port.Faults;
        if (_random.NextDouble() < faults.Loss)
        {
            port.Lost++;
            return;
        }

        bool isDouble = _random.NextDouble() < faults.Duplicates;
        port.Duplicated += isDouble ? 1 : 0;
        for (int copies = isDouble ? 2 : 1; copies > 0; copies--)
        {
            bool isLate = _random.NextDouble() < faults.Reordering;
            port.Reordered += isLate ? 1 : 0;
            After(faults.Delay + (isLate ? faults.Lateness * _random.NextDouble() : TimeSpan.Zero), () => passed(frame));
        }
    }

    private static void Send(SwitchPort port, byte[] frame)
    {
        port.Sent++;
        port.SentTagged += ReadType(frame) == TagType ? 1 : 0;
        port.Send(frame);
    }

    /// <summary>Takes a frame's tag off; false for a runt, and for a VLAN that the port does not have.</summary>
    private static bool TryUntag(SwitchPort port, ref byte[] frame, out int vlan, out int priority)
    {
        vlan = port.Vlan;
        priority = 0;
        if (frame.Length < HeaderSize || ReadType(frame) != TagType)
        {
            return frame.Length >= HeaderSize;
        }

        if (frame.Length < HeaderSize + TagSize)
        {
            return false;
        }

        int tag = BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(HeaderSize));
        priority = tag >> 13;
        vlan = (tag & 0xFFF) == 0 ? port.Vlan : tag & 0xFFF; // IEEE 802.1Q, 6.9: 0 is the priority's alone
        frame = [.. frame.AsSpan(0, TypeOffset), .. frame.AsSpan(TypeOffset + TagSize)];
        return port.IsTrunk || vlan == port.Vlan;
    }

    private static byte[] Tag(byte[] frame, int vlan, int priority)
    {
        byte[] tag = new byte[TagSize];
        BinaryPrimitives.WriteUInt16BigEndian(tag, TagType);
        BinaryPrimitives.WriteUInt16BigEndian(tag.AsSpan(2), (ushort)((priority << 13) | vlan));
        return [.. frame.AsSpan(0, TypeOffset), .. tag, .. frame.AsSpan(TypeOffset)];
    }

    private static ushort ReadType(byte[] frame) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(TypeOffset));

    private static ulong ReadStation(byte[] frame, int offset) => BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(offset)) >> 16;

    /// <summary>Sends a configuration BPDU of a root bridge (IEEE 802.1D-2004, 9.3.1), now and every two seconds as long as the link is up.</summary>
    private void SendBpdus(SwitchPort port, int link)
    {
        if (port.LinkCount != link || port.ForwardDelay is not TimeSpan delay)
        {
            return;
        }

        ReadOnlySpan<byte> bridge = [0x80, 0, 0x52, 0x54, 0, 0xB, 0xD, 0];
        byte[] frame = new byte[MinimumFrameSize];
        byte[] content =
        [
            0x01, 0x80, 0xC2, 0, 0, 0, .. bridge[2..7], (byte)port.Number, 0, 38, 0x42, 0x42, 3, // LLC: the bridges' protocol
            0, 0, 0, 0, 0, .. bridge, 0, 0, 0, 0, .. bridge, 0x80, (byte)port.Number, 0, 0, 20, 0, 2, 0, (byte)(delay / 2).TotalSeconds, 0,
        ];
        content.CopyTo(frame, 0);
        Send(port, frame);
        After(s_helloTime, () => SendBpdus(port, link));
    }

    private void After(TimeSpan delay, Action action)
    {
        if (delay == TimeSpan.Zero)
        {
            action();
            return;
        }

        _later.Enqueue(action, (_time.GetUtcNow() + delay, _number++));
        SetTimer();
    }

    private void SetTimer()
    {
        if (!_isDisposed && _later.TryPeek(out _, out (DateTimeOffset Due, long Number) first))
        {
            TimeSpan left = first.Due - _time.GetUtcNow();
            _timer.Change(left < TimeSpan.Zero ? TimeSpan.Zero : left, Timeout.InfiniteTimeSpan);
        }
    }

    private void RunDue()
    {
        lock (_gate)
        {
            while (!_isDisposed && _later.TryPeek(out Action? action, out (DateTimeOffset Due, long Number) first) && first.Due <= _time.GetUtcNow())
            {
                _later.Dequeue();
                action();
            }

            SetTimer();
        }
    }
}
