using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>
/// A synthetic network adapter: NVSP 1 to 6.1 with the order of set-up that OpenVMM enforces, receive and send buffer, and RNDIS behind
/// it. Its wire is <see cref="Transmitted"/> and <see cref="Deliver"/>.
/// </summary>
/// <remarks>
/// What a host does with what it does not take differs: see <see cref="HostKind"/>. OpenVMM's device (netvsp, lib.rs: initialize, main_loop,
/// process_ring_buffer) ends then, as it does at a revocation, which it never completes; its memory it lets go of when the channel is closed.
/// </remarks>
public sealed class NetvspDevice : VmbusDevice
{
    public static readonly Guid NetworkType = new("f8615163-df3e-46c5-913f-f2d2f965ed0e");

    /// <summary>The instance of an adapter that is given none.</summary>
    public static readonly Guid FirstInstance = new("2d5cf4a1-0d0e-4e7c-9d5b-3f0c8a6b1e77");

    public const uint Nvsp1 = 0x0000_0002;
    public const uint Nvsp2 = 0x0003_0002;
    public const uint Nvsp4 = 0x0004_0000;
    public const uint Nvsp5 = 0x0005_0000;
    public const uint Nvsp6 = 0x0006_0000;
    public const uint Nvsp61 = 0x0006_0001;

    private const uint NoSection = 0xFFFF_FFFF;
    private const uint Success = 1;
    private const uint Failure = 2;
    private const uint InvalidPacket = 5;
    private const uint NoVersion = 0xFFFF_FFFF;
    private const int ReservedTail = 36;
    private const int OpenVmmControlSections = 16; // RX_RESERVED_CONTROL_BUFFERS
    private const int LargestMtu = 9216;
    private const int SmallestMtu = 1514;
    private const uint SendSection = 6144;

    private readonly HyperVHost _host;
    private readonly Queue<byte[]> _frames = [];
    private readonly Queue<byte[]> _controls = [];
    private readonly Queue<(NvspMessage Answers, ulong Transaction, byte[] Message)> _held = [];
    private readonly Dictionary<ulong, int[]> _outstanding = [];
    private readonly HashSet<uint> _busySendSections = [];
    private readonly Dictionary<ulong, uint> _sectionOf = [];
    private ReceiveBuffer? _receive;
    private PageRun? _send;
    private Gpadl? _receiveGpadl;
    private Gpadl? _sendGpadl;
    private ushort _receiveId;
    private ushort _sendId;
    private uint _sendSectionSize;
    private bool _isConfigured;
    private bool _hasNdisVersion;
    private ulong _nextTransaction = 0xA5A5_5A5A_0000_0001;

    public NetvspDevice(HyperVHost host, byte[] address, Guid? instance = null)
        : base(NetworkType, instance ?? FirstInstance)
    {
        _host = host;
        Address = address;
        Rndis = new RndisAdapter(this);
        ControlSections = IsOpenVmm ? OpenVmmControlSections : 0;
        Faults.RefusalStatus = IsOpenVmm ? 0u : Failure;
    }

    /// <summary>The permanent MAC address.</summary>
    public byte[] Address { get; }

    public RndisAdapter Rndis { get; }

    public NetvspFaults Faults { get; } = new();

    // What the host is

    /// <summary>The NVSP versions that it takes.</summary>
    public HashSet<uint> Versions { get; } = [Nvsp1, Nvsp2, Nvsp4, Nvsp5, Nvsp6, Nvsp61];

    /// <summary>The size of a suballocation of the receive buffer, 0 for the usual one; it need not be a multiple of anything.</summary>
    public uint SectionSize { get; set; }

    /// <summary>Suballocations that are kept for what is not a frame; with none, answers wait for what the guest gives back, as frames do.</summary>
    public int ControlSections { get; set; }

    /// <summary>Where the first suballocation begins.</summary>
    public uint SectionOffset { get; set; }

    /// <summary>How many suballocations the receive buffer is cut into at most.</summary>
    public uint MaximumSections { get; set; } = uint.MaxValue;

    /// <summary>Frames that go into one packet at most when many wait, each in a range of its own.</summary>
    public int MaximumRanges { get; set; } = 8;

    /// <summary>Frames that wait for room at most; more are lost, as on any wire.</summary>
    public int FrameQueueSize { get; set; } = 1024;

    /// <summary>Ranges and RNDIS lengths cover the whole suballocation (OpenVMM), not only the message.</summary>
    public bool CoversSection { get; set; } = true;

    // What the guest did

    /// <summary>The NVSP version in use; null before INIT.</summary>
    public uint? Version { get; private set; }

    /// <summary>What NDIS_CONFIG said, Ethernet header included; 1514 before.</summary>
    public uint Mtu { get; private set; } = SmallestMtu;

    /// <summary>The NVSP version of each INIT, the refused ones too.</summary>
    public List<uint> Inits { get; } = [];

    public bool HasReceiveBuffer => _receive != null;

    public bool HasSendBuffer => _send != null;

    /// <summary>Packets of the host's that the guest has not completed.</summary>
    public int OutstandingCount => _outstanding.Count;

    public int TransmittedCount { get; private set; }

    public int DeliveredCount { get; private set; }

    /// <summary>Frames for the guest that were lost, since the queue was full or it was not ready.</summary>
    public int LostCount { get; private set; }

    public int FilteredCount { get; private set; }

    /// <summary>Messages that came by the send buffer.</summary>
    public int SendSectionCount { get; private set; }

    /// <summary>Messages that came as GPA-direct packets.</summary>
    public int DirectCount { get; private set; }

    /// <summary>Whether the device has ended, and does nothing more until the channel is opened again.</summary>
    public bool IsEnded => Channel is { IsEnded: true };

    internal bool IsOpenVmm => _host.Kind == HostKind.OpenVmm;

    /// <summary>NVSP messages in the order in which they came.</summary>
    public List<NvspMessage> Log { get; } = [];

    // The wire

    /// <summary>Called with each frame of the guest's.</summary>
    public Action<byte[]>? Transmitted { get; set; }

    /// <summary>Frames of the guest's, while there is no <see cref="Transmitted"/>.</summary>
    public Queue<byte[]> Frames { get; } = [];

    /// <summary>Frames for the guest. Those that come in one call go in one packet, as far as ranges and room allow.</summary>
    public void Deliver(params ReadOnlySpan<byte[]> frames)
    {
        lock (_host.Gate)
        {
            foreach (byte[] frame in frames)
            {
                if (!Rndis.Accepts(frame))
                {
                    FilteredCount++;
                }
                else if (_frames.Count >= FrameQueueSize || _receive == null || IsEnded)
                {
                    LostCount++;
                }
                else
                {
                    _frames.Enqueue(frame);
                }
            }

            _host.Guard(SendFrames);
        }
    }

    internal void Transmit(byte[] frame)
    {
        TransmittedCount++;
        if (Transmitted is { } transmitted)
        {
            transmitted(frame);
        }
        else
        {
            Frames.Enqueue(frame);
        }
    }

    // The channel

    protected internal override void Opened()
    {
        Version = null;
        Mtu = SmallestMtu;
        _isConfigured = false;
        _hasNdisVersion = false;
    }

    protected internal override void Closed(bool byGuest)
    {
        _receive = null;
        _send = null;
        _busySendSections.Clear();
        _sectionOf.Clear();
        _outstanding.Clear();
        _held.Clear();
        _controls.Clear();
        _frames.Clear();
        Version = null;
        Rndis.Reset();
        _host.Vmbus.EndUse(ref _receiveGpadl);
        _host.Vmbus.EndUse(ref _sendGpadl);
    }

    /// <summary>OpenVMM's device does nothing more after this; Windows' goes on.</summary>
    internal bool EndIfOpenVmm()
    {
        if (IsOpenVmm)
        {
            Channel!.End();
        }

        return IsOpenVmm;
    }

    protected internal override void Work()
    {
        SendControls();
        SendFrames();
    }

    protected internal override void Receive(HostPacket packet)
    {
        if (packet.Type == PacketType.Completion)
        {
            ReceiveCompletion(packet);
            return;
        }

        uint type = packet.Payload.Length >= 4 ? Word(packet.Payload, 0) : 0;
        Log.Add((NvspMessage)type);
        int needed = (NvspMessage)type switch
        {
            NvspMessage.Init => 12,
            NvspMessage.NdisVersion => 12,
            NvspMessage.NdisConfig => 20,
            NvspMessage.SendReceiveBuffer or NvspMessage.SendSendBuffer => 10,
            NvspMessage.RevokeReceiveBuffer or NvspMessage.RevokeSendBuffer => 6,
            NvspMessage.RndisPacket => 16,
            _ => 4,
        };
        if (packet.Payload.Length < needed)
        {
            _host.Violate($"netvsp: a message {type} of {packet.Payload.Length} bytes");
            EndIfOpenVmm();
            return;
        }

        if (packet.Type == PacketType.GpaDirect && (NvspMessage)type != NvspMessage.RndisPacket)
        {
            _host.Violate($"netvsp: message {type} with pages");
        }

        switch ((NvspMessage)type)
        {
            case NvspMessage.Init:
                Init(packet);
                break;
            case NvspMessage.NdisConfig:
                NdisConfig(packet);
                break;
            case NvspMessage.NdisVersion:
                NdisVersion(packet);
                break;
            case NvspMessage.SendReceiveBuffer:
                TakeReceiveBuffer(packet);
                break;
            case NvspMessage.SendSendBuffer:
                TakeSendBuffer(packet);
                break;
            case NvspMessage.RevokeReceiveBuffer:
                Revoke(packet, _receive != null && Half(packet.Payload, 4) == _receiveId);
                _receive = null;
                _frames.Clear();
                break;
            case NvspMessage.RevokeSendBuffer:
                Revoke(packet, _send != null && Half(packet.Payload, 4) == _sendId);
                _send = null;
                break;
            case NvspMessage.RndisPacket:
                TakeRndis(packet);
                break;
            default:
                _host.Violate($"netvsp: message {type}, which the host does not know");
                if (!EndIfOpenVmm())
                {
                    Complete(packet, []);
                }

                break;
        }
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ushort Half(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    /// <summary>A message of a type and words.</summary>
    private static byte[] Message(NvspMessage type, params ReadOnlySpan<uint> words)
    {
        byte[] message = new byte[4 + (words.Length * 4)];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)type);
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4 + (i * 4)), words[i]);
        }

        return message;
    }

    // Completions

    private void Complete(HostPacket packet, byte[] message)
    {
        NvspMessage answers = (NvspMessage)Word(packet.Payload, 0);
        if (!packet.WantsCompletion)
        {
            if (message.Length > 0 && answers != NvspMessage.RndisPacket)
            {
                _host.Violate($"netvsp: {answers} does not ask for its completion");
            }

            return;
        }

        if (Faults.HoldsCompletions)
        {
            _held.Enqueue((answers, packet.Transaction, message));
        }
        else
        {
            SendCompletion(answers, packet.Transaction, message);
        }
    }

    private void SendCompletion(NvspMessage answers, ulong transaction, byte[] message)
    {
        if (message.Length < Faults.CompletionPadding && message.Length > 0)
        {
            Array.Resize(ref message, Faults.CompletionPadding);
        }

        if ((Faults.TamperCompletion is { } tamper ? tamper(answers, message) : message) is { } sent)
        {
            _busySendSections.Remove(_sectionOf.GetValueOrDefault(transaction, NoSection));
            _sectionOf.Remove(transaction);
            Channel!.SendCompletion(transaction, sent);
        }
    }

    /// <summary>Sends completions that <see cref="NetvspFaults.HoldsCompletions"/> has held, the newest first when asked.</summary>
    public void ReleaseCompletions(bool newestFirst = false)
    {
        lock (_host.Gate)
        {
            (NvspMessage Answers, ulong Transaction, byte[] Message)[] held = _held.ToArray();
            _held.Clear();
            foreach ((NvspMessage answers, ulong transaction, byte[] message) in newestFirst ? held.Reverse() : held)
            {
                SendCompletion(answers, transaction, message);
            }
        }
    }

    public int HeldCount => _held.Count;

    private void ReceiveCompletion(HostPacket packet)
    {
        if (!_outstanding.Remove(packet.Transaction, out int[]? sections))
        {
            _host.Violate($"netvsp: a completion of {packet.Transaction:x}, which waits for none");
            EndIfOpenVmm();
            return;
        }

        if (sections.Length > 0 && (packet.Payload.Length < 8 || Word(packet.Payload, 0) != (uint)NvspMessage.RndisPacketComplete || Word(packet.Payload, 4) != Success))
        {
            _host.Violate($"netvsp: a completion that is no RNDIS_PACKET_COMPLETE with success: {Convert.ToHexString(packet.Payload)}");
        }

        _receive?.Free(sections);
        SendControls();
        SendFrames();
    }

    /// <summary>Sends an in-band message of the host's.</summary>
    public void SendInBand(byte[] message, bool wantsCompletion)
    {
        lock (_host.Gate)
        {
            ulong transaction = NextTransaction();
            if (wantsCompletion)
            {
                _outstanding.Add(transaction, []);
            }

            Channel!.Send(message, transaction, wantsCompletion);
        }
    }

    /// <summary>A VF_ASSOCIATION, as hosts with accelerated networking send it after the set-up.</summary>
    public void SendVfAssociation(bool wantsCompletion) => SendInBand(Pad(Message(NvspMessage.VfAssociation, 1, 7)), wantsCompletion);

    private static byte[] Pad(byte[] message)
    {
        Array.Resize(ref message, Math.Max(message.Length, 28));
        return message;
    }

    private ulong NextTransaction() => _nextTransaction += 0x1_0000_0001;

    // Set-up

    private void Init(HostPacket packet)
    {
        uint version = Word(packet.Payload, 4);
        Inits.Add(version);
        if (Version != null)
        {
            _host.Violate("netvsp: INIT after INIT");
            if (EndIfOpenVmm())
            {
                return;
            }
        }

        bool isTaken = Versions.Contains(version) && Version == null;
        if (isTaken)
        {
            Version = version;
        }

        uint told = IsOpenVmm ? isTaken && version == Nvsp1 ? version : NoVersion : isTaken ? version : 0;
        Complete(packet, Message(NvspMessage.InitComplete, told, 34, isTaken ? Success : Faults.RefusalStatus));
    }

    private void Expect(bool holds, string what)
    {
        if (!holds)
        {
            _host.Violate("netvsp: " + what);
        }
    }

    private void NdisConfig(HostPacket packet)
    {
        Expect(Version >= Nvsp2, $"NDIS_CONFIG with version {Version:x}");
        Expect(!_isConfigured && !_hasNdisVersion && _receive == null, "NDIS_CONFIG out of order");
        Expect(Word(packet.Payload, 8) == 0, "NDIS_CONFIG with a reserved field");
        uint mtu = Word(packet.Payload, 4);
        Expect(mtu is >= SmallestMtu and <= LargestMtu, $"NDIS_CONFIG with MTU {mtu}");
        _isConfigured = true;
        Mtu = Math.Clamp(mtu, SmallestMtu, LargestMtu);
        Complete(packet, []);
    }

    private void NdisVersion(HostPacket packet)
    {
        Expect(Version != null, "NDIS_VERSION before INIT");
        Expect(Version == Nvsp1 || _isConfigured, "NDIS_VERSION before NDIS_CONFIG");
        Expect(!_hasNdisVersion && _receive == null, "NDIS_VERSION out of order");
        uint major = Word(packet.Payload, 4);
        Expect(major is 5 or 6, $"NDIS version {major}.{Word(packet.Payload, 8)}");
        _hasNdisVersion = true;
        Complete(packet, []);
    }

    private void TakeReceiveBuffer(HostPacket packet)
    {
        Expect(_hasNdisVersion, "SEND_RECEIVE_BUFFER before NDIS_VERSION");
        Expect(_receive == null, "SEND_RECEIVE_BUFFER while there is one");
        Gpadl? gpadl = _host.Vmbus.FindGpadl(Word(packet.Payload, 4), Channel!);
        Expect(gpadl is { Use: null }, $"SEND_RECEIVE_BUFFER with GPADL {Word(packet.Payload, 4):x}");
        uint size = SectionSize != 0 ? SectionSize : 256 + Mtu + ReservedTail;
        uint count = gpadl == null ? 0 : (uint)((((long)gpadl.PageCount * GuestMemory.PageSize) - SectionOffset) / size);
        count = Math.Min(count, MaximumSections);
        if (gpadl is not { Use: null } || count <= ControlSections || Faults.ReceiveBufferStatus != Success)
        {
            Expect(gpadl == null || count > ControlSections, $"a receive buffer of {count} suballocations");
            if (EndIfOpenVmm())
            {
                return;
            }

            uint status = Faults.ReceiveBufferStatus != Success ? Faults.ReceiveBufferStatus : 2;
            Complete(packet, Message(NvspMessage.SendReceiveBufferComplete, status, 0, 0, 0, 0, 0));
            return;
        }

        gpadl.Use = "the receive buffer";
        _receiveGpadl = gpadl;
        _receiveId = Half(packet.Payload, 8);
        _receive = new ReceiveBuffer(new PageRun(_host.Memory, gpadl.Pages), SectionOffset, size, (int)count, ControlSections);
        Complete(packet, Message(
            NvspMessage.SendReceiveBufferComplete, Success, 1, SectionOffset, size, count, SectionOffset + (size * count)));
    }

    private void TakeSendBuffer(HostPacket packet)
    {
        Expect(_receive != null, "SEND_SEND_BUFFER before the receive buffer");
        Expect(_send == null, "SEND_SEND_BUFFER while there is one");
        Gpadl? gpadl = _host.Vmbus.FindGpadl(Word(packet.Payload, 4), Channel!);
        Expect(gpadl is { Use: null }, $"SEND_SEND_BUFFER with GPADL {Word(packet.Payload, 4):x}");
        if (gpadl is not { Use: null } || Faults.SendBufferStatus != Success)
        {
            if (EndIfOpenVmm())
            {
                return;
            }

            uint status = Faults.SendBufferStatus != Success ? Faults.SendBufferStatus : 2;
            Complete(packet, Message(NvspMessage.SendSendBufferComplete, status, 0));
            return;
        }

        gpadl.Use = "the send buffer";
        _sendGpadl = gpadl;
        _sendId = Half(packet.Payload, 8);
        _send = new PageRun(_host.Memory, gpadl.Pages);
        _sendSectionSize = SendSection;
        Complete(packet, Message(NvspMessage.SendSendBufferComplete, Success, _sendSectionSize));
    }

    // The memory is the device's until the channel is closed: see VmbusHost.EndUse.
    private void Revoke(HostPacket packet, bool isKnown)
    {
        Expect(isKnown, $"a revocation of buffer {Half(packet.Payload, 4):x}");
        if (!EndIfOpenVmm())
        {
            Complete(packet, []);
        }
    }

    // RNDIS

    private void TakeRndis(HostPacket packet)
    {
        Expect(_receive != null, "RNDIS before the receive buffer");
        uint channelType = Word(packet.Payload, 4);
        uint section = Word(packet.Payload, 8);
        uint size = Word(packet.Payload, 12);
        byte[] message;
        if (packet.Type == PacketType.GpaDirect)
        {
            Expect(section == NoSection, $"a GPA-direct packet that names section {section}");
            DirectCount++;
            message = packet.External;
        }
        else if (_send is { } send && ((long)section + 1) * _sendSectionSize <= send.Length && size <= _sendSectionSize)
        {
            Expect(packet.WantsCompletion, "a section of the send buffer without a completion");
            Expect(_busySendSections.Add(section), $"section {section} of the send buffer is used again before its completion");
            _sectionOf[packet.Transaction] = section;
            SendSectionCount++;
            message = new byte[size];
            send.Read((long)section * _sendSectionSize, message);
        }
        else
        {
            _host.Violate($"netvsp: {size} bytes in section {section} of the send buffer");
            if (!EndIfOpenVmm())
            {
                Complete(packet, Message(NvspMessage.RndisPacketComplete, InvalidPacket));
            }

            return;
        }

        if (Faults.RespondsBeforeCompletion)
        {
            bool isGood = Rndis.Receive(message, channelType);
            Complete(packet, Message(NvspMessage.RndisPacketComplete, isGood ? Success : IsOpenVmm ? Failure : InvalidPacket));
        }
        else
        {
            Complete(packet, Message(NvspMessage.RndisPacketComplete, Success));
            Rndis.Receive(message, channelType);
        }
    }

    internal void Violate(string what) => _host.Violate(what);

    internal object Gate => _host.Gate;

    /// <summary>Sends an RNDIS message that is not a frame.</summary>
    internal void SendControl(byte[] message)
    {
        RndisMessage type = (RndisMessage)Word(message, 0);
        if ((Faults.TamperRndis is { } tamper ? tamper(type, message) : message) is { } sent)
        {
            _controls.Enqueue(sent);
            SendControls();
        }
    }

    private void SendControls()
    {
        while (!IsEnded && _receive is { } receive && _controls.TryPeek(out byte[]? message) && receive.Take(isControl: true) is { } section)
        {
            _controls.Dequeue();
            receive.Write(section, message);
            SendSections([section], [(uint)message.Length], isControl: true);
        }
    }

    private void SendFrames()
    {
        while (Channel is { IsOpen: true, IsEnded: false, WaitingCount: 0 } && _receive is { } receive && _frames.Count > 0)
        {
            List<int> sections = [];
            List<uint> lengths = [];
            while (sections.Count < MaximumRanges && _frames.TryPeek(out byte[]? frame) && receive.Take(isControl: false) is { } section)
            {
                _frames.Dequeue();
                int room = receive.SectionSize - ReservedTail;
                byte[] message = Rndis.Wrap(frame, CoversSection ? receive.SectionSize : 0);
                if ((Faults.TamperRndis is { } tamper ? tamper(RndisMessage.Packet, message) : message) is not { } sent || sent.Length > room)
                {
                    LostCount++;
                    receive.Free([section]);
                    continue;
                }

                receive.Write(section, sent);
                sections.Add(section);
                lengths.Add((uint)(CoversSection ? receive.SectionSize : sent.Length));
                DeliveredCount++;
            }

            if (sections.Count == 0)
            {
                return;
            }

            SendSections([.. sections], [.. lengths], isControl: false);
        }
    }

    private void SendSections(int[] sections, uint[] lengths, bool isControl)
    {
        ulong transaction = IsOpenVmm ? (ulong)sections[0] : NextTransaction();
        _outstanding.Add(transaction, sections);
        (uint Length, uint Offset)[] ranges = [.. sections.Zip(lengths, (section, length) => (length, _receive!.Offset(section)))];
        if (Faults.TamperRanges is { } tamper)
        {
            ranges = tamper(ranges);
        }

        Channel!.SendTransferPages(
            _receiveId, ranges, Pad(Message(NvspMessage.RndisPacket, isControl ? 1u : 0, NoSection, 0)), transaction);
    }

    /// <summary>
    /// Sends messages in one packet, each in a range of its own: RNDIS messages, well made or not.
    /// </summary>
    public void SendRanges(params byte[][] messages)
    {
        lock (_host.Gate)
        {
            _host.Guard(() =>
            {
                List<int> sections = [];
                foreach (byte[] message in messages)
                {
                    int section = _receive!.Take(isControl: false) ?? throw new InvalidOperationException("The receive buffer is full.");
                    _receive.Write(section, message);
                    sections.Add(section);
                }

                SendSections([.. sections], [.. messages.Select(each => (uint)each.Length)], isControl: false);
            });
        }
    }
}
