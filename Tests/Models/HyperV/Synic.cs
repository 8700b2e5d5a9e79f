using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>The synthetic interrupt controller of the one processor: its registers, message slots and event flags (TLFS, 11).</summary>
public sealed class Synic
{
    public const int SourceCount = 16;
    public const ulong Masked = 1 << 16;

    private const int SlotSize = 256;
    private const int PayloadSize = 240;

    private readonly HyperVHost _host;
    private readonly ulong[] _sources = new ulong[SourceCount];
    private readonly Queue<Message>[] _queues = new Queue<Message>[SourceCount];
    private readonly bool[] _awaitsEom = new bool[SourceCount];

    private sealed class Message(byte[] payload, int delay)
    {
        public readonly byte[] Payload = payload;

        /// <summary>How many polls it still waits.</summary>
        public int Delay = delay;
    }

    internal Synic(HyperVHost host)
    {
        _host = host;
        for (int i = 0; i < SourceCount; i++)
        {
            _sources[i] = Masked;
            _queues[i] = [];
        }
    }

    public ulong Control { get; private set; }

    /// <summary>SIMP.</summary>
    public ulong MessagePage { get; private set; }

    /// <summary>SIEFP.</summary>
    public ulong EventPage { get; private set; }

    /// <summary>Writes of EOM that no pending flag asked for.</summary>
    public int UnneededEomCount { get; private set; }

    /// <summary>Interrupts that a guest with its interrupts on would have taken.</summary>
    public int InterruptCount { get; private set; }

    /// <summary>How many polls messages wait before they are delivered.</summary>
    public int MessageDelay { get; set; }

    public ulong Source(int number) => _sources[number];

    /// <summary>Messages that wait for the guest to take the one before, or to unmask their source.</summary>
    public int Waiting(int source) => _queues[source].Count;

    internal bool TryRead(uint register, out ulong value)
    {
        switch (register)
        {
            case Register.Scontrol:
                value = Control;
                return true;
            case Register.Sversion:
                value = 1;
                return true;
            case Register.Siefp:
                value = EventPage;
                return true;
            case Register.Simp:
                value = MessagePage;
                return true;
            case Register.Eom:
                value = 0;
                return true;
            case >= Register.Sint0 and < Register.Sint0 + SourceCount:
                value = _sources[register - Register.Sint0];
                return true;
            default:
                value = 0;
                return false;
        }
    }

    internal bool TryWrite(uint register, ulong value)
    {
        switch (register)
        {
            case Register.Scontrol:
                Control = value;
                break;
            case Register.Siefp:
                EventPage = Enable(EventPage, value);
                break;
            case Register.Simp:
                MessagePage = Enable(MessagePage, value);
                break;
            case Register.Eom:
                EndMessage();
                break;
            case >= Register.Sint0 and < Register.Sint0 + SourceCount:
                WriteSource((int)(register - Register.Sint0), value);
                break;
            default:
                return false;
        }

        DeliverAll();
        return true;
    }

    // A page that is newly enabled is empty, as the overlay page of a real host is.
    private ulong Enable(ulong before, ulong value)
    {
        if ((value & 1) != 0 && value != before)
        {
            _host.Memory.Span(value & ~0xFFFul, GuestMemory.PageSize).Clear();
            Array.Clear(_awaitsEom);
        }

        return value;
    }

    private void WriteSource(int number, ulong value)
    {
        if ((value & Masked) == 0 && (value & 0xFF) < 16)
        {
            _host.Violate($"SINT{number} was unmasked with vector {value & 0xFF}");
            return;
        }

        _sources[number] = value;
    }

    private void EndMessage()
    {
        bool wasNeeded = false;
        for (int i = 0; i < SourceCount; i++)
        {
            if (!_awaitsEom[i])
            {
                continue;
            }

            wasNeeded = true;
            if (HasPage && _host.Memory.ReadWord(Slot(i)) != 0)
            {
                _host.Violate($"EOM was written before the message of SINT{i} was taken");
                continue;
            }

            _awaitsEom[i] = false;
        }

        UnneededEomCount += wasNeeded ? 0 : 1;
    }

    private bool HasPage => (Control & 1) != 0 && (MessagePage & 1) != 0;

    private ulong Slot(int source) => (MessagePage & ~0xFFFul) + (ulong)(source * SlotSize);

    /// <summary>Queues a message; it is in the guest's slot as soon as that is free.</summary>
    internal void Send(int source, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > PayloadSize)
        {
            throw new ArgumentException("A message has at most 240 bytes.");
        }

        _queues[source].Enqueue(new Message(payload.ToArray(), MessageDelay));
        Deliver(source);
    }

    internal void Poll()
    {
        foreach (Queue<Message> queue in _queues)
        {
            if (queue.TryPeek(out Message? first) && first.Delay > 0)
            {
                first.Delay--;
            }
        }

        DeliverAll();
    }

    internal void Clear(int source) => _queues[source].Clear();

    private void DeliverAll()
    {
        for (int i = 0; i < SourceCount; i++)
        {
            Deliver(i);
        }
    }

    private void Deliver(int source)
    {
        while (_queues[source].TryPeek(out Message? message) && message.Delay == 0 && HasPage &&
            (_sources[source] & Masked) == 0 && !_awaitsEom[source])
        {
            ulong slot = Slot(source);
            if (_host.Memory.ReadWord(slot) != 0)
            {
                // The flag is set while the slot is full; a guest that has emptied it in between finds no flag, hence the second look.
                _host.Memory.SetBits(slot + 4, 1 << 8);
                if (_host.Memory.ReadWord(slot) != 0)
                {
                    _awaitsEom[source] = true;
                    return;
                }
            }

            _queues[source].Dequeue();
            Span<byte> at = _host.Memory.Span(slot, SlotSize);
            at[4..].Clear();
            at[4] = (byte)message.Payload.Length;
            BinaryPrimitives.WriteUInt64LittleEndian(at[8..], (ulong)source);
            message.Payload.CopyTo(at[16..]);
            _host.Memory.WriteWord(slot, 1); // The type last: now there is a message.
            InterruptCount++;
        }
    }

    /// <summary>Sets an event flag for the guest, where it has a page for them.</summary>
    internal void SetEvent(int source, uint flag)
    {
        InterruptCount++;
        if ((Control & 1) != 0 && (EventPage & 1) != 0 && (_sources[source] & Masked) == 0 && flag < SlotSize * 8)
        {
            _host.Memory.SetBits((EventPage & ~0xFFFul) + (ulong)(source * SlotSize) + (flag / 32 * 4), 1u << (int)(flag % 32));
        }
    }
}
