using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;

namespace NetBoot.Tests.Models.HyperV;

/// <summary>The host's end of VMBus: versions, offers, GPADLs, channels.</summary>
public sealed class VmbusHost
{
    /// <summary>The interrupt source of VMBus messages.</summary>
    public const int Source = 2;

    private const int HeaderSize = 8;
    private const int MessageQueueSize = 16;
    private const uint MessageConnection = 1;
    private const uint MessageConnectionFrom5 = 4;
    private const uint EventConnection = 2;
    private const uint FirstConnection = 0x1_0000;
    private const ulong NoTarget = 0xFFFF_FFFF;
    private const uint Unsuccessful = 0xC000_0001;
    private const byte UnknownFailure = 2;

    // Guest-specified signals, redirected interrupts, MODIFY_CONNECTION, client id, pause and resume.
    private const uint OpenVmmFeatures = 0x2F;

    private readonly HyperVHost _host;
    private readonly Queue<(uint Connection, byte[] Message)> _posted = [];
    private readonly List<VmbusDevice> _devices = [];
    private readonly Dictionary<uint, HostChannel> _channels = [];
    private readonly Dictionary<uint, Gpadl> _gpadls = [];
    private readonly List<uint> _contacts = [];
    private readonly List<byte[]> _log = [];
    private bool _areOffersRequested;
    private uint _nextChannel = 1;
    private ulong _interruptPage;
    private ulong _monitorPage;

    internal VmbusHost(HyperVHost host) => _host = host;

    private bool IsOpenVmm => _host.Kind == HostKind.OpenVmm;

    // What the host does

    public uint LowestVersion { get; set; } = VmbusVersion.V1;

    public uint HighestVersion { get; set; } = VmbusVersion.Copper;

    /// <summary>Versions in between that it refuses all the same.</summary>
    public HashSet<uint> RefusedVersions { get; } = [];

    /// <summary>The connection that the guest posts to from version 5.0 on.</summary>
    public uint MessageConnectionId { get; set; } = 0x2004;

    /// <summary>VERSION_RESPONSE has 10 bytes only, as QEMU's.</summary>
    public bool HasShortVersionResponse { get; set; }

    /// <summary>Whether UNLOAD is answered.</summary>
    public bool AnswersUnload { get; set; } = true;

    /// <summary>Whether channels are offered with a monitor bit, which the guest may use instead of a signal.</summary>
    public bool OffersMonitors { get; set; }

    /// <summary>Posted messages are handled in <see cref="HyperVHost.Poll"/>, and no more than 16 wait: 0x13 answers the others.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Changes a message before it is sent; null drops it.</summary>
    public Func<VmbusMessage, byte[], byte[]?>? Tamper { get; set; }

    /// <summary>What OPEN_CHANNEL is answered with, if not success.</summary>
    public uint OpenStatus { get; set; }

    /// <summary>What GPADL_HEADER is answered with, if not success.</summary>
    public uint GpadlStatus { get; set; }

    /// <summary>GPADLs are read, and never answered: what a host does with those that it does not like.</summary>
    public bool IgnoresGpadls { get; set; }

    // What the guest did

    /// <summary>The version in use; null while there is no connection.</summary>
    public uint? Version { get; private set; }

    /// <summary>The version of each INITIATE_CONTACT, the refused ones too.</summary>
    public IReadOnlyList<uint> Contacts => _contacts;

    public int UnloadCount { get; private set; }

    /// <summary>The connection was ended while channels were open.</summary>
    public int UnloadsWithOpenChannels { get; private set; }

    /// <summary>GPADLs that were there when the connection was ended, which takes them along.</summary>
    public int GpadlsAtUnload { get; private set; }

    public IReadOnlyCollection<HostChannel> Channels => _channels.Values;

    public IReadOnlyCollection<Gpadl> Gpadls => _gpadls.Values;

    /// <summary>Every message that the guest has posted.</summary>
    public IReadOnlyList<byte[]> Log => _log;

    /// <summary>The types of <see cref="Log"/>.</summary>
    public IEnumerable<VmbusMessage> LoggedTypes => _log.Select(each => (VmbusMessage)BinaryPrimitives.ReadUInt32LittleEndian(each));

    internal IEnumerable<string> Remains =>
    [
        .. Version is { } version ? [$"VMBus {version:x} is connected"] : Array.Empty<string>(),
        .. _channels.Values.Where(each => each.IsOpen).Select(each => $"channel {each.Id} is open"),
        .. _gpadls.Values.Select(each => $"GPADL {each.Id:x} of {each.PageCount} pages is there"),
    ];

    // Devices

    /// <summary>Adds a device; a guest that has asked for offers is told at once.</summary>
    public void Add(VmbusDevice device)
    {
        lock (_host.Gate)
        {
            _devices.Add(device);
            if (_areOffersRequested)
            {
                Offer(device);
            }
        }
    }

    /// <summary>Takes a device away: its channel stops at once, and the guest is told.</summary>
    public void Rescind(VmbusDevice device)
    {
        lock (_host.Gate)
        {
            _devices.Remove(device);
            if (device.Channel is { IsRescinded: false } channel)
            {
                channel.IsRescinded = true;
                _host.Guard(() => channel.Close(byGuest: false));
                byte[] message = NewMessage(VmbusMessage.RescindChannelOffer, 4);
                BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), channel.Id);
                Send(message);
            }
        }
    }

    private void Offer(VmbusDevice device)
    {
        bool isDedicated = Version != VmbusVersion.V1;
        uint id = _nextChannel++;
        HostChannel channel = new(_host, device, id, isDedicated ? FirstConnection + id : 0, isDedicated);
        _channels.Add(id, channel);
        device.Channel = channel;
        Send(NewOffer(device, id, channel.Connection, isDedicated, OffersMonitors));
    }

    /// <summary>An OFFER_CHANNEL as the host writes it.</summary>
    public static byte[] NewOffer(VmbusDevice device, uint id, uint connection, bool isDedicated = true, bool hasMonitor = false)
    {
        byte[] message = NewMessage(VmbusMessage.OfferChannel, 188);
        Span<byte> at = message;
        device.InterfaceType.TryWriteBytes(at[8..]);
        device.Instance.TryWriteBytes(at[24..]);
        BinaryPrimitives.WriteUInt16LittleEndian(at[56..], device.OfferFlags);
        device.UserDefined.CopyTo(at.Slice(60, 120));
        BinaryPrimitives.WriteUInt32LittleEndian(at[184..], id);
        at[188] = (byte)id;
        at[189] = (byte)(hasMonitor ? 1 : 0);
        BinaryPrimitives.WriteUInt16LittleEndian(at[190..], (ushort)(isDedicated ? 1 : 0));
        BinaryPrimitives.WriteUInt32LittleEndian(at[192..], connection);
        return message;
    }

    // Messages

    private static byte[] NewMessage(VmbusMessage type, int size)
    {
        byte[] message = new byte[HeaderSize + size];
        BinaryPrimitives.WriteUInt32LittleEndian(message, (uint)type);
        return message;
    }

    /// <summary>Sends the guest a message, whatever it is.</summary>
    public void Send(byte[] message)
    {
        lock (_host.Gate)
        {
            byte[]? sent = Tamper is { } tamper ? tamper((VmbusMessage)BinaryPrimitives.ReadUInt32LittleEndian(message), message) : message;
            if (sent != null)
            {
                _host.Guard(() => _host.Synic.Send(Source, sent));
            }
        }
    }

    internal void Poll()
    {
        HandlePosted();
        _host.Synic.Poll();
        if (Version == VmbusVersion.V1 || _monitorPage != 0)
        {
            ReadMonitors();
        }

        foreach (HostChannel channel in _channels.Values.ToArray())
        {
            channel.Poll();
        }
    }

    internal ulong Post(uint connection, ReadOnlySpan<byte> message)
    {
        if (_posted.Count >= MessageQueueSize)
        {
            return HvStatus.InsufficientBuffers;
        }

        if (connection is not (MessageConnection or MessageConnectionFrom5) && connection != MessageConnectionId)
        {
            return _host.Refuse(HvStatus.InvalidConnectionId, $"A message to connection {connection:x}");
        }

        _posted.Enqueue((connection, message.ToArray()));
        if (!IsSlow)
        {
            HandlePosted();
        }

        return HvStatus.Success;
    }

    private void HandlePosted()
    {
        while (_posted.TryDequeue(out (uint Connection, byte[] Message) posted))
        {
            _log.Add(posted.Message);
            if (posted.Message.Length < HeaderSize)
            {
                _host.Violate($"A message of {posted.Message.Length} bytes");
                continue;
            }

            Handle(posted.Connection, (VmbusMessage)BinaryPrimitives.ReadUInt32LittleEndian(posted.Message), posted.Message);
        }
    }

    private void Handle(uint connection, VmbusMessage type, byte[] message)
    {
        int needed = HeaderSize + type switch
        {
            VmbusMessage.InitiateContact => 32,
            VmbusMessage.RequestOffers or VmbusMessage.Unload => 0,
            VmbusMessage.OpenChannel => 140,
            VmbusMessage.CloseChannel or VmbusMessage.RelIdReleased => 4,
            VmbusMessage.GpadlHeader => 28,
            VmbusMessage.GpadlBody => 16,
            VmbusMessage.GpadlTeardown => 8,
            _ => int.MaxValue - HeaderSize,
        };
        if (message.Length < needed)
        {
            _host.Violate($"{type} of {message.Length} bytes");
            return;
        }

        if (type == VmbusMessage.InitiateContact)
        {
            InitiateContact(connection, message);
            return;
        }

        if (Version is not { } version)
        {
            _host.Violate($"{type} without a connection");
            return;
        }

        // The first connection is always good: Microsoft's firmware uses no other.
        if (connection != MessageConnection && (version < VmbusVersion.Win10Rs3Sint || connection != MessageConnectionId))
        {
            _host.Violate($"{type} to connection {connection:x} with version {version:x}");
            return;
        }

        switch (type)
        {
            case VmbusMessage.RequestOffers:
                RequestOffers();
                break;
            case VmbusMessage.Unload:
                Unload();
                break;
            case VmbusMessage.GpadlBody:
                ContinueGpadl(message);
                break;
            default:
                if (FindChannel(type, message) is { } channel)
                {
                    HandleChannel(type, channel, message);
                }

                break;
        }
    }

    private HostChannel? FindChannel(VmbusMessage type, byte[] message)
    {
        uint id = Word(message, 8);
        if (_channels.TryGetValue(id, out HostChannel? channel))
        {
            return channel;
        }

        _host.Violate($"{type} of channel {id}, which there is not");
        return null;
    }

    private void HandleChannel(VmbusMessage type, HostChannel channel, byte[] message)
    {
        switch (type)
        {
            case VmbusMessage.OpenChannel:
                Open(channel, message);
                break;
            case VmbusMessage.CloseChannel:
                if (!channel.IsOpen && !channel.IsRescinded)
                {
                    _host.Violate($"Channel {channel.Id} was closed, which is not open");
                }

                channel.Close(byGuest: true);
                break;
            case VmbusMessage.GpadlHeader:
                BeginGpadl(channel, message);
                break;
            case VmbusMessage.GpadlTeardown:
                TearDown(channel, Word(message, 12));
                break;
            case VmbusMessage.RelIdReleased:
                Release(channel);
                break;
        }
    }

    private static uint Word(byte[] message, int at) => BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at));

    private static ulong Long(byte[] message, int at) => BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));

    // Contact

    private void InitiateContact(uint connection, byte[] message)
    {
        uint version = Word(message, 8);
        ulong interruptPage = Long(message, 16);
        ulong toGuest = Long(message, 24);
        ulong fromGuest = Long(message, 32);
        _contacts.Add(version);
        Reset();
        bool isFrom5 = version >= VmbusVersion.Win10Rs3Sint;
        bool isKnown = VmbusVersion.All.Contains(version);
        if (isKnown && connection != MessageConnection && !isFrom5)
        {
            _host.Violate($"Version {version:x} was asked for on connection {connection:x}");
        }

        bool hasOneMonitor = (toGuest == 0) != (fromGuest == 0);
        if (hasOneMonitor)
        {
            _host.Violate($"INITIATE_CONTACT with one monitor page: {toGuest:x}, {fromGuest:x}");
        }

        if (Word(message, 12) != 0)
        {
            _host.Violate($"INITIATE_CONTACT for processor {Word(message, 12)}");
        }

        if (isFrom5 && isKnown && connection != MessageConnection && (interruptPage & 0xFF) != Source)
        {
            _host.Violate($"INITIATE_CONTACT for interrupt source {interruptPage & 0xFF}");
        }

        if (version >= VmbusVersion.Copper && isKnown && message.Length < 56)
        {
            _host.Violate($"INITIATE_CONTACT of version 6.0 with {message.Length} bytes");
        }

        foreach (ulong page in new[] { isFrom5 ? 0 : interruptPage, toGuest, fromGuest })
        {
            if (page != 0 && (page % GuestMemory.PageSize != 0 || !_host.Memory.IsAccessible(page, GuestMemory.PageSize)))
            {
                _host.Violate($"INITIATE_CONTACT with the page {page:x}");
                return;
            }
        }

        bool isSupported = isKnown && version >= LowestVersion && version <= HighestVersion && !RefusedVersions.Contains(version);
        bool isFailure = isSupported && hasOneMonitor && IsOpenVmm;
        if (isFailure && version < VmbusVersion.Win8)
        {
            isSupported = false; // There is no other way to say so.
        }
        else if (isSupported && !isFailure)
        {
            Version = version;
            _interruptPage = isFrom5 ? 0 : interruptPage;
            _monitorPage = fromGuest;
        }

        byte[] response = NewMessage(VmbusMessage.VersionResponse, version >= VmbusVersion.Copper && isSupported ? 12 : 8);
        response[8] = (byte)(isSupported ? 1 : 0);
        response[9] = isSupported && isFailure ? UnknownFailure : (byte)0;
        BinaryPrimitives.WriteUInt32LittleEndian(response.AsSpan(12), isFrom5 && isSupported ? MessageConnectionId : isSupported ? version : 0);
        if (response.Length > HeaderSize + 8 && IsOpenVmm)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(response.AsSpan(16), (uint)(interruptPage >> 32) & OpenVmmFeatures);
        }

        Send(HasShortVersionResponse ? response[..10] : response);
    }

    private void Reset()
    {
        _gpadls.Clear(); // Before they are let go, so that nothing more is said of them.
        foreach (HostChannel channel in _channels.Values)
        {
            channel.Close(byGuest: false);
            channel.Device.Channel = null;
        }

        _channels.Clear();
        _areOffersRequested = false;
        Version = null;
        _interruptPage = 0;
        _monitorPage = 0;
    }

    /// <summary>Somebody else connects, and unloads: the guest's channels are gone.</summary>
    internal void ConnectElsewhere(uint version)
    {
        _contacts.Add(version);
        Reset();
        _host.Synic.Clear(Source);
    }

    private void Unload()
    {
        UnloadCount++;
        if (_channels.Values.Any(each => each.IsOpen))
        {
            UnloadsWithOpenChannels++;
            _host.Violate("UNLOAD while channels are open");
        }

        GpadlsAtUnload += _gpadls.Count;
        foreach (Gpadl gpadl in _gpadls.Values)
        {
            CheckPages(gpadl);
        }

        Reset();
        if (AnswersUnload && HighestVersion >= VmbusVersion.Win8_1)
        {
            Send(NewMessage(VmbusMessage.UnloadComplete, 0));
        }
    }

    private void RequestOffers()
    {
        if (_areOffersRequested)
        {
            _host.Violate("REQUEST_OFFERS a second time");
            return;
        }

        _areOffersRequested = true;
        foreach (VmbusDevice device in _devices)
        {
            Offer(device);
        }

        Send(NewMessage(VmbusMessage.AllOffersDelivered, 0));
    }

    private void Release(HostChannel channel)
    {
        if (!channel.IsRescinded)
        {
            _host.Violate($"RELID_RELEASED for channel {channel.Id}, which was not rescinded");
        }
        else
        {
            foreach (Gpadl gpadl in _gpadls.Values.Where(each => each.Channel == channel).ToArray())
            {
                _gpadls.Remove(gpadl.Id);
            }

            _channels.Remove(channel.Id);
            channel.Device.Channel = null;
        }
    }

    // GPADLs

    private void BeginGpadl(HostChannel channel, byte[] message)
    {
        uint id = Word(message, 12);
        int bufferLength = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(16));
        int rangeCount = BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(18));
        uint bytes = Word(message, 20);
        uint offset = Word(message, 24);
        int pages = (int)(bytes / GuestMemory.PageSize);
        if (id == 0 || _gpadls.ContainsKey(id))
        {
            _host.Violate($"GPADL {id:x} was created while there is one");
            RefuseGpadl(channel, id);
            return;
        }

        if (rangeCount != 1 || offset != 0 || bytes == 0 || bytes % GuestMemory.PageSize != 0 || bufferLength != 8 + (pages * 8))
        {
            _host.Violate($"GPADL {id:x} of {rangeCount} ranges, {bytes} bytes at {offset}, range buffer of {bufferLength} bytes");
            RefuseGpadl(channel, id);
            return;
        }

        Gpadl gpadl = new(id, channel, pages);
        _gpadls.Add(id, gpadl);
        AddPages(gpadl, message, 28);
    }

    // Windows does not answer what it does not like.
    private void RefuseGpadl(HostChannel channel, uint id)
    {
        if (IsOpenVmm)
        {
            SendGpadlCreated(channel, id, Unsuccessful);
        }
    }

    private void SendGpadlCreated(HostChannel channel, uint id, uint status)
    {
        byte[] created = NewMessage(VmbusMessage.GpadlCreated, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(created.AsSpan(8), channel.Id);
        BinaryPrimitives.WriteUInt32LittleEndian(created.AsSpan(12), id);
        BinaryPrimitives.WriteUInt32LittleEndian(created.AsSpan(16), status);
        Send(created);
    }

    private void ContinueGpadl(byte[] message)
    {
        uint id = Word(message, 12);
        if (!_gpadls.TryGetValue(id, out Gpadl? gpadl) || gpadl.IsComplete)
        {
            _host.Violate($"GPADL_BODY of {id:x}, which does not wait for one");
            return;
        }

        AddPages(gpadl, message, 16);
    }

    private void AddPages(Gpadl gpadl, byte[] message, int at)
    {
        for (; at + 8 <= message.Length && !gpadl.IsComplete; at += 8)
        {
            ulong page = Long(message, at) << 12;
            if (!_host.Memory.IsAccessible(page, GuestMemory.PageSize))
            {
                _host.Violate($"GPADL {gpadl.Id:x} with the page {page:x}, which is not the guest's");
                _gpadls.Remove(gpadl.Id);
                return;
            }

            gpadl.Add(page);
        }

        if (at < message.Length)
        {
            _host.Violate($"GPADL {gpadl.Id:x}: a message with {message.Length - at} bytes too many");
        }

        // Of a channel that is gone Windows says nothing more; OpenVMM takes it, for nobody.
        if (!gpadl.IsComplete || IgnoresGpadls || (gpadl.Channel.IsRescinded && !IsOpenVmm))
        {
            return;
        }

        if (GpadlStatus != 0)
        {
            _gpadls.Remove(gpadl.Id);
        }

        SendGpadlCreated(gpadl.Channel, gpadl.Id, GpadlStatus);
    }

    /// <summary>A GPADL that a channel's device may use.</summary>
    internal Gpadl? FindGpadl(uint id, HostChannel channel) =>
        _gpadls.TryGetValue(id, out Gpadl? gpadl) && gpadl.Channel == channel && gpadl is { IsComplete: true, IsTearingDown: false } ? gpadl : null;

    private void TearDown(HostChannel channel, uint id)
    {
        if (!_gpadls.TryGetValue(id, out Gpadl? gpadl) || gpadl.Channel != channel || gpadl.IsTearingDown)
        {
            _host.Violate($"GPADL {id:x} of channel {channel.Id} was torn down, which there is not");
            return; // A host never answers this.
        }

        CheckPages(gpadl);
        gpadl.IsTearingDown = true;
        if (channel.IsRescinded && !IsOpenVmm)
        {
            _gpadls.Remove(id);
        }
        else if (gpadl.Use is null)
        {
            Forget(gpadl);
        }
    }

    private void CheckPages(Gpadl gpadl)
    {
        if (!gpadl.Pages.All(each => _host.Memory.IsAccessible(each, GuestMemory.PageSize)))
        {
            _host.Violate($"Pages of GPADL {gpadl.Id:x} were freed before it was torn down");
        }
    }

    private void Forget(Gpadl gpadl)
    {
        if (_gpadls.Remove(gpadl.Id))
        {
            byte[] gone = NewMessage(VmbusMessage.GpadlTorndown, 4);
            BinaryPrimitives.WriteUInt32LittleEndian(gone.AsSpan(8), gpadl.Id);
            Send(gone);
        }
    }

    /// <summary>The device does not use it any more: since Windows Server 2016, as in OpenVMM, only then a guest gets it back.</summary>
    internal void EndUse(ref Gpadl? gpadl)
    {
        if (gpadl is { } ended)
        {
            gpadl = null;
            ended.Use = null;
            if (ended.IsTearingDown)
            {
                Forget(ended);
            }
        }
    }

    // Channels

    private void Open(HostChannel channel, byte[] message)
    {
        uint openId = Word(message, 12);
        uint ring = Word(message, 16);
        uint target = Word(message, 20);
        uint downstream = Word(message, 24);
        if (channel.IsOpen)
        {
            _host.Violate($"Channel {channel.Id} was opened, which is open");
            return;
        }

        if (target != 0 && target != NoTarget)
        {
            _host.Violate($"Channel {channel.Id} was opened for processor {target}");
        }

        uint status = OpenStatus;
        if (channel.IsRescinded)
        {
            return; // The guest hears of that, and of nothing else.
        }

        if (FindGpadl(ring, channel) is not { } gpadl || gpadl.Use != null)
        {
            _host.Violate($"Channel {channel.Id} was opened with GPADL {ring:x} as its ring");
            status = 0xC000_000D;
        }
        else if (downstream < 2 || downstream + 2 > gpadl.PageCount)
        {
            _host.Violate($"Channel {channel.Id} was opened with the second ring at page {downstream} of {gpadl.PageCount}");
            status = 0xC000_000D;
        }
        else if (status == 0)
        {
            channel.Open(gpadl, downstream);
        }

        byte[] result = NewMessage(VmbusMessage.OpenChannelResult, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(8), channel.Id);
        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(12), openId);
        BinaryPrimitives.WriteUInt32LittleEndian(result.AsSpan(16), status);
        Send(result);
    }

    // Signals

    internal ulong Signal(uint connection, ulong flag)
    {
        if (flag != 0)
        {
            return _host.Refuse(HvStatus.InvalidParameter, $"A signal of connection {connection:x} with flag {flag:x}");
        }

        if (connection == EventConnection)
        {
            ReadInterruptPage();
            return HvStatus.Success;
        }

        HostChannel? channel = _channels.Values.FirstOrDefault(each => each.IsDedicated && each.Connection == connection);
        if (channel is null)
        {
            return _host.Refuse(HvStatus.InvalidConnectionId, $"A signal of connection {connection:x}, which there is not");
        }

        if (channel.IsRescinded)
        {
            return HvStatus.InvalidConnectionId; // The guest may not have read it yet.
        }

        channel.Signal();
        return HvStatus.Success;
    }

    // The second half of the interrupt page: a bit for each channel.
    private void ReadInterruptPage()
    {
        if (_interruptPage == 0)
        {
            _host.Violate("A signal through an interrupt page that the guest has not given");
            return;
        }

        for (uint word = 0; word < GuestMemory.PageSize / 8; word++)
        {
            uint bits = _host.Memory.Take(_interruptPage + (GuestMemory.PageSize / 2) + (word * 4));
            for (int bit = 0; bits != 0; bit++, bits >>= 1)
            {
                if ((bits & 1) != 0)
                {
                    SignalChannel((word * 32) + (uint)bit);
                }
            }
        }
    }

    private void SignalChannel(uint id)
    {
        if (_channels.TryGetValue(id, out HostChannel? channel))
        {
            if (!channel.IsRescinded)
            {
                channel.Signal();
            }
        }
        else
        {
            _host.Violate($"A signal of channel {id}, which there is not");
        }
    }

    // The page from guest to host: a word, then four groups of {pending, armed} from byte 8 on.
    private void ReadMonitors()
    {
        if (_monitorPage == 0)
        {
            return;
        }

        for (uint group = 0; group < 4; group++)
        {
            uint bits = _host.Memory.Take(_monitorPage + 8 + (group * 8));
            for (int bit = 0; bits != 0; bit++, bits >>= 1)
            {
                if ((bits & 1) != 0)
                {
                    SignalChannel((group * 32) + (uint)bit);
                }
            }
        }
    }

    /// <summary>Signals the guest.</summary>
    internal void Interrupt(HostChannel channel)
    {
        if (Version <= VmbusVersion.Win7 && _interruptPage != 0)
        {
            _host.Memory.SetBits(_interruptPage + (channel.Id / 32 * 4), 1u << (int)(channel.Id % 32));
            _host.Synic.SetEvent(Source, 0);
        }
        else
        {
            _host.Synic.SetEvent(Source, channel.Id);
        }
    }
}
