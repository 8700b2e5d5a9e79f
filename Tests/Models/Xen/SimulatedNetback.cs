using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace NetBoot.Tests.Models.Xen;

/// <summary>
/// The backend of a network interface, as Linux' or QEMU's is (public/io/netif.h, ring.h, xenbus.h). Strict: what a frontend must not do is
/// a violation of the guest's <see cref="SimulatedXen"/>.
/// </summary>
/// <remarks>
/// <para>Linux, drivers/net/xen-netback: xenbus.c, frontend_changed (<see cref="Follow"/>), set_backend_state (<see cref="Set"/>), connect,
/// connect_ctrl_ring, connect_data_rings (<see cref="Connect"/>), read_xenbus_vif_flags (<see cref="ReadFlags"/>), backend_switch_state and
/// hotplug_status_changed (<see cref="CheckScript"/>); interface.c, xenvif_disconnect_queue (<see cref="TryDisconnect"/>); netback.c,
/// xenvif_map_frontend_data_rings (<see cref="TryMapRings"/>), xenvif_tx_build_gops (<see cref="Transmit"/>); rx.c,
/// xenvif_rx_ring_slots_available (<see cref="TryTakeBuffer"/>). Its rings are let go of on the way to Closing, not to Closed, and only when
/// no frame of the guest's is under way any more. A connection that fails for want of a key is Connected all the same. What was read stays
/// until the next connection reads it.</para>
/// <para>QEMU, hw/net/xen_nic.c, xen_netdev_frontend_changed: the rings are let go of at Closed; it reads no flags but request-rx-copy, and
/// one that cannot connect goes to Closing. hw/xen/xen-bus.c, xen_device_frontend_changed: from Closed, and from nowhere else, it
/// begins again with a frontend that does.</para>
/// </remarks>
public sealed unsafe class SimulatedNetback
{
    public const uint Unknown = 0;
    public const uint Initialising = 1;
    public const uint InitWait = 2;
    public const uint Initialised = 3;
    public const uint Connected = 4;
    public const uint Closing = 5;
    public const uint Closed = 6;
    public const uint Reconfiguring = 7;
    public const uint Reconfigured = 8;

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

    // Of Linux' netback: what is copied of a sent frame, the rest of it is mapped; and its parameters' values.
    private const int CopiedLength = 128;
    private const uint MaximumQueues = 8;
    private const byte HeadroomExtra = 5; // XEN_NETIF_EXTRA_TYPE_XDP

    private readonly SimulatedXen _xen;
    private readonly NetbackKind _kind;
    private readonly string _mac;
    private readonly HashSet<ushort> _transmitIds = [];
    private readonly Queue<ushort> _held = new();
    private readonly Dictionary<ushort, uint> _mapped = [];
    private readonly Queue<byte[]> _waiting = new();
    private uint _state = InitWait;
    private bool _isRegistered = true;
    private bool _waitsForScript;
    private bool _waitsForFrames;
    private byte* _transmit;
    private byte* _receive;
    private uint _transmitReference;
    private uint _receiveReference;
    private uint _transmitConsumed;
    private uint _transmitProduced;
    private uint _receiveConsumed;
    private uint _receiveProduced;

    /// <param name="xen">The guest.</param>
    /// <param name="index">The interface's number.</param>
    /// <param name="mac">Its address, without separators.</param>
    /// <param name="kind">Whose backend it is.</param>
    public SimulatedNetback(SimulatedXen xen, uint index = 0, string mac = "525400123456", NetbackKind kind = NetbackKind.Linux)
    {
        _xen = xen;
        _kind = kind;
        _mac = string.Join(':', mac.Chunk(2).Select(each => new string(each))).ToLowerInvariant();
        Nodes = xen.Store.AddDevice("vif", index, kind == NetbackKind.Linux ? "vif" : "qnic");
        Nodes.WriteFrontend("mac", _mac);
        WriteNodes();
        xen.Store.Watch($"{Nodes.Frontend}/state", _ => _xen.After(Latency, Follow));
        xen.Store.Watch($"{Nodes.Backend}/hotplug-status", _ => CheckScript());
        xen.Store.Watch($"{Nodes.Frontend}/request-multicast-control", _ => ReadMulticastControl());
    }

    public SimulatedDeviceNodes Nodes { get; }

    /// <summary>Where the backend is by its own account, which the store may not say yet. A test may say that it has come there.</summary>
    public uint State
    {
        get => _state;
        set => Switch(value);
    }

    /// <summary>How long a change of the frontend's state takes to be answered.</summary>
    public TimeSpan Latency { get; set; }

    public bool IsConnected => _transmit != null;
    public uint Port { get; private set; }

    /// <summary>What the guest has sent.</summary>
    public List<byte[]> Sent { get; } = [];

    /// <summary>How often the backend has connected.</summary>
    public int Connections { get; private set; }

    // What the frontend asked for when it was last read; the beginning is xenvif_alloc's (interface.c).

    /// <summary>Frames may come in several buffers.</summary>
    public bool Gathers { get; private set; } = true;

    /// <summary>Frames may be larger than the network's.</summary>
    public bool Segments { get; private set; }

    /// <summary>Checksums of IPv4 are left out, on either way.</summary>
    public bool OffloadsChecksums { get; private set; } = true;

    /// <summary>The same of IPv6.</summary>
    public bool OffloadsIPv6Checksums { get; private set; }

    /// <summary>Only those multicast frames come that the frontend has asked for on its ring.</summary>
    public bool ControlsMulticast { get; private set; }

    /// <summary>Where received frames are put in their page, behind an extra segment that says so.</summary>
    public int Headroom { get; private set; }

    /// <summary>Whether nothing of all this was asked for, but that checksums be there.</summary>
    public bool IsPlain => _kind == NetbackKind.Qemu ||
        !(Gathers || Segments || OffloadsChecksums || OffloadsIPv6Checksums || ControlsMulticast || Headroom != 0);

    // Faults

    public bool RefusesToConnect { get; set; }

    /// <summary>It stays Connected, with everything mapped, whatever the frontend does.</summary>
    public bool RefusesToClose { get; set; }

    /// <summary>It says Closed and keeps the rings mapped.</summary>
    public bool KeepsRings { get; set; }

    /// <summary>It looks at nothing.</summary>
    public bool IsAsleep { get; set; }

    /// <summary>Sent frames are taken and not answered until <see cref="CompleteTransmitted"/>: they wait in a queue of the host's.</summary>
    public bool HoldsTransmitted { get; set; }

    /// <summary>Where QEMU puts received frames in their page.</summary>
    public int Offset { get; set; }

    /// <summary>The frontend's buffers on the receive ring.</summary>
    public uint Available => Word(_receive, RequestsProduced) - _receiveConsumed;

    /// <summary>What the toolstack and the backend write when it comes to be. Linux, xenbus.c, netback_probe.</summary>
    public void WriteNodes()
    {
        Nodes.WriteBackend("mac", _mac);
        Nodes.WriteBackend("handle", "0");
        Nodes.WriteBackend("script", "vif-bridge");
        Nodes.WriteBackend("hotplug-status", "connected"); // The toolstack lets no guest run before.
        Nodes.WriteBackend("feature-rx-copy", "1");
        Nodes.WriteBackend("feature-rx-flip", "0");
        if (_kind == NetbackKind.Linux)
        {
            Nodes.WriteBackend("feature-sg", "1");
            Nodes.WriteBackend("feature-gso-tcpv4", "1");
            Nodes.WriteBackend("feature-gso-tcpv6", "1");
            Nodes.WriteBackend("feature-ipv6-csum-offload", "1");
            Nodes.WriteBackend("feature-xdp-headroom", "1");
            Nodes.WriteBackend("feature-multicast-control", "1");
            Nodes.WriteBackend("feature-dynamic-multicast-control", "1");
            Nodes.WriteBackend("feature-split-event-channels", "1");
            Nodes.WriteBackend("multi-queue-max-queues", $"{MaximumQueues}");
            Nodes.WriteBackend("feature-ctrl-ring", "1");
        }
    }

    // States

    /// <summary>Looks at the frontend's state, and does what it asks for.</summary>
    public void Follow()
    {
        _isRegistered &= _xen.Store.Read($"{Nodes.Backend}/state") is not null; // Not any more, when another one has its number.
        if (IsAsleep || !_isRegistered || _waitsForFrames)
        {
            return;
        }

        uint frontend = Nodes.FrontendState;
        bool isToStay = RefusesToClose && frontend != Connected;
        if (isToStay)
        {
            return;
        }

        if (_kind == NetbackKind.Linux)
        {
            FollowAsLinux(frontend);
        }
        else
        {
            FollowAsQemu(frontend);
        }
    }

    private bool IsOnline => _xen.Store.Read($"{Nodes.Backend}/online") == "1";

    private void FollowAsLinux(uint frontend)
    {
        switch (frontend)
        {
            case Initialising:
                Set(InitWait);
                break;
            case Connected:
            case Closing:
                Set(frontend);
                break;
            case Closed:
                Set(Closed);
                _isRegistered = IsOnline;
                break;
            case Unknown:
                Set(Closed);
                _isRegistered = false;
                break;
            case Reconfiguring:
                ReadHeadroom();
                Publish(Reconfigured);
                break;
            case Initialised:
                break;
            default:
                Publish(Closing); // xenbus_dev_fatal
                break;
        }
    }

    private void FollowAsQemu(uint frontend)
    {
        switch (frontend)
        {
            case Initialising when _state == Closed && IsOnline:
                Switch(InitWait);
                break;
            case Connected when _state != Connected:
                TryDisconnect();
                Switch(TryConnectAsQemu() ? Connected : Closing);
                break;
            case Closing:
                Switch(Closing);
                break;
            case Closed:
            case Unknown:
                TryDisconnect();
                Switch(Closed);
                break;
            default:
                break;
        }
    }

    // By the shortest way.
    private void Set(uint wanted)
    {
        while (_state != wanted)
        {
            switch (_state)
            {
                case Closed:
                    Switch(wanted == Closing ? Closing : InitWait);
                    break;
                case InitWait when wanted == Connected:
                    Connect();
                    Switch(Connected);
                    break;
                case InitWait:
                    Switch(Closing);
                    break;
                case Connected when !TryDisconnect():
                    return;
                case Connected:
                    Switch(Closing);
                    break;
                default:
                    Switch(Closed);
                    break;
            }
        }
    }

    private void Switch(uint state)
    {
        _state = state;
        if (!_waitsForScript)
        {
            Publish(state);
        }
    }

    // A node that is not there is not made: the toolstack has taken the device away.
    private void Publish(uint state)
    {
        if (_xen.Store.Read($"{Nodes.Backend}/state") is not null)
        {
            Nodes.BackendState = state;
        }
    }

    // The state is said when the script that puts the interface on its bridge is done.
    private void CheckScript()
    {
        if (_waitsForScript && _xen.Store.Read($"{Nodes.Backend}/hotplug-status") == "connected")
        {
            _waitsForScript = false;
            Publish(_state);
        }
    }

    private void Connect()
    {
        string error = "";
        uint queues = ReadNumber("multi-queue-num-queues") ?? 1;
        if (RefusesToConnect || queues > MaximumQueues)
        {
            error = $"{queues} queues";
        }
        else
        {
            ReadMulticastControl();
            ReadFlags();
            error = ConnectRings(queues);
        }

        if (error.Length > 0)
        {
            LastError = error;
            Publish(Closing); // xenbus_dev_fatal
            return;
        }

        Connections++;
        _waitsForScript = true;
        _xen.After(TimeSpan.Zero, CheckScript); // A watch's first event.
    }

    /// <summary>Why the last connection failed that did.</summary>
    public string LastError { get; private set; } = "";

    private void ReadFlags()
    {
        if (ReadNumber("request-rx-copy") is null or 0)
        {
            return; // And nobody asks what came of it.
        }

        Gathers = ReadNumber("feature-sg") is > 0;
        Segments = ReadNumber("feature-gso-tcpv4") is > 0 || ReadNumber("feature-gso-tcpv6") is > 0;
        OffloadsChecksums = ReadNumber("feature-no-csum-offload") is null or 0;
        OffloadsIPv6Checksums = ReadNumber("feature-ipv6-csum-offload") is > 0;
        ReadHeadroom();
    }

    private void ReadHeadroom() => Headroom = (int)Math.Min(ReadNumber("xdp-headroom") ?? 0, short.MaxValue);

    private void ReadMulticastControl() => ControlsMulticast = ReadNumber("request-multicast-control") is > 0;

    private string ConnectRings(uint queues)
    {
        if (ReadNumber("ctrl-ring-ref") is { } control &&
            (ReadNumber("event-channel-ctrl") is null || _xen.Grants.Map(control, 0, forWriting: true) == null))
        {
            return "control ring";
        }

        string queue = queues == 1 ? "" : "queue-0/";
        if (ReadNumber($"{queue}tx-ring-ref") is not { } transmit || ReadNumber($"{queue}rx-ring-ref") is not { } receive)
        {
            return "ring references";
        }

        bool isSplit = ReadNumber($"{queue}event-channel-tx") is not null && ReadNumber($"{queue}event-channel-rx") is not null;
        uint? port = ReadNumber(isSplit ? $"{queue}event-channel-tx" : $"{queue}event-channel");
        return port is null || !TryMapRings(transmit, receive, port.Value) ? "mapping rings and port" : "";
    }

    private bool TryConnectAsQemu()
    {
        bool connects = !RefusesToConnect && ReadNumber("request-rx-copy") is > 0 && ReadNumber("tx-ring-ref") is { } transmit &&
            ReadNumber("rx-ring-ref") is { } receive && ReadNumber("event-channel") is { } port && TryMapRings(transmit, receive, port);
        Connections += connects ? 1 : 0;
        return connects;
    }

    private bool TryMapRings(uint transmitReference, uint receiveReference, uint port)
    {
        if (_transmit != null)
        {
            _xen.Violate("The frontend connects while the rings of its last connection are mapped");
            return false;
        }

        byte* transmit = _xen.Grants.Map(transmitReference, 0, forWriting: true);
        byte* receive = _xen.Grants.Map(receiveReference, 0, forWriting: true);
        if (transmit == null || receive == null || !_xen.Channels.Bind(port, 0, OnEvent))
        {
            _xen.Violate($"Rings {transmitReference} and {receiveReference}, port {port} are not there for the backend");
            return false;
        }

        if (Word(transmit, RequestsProduced) != 0 || Word(receive, ResponsesProduced) != 0 || Word(receive, RequestEvent) != 1)
        {
            _xen.Violate("A ring is not as it begins");
        }

        if (ReadNumber("feature-rx-notify") is not 1)
        {
            _xen.Violate("The frontend does not say that it notifies: Linux would look every 30 ms");
        }

        Port = port;
        _transmitReference = transmitReference;
        _receiveReference = receiveReference;
        _transmit = transmit;
        _receive = receive;
        _transmitConsumed = _transmitProduced = _receiveConsumed = _receiveProduced = 0;
        _transmitIds.Clear();
        _held.Clear();
        _waiting.Clear();
        return true;
    }

    // Frames that the host still has in a queue are waited for, as long as it takes.
    private bool TryDisconnect()
    {
        if (_kind == NetbackKind.Linux && _mapped.Count > 0)
        {
            _waitsForFrames = true;
            return false;
        }

        if (!KeepsRings)
        {
            Disconnect();
        }

        return true;
    }

    /// <summary>Everything is unmapped and the port is unbound.</summary>
    public void Disconnect()
    {
        foreach (uint reference in _mapped.Values)
        {
            _xen.Grants.Unmap(reference);
        }

        _mapped.Clear();
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

    /// <summary>The backend begins to close, as when the host's administrator takes the interface from its bridge and puts it back.</summary>
    public void BeginClosing() => Nodes.BackendState = Closing;

    /// <summary>
    /// The toolstack detaches the interface: it says so, waits until the backend is Closed, and removes both ends. libxl,
    /// libxl_device.c, libxl__initiate_device_generic_remove.
    /// </summary>
    public void Detach()
    {
        bool isDone = false;
        _xen.Store.Watch($"{Nodes.Backend}/state", _ =>
        {
            if (!isDone && Nodes.BackendState == Closed)
            {
                isDone = true;
                Nodes.Remove();
            }
        });
        Nodes.WriteBackend("online", "0");
        Nodes.BackendState = Closing;
    }

    /// <summary>The backend's domain goes away, with its nodes.</summary>
    public void Vanish()
    {
        Disconnect();
        _isRegistered = false;
        _xen.Store.Remove(Nodes.Backend);
    }

    /// <summary>It comes back, as a new one.</summary>
    public void Return()
    {
        _xen.Store.Write(Nodes.Backend, "", owner: 0, readers: [SimulatedXen.GuestDomain]);
        Nodes.WriteBackend("frontend", Nodes.Frontend);
        Nodes.WriteBackend("online", "1");
        WriteNodes();
        _isRegistered = true;
        _waitsForScript = false;
        _waitsForFrames = false;
        _state = InitWait;
        Nodes.BackendState = InitWait;
    }

    private uint? ReadNumber(string name) => uint.TryParse(Nodes.Read(name), NumberStyles.None, null, out uint value) ? value : null;

    // Rings

    private void OnEvent()
    {
        if (IsAsleep || _transmit == null)
        {
            return;
        }

        if (Available > RingSize)
        {
            _xen.Violate($"{Available} requests on the receive ring");
        }

        while (_waiting.TryPeek(out byte[]? frame) && Receive(frame))
        {
            _waiting.Dequeue();
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
            if (HoldsTransmitted && size > CopiedLength && _kind == NetbackKind.Linux && !_mapped.ContainsKey(id))
            {
                _xen.Grants.Map(reference, 0, forWriting: false);
                _mapped.Add(id, reference);
            }
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

        if (_waitsForFrames && _mapped.Count == 0)
        {
            _waitsForFrames = false;
            Follow();
        }
    }

    /// <summary>A response on the transmit ring, which may be a lie.</summary>
    public void AnswerTransmit(ushort id, short status = 0)
    {
        if (_mapped.Remove(id, out uint reference))
        {
            _xen.Grants.Unmap(reference);
        }

        _transmitIds.Remove(id);
        Span<byte> slot = Slot(_transmit, _transmitProduced, TransmitSlot);
        BitConverter.TryWriteBytes(slot, id);
        BitConverter.TryWriteBytes(slot[2..], status);
        Word(_transmit, ResponsesProduced) = ++_transmitProduced;
        _xen.Channels.Signal(Port);
    }

    /// <summary>A frame from the network, as the frontend has asked for it; false when the guest has no buffer.</summary>
    public bool Receive(byte[] frame)
    {
        bool isMulticast = (frame[0] & 1) != 0 && frame.AsSpan(0, 6).ContainsAnyExcept((byte)0xFF);
        if (ControlsMulticast && isMulticast)
        {
            return true; // Nobody has asked for it.
        }

        return Headroom == 0
            ? Receive(frame, flags: 0)
            : Receive(frame, ExtraInfo, offset: 0, status: Headroom + frame.Length) && ReceiveExtra(HeadroomExtra, more: false);
    }

    /// <summary>A frame from the network, which waits for a buffer; the backend looks again with the guest's next event.</summary>
    public void Deliver(byte[] frame)
    {
        if (_waiting.Count > 0 || !Receive(frame))
        {
            _waiting.Enqueue(frame);
        }
    }

    /// <summary>A frame, or a part of one, with a response that may be a lie.</summary>
    public bool Receive(byte[] frame, ushort flags, ushort? id = null, int? offset = null, int? status = null)
    {
        if (!TryTakeBuffer(out ushort given, out uint reference))
        {
            return false;
        }

        int at = _kind == NetbackKind.Linux && Headroom != 0 ? Headroom : Offset;
        if (!_xen.Grants.Copy(reference, 0, at, frame, toGuest: true))
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
        if (_receive == null || IsAsleep)
        {
            return false;
        }

        if (Available == 0)
        {
            if (_kind == NetbackKind.Linux)
            {
                Word(_receive, RequestEvent) = _receiveConsumed + 1; // QEMU never asks for events.
            }

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
