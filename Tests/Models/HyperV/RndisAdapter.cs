using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>The RNDIS end of a network device ([MS-RNDIS]).</summary>
public sealed class RndisAdapter
{
    private const int HeaderSize = 8;
    private const int PacketHeaderSize = 44;
    private const uint NotSupported = 0xC000_00BB;
    private const uint InvalidLength = 0xC001_0014;
    private const uint StatusConnect = 0x4001_000B;
    private const uint StatusDisconnect = 0x4001_000C;
    private const uint VlanInformation = 6;
    private const int MaximumMulticast = 32;

    private readonly NetvspDevice _device;
    private uint _nextRequest = 0x100;
    private bool _isLinkUp = true;

    internal RndisAdapter(NetvspDevice device) => _device = device;

    // What the adapter is

    /// <summary>Bits per second.</summary>
    public ulong LinkSpeed { get; set; } = 10_000_000_000;

    public uint MaximumTransfer { get; set; } = 0x4000;

    /// <summary>Packets carry checksum information before the frame, so that this does not begin where it would otherwise.</summary>
    public bool AddsInformation { get; set; } = true;

    /// <summary>An 802.1Q tag is taken out of the frame and told as information beside it.</summary>
    public bool StripsVlan { get; set; }

    /// <summary>Changes of it are told to a guest that has initialised the adapter.</summary>
    public bool IsLinkUp
    {
        get => _isLinkUp;
        set
        {
            lock (_device.Gate)
            {
                if (_isLinkUp != value)
                {
                    _isLinkUp = value;
                    if (IsInitialized)
                    {
                        IndicateStatus(value ? StatusConnect : StatusDisconnect);
                    }
                }
            }
        }
    }

    // What the guest did

    public bool IsInitialized { get; private set; }

    public uint Filter { get; private set; }

    public IReadOnlyList<byte[]> Multicast { get; private set; } = [];

    public int HaltCount { get; private set; }

    /// <summary>Keep-alives of the host's that the guest has answered.</summary>
    public int KeepAliveAnswers { get; private set; }

    /// <summary>Every message of the guest's that is not a frame.</summary>
    public List<RndisMessage> Log { get; } = [];

    /// <summary>The objects of queries and sets, in order.</summary>
    public List<uint> Objects { get; } = [];

    internal void Reset()
    {
        IsInitialized = false;
        Filter = 0;
        Multicast = [];
    }

    internal bool Accepts(ReadOnlySpan<byte> frame)
    {
        if (!IsInitialized || !IsLinkUp || frame.Length < 14)
        {
            return false;
        }

        if ((Filter & 0x20) != 0 || (_device.IsOpenVmm && Filter != 0))
        {
            return true;
        }

        if ((frame[0] & 1) == 0)
        {
            return (Filter & 1) != 0 && frame[..6].SequenceEqual(_device.Address);
        }

        if (!frame[..6].ContainsAnyExcept((byte)0xFF))
        {
            return (Filter & 8) != 0;
        }

        byte[] target = frame[..6].ToArray();
        return (Filter & 4) != 0 || ((Filter & 2) != 0 && Multicast.Any(each => each.AsSpan().SequenceEqual(target)));
    }

    private static uint Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static byte[] Message(RndisMessage type, ReadOnlySpan<uint> words, ReadOnlySpan<byte> more = default)
    {
        byte[] message = new byte[HeaderSize + (words.Length * 4) + more.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)type);
        BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), message.Length);
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(HeaderSize + (i * 4)), words[i]);
        }

        more.CopyTo(message.AsSpan(HeaderSize + (words.Length * 4)));
        return message;
    }

    /// <summary>Handles what came in one NVSP packet: one message, or several packet messages behind each other.</summary>
    internal bool Receive(ReadOnlySpan<byte> bytes, uint channelType)
    {
        while (bytes.Length > 0)
        {
            uint length = bytes.Length >= HeaderSize ? Word(bytes, 4) : 0;
            if (length < HeaderSize + 4 || length > bytes.Length)
            {
                return Refuse($"a message of {length} bytes, in {bytes.Length}");
            }

            RndisMessage type = (RndisMessage)Word(bytes, 0);
            if (channelType != (type == RndisMessage.Packet ? 0u : 1u))
            {
                Refuse($"{type} on the channel of type {channelType}");
            }

            if (!Handle(type, bytes[..(int)length]))
            {
                return false;
            }

            bytes = bytes[(int)length..];
        }

        return true;
    }

    private bool Refuse(string what)
    {
        _device.Violate("rndis: " + what);
        return false;
    }

    private bool Handle(RndisMessage type, ReadOnlySpan<byte> message)
    {
        if (type == RndisMessage.Packet)
        {
            return ReceivePacket(message);
        }

        Log.Add(type);
        if (type is RndisMessage.Query or RndisMessage.Set && message.Length >= 16)
        {
            Objects.Add(Word(message, 12));
        }

        if (!IsInitialized && type is not (RndisMessage.Initialize or RndisMessage.Halt))
        {
            Refuse($"{type} before INITIALIZE");
            if (!_device.IsOpenVmm)
            {
                return false;
            }
        }

        if (_device.Faults.Unanswered.Contains(type))
        {
            return true;
        }

        switch (type)
        {
            case RndisMessage.Initialize when message.Length >= 24:
                return Initialize(message);
            case RndisMessage.Halt:
                HaltCount++;
                if (!_device.IsOpenVmm)
                {
                    Reset();
                }

                return true;
            case RndisMessage.Query when message.Length >= 28:
                return Query(message);
            case RndisMessage.Set when message.Length >= 28:
                return Set(message);
            case RndisMessage.KeepAlive:
                _device.SendControl(Message(RndisMessage.KeepAliveComplete, [Word(message, 8), 0]));
                return true;
            case RndisMessage.KeepAliveComplete when message.Length >= 16:
                KeepAliveAnswers++;
                return true;
            default:
                _device.EndIfOpenVmm();
                return Refuse($"{type} of {message.Length} bytes");
        }
    }

    private bool Initialize(ReadOnlySpan<byte> message)
    {
        if (IsInitialized)
        {
            Refuse("INITIALIZE after INITIALIZE");
            if (_device.EndIfOpenVmm())
            {
                return false;
            }
        }

        if (Word(message, 12) != 1)
        {
            Refuse($"INITIALIZE of version {Word(message, 12)}.{Word(message, 16)}");
        }

        IsInitialized = true;
        _device.SendControl(Message(RndisMessage.InitializeComplete, [Word(message, 8), 0, 1, 0, 1, 0, 8, MaximumTransfer, 3, 0, 0]));
        return true;
    }

    private bool Query(ReadOnlySpan<byte> message)
    {
        uint request = Word(message, 8);
        uint oid = Word(message, 12);
        byte[]? value = oid switch
        {
            Oid.HardwareStatus => Words(0),
            Oid.MaximumFrameSize => Words(_device.Mtu - 14),
            Oid.MaximumTotalSize => Words(_device.Mtu),
            Oid.LinkSpeed => Words((uint)(LinkSpeed / 100)),
            Oid.PacketFilter => Words(_device.IsOpenVmm ? 0 : Filter),
            Oid.MediaConnectStatus => Words(IsLinkUp || _device.IsOpenVmm ? 0u : 1),
            Oid.TransmitOk => Words((uint)_device.TransmittedCount),
            Oid.ReceiveOk => Words((uint)_device.DeliveredCount),
            Oid.PermanentAddress or Oid.CurrentAddress => _device.Address,
            Oid.MulticastList when !_device.IsOpenVmm => [.. Multicast.SelectMany(each => each)],
            Oid.MaximumMulticastList => Words(_device.IsOpenVmm ? 0u : MaximumMulticast),
            _ => null,
        };
        uint status = _device.Faults.ObjectStatus.TryGetValue(oid, out uint wanted) ? wanted : value == null ? NotSupported : 0;
        _device.SendControl(status == 0
            ? Message(RndisMessage.QueryComplete, [request, 0, (uint)value!.Length, 16], value)
            : Message(RndisMessage.QueryComplete, [request, status, 0, _device.IsOpenVmm ? 16u : 0]));
        return true;
    }

    private static byte[] Words(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return bytes;
    }

    private bool Set(ReadOnlySpan<byte> message)
    {
        uint request = Word(message, 8);
        uint oid = Word(message, 12);
        uint length = Word(message, 16);
        uint offset = Word(message, 20);
        if ((ulong)offset + length + HeaderSize > (ulong)message.Length || (length > 0 && offset < 20))
        {
            return Refuse($"SET of {length} bytes at {offset}, in a message of {message.Length}");
        }

        ReadOnlySpan<byte> value = message.Slice((int)offset + HeaderSize, (int)length);
        uint status = _device.Faults.ObjectStatus.GetValueOrDefault(oid);
        if (status == 0)
        {
            status = Apply(oid, value);
        }

        _device.SendControl(Message(RndisMessage.SetComplete, [request, status]));
        return true;
    }

    private uint Apply(uint oid, ReadOnlySpan<byte> value)
    {
        switch (oid)
        {
            case Oid.PacketFilter when value.Length >= 4:
                Filter = Word(value, 0);
                return 0;
            case Oid.MulticastList when _device.IsOpenVmm:
                return NotSupported;
            case Oid.MulticastList when value.Length % 6 == 0 && value.Length <= MaximumMulticast * 6:
                List<byte[]> list = [];
                for (int i = 0; i < value.Length; i += 6)
                {
                    list.Add(value.Slice(i, 6).ToArray());
                }

                Multicast = list;
                return 0;
            case Oid.PacketFilter or Oid.MulticastList:
                Refuse($"SET of object {oid:x} to {value.Length} bytes");
                return InvalidLength;
            default:
                return NotSupported;
        }
    }

    // Frames

    private bool ReceivePacket(ReadOnlySpan<byte> message)
    {
        if (!IsInitialized)
        {
            return Refuse("a frame before INITIALIZE");
        }

        if (message.Length < PacketHeaderSize)
        {
            return Refuse($"PACKET of {message.Length} bytes");
        }

        uint offset = Word(message, 8);
        uint length = Word(message, 12);
        if ((ulong)offset + length + HeaderSize > (ulong)message.Length || offset < PacketHeaderSize - HeaderSize)
        {
            return Refuse($"a frame of {length} bytes at {offset}, in a message of {message.Length}");
        }

        if (length < 14 || length > _device.Mtu + 4)
        {
            return Refuse($"a frame of {length} bytes");
        }

        if (Word(message, 16) != 0 || Word(message, 20) != 0 || Word(message, 24) != 0 || Word(message, 36) != 0 || Word(message, 40) != 0)
        {
            Refuse("PACKET with out-of-band data, a VC handle or a reserved field");
        }

        _device.Transmit(message.Slice((int)offset + HeaderSize, (int)length).ToArray());
        return true;
    }

    /// <summary>A frame as a PACKET message of its own.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="length">What MessageLength says; 0 for the truth.</param>
    internal byte[] Wrap(byte[] frame, int length)
    {
        List<byte> information = [];
        if (StripsVlan && frame is [_, _, _, _, _, _, _, _, _, _, _, _, 0x81, 0x00, _, _, _, _, ..])
        {
            int tag = (frame[14] << 8) | frame[15]; // priority, DEI, 12 bits of VID; here with the priority at the bottom
            uint value = (uint)((tag >> 13) | ((tag >> 9) & 8) | ((tag & 0xFFF) << 4));
            AddInformation(information, VlanInformation, value);
            frame = [.. frame[..12], .. frame[16..]];
        }

        if (AddsInformation)
        {
            AddInformation(information, 0, 0);
        }

        uint size = (uint)information.Count;
        uint offset = PacketHeaderSize - HeaderSize + size;
        byte[] message = Message(
            RndisMessage.Packet,
            [offset, (uint)frame.Length, 0, 0, 0, size == 0 ? 0u : PacketHeaderSize - HeaderSize, size, 0, 0],
            [.. information, .. frame]);
        if (length != 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(message.AsSpan(4), length);
        }

        return message;
    }

    private static void AddInformation(List<byte> information, uint type, uint value)
    {
        foreach (uint word in new[] { 16u, type, 12u, value })
        {
            information.AddRange(Words(word));
        }
    }

    // From the host

    public void IndicateStatus(uint status, params byte[] buffer)
    {
        lock (_device.Gate)
        {
            _device.SendControl(NewStatus(status, buffer));
        }
    }

    public static byte[] NewStatus(uint status, params byte[] buffer) =>
        Message(RndisMessage.IndicateStatus, [status, (uint)buffer.Length, buffer.Length == 0 ? 0u : 12], buffer);

    /// <summary>Status 0x40020006 as Windows Server 2012 R2 sends it: MessageLength says 20, and the buffer lies behind.</summary>
    public static byte[] NewMalformedStatus()
    {
        byte[] message = NewStatus(0x4002_0006, new byte[64]);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(4), 20);
        return message;
    }

    /// <summary>A frame as a message for <see cref="NetvspDevice.SendRanges"/>.</summary>
    public byte[] NewPacket(byte[] frame) => Wrap(frame, 0);

    public void SendKeepAlive()
    {
        lock (_device.Gate)
        {
            _device.SendControl(Message(RndisMessage.KeepAlive, [_nextRequest++]));
        }
    }
}
