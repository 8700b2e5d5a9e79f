using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>
/// A session of one connection with a target (RFC 7143), in which one command is under way at a time. Closed by whatever goes wrong, error recovery
/// being of level 0; opened again it takes its own place, because its ISID stays the same (RFC 7143, 6.3.5). Data goes from the stream straight
/// to where the
/// command wants it.
/// </summary>
internal sealed unsafe class IscsiSession : StreamHandler, IIscsiPduHandler, IDisposable
{
    /// <summary>Bytes of an answer that is kept here, see <see cref="Begin"/>.</summary>
    public const int AnswerSize = 255;

    private const int MaximumLoginSteps = 20;
    private const int MaximumRedirects = 5;
    private const int MaximumNops = 4;

    // Microseconds.
    private const ulong LoginTimeout = 15_000_000;
    private const ulong QuietTime = 5_000_000;
    private const ulong CommandTimeout = 30_000_000;
    private const ulong AbortTimeout = 10_000_000;
    private const ulong LogoutTimeout = 2_000_000;

    private readonly Network _network;
    private readonly IscsiInitiator _initiator;
    private readonly IscsiFailure _failure;
    private readonly TcpStream _stream;
    private readonly IscsiPduReader _reader;
    private readonly IscsiChap _chap;
    private readonly IscsiAgreement _agreement = new();
    private readonly Arena _scratch = Arena.Create();
    private readonly ulong _isid;

    // What goes out: a header with what follows it, data of the command's, and padding with a digest.
    private readonly byte[] _out = new byte[IscsiPdu.HeaderSize + Crc32C.Size + 4096];
    private readonly byte[] _tail = new byte[2 * Crc32C.Size];
    private int _outAt;
    private int _outEnd;
    private uint _bodyAt;
    private uint _bodyEnd;
    private int _tailAt;
    private int _tailEnd;

    // Texts, sense, and other data that is not the command's.
    private readonly byte[] _text = new byte[IscsiPdu.DefaultSegment];
    private int _textLength;
    private bool _isTextCut;
    private bool _isData; // What comes belongs to the command.

    private IPEndpoint _portal;
    private int _redirects;
    private bool _isRedirected;
    private ulong _openedAt;
    private ulong _now;
    private ulong _heardAt;
    private bool _hasAskedForLife;
    private int _loginSteps;
    private int _chapSteps;
    private bool _isTextContinued;
    private uint _nextTag;
    private uint _loginTag;
    private uint _commandNumber;
    private uint _maximumCommand;
    private uint _expectedStatus;

    private readonly uint[] _nopTags = new uint[MaximumNops];
    private readonly ulong[] _nopLuns = new ulong[MaximumNops];
    private int _nops;
    private bool _isPingDue;

    // The command.
    private readonly byte[] _block = new byte[ScsiCommand.Size];
    private readonly byte[] _answer = new byte[AnswerSize];
    private byte* _data;
    private ulong _lun;
    private uint _length;
    private bool _isWrite;
    private bool _isActive;
    private bool _isQueued;
    private uint _tag;
    private uint _number;
    private ulong _progressAt;
    private uint _received;
    private uint _sendAt;
    private uint _sendEnd;
    private uint _sendTag;
    private uint _dataNumber;
    private bool _isAbortDue;
    private bool _isAborting;
    private ulong _abortedAt;
    private bool _isTaskPending; // A task request is not answered.
    private uint _taskTag;
    private uint _abortedTag = IscsiPdu.NoTag; // What comes late for it is dropped.
    private bool _isLogoutDue;

    /// <summary>Makes a session that is not open; what it needs is taken now, in the current arena.</summary>
    /// <param name="network">Where from.</param>
    /// <param name="initiator">Who we are.</param>
    /// <param name="path">Where to.</param>
    /// <param name="qualifier">Tells sessions of one initiator apart.</param>
    /// <param name="failure">Says why it was closed.</param>
    public IscsiSession(Network network, IscsiInitiator initiator, IscsiPath path, ushort qualifier, IscsiFailure failure)
    {
        _network = network;
        _initiator = initiator;
        _failure = failure;
        Path = path;
        _stream = new TcpStream(this);
        _reader = new IscsiPduReader(this);
        _chap = new IscsiChap(initiator, path, network.Random);
        _nextTag = network.Random.Next32();

        // RFC 7143, 11.12.5: T is 10b, "random", and so are the three bytes behind.
        _isid = (0x80UL << 40) | ((ulong)(network.Random.Next32() & 0xFFFFFF) << 16) | qualifier;
        _portal = path.Portal;
    }

    public IscsiPath Path { get; }

    /// <summary>Where it is connected: the path's portal, or where that has sent us.</summary>
    public IPEndpoint Portal => _portal;

    public IscsiState State { get; private set; }

    /// <summary>Whoever uses it has asked what disk it is, since it was opened last.</summary>
    public bool IsVerified { get; set; }

    /// <summary>It was opened, and whoever uses it has not seen it end.</summary>
    public bool IsAttempted { get; set; }

    /// <summary>A command is under way; its data's memory is in use.</summary>
    public bool IsBusy => _isActive || _bodyAt < _bodyEnd;

    public IscsiOutcome Outcome { get; private set; }

    /// <summary>SCSI's status, of a command that was answered.</summary>
    public byte Status { get; private set; }

    public ScsiSense Sense { get; private set; }

    /// <summary>Bytes that came.</summary>
    public uint Received => _received;

    /// <summary>All of the data came or went, no more and no less, and the target says so too.</summary>
    public bool IsExact { get; private set; }

    /// <summary>What came for a command without memory of its own.</summary>
    public ReadOnlySpan<byte> Answer => new(_answer, 0, (int)Math.Min(_received, AnswerSize));

    /// <summary>The portal's group of the target, for a device path.</summary>
    public ushort PortalGroup { get; private set; }

    /// <summary>Digests that were agreed on: bit 0 for headers, bit 1 for data.</summary>
    public int Digests => (_agreement.HasHeaderDigest ? 1 : 0) | (_agreement.HasDataDigest ? 2 : 0);

    private bool IsOutEmpty => _outAt == _outEnd && _bodyAt == _bodyEnd && _tailAt == _tailEnd;

    /// <summary>Begins to connect and to log in.</summary>
    public void Open(ulong now)
    {
        Close();
        _redirects = 0;
        _isRedirected = false;
        _portal = Path.Portal;
        IsAttempted = true;
        Connect(now);
    }

    /// <summary>Begins a command; the session is <see cref="IscsiState.Ready"/> and not busy.</summary>
    /// <param name="block">Of <see cref="ScsiCommand.Size"/> bytes.</param>
    /// <param name="data">In use until the session is not busy any more; null for an answer of up to <see cref="AnswerSize"/> bytes.</param>
    /// <param name="length">Bytes to move.</param>
    /// <param name="isWrite">To the target.</param>
    /// <param name="lun">Another unit than the path's; null for that.</param>
    public void Begin(ReadOnlySpan<byte> block, byte* data, uint length, bool isWrite, ulong? lun = null)
    {
        _lun = lun ?? Path.Lun;
        block.CopyTo(_block);
        _data = data;
        _length = length;
        _isWrite = isWrite;
        _received = 0;
        _sendAt = 0;
        _sendEnd = 0;
        _isActive = true;
        _isQueued = true;
        _isAbortDue = false;
        _isAborting = false;
        Outcome = IscsiOutcome.None;
        Status = 0;
        Sense = default;
        IsExact = false;
        _tag = NewTag();
        _progressAt = _now;
        _heardAt = Math.Max(_heardAt, _now);
        _hasAskedForLife = false;
        Pump();
    }

    /// <summary>Asks for the session's end; over when it is <see cref="IscsiState.Closed"/>.</summary>
    public void Leave(ulong now)
    {
        if (State != IscsiState.Ready || IsBusy)
        {
            Close();
            return;
        }

        State = IscsiState.Leaving;
        _openedAt = now;
        _isLogoutDue = true;
        Pump();
    }

    /// <summary>Ends it at once, with no word to the target. Memory of a command's is not used any more.</summary>
    public void Close()
    {
        _stream.Dispose();
        _reader.Stop();
        State = IscsiState.Closed;
        IsVerified = false;
        _isRedirected = false;
        if (_isActive)
        {
            Outcome = IscsiOutcome.Lost;
        }

        _isActive = false;
        _outAt = _outEnd = _tailAt = _tailEnd = 0;
        _bodyAt = _bodyEnd = 0;
        _nops = 0;
        _isPingDue = _isAbortDue = _isAborting = _isLogoutDue = _isTaskPending = false;
    }

    /// <summary>One turn: sends what is left, and watches the time.</summary>
    public void OnTurn(ulong now)
    {
        if (now - _now > QuietTime)
        {
            _heardAt = now; // It was not listened to.
            _progressAt = now;
        }

        _now = now;
        if (_isRedirected && State == IscsiState.Closed)
        {
            _isRedirected = false;
            Connect(now);
        }

        switch (State)
        {
            case IscsiState.Connecting when now - _openedAt > LoginTimeout:
                Lose(EFI_STATUS.EFI_TIMEOUT, "nobody answers");
                break;
            case IscsiState.Security or IscsiState.Operational when now - _openedAt > LoginTimeout:
                Lose(EFI_STATUS.EFI_TIMEOUT, "the target does not answer the login");
                break;
            case IscsiState.Leaving when now - _openedAt > LogoutTimeout:
                Close();
                break;
            case IscsiState.Ready when IsBusy:
                Watch(now);
                break;
        }

        Pump();
    }

    public void Dispose()
    {
        Close();
        _chap.Dispose();
        _scratch.Dispose();
    }

    public override void OnConnected()
    {
        _heardAt = _network.Now;
        State = IscsiState.Security;
        if (_chap.IsMutual && !_chap.IsPossible)
        {
            Lose(EFI_STATUS.EFI_ACCESS_DENIED, "reverse-username needs a username too (mutual CHAP)");
            return;
        }

        Span<byte> room = Text();
        IscsiTextWriter text = new(room);
        text.Add("InitiatorName"u8, _initiator.Name);
        text.Add("TargetName"u8, Path.Target);
        text.Add("SessionType"u8, "Normal"u8);
        text.Add("AuthMethod"u8, !_chap.IsPossible ? "None"u8 : _chap.IsMutual ? "CHAP"u8 : "CHAP,None"u8);
        SendLogin(text, !_chap.IsPossible);
    }

    public override void OnData(ReadOnlySpan<byte> data)
    {
        _heardAt = _network.Now;
        _hasAskedForLife = false;
        _reader.Read(data);
        if (_reader.Failure is string failure)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, failure);
        }
        else
        {
            Pump();
        }
    }

    public override void OnClosed(Error? error)
    {
        if (State == IscsiState.Leaving)
        {
            Close();
            return;
        }

        Lose(error is null ? EFI_STATUS.EFI_END_OF_FILE : error.Status, error is null ? "the target closed the connection" : error.Message);
    }

    void IIscsiPduHandler.OnHeader(IscsiPdu pdu)
    {
        _isData = false;
        if (!_isTextContinued)
        {
            _textLength = 0;
            _isTextCut = false;
        }

        bool isLogin = State is IscsiState.Security or IscsiState.Operational;
        if (isLogin != (pdu.Opcode == IscsiPdu.LoginResponse) && pdu.Opcode != IscsiPdu.Reject)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, isLogin ? "the target answers a login with something else" : "the target answers a login that is over");
            return;
        }

        if (pdu.Opcode != IscsiPdu.DataIn || pdu.Tag == _abortedTag)
        {
            return;
        }

        if (!_isActive || _isQueued || pdu.Tag != _tag || _isWrite)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target sends data for another command");
        }
        else if (pdu.BufferOffset != _received)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target sends data out of order");
        }
        else if ((uint)pdu.DataLength > _length - _received)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target sends more data than was asked for");
        }
        else
        {
            _isData = true;
            _progressAt = _network.Now;
        }
    }

    void IIscsiPduHandler.OnData(ReadOnlySpan<byte> piece)
    {
        if (_isData)
        {
            piece.CopyTo(Data(_received, (uint)piece.Length));
            _received += (uint)piece.Length;
            return;
        }

        ReadOnlySpan<byte> kept = piece.Slice(0, Math.Min(piece.Length, _text.Length - _textLength));
        kept.CopyTo(new Span<byte>(_text, _textLength, kept.Length));
        _textLength += kept.Length;
        _isTextCut |= kept.Length < piece.Length;
    }

    void IIscsiPduHandler.OnEnd(IscsiPdu pdu)
    {
        TakeNumbers(pdu);
        switch (pdu.Opcode)
        {
            case IscsiPdu.LoginResponse:
                OnLogin(pdu);
                break;
            case IscsiPdu.DataIn:
                OnDataIn(pdu);
                break;
            case IscsiPdu.Response:
                OnResponse(pdu);
                break;
            case IscsiPdu.ReadyToTransfer:
                OnReadyToTransfer(pdu);
                break;
            case IscsiPdu.NopIn:
                OnNop(pdu);
                break;
            case IscsiPdu.TaskResponse:
                OnTaskResponse(pdu);
                break;
            case IscsiPdu.LogoutResponse:
                Close();
                break;
            case IscsiPdu.Asynchronous:
                OnAsynchronous(pdu);
                break;
            case IscsiPdu.Reject:
                OnReject(pdu);
                break;
            default:
                Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target sends a PDU of a kind that no target sends");
                break;
        }
    }

    private static bool IsAfter(uint number, uint other) => (int)(number - other) > 0;

    /// <summary>Bytes of the command's memory; the caller has checked that they are in it.</summary>
    private Span<byte> Data(uint offset, uint length) =>
        _data is null ? new Span<byte>(_answer, (int)offset, (int)length) : new Span<byte>(_data + offset, (int)length);

    private uint NewTag()
    {
        _nextTag++;
        _nextTag += _nextTag == IscsiPdu.NoTag ? 1u : 0;
        return _nextTag;
    }

    private void Connect(ulong now)
    {
        _now = now;
        _openedAt = now;
        _reader.Reset();
        _agreement.Reset();
        _loginSteps = 0;
        _chapSteps = 0;
        _isTextContinued = false;
        _textLength = 0;
        _isTextCut = false;
        _loginTag = NewTag();
        _commandNumber = 1;
        _maximumCommand = 0;
        _expectedStatus = 0;
        State = IscsiState.Connecting;
        using (_scratch.Enter())
        {
            if (_stream.Open(_network, _portal) is Error error)
            {
                Lose(error.Status, error.Message);
            }
        }

        _scratch.Reset();
    }

    private void Lose(EFI_STATUS status, string what, string more = "")
    {
        _failure.Set(status, Path, what, more);
        Close();
    }

    private void Watch(ulong now)
    {
        ulong quiet = now > _heardAt ? now - _heardAt : 0;
        if (quiet > 2 * QuietTime)
        {
            Lose(EFI_STATUS.EFI_TIMEOUT, "the target says nothing any more");
        }
        else if (quiet > QuietTime && !_hasAskedForLife)
        {
            _hasAskedForLife = true;
            _isPingDue = true;
        }
        else if (_isAborting && now - _abortedAt > AbortTimeout)
        {
            Lose(EFI_STATUS.EFI_TIMEOUT, "the target does not end a command that takes too long");
        }
        else if (!_isAborting && now - _progressAt > CommandTimeout)
        {
            _isAborting = true;
            _abortedAt = now;
            _isAbortDue = !_isQueued;
            if (_isQueued)
            {
                End(IscsiOutcome.Aborted); // The window never opened.
            }
        }
    }

    /// <summary>What every PDU of the target's says of numbers (RFC 7143, 4.2.2).</summary>
    private void TakeNumbers(IscsiPdu pdu)
    {
        bool isStatus = pdu.Opcode switch
        {
            IscsiPdu.ReadyToTransfer => false,
            IscsiPdu.DataIn => (pdu.Flags & IscsiPdu.HasStatus) != 0,
            IscsiPdu.NopIn => pdu.Tag != IscsiPdu.NoTag,
            _ => true,
        };
        if (isStatus)
        {
            _expectedStatus = pdu.StatusNumber + 1;
        }

        // RFC 7143, 4.2.2.1: one that makes no sense beside ExpCmdSN is ignored.
        if (!IsAfter(pdu.ExpectedCommand, pdu.MaximumCommand + 1) && IsAfter(pdu.MaximumCommand, _maximumCommand))
        {
            _maximumCommand = pdu.MaximumCommand;
        }
    }

    private Span<byte> Text() => new(_out, IscsiPdu.HeaderSize, 4096);

    /// <summary>Sends a login with what was written into <see cref="Text"/>.</summary>
    private void SendLogin(IscsiTextWriter text, bool isLast)
    {
        if (text.IsCut)
        {
            Lose(EFI_STATUS.EFI_BUFFER_TOO_SMALL, "names and passwords are too long for a login");
            return;
        }

        if (++_loginSteps > MaximumLoginSteps)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the login does not come to an end");
            return;
        }

        int stages = State == IscsiState.Security ? isLast ? 0x01 : 0 : isLast ? 0x07 : 0x04;
        IscsiPdu.WriteLogin(
            _out, (byte)((isLast ? IscsiPdu.Final : 0) | stages), text.Length, _isid, _loginTag, _commandNumber, _expectedStatus);
        int padding = IscsiPdu.Padding(text.Length);
        _outAt = 0;
        _outEnd = IscsiPdu.HeaderSize + text.Length + padding;
        new Span<byte>(_out, _outEnd - padding, padding).Clear();
        Flush();
    }

    private void OnLogin(IscsiPdu pdu)
    {
        if (pdu.StatusClass == 1)
        {
            Redirect(pdu);
            return;
        }

        if (pdu.StatusClass != 0)
        {
            TextBuilder text = _failure.Begin(Path);
            text.Append("login refused: ");
            text.Append(IscsiReasons.Login(pdu.StatusClass, pdu.StatusDetail));
            text.Append(" (status ");
            text.AppendFormatted((uint)pdu.StatusClass, "x2");
            text.AppendFormatted((uint)pdu.StatusDetail, "x2");
            text.Append(")");
            if (pdu is { StatusClass: 2, StatusDetail: 1 })
            {
                text.Append(Path.User is null ? "; no username is set" : _initiator.Hashes is null ? "; CHAP is not there" : "; username or password is wrong");
            }

            _failure.End(pdu.StatusClass == 2 ? pdu.StatusDetail == 3 ? EFI_STATUS.EFI_NOT_FOUND : EFI_STATUS.EFI_ACCESS_DENIED : EFI_STATUS.EFI_NOT_READY, text);
            Close();
            return;
        }

        if (pdu.Tag != _loginTag || pdu.CurrentStage != (State == IscsiState.Security ? 0 : 1))
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target answers another step of the login");
            return;
        }

        if (_isTextCut)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target's text in the login is too long");
            return;
        }

        _isTextContinued = (pdu.Flags & IscsiPdu.Continues) != 0;
        IscsiTextWriter answer = new(Text());
        if (_isTextContinued)
        {
            SendLogin(answer, false);
        }
        else if (State == IscsiState.Security)
        {
            OnSecurity(pdu, answer);
        }
        else
        {
            OnOperational(pdu, answer);
        }
    }

    private void OnSecurity(IscsiPdu pdu, IscsiTextWriter answer)
    {
        ReadOnlySpan<byte> text = new(_text, 0, _textLength);
        ReadOnlySpan<byte> method = default;
        bool hasProof = false;
        ReadOnlySpan<byte> rest = text;
        while (IscsiText.TryRead(ref rest, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("AuthMethod"u8))
            {
                method = value;
            }
            else if (key.SequenceEqual("TargetPortalGroupTag"u8) && IscsiText.TryReadNumber(value, out ulong group))
            {
                PortalGroup = (ushort)group;
            }

            hasProof |= key.SequenceEqual("CHAP_R"u8);
        }

        bool isLast = (pdu.Flags & IscsiPdu.Final) != 0;
        bool isChap = method.SequenceEqual("CHAP"u8);
        if (!method.IsEmpty && !(isChap ? _chap.IsPossible : method.SequenceEqual("None"u8)))
        {
            Lose(EFI_STATUS.EFI_ACCESS_DENIED, "the target wants another authentication than CHAP or none",
                Path.User is null ? "; no username is set" : "");
            return;
        }

        string? wrong = null;
        if (isChap && _chapSteps == 0 && !isLast)
        {
            _chapSteps = 1;
            answer.Add("CHAP_A"u8, IscsiChap.Algorithms);
            SendLogin(answer, false);
            return;
        }

        if (_chapSteps == 1)
        {
            _chapSteps = 2;
            wrong = isLast ? "the target ends CHAP before it has begun" : _chap.Answer(text, ref answer);
        }
        else if (_chapSteps == 2 && (isLast || hasProof))
        {
            _chapSteps = 3;
            wrong = _chap.Check(text);
        }
        else if (_chapSteps == 0 && _chap.IsMutual)
        {
            wrong = "the target does not prove who it is (mutual CHAP)";
        }

        if (wrong is not null)
        {
            Lose(EFI_STATUS.EFI_ACCESS_DENIED, wrong);
            return;
        }

        if (!isLast)
        {
            SendLogin(answer, true);
            return;
        }

        if (pdu.NextStage != 1)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target goes on to another stage of the login than it was asked to");
            return;
        }

        State = IscsiState.Operational;
        answer = new IscsiTextWriter(Text());
        IscsiAgreement.Offer(ref answer, _initiator.PrefersDigests);
        SendLogin(answer, true);
    }

    private void OnOperational(IscsiPdu pdu, IscsiTextWriter answer)
    {
        ReadOnlySpan<byte> text = new(_text, 0, _textLength);
        while (IscsiText.TryRead(ref text, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("TargetPortalGroupTag"u8) && IscsiText.TryReadNumber(value, out ulong group))
            {
                PortalGroup = (ushort)group;
            }

            if (!_agreement.Take(key, value, ref answer))
            {
                TextBuilder reason = _failure.Begin(Path);
                reason.Append("the target answers what was not offered: ");
                reason.AppendFormatted(key);
                reason.Append("=");
                reason.AppendFormatted(value.Slice(0, Math.Min(value.Length, 40)));
                _failure.End(EFI_STATUS.EFI_PROTOCOL_ERROR, reason);
                Close();
                return;
            }
        }

        if (!text.IsEmpty)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target's text in the login has no keys");
            return;
        }

        if ((pdu.Flags & IscsiPdu.Final) == 0)
        {
            SendLogin(answer, true);
            return;
        }

        if (pdu.NextStage != 3)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target goes on to another stage of the login than it was asked to");
            return;
        }

        State = IscsiState.Ready;
        _reader.HasHeaderDigest = _agreement.HasHeaderDigest;
        _reader.HasDataDigest = _agreement.HasDataDigest;
        _reader.MaximumData = IscsiAgreement.OwnSegment;
    }

    private void Redirect(IscsiPdu pdu)
    {
        ReadOnlySpan<byte> text = new(_text, 0, _textLength);
        ReadOnlySpan<byte> where = default;
        while (IscsiText.TryRead(ref text, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("TargetAddress"u8))
            {
                where = value;
            }
        }

        if (!TryParseAddress(where, out IPEndpoint portal))
        {
            TextBuilder reason = _failure.Begin(Path);
            reason.Append(IscsiReasons.Login(pdu.StatusClass, pdu.StatusDetail));
            reason.Append(", but not to an address: ");
            reason.AppendFormatted(where.Slice(0, Math.Min(where.Length, 80)));
            _failure.End(EFI_STATUS.EFI_UNSUPPORTED, reason);
            Close();
        }
        else if (++_redirects > MaximumRedirects)
        {
            Lose(EFI_STATUS.EFI_NOT_FOUND, "the target moves again and again");
        }
        else
        {
            Close();
            _portal = portal;
            _isRedirected = true;
        }
    }

    /// <summary>"192.0.2.1:3260,1", "[2001:db8::1]", and the like (RFC 7143, 13.8). A name is none.</summary>
    private static bool TryParseAddress(ReadOnlySpan<byte> value, out IPEndpoint portal)
    {
        Span<char> room = stackalloc char[80];
        TextBuilder text = new(room);
        int comma = value.IndexOf((byte)',');
        text.AppendFormatted(comma < 0 ? value : value.Slice(0, comma));
        ReadOnlySpan<char> address = text.Written;
        bool isBracketed = address.Length > 2 && address[0] == '[' && address[address.Length - 1] == ']';
        if (IPEndpoint.TryParse(address, out portal))
        {
            return true;
        }

        bool isAddress = IPAddress.TryParse(isBracketed ? address.Slice(1, address.Length - 2) : address, out IPAddress host);
        portal = new IPEndpoint(host, IscsiPdu.Port);
        return isAddress;
    }

    private void OnDataIn(IscsiPdu pdu)
    {
        if (_isData && (pdu.Flags & IscsiPdu.HasStatus) != 0)
        {
            _isData = false;
            Answered(pdu);
        }
    }

    private void OnResponse(IscsiPdu pdu)
    {
        if (pdu.Tag == _abortedTag)
        {
            return; // It crossed our abort.
        }

        if (!_isActive || _isQueued || pdu.Tag != _tag)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target answers another command");
            return;
        }

        if (pdu.Reason != 0)
        {
            Lose(EFI_STATUS.EFI_DEVICE_ERROR, "the target could not do a command (target failure)");
            return;
        }

        ReadOnlySpan<byte> text = new(_text, 0, _textLength);
        if (pdu.Status == ScsiCommand.CheckCondition && text.Length > 2)
        {
            Sense = new ScsiSense(text.Slice(2, Math.Min(BinaryPrimitives.ReadUInt16BigEndian(text), text.Length - 2)));
        }

        Answered(pdu);
    }

    private void Answered(IscsiPdu pdu)
    {
        Status = pdu.Opcode == IscsiPdu.Response || (pdu.Flags & IscsiPdu.HasStatus) != 0 ? pdu.Status : (byte)0;
        bool isAll = _isWrite ? _sendAt == _length : _received == _length;
        IsExact = isAll && (pdu.Flags & (IscsiPdu.Overflow | IscsiPdu.Underflow)) == 0;
        End(IscsiOutcome.Answered);
    }

    private void End(IscsiOutcome outcome)
    {
        Outcome = outcome;
        _isActive = false;
        _isQueued = false;
        _isAbortDue = false;
        _sendEnd = _sendAt;
    }

    private void OnReadyToTransfer(IscsiPdu pdu)
    {
        if (pdu.Tag == _abortedTag)
        {
            return;
        }

        if (!_isActive || _isQueued || pdu.Tag != _tag || !_isWrite)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target asks for data of another command");
        }
        else if (pdu.BufferOffset > _length || pdu.DesiredLength == 0 || pdu.DesiredLength > _length - pdu.BufferOffset)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target asks for data beyond the transfer");
        }
        else if (pdu.BufferOffset != _sendEnd || _sendAt != _sendEnd)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target asks for data out of order");
        }
        else if (pdu.DesiredLength > _agreement.Burst)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target asks for more data at once than was agreed on");
        }
        else if (!_isAborting)
        {
            _progressAt = _network.Now;
            _sendEnd = pdu.BufferOffset + pdu.DesiredLength;
            _sendTag = pdu.TransferTag;
            _dataNumber = 0;
        }
    }

    private void OnNop(IscsiPdu pdu)
    {
        if (pdu.TransferTag != IscsiPdu.NoTag && _nops < MaximumNops)
        {
            _nopTags[_nops] = pdu.TransferTag;
            _nopLuns[_nops] = pdu.Lun;
            _nops++;
        }
    }

    private void OnTaskResponse(IscsiPdu pdu)
    {
        if (!_isTaskPending || pdu.Tag != _taskTag)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target answers a task request that was not sent");
            return;
        }

        _isTaskPending = false;
        if (!_isActive || !_isAborting)
        {
            return; // The command's own answer was first.
        }

        if (pdu.Reason > 1) // RFC 7143, 11.6.1: neither complete nor unknown.
        {
            Lose(EFI_STATUS.EFI_TIMEOUT, "the target does not end a command that takes too long");
            return;
        }

        _failure.Set(EFI_STATUS.EFI_TIMEOUT, Path, "a command took too long");
        _abortedTag = _tag;
        End(IscsiOutcome.Aborted);
    }

    private void OnAsynchronous(IscsiPdu pdu)
    {
        switch (pdu.AsyncEvent)
        {
            case 1:
                Lose(EFI_STATUS.EFI_END_OF_FILE, "the target asks us to log out");
                break;
            case 2:
            case 3:
                Lose(EFI_STATUS.EFI_END_OF_FILE, "the target ends the session");
                break;
            case 4:
                Lose(EFI_STATUS.EFI_END_OF_FILE, "the target wants to negotiate again");
                break;
        }
    }

    private void OnReject(IscsiPdu pdu) =>
        Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target rejects what we sent: ", IscsiReasons.Reject(pdu.Reason));

    /// <summary>Sends what is to be sent, as long as there is room.</summary>
    private void Pump()
    {
        while (State is IscsiState.Ready or IscsiState.Leaving && Flush())
        {
            if (_nops > 0)
            {
                _nops--;
                Send(IscsiPdu.NopOut | IscsiPdu.Immediate, IscsiPdu.Final, _nopLuns[_nops], IscsiPdu.NoTag, _nopTags[_nops], _commandNumber);
            }
            else if (_isPingDue)
            {
                _isPingDue = false;
                Send(IscsiPdu.NopOut | IscsiPdu.Immediate, IscsiPdu.Final, Path.Lun, NewTag(), IscsiPdu.NoTag, _commandNumber);
            }
            else if (_isAbortDue)
            {
                _isAbortDue = false;
                _sendEnd = _sendAt;
                _taskTag = NewTag();
                _isTaskPending = true;
                IscsiPdu.Write(
                    _out, IscsiPdu.TaskRequest | IscsiPdu.Immediate, IscsiPdu.Final | IscsiPdu.AbortTask, 0, _lun, _taskTag, _tag, _commandNumber, _expectedStatus);
                IscsiPdu.WriteTask(_out, _number);
                Finish(0, 0);
            }
            else if (_isLogoutDue)
            {
                _isLogoutDue = false;
                Send(IscsiPdu.LogoutRequest | IscsiPdu.Immediate, IscsiPdu.Final, 0, NewTag(), 0, _commandNumber);
            }
            else if (_isQueued && !IsAfter(_commandNumber, _maximumCommand))
            {
                SendCommand();
            }
            else if (_isActive && !_isQueued && _sendAt < _sendEnd)
            {
                SendData();
            }
            else
            {
                break;
            }
        }
    }

    private void SendCommand()
    {
        uint immediate = _isWrite && _agreement.HasImmediateData
            ? Math.Min(_length, Math.Min(_agreement.Segment, Math.Min(_agreement.FirstBurst, _agreement.Burst)))
            : 0;
        uint unasked = _isWrite && !_agreement.IsInitialR2T ? Math.Min(_length, Math.Min(_agreement.FirstBurst, _agreement.Burst)) : immediate;
        byte flags = (byte)(IscsiPdu.SimpleTask | (unasked > immediate ? 0 : IscsiPdu.Final) |
            (_length == 0 ? 0 : _isWrite ? IscsiPdu.Writes : IscsiPdu.Reads));
        _isQueued = false;
        _number = _commandNumber++;
        IscsiPdu.Write(_out, IscsiPdu.Command, flags, (int)immediate, _lun, _tag, 0, _number, _expectedStatus);
        IscsiPdu.WriteCommand(_out, _length, _block);
        _sendAt = immediate;
        _sendEnd = unasked;
        _sendTag = IscsiPdu.NoTag;
        _dataNumber = 0;
        _progressAt = _now;
        Finish(0, immediate);
    }

    private void SendData()
    {
        uint length = Math.Min(_sendEnd - _sendAt, _agreement.Segment);
        bool isLast = _sendAt + length == _sendEnd;
        IscsiPdu.Write(_out, IscsiPdu.DataOut, isLast ? IscsiPdu.Final : (byte)0, (int)length, _lun, _tag, _sendTag, 0, _expectedStatus);
        IscsiPdu.WriteData(_out, _dataNumber++, _sendAt);
        uint offset = _sendAt;
        _sendAt += length;
        _progressAt = _now;
        Finish(offset, length);
    }

    private void Send(byte opcode, byte flags, ulong lun, uint tag, uint transferTag, uint commandNumber)
    {
        IscsiPdu.Write(_out, opcode, flags, 0, lun, tag, transferTag, commandNumber, _expectedStatus);
        Finish(0, 0);
    }

    /// <summary>Adds digests and the command's data to the header that was written.</summary>
    private void Finish(uint offset, uint length)
    {
        _outAt = 0;
        _outEnd = IscsiPdu.HeaderSize;
        if (_agreement.HasHeaderDigest)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(
                new Span<byte>(_out, _outEnd, Crc32C.Size), Crc32C.Add(0, new ReadOnlySpan<byte>(_out, 0, IscsiPdu.HeaderSize)));
            _outEnd += Crc32C.Size;
        }

        _bodyAt = offset;
        _bodyEnd = offset + length;
        _tailAt = 0;
        _tailEnd = IscsiPdu.Padding((int)length);
        new Span<byte>(_tail).Clear();
        if (_agreement.HasDataDigest && length > 0)
        {
            uint crc = Crc32C.Add(Crc32C.Add(0, Data(offset, length)), new ReadOnlySpan<byte>(_tail, 0, _tailEnd));
            BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(_tail, _tailEnd, Crc32C.Size), crc);
            _tailEnd += Crc32C.Size;
        }
    }

    /// <returns>True when nothing of what was begun is left.</returns>
    private bool Flush()
    {
        while (_outAt < _outEnd)
        {
            int taken = _stream.Send(new ReadOnlySpan<byte>(_out, _outAt, _outEnd - _outAt));
            _outAt += taken;
            if (taken == 0)
            {
                return false;
            }
        }

        while (_bodyAt < _bodyEnd)
        {
            uint taken = (uint)_stream.Send(Data(_bodyAt, _bodyEnd - _bodyAt));
            _bodyAt += taken;
            if (taken == 0)
            {
                return false;
            }
        }

        while (_tailAt < _tailEnd)
        {
            int taken = _stream.Send(new ReadOnlySpan<byte>(_tail, _tailAt, _tailEnd - _tailAt));
            _tailAt += taken;
            if (taken == 0)
            {
                return false;
            }
        }

        return IsOutEmpty;
    }
}
