using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NetBoot.Tests.Models.Xen;

/// <summary>
/// The backend of a network interface (public/io/netif.h, ring.h, xenbus.h), after what QEMU's and Linux's do. Strict: what a frontend must
/// not do is a violation of the guest's <see cref="SimulatedXen"/>. It looks at its rings only when it is notified, and then once.
/// </summary>
public sealed unsafe class SimulatedNetback
{
    public const uint Initialising = 1;
    public const uint InitWait = 2;
    public const uint Connected = 4;
    public const uint Closing = 5;
    public const uint Closed = 6;

    public const ushort ChecksumMissing = 2;
    public const ushort MoreData = 4;
    public const ushort ExtraInfo = 8;

    private const uint RingSize = 256;
    private const int HeaderSize = 64;
    private const int TransmitSlot = 12;
    private const int ReceiveSlot = 8;
    private const int RequestsProduced = 0;
    private const int RequestEvent = 4;
    private const int ResponsesProduced = 8;

    private readonly SimulatedXen _xen;
    private readonly string _mac;
    private readonly HashSet<ushort> _transmitIds = [];
    private readonly Queue<ushort> _held = new();
    private byte* _transmit;
    private byte* _receive;
    private uint _transmitReference;
    private uint _receiveReference;
    private uint _transmitConsumed;
    private uint _transmitProduced;
    private uint _receiveConsumed;
    private uint _receiveSeen;
    private uint _receiveProduced;

    /// <param name="xen">The guest.</param>
    /// <param name="index">The interface's number.</param>
    /// <param name="mac">Its address, without separators.</param>
    /// <param name="type">What the host calls the kind of backend; QEMU "qnic", Linux "vif".</param>
    public SimulatedNetback(SimulatedXen xen, uint index = 0, string mac = "525400123456", string type = "qnic")
    {
        _xen = xen;
        _mac = string.Join(':', mac.Chunk(2).Select(each => new string(each))).ToLowerInvariant();
        Nodes = xen.Store.AddDevice("vif", index, type);
        Nodes.WriteFrontend("mac", _mac);
        WriteFeatures();
        xen.Store.Watch($"{Nodes.Frontend}/state", _ => _xen.After(Latency, Follow));
    }

    public SimulatedDeviceNodes Nodes { get; }

    /// <summary>How long a change of the frontend's state takes to be answered.</summary>
    public TimeSpan Latency { get; set; }

    public bool IsConnected => _transmit != null;
    public uint Port { get; private set; }

    /// <summary>What the guest has sent.</summary>
    public List<byte[]> Sent { get; } = [];

    /// <summary>How often the backend has connected.</summary>
    public int Connections { get; private set; }

    // Faults

    public bool RefusesToConnect { get; set; }

    /// <summary>It stays Connected, with everything mapped, whatever the frontend does.</summary>
    public bool RefusesToClose { get; set; }

    /// <summary>It says Closed and keeps the rings mapped.</summary>
    public bool KeepsRings { get; set; }

    /// <summary>It looks at nothing.</summary>
    public bool IsAsleep { get; set; }

    /// <summary>Sent frames are taken and not answered until <see cref="CompleteTransmitted"/>.</summary>
    public bool HoldsTransmitted { get; set; }

    /// <summary>The index of requests at which the backend wants to be notified is never moved: QEMU's receiving side.</summary>
    public bool NeverAsksForEvents { get; set; }

    /// <summary>Where received frames are put in their page.</summary>
    public int Offset { get; set; }

    /// <summary>The receive buffers that the backend has seen and not used.</summary>
    public uint Available => _receiveSeen - _receiveConsumed;

    /// <summary>The frontend's buffers on the receive ring, seen or not.</summary>
    public uint Posted => Word(_receive, RequestsProduced) - _receiveConsumed;

    public void WriteFeatures()
    {
        Nodes.WriteBackend("feature-rx-copy", "1");
        Nodes.WriteBackend("feature-rx-flip", "0");
    }

    // States

    /// <summary>Looks at the frontend's state, and does what it asks for.</summary>
    public void Follow()
    {
        if (IsAsleep || _xen.Store.Read($"{Nodes.Backend}/state") is null)
        {
            return;
        }

        switch (Nodes.FrontendState)
        {
            case Initialising when Nodes.BackendState is Closed or Closing:
                Nodes.BackendState = InitWait;
                break;
            case Connected when Nodes.BackendState == InitWait:
                Nodes.BackendState = TryConnect() ? Connected : Closing;
                break;
            case Closing when !RefusesToClose && Nodes.BackendState != Closed:
                Nodes.BackendState = Closing;
                break;
            case Closed when !RefusesToClose:
                if (!KeepsRings)
                {
                    Disconnect();
                }

                Nodes.BackendState = Closed;
                break;
            default:
                break;
        }
    }

    private bool TryConnect()
    {
        if (RefusesToConnect || Nodes.Read("request-rx-copy") != "1")
        {
            return false;
        }

        foreach (string name in new[] { "feature-sg", "feature-gso-tcpv4", "multi-queue-num-queues", "request-multicast-control" })
        {
            if (Nodes.Read(name) is { } value and not "0")
            {
                _xen.Violate($"{name} = {value} was not meant");
            }
        }

        if (Nodes.Read("feature-rx-notify") != "1" || Nodes.Read("feature-no-csum-offload") != "1")
        {
            _xen.Violate("The frontend does not say that it notifies, or that it wants whole checksums");
        }

        if (_transmit != null)
        {
            _xen.Violate("The frontend connects while the rings of its last connection are mapped");
            return false;
        }

        _transmitReference = Number("tx-ring-ref");
        _receiveReference = Number("rx-ring-ref");
        Port = Number("event-channel");
        byte* transmit = _xen.Grants.Map(_transmitReference, 0, forWriting: true);
        byte* receive = _xen.Grants.Map(_receiveReference, 0, forWriting: true);
        if (transmit == null || receive == null || !_xen.Channels.Bind(Port, 0, OnEvent))
        {
            _xen.Violate($"Rings {_transmitReference} and {_receiveReference}, port {Port} are not there for the backend");
            return false;
        }

        if (Word(transmit, RequestsProduced) != 0 || Word(receive, ResponsesProduced) != 0 || Word(receive, RequestEvent) != 1)
        {
            _xen.Violate("A ring is not as it begins");
        }

        _transmit = transmit;
        _receive = receive;
        _transmitConsumed = _transmitProduced = _receiveConsumed = _receiveProduced = 0;
        _receiveSeen = 0;
        _transmitIds.Clear();
        _held.Clear();
        Connections++;
        return true;
    }

    /// <summary>The rings are unmapped and the port is unbound.</summary>
    public void Disconnect()
    {
        if (_transmit == null)
        {
            return;
        }

        _xen.Channels.Unbind(Port);
        _xen.Grants.Unmap(_transmitReference);
        _xen.Grants.Unmap(_receiveReference);
        _transmit = null;
        _receive = null;
    }

    /// <summary>The backend begins to close, as when the host's administrator detaches the interface or unloads the backend.</summary>
    public void BeginClosing() => Nodes.BackendState = Closing;

    /// <summary>The backend's domain goes away, with its nodes.</summary>
    public void Vanish()
    {
        Disconnect();
        _xen.Store.Remove(Nodes.Backend);
    }

    /// <summary>It comes back, as a new one.</summary>
    public void Return()
    {
        _xen.Store.Write(Nodes.Backend, "", owner: 0, readers: [SimulatedXen.GuestDomain]);
        Nodes.WriteBackend("frontend", Nodes.Frontend);
        Nodes.WriteBackend("online", "1");
        WriteFeatures();
        Nodes.BackendState = InitWait;
    }

    private uint Number(string name) =>
        uint.TryParse(Nodes.Read(name), NumberStyles.None, null, out uint value) ? value : uint.MaxValue;

    // Rings

    private void OnEvent()
    {
        if (IsAsleep || _transmit == null)
        {
            return;
        }

        uint posted = Word(_receive, RequestsProduced);
        if (posted - _receiveConsumed > RingSize)
        {
            _xen.Violate($"{posted - _receiveConsumed} requests on the receive ring");
        }

        _receiveSeen = posted;
        if (!NeverAsksForEvents)
        {
            Word(_receive, RequestEvent) = posted + 1;
        }

        Transmit();
    }

    private void Transmit()
    {
        uint produced = Word(_transmit, RequestsProduced);
        if (produced - _transmitConsumed > RingSize)
        {
            _xen.Violate($"{produced - _transmitConsumed} requests on the transmit ring");
            return;
        }

        while (_transmitConsumed != produced)
        {
            Span<byte> request = Slot(_transmit, _transmitConsumed++, TransmitSlot);
            uint reference = BitConverter.ToUInt32(request);
            ushort offset = BitConverter.ToUInt16(request[4..]);
            ushort flags = BitConverter.ToUInt16(request[6..]);
            ushort id = BitConverter.ToUInt16(request[8..]);
            ushort size = BitConverter.ToUInt16(request[10..]);
            byte[] frame = new byte[size];
            bool isGood = flags == 0 && size >= 14 && offset + size <= 4096;
            if (!isGood || !_xen.Grants.Copy(reference, 0, offset, frame, toGuest: false))
            {
                _xen.Violate($"Transmit request {reference}, {offset}, {flags:x}, {id}, {size}");
            }

            if (!_transmitIds.Add(id))
            {
                _xen.Violate($"Transmit request {id} is on the ring twice");
            }

            Sent.Add(frame);
            _held.Enqueue(id);
        }

        Word(_transmit, RequestEvent) = _transmitConsumed + 1;
        if (!HoldsTransmitted)
        {
            CompleteTransmitted();
        }
    }

    /// <summary>Answers what was held, in another order if that is given.</summary>
    public void CompleteTransmitted(Func<IEnumerable<ushort>, IEnumerable<ushort>>? order = null)
    {
        ushort[] ids = [.. _held];
        _held.Clear();
        foreach (ushort id in order is null ? ids : order(ids))
        {
            AnswerTransmit(id);
        }
    }

    /// <summary>A response on the transmit ring, which may be a lie.</summary>
    public void AnswerTransmit(ushort id, short status = 0)
    {
        _transmitIds.Remove(id);
        Span<byte> slot = Slot(_transmit, _transmitProduced, TransmitSlot);
        BitConverter.TryWriteBytes(slot, id);
        BitConverter.TryWriteBytes(slot[2..], status);
        Word(_transmit, ResponsesProduced) = ++_transmitProduced;
        _xen.Channels.Signal(Port);
    }

    /// <summary>A frame from the network; false when the guest has no buffer that the backend knows of.</summary>
    public bool Receive(byte[] frame) => Receive(frame, flags: 0);

    /// <summary>A frame, or a part of one, with a response that may be a lie.</summary>
    public bool Receive(byte[] frame, ushort flags, ushort? id = null, int? offset = null, int? status = null)
    {
        if (!TryTakeBuffer(out ushort given, out uint reference))
        {
            return false;
        }

        if (!_xen.Grants.Copy(reference, 0, Offset, frame, toGuest: true))
        {
            _xen.Violate($"Receive request {given} with grant {reference}");
        }

        AnswerReceive(id ?? given, (ushort)(offset ?? Offset), flags, (short)(status ?? frame.Length));
        return true;
    }

    /// <summary>An extra segment, in the place of a response.</summary>
    public bool ReceiveExtra(byte type, bool more)
    {
        if (!TryTakeBuffer(out _, out _))
        {
            return false;
        }

        AnswerReceive((ushort)(type | (more ? 0x100 : 0)), 0x1234, 0x5678, 0x9A);
        return true;
    }

    /// <summary>Takes the next buffer from the guest, and has it for good.</summary>
    public bool TryTakeBuffer(out ushort id, out uint reference)
    {
        id = 0;
        reference = 0;
        if (_receive == null || IsAsleep || _receiveConsumed == _receiveSeen)
        {
            return false;
        }

        Span<byte> request = Slot(_receive, _receiveConsumed++, ReceiveSlot);
        id = BitConverter.ToUInt16(request);
        reference = BitConverter.ToUInt32(request[4..]);
        return true;
    }

    /// <summary>A response on the receive ring.</summary>
    public void AnswerReceive(ushort id, ushort offset, ushort flags, short status)
    {
        Span<byte> slot = Slot(_receive, _receiveProduced, ReceiveSlot);
        BitConverter.TryWriteBytes(slot, id);
        BitConverter.TryWriteBytes(slot[2..], offset);
        BitConverter.TryWriteBytes(slot[4..], flags);
        BitConverter.TryWriteBytes(slot[6..], status);
        Word(_receive, ResponsesProduced) = ++_receiveProduced;
        _xen.Channels.Signal(Port);
    }

    /// <summary>Claims responses that are not there.</summary>
    public void ClaimReceived(uint count) => Word(_receive, ResponsesProduced) = _receiveProduced + count;

    /// <inheritdoc cref="ClaimReceived"/>
    public void ClaimTransmitted(uint count) => Word(_transmit, ResponsesProduced) = _transmitProduced + count;

    /// <summary>Writes anything anywhere on a ring's page.</summary>
    public void Scribble(bool onReceive, int offset, byte value) => (onReceive ? _receive : _transmit)[offset & 4095] = value;

    private static ref uint Word(byte* page, int offset) => ref *(uint*)(page + offset);

    private static Span<byte> Slot(byte* page, uint index, int size) =>
        new(page + HeaderSize + (index % RingSize * (uint)size), size);
}
