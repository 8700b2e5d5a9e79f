using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Host;

/// <summary>
/// The connection with the host: its version, and the messages that make and end channels and GPADLs. Every wait is bounded, and what
/// comes meanwhile and is not waited for is taken note of or ignored, never an error. All of it runs at TPL_NOTIFY, or before anybody
/// else can call; nothing allocates.
/// </summary>
internal sealed unsafe class Connection(Hypervisor hypervisor, IOfferSink sink)
{
    private const uint MessagePort = 1;
    private const uint SharedSignalPort = 2;
    private const uint FirstGpadl = 0x4E420; // Never 0, and never the same twice while we are there.

    private const uint AnswerTime = 5_000_000; // Microseconds.
    private const uint SilentTime = 500_000;   // When the host left the last question without an answer.
    private const uint PostTime = 2_000_000;
    private const uint PortTime = 300_000;     // For a contact: a hypervisor without VMBus answers what throttling hosts do.
    private const uint ShortestPause = 10;
    private const uint LongestPause = 1_000;
    private const uint ShortestBackOff = 100;
    private const uint LongestBackOff = 50_000;

    private const int FirstField = 8;
    private const int SecondField = 12;
    private const int ThirdField = 16;
    private const int NoKey = 0;
    private const uint NoChannel = 0;

    /// <summary>What a message has to be long enough for: type and padding.</summary>
    private const int GpadlHeaderSize = 28;
    private const int FrameNumberSize = 8;
    private const int RangeHeaderSize = 8;

    /// <summary>The most pages of a GPADL: the message has 16 bits for the size of its ranges.</summary>
    public const int MaximumPages = (ushort.MaxValue - RangeHeaderSize) / FrameNumberSize;

    private readonly byte[] _answer = new byte[Hypervisor.MaximumMessageSize];
    private readonly byte[] _incoming = new byte[Hypervisor.MaximumMessageSize];
    private readonly byte[] _outgoing = new byte[Hypervisor.MaximumMessageSize];
    private MessageType _awaited;
    private int _keyOffset;
    private uint _key;
    private uint _channel; // Which the question is about: when it is rescinded, there is no answer.
    private bool _isAnswered;
    private bool _isRescinded;
    private bool _isSilent;
    private uint _nextGpadl = FirstGpadl;
    private uint _oldestGpadl = FirstGpadl; // Of this connection: the host has forgotten those before.
    private uint _nextOpen = 1;

    /// <summary>What was agreed on, once it was.</summary>
    public uint Version { get; private set; }

    /// <summary>Whether there is a connection, as far as we know: <see cref="Check"/> asks.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Whether the host has, or may have, the pages that a contact names.</summary>
    public bool HostMayWrite { get; private set; }

    /// <summary>How often a message had to be posted again.</summary>
    public ulong Retries { get; private set; }

    /// <summary>Messages that nobody waited for, or that are not known.</summary>
    public ulong Ignored { get; private set; }

    /// <summary>
    /// The first connection. The host has to take version 3.0, with which one can disconnect, or an operating system could not use VMBus
    /// after us; then it is disconnected, and connected again with the oldest version that it takes, since a Windows that is loaded
    /// expects no newer one to have been in use.
    /// </summary>
    /// <param name="reason">Why there is no connection.</param>
    public EFI_STATUS Establish(out string? reason)
    {
        EFI_STATUS status = Contact(VmbusVersion.Version3_0, out bool isAccepted, out reason);
        if (status.IsError)
        {
            return status;
        }

        if (!isAccepted)
        {
            reason = "the host does not take VMBus version 3.0 (Windows 8.1), with which a guest can disconnect";
            return EFI_STATUS.EFI_INCOMPATIBLE_VERSION;
        }

        status = Unload();
        if (status.IsError)
        {
            reason = "the host does not let go of a connection";
            return status;
        }

        foreach (uint version in VmbusVersion.Known)
        {
            status = Contact(version, out isAccepted, out reason);
            if (status.IsError || isAccepted)
            {
                return status;
            }
        }

        reason = "the host refuses all versions after it took 3.0";
        return EFI_STATUS.EFI_INCOMPATIBLE_VERSION;
    }

    /// <summary>
    /// Begins to connect again, with the version as before, after somebody else had the connection; the host forgets what was. It does not
    /// wait, since it is a timer that asks: <see cref="ContinueRecovery"/> is for the time after, until one of them fails or that succeeds.
    /// </summary>
    public EFI_STATUS BeginRecovery()
    {
        IsUp = false;
        HostMayWrite = true;
        return Begin(NewContact(Version), MessageType.VersionResponse, NoKey, 0, NoChannel, patience: 0);
    }

    /// <summary>Takes the next step, if the host has answered the last.</summary>
    /// <returns>EFI_NOT_READY when it has not; EFI_SUCCESS when there is a connection, and the sink has got all offers.</returns>
    public EFI_STATUS ContinueRecovery()
    {
        Drain();
        if (_isAnswered && _awaited == MessageType.VersionResponse)
        {
            EFI_STATUS status = TakeVersion(Version, out bool isAccepted, out _);
            if (!status.IsError)
            {
                status = isAccepted
                    ? Begin(new Message(_outgoing, MessageType.RequestOffers), MessageType.AllOffersDelivered, NoKey, 0, NoChannel, patience: 0)
                    : EFI_STATUS.EFI_INCOMPATIBLE_VERSION;
            }

            if (status.IsError)
            {
                return status;
            }

            Drain();
        }

        if (!_isAnswered)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        _awaited = 0;
        IsUp = true;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>The host has not answered in time.</summary>
    public void AbandonRecovery()
    {
        _awaited = 0;
        _isSilent = true;
    }

    /// <summary>How long the host may take to answer a question, in microseconds.</summary>
    public uint Patience => _isSilent ? SilentTime : AnswerTime;

    /// <summary>Asks for all offers, and waits until the sink has got them.</summary>
    public EFI_STATUS RequestOffers()
    {
        Message message = new(_outgoing, MessageType.RequestOffers);
        return Ask(message, MessageType.AllOffersDelivered, NoKey, 0, NoChannel);
    }

    /// <summary>Disconnects: the host forgets all channels and GPADLs.</summary>
    public EFI_STATUS Unload()
    {
        IsUp = false;
        Message message = new(_outgoing, MessageType.Unload);
        EFI_STATUS status = Ask(message, MessageType.UnloadComplete, NoKey, 0, NoChannel);
        if (!status.IsError)
        {
            HostMayWrite = false;
            _oldestGpadl = _nextGpadl;
        }

        return status;
    }

    /// <summary>Whether the connection is there and ours. What is found lost stays lost until it is recovered.</summary>
    public bool Check()
    {
        IsUp = IsUp && hypervisor.IsOurs;
        return IsUp;
    }

    /// <summary>Takes all the messages that wait.</summary>
    public void Drain()
    {
        // Bounded: a host that never stops is heard again later.
        for (int i = 0; i < 256 && hypervisor.TryTakeMessage(_incoming); i++)
        {
            _isSilent = false;
            Dispatch();
        }
    }

    /// <summary>Shows the host whole pages.</summary>
    /// <param name="channel">For which channel.</param>
    /// <param name="memory">Page-aligned.</param>
    /// <param name="count">1 to <see cref="MaximumPages"/>.</param>
    /// <param name="gpadl">Its number.</param>
    public EFI_STATUS CreateGpadl(uint channel, byte* memory, int count, out uint gpadl)
    {
        gpadl = _nextGpadl++;
        ulong frame = (ulong)memory / PageMemory.PageSize;
        Message message = new(_outgoing, MessageType.GpadlHeader);
        message.Add(channel);
        message.Add(gpadl);
        message.Add((ushort)(RangeHeaderSize + count * FrameNumberSize));
        message.Add((ushort)1);
        message.Add((uint)count * PageMemory.PageSize);
        message.Add(0u);
        int left = AddFrames(ref message, ref frame, count);
        if (left == 0)
        {
            return ExpectCreated(message, channel, gpadl);
        }

        EFI_STATUS status = Post(message.Written, PostTime);
        for (uint number = 0; !status.IsError; number++)
        {
            message = new Message(_outgoing, MessageType.GpadlBody);
            message.Add(number);
            message.Add(gpadl);
            left = AddFrames(ref message, ref frame, left);
            if (left == 0)
            {
                return ExpectCreated(message, channel, gpadl);
            }

            status = Post(message.Written, PostTime);
        }

        return status;
    }

    /// <summary>
    /// Takes pages back: the one place that answers whether they are ours again. They are when the host says so, when it has rescinded the
    /// channel (it is told all the same, since OpenVMM keeps account; Windows does not answer), and when it has ended the connection that they
    /// were shown on. Otherwise, as when somebody else has the connection, it may still write there.
    /// </summary>
    public bool TakeBack(uint channel, uint gpadl, bool isRescinded)
    {
        if (gpadl < _oldestGpadl)
        {
            return true;
        }

        if (!Check())
        {
            return false;
        }

        Message message = new(_outgoing, MessageType.GpadlTeardown);
        message.Add(channel);
        message.Add(gpadl);
        if (isRescinded)
        {
            Post(message.Written, PostTime);
            return true;
        }

        EFI_STATUS status = Ask(message, MessageType.GpadlTorndown, FirstField, gpadl, channel);
        return !status.IsError || status == EFI_STATUS.EFI_NOT_FOUND;
    }

    /// <summary>Opens a channel.</summary>
    /// <param name="channel">Which.</param>
    /// <param name="gpadl">The rings.</param>
    /// <param name="incomingPage">The page of them with which the host's begins.</param>
    public EFI_STATUS Open(uint channel, uint gpadl, uint incomingPage)
    {
        uint open = _nextOpen++;
        Message message = new(_outgoing, MessageType.OpenChannel);
        message.Add(channel);
        message.Add(open);
        message.Add(gpadl);
        message.Add(hypervisor.VpIndex);
        message.Add(incomingPage);
        message.AddZeros(ChannelOffer.UserDefinedSize);
        EFI_STATUS status = Ask(message, MessageType.OpenChannelResult, SecondField, open, channel);
        return status.IsError ? status : StatusOf(ThirdField);
    }

    public EFI_STATUS Close(uint channel) => Tell(MessageType.CloseChannel, channel);

    /// <summary>The last word about a channel that the host has rescinded.</summary>
    public EFI_STATUS ReleaseChannel(uint channel) => Tell(MessageType.RelIdReleased, channel);

    /// <summary>Signals that there is something in a channel's ring.</summary>
    public void Signal(in ChannelOffer offer)
    {
        bool isFirstVersion = Version == VmbusVersion.Version0_13;
        if (isFirstVersion || !offer.HasOwnPort)
        {
            SetSignalBit(offer.Channel);
        }

        hypervisor.Signal(isFirstVersion ? SharedSignalPort : offer.Port);
    }

    // The second half of the interrupt page has a bit for each channel that signals the host, who clears them.
    private void SetSignalBit(uint channel)
    {
        if (channel >= PageMemory.PageSize / 2 * 8)
        {
            return;
        }

        uint* word = (uint*)(hypervisor.InterruptPage + PageMemory.PageSize / 2) + channel / 32;
        uint bit = 1u << (int)(channel % 32);
        uint found = *word;
        while (true)
        {
            uint before = System.Threading.Interlocked.CompareExchange(ref *word, found | bit, found);
            if (before == found)
            {
                return;
            }

            found = before;
        }
    }

    private EFI_STATUS Contact(uint version, out bool isAccepted, out string? reason)
    {
        isAccepted = false;
        IsUp = false;
        EFI_STATUS status = Ask(NewContact(version), MessageType.VersionResponse, NoKey, 0, NoChannel);
        if (status.IsError)
        {
            HostMayWrite = status == EFI_STATUS.EFI_TIMEOUT;
            reason = HostMayWrite ? "the host does not answer on VMBus" : "the host has no VMBus";
            return status;
        }

        status = TakeVersion(version, out isAccepted, out reason);
        IsUp = isAccepted;
        return status;
    }

    private Message NewContact(uint version)
    {
        Message message = new(_outgoing, MessageType.InitiateContact);
        message.Add(version);
        message.Add(hypervisor.VpIndex);
        message.Add((ulong)hypervisor.InterruptPage);
        message.Add((ulong)hypervisor.ParentToChildMonitor);
        message.Add((ulong)hypervisor.ChildToParentMonitor);
        return message;
    }

    private EFI_STATUS TakeVersion(uint version, out bool isAccepted, out string? reason)
    {
        reason = null;
        isAccepted = _answer[FirstField] != 0;
        HostMayWrite = isAccepted;
        if (isAccepted && version >= VmbusVersion.Version2_4 && _answer[FirstField + 1] != 0)
        {
            isAccepted = false;
            reason = "the host takes the version, but not the connection";
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (isAccepted)
        {
            Version = version;
            _oldestGpadl = _nextGpadl;
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    // As many of the frame numbers as there is room for; what is left is for the next message.
    private static int AddFrames(ref Message message, ref ulong frame, int count)
    {
        while (count > 0 && message.Room >= FrameNumberSize)
        {
            message.Add(frame++);
            count--;
        }

        return count;
    }

    private EFI_STATUS ExpectCreated(scoped in Message message, uint channel, uint gpadl)
    {
        EFI_STATUS status = Ask(message, MessageType.GpadlCreated, SecondField, gpadl, channel);
        return status.IsError ? status : StatusOf(ThirdField);
    }

    private EFI_STATUS StatusOf(int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(_answer.AsSpan(offset)) == 0
            ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;

    private EFI_STATUS Tell(MessageType type, uint channel)
    {
        Message message = new(_outgoing, type);
        message.Add(channel);
        return Post(message.Written, PostTime);
    }

    // Posts a message whose answer will be in _answer.
    private EFI_STATUS Begin(scoped in Message message, MessageType answer, int keyOffset, uint key, uint channel, uint patience)
    {
        _awaited = answer;
        _keyOffset = keyOffset;
        _key = key;
        _channel = channel;
        _isAnswered = false;
        _isRescinded = false;
        return Post(message.Written, patience);
    }

    // Posts a message and waits for its answer. EFI_NOT_FOUND when the channel that it is about goes meanwhile.
    private EFI_STATUS Ask(scoped in Message message, MessageType answer, int keyOffset, uint key, uint channel)
    {
        EFI_STATUS status = Begin(message, answer, keyOffset, key, channel, PostTime);
        uint limit = Patience;
        uint pause = ShortestPause;
        for (uint waited = 0; !status.IsError && !_isAnswered; waited += pause)
        {
            if (waited != 0)
            {
                pause = Math.Min(pause * 2, LongestPause);
            }

            Drain();
            if (_isAnswered)
            {
                break;
            }

            if (_isRescinded)
            {
                status = EFI_STATUS.EFI_NOT_FOUND;
            }
            else if (waited >= limit)
            {
                _isSilent = true;
                status = EFI_STATUS.EFI_TIMEOUT;
            }
            else
            {
                Firmware.Stall(pause);
            }
        }

        _awaited = 0;
        return status;
    }

    // Patience is for a host that throttles, in microseconds; 0 is one attempt.
    private EFI_STATUS Post(ReadOnlySpan<byte> message, uint patience)
    {
        uint backOff = ShortestBackOff;
        for (uint waited = 0; ; waited += backOff, backOff = Math.Min(backOff * 2, LongestBackOff))
        {
            uint status = hypervisor.Post(MessagePort, message);
            if (status == 0)
            {
                return EFI_STATUS.EFI_SUCCESS;
            }

            uint limit = status == Hypervisor.InvalidConnectionId && _awaited == MessageType.VersionResponse ? Math.Min(PortTime, patience) : patience;
            if (status is not (Hypervisor.InvalidConnectionId or Hypervisor.InsufficientBuffers) || waited >= limit)
            {
                return EFI_STATUS.EFI_DEVICE_ERROR;
            }

            Retries++;
            Firmware.Stall(backOff);
            Drain(); // A host may want to be rid of a message before it takes another one.
        }
    }

    private void Dispatch()
    {
        ReadOnlySpan<byte> message = _incoming;
        MessageType type = (MessageType)BinaryPrimitives.ReadUInt32LittleEndian(message);
        switch (type)
        {
            case MessageType.OfferChannel:
                ChannelOffer offer = ChannelOffer.Read(message);
                if (offer.Channel == 0)
                {
                    Ignored++; // No channel has that number: the message is cut off.
                    break;
                }

                sink.OnOffer(offer);
                break;
            case MessageType.RescindChannelOffer:
                uint rescinded = BinaryPrimitives.ReadUInt32LittleEndian(message.Slice(FirstField));
                _isRescinded |= rescinded == _channel && _awaited != 0;
                sink.OnRescind(rescinded);
                break;
            default:
                if (!_isAnswered && type == _awaited && type != 0 &&
                    (_keyOffset == NoKey || BinaryPrimitives.ReadUInt32LittleEndian(message.Slice(_keyOffset)) == _key))
                {
                    message.CopyTo(_answer);
                    _isAnswered = true;
                }
                else
                {
                    Ignored++;
                }

                break;
        }
    }
}
