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

    private const int MaximumRedirects = 5;
    private const int MaximumNops = 4;

    // Microseconds.
    private const ulong LoginTimeout = 15_000_000;
    private const ulong QuietTime = 5_000_000;
    private const ulong CommandTimeout = 30_000_000;
    private const ulong AbortTimeout = 10_000_000;
    private const ulong LogoutTimeout = 2_000_000;

    private readonly Network _network;
    private readonly IscsiFailure _failure;
    private readonly TcpStream _stream;
    private readonly IscsiPduReader _reader;
    private readonly IscsiLogin _login;
    private readonly Arena _scratch = Arena.Create();

    // What goes out: a header with what follows it, data of the command's, and padding with a digest.
    private readonly byte[] _out = new byte[IscsiLogin.LongestPdu];
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
    private uint _nextTag;
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
        _failure = failure;
        Path = path;
        _stream = new TcpStream(this);
        _reader = new IscsiPduReader(this);
        _login = new IscsiLogin(initiator, path, qualifier, network.Random, failure, _out);
        _nextTag = network.Random.Next32();
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

    /// <summary>It was lost, and has not been used since.</summary>
    public bool IsDoubtful { get; set; }

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
    public ushort PortalGroup => _login.PortalGroup;

    /// <summary>Digests that were agreed on: bit 0 for headers, bit 1 for data.</summary>
    public int Digests => (Agreement.HasHeaderDigest ? 1 : 0) | (Agreement.HasDataDigest ? 2 : 0);

    private IscsiAgreement Agreement => _login.Agreement;

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
            case IscsiState.Login when now - _openedAt > LoginTimeout:
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
        _login.Dispose();
        _scratch.Dispose();
    }

    public override void OnConnected()
    {
        _heardAt = _network.Now;
        State = IscsiState.Login;
        GoOn(_login.Begin());
    }

    public override void OnData(ReadOnlySpan<byte> data)
    {
        _heardAt = _network.Now;
        _hasAskedForLife = false;
        _reader.Read(data);
        if (_reader.Failure is string failure)
        {
            Lose(EFI_STATUS.EFI_PROTOCOL_ERROR, State == IscsiState.Login ? "who answers there does not speak iSCSI" : failure);
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
        if (!_login.IsTextContinued)
        {
            _textLength = 0;
            _isTextCut = false;
        }

        bool isLogin = State == IscsiState.Login;
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
                GoOn(_login.Take(pdu, new ReadOnlySpan<byte>(_text, 0, _textLength), _isTextCut, _expectedStatus));
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
        _login.Reset(NewTag());
        _textLength = 0;
        _isTextCut = false;
        _commandNumber = IscsiLogin.FirstCommand;
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

    private void GoOn(IscsiLoginResult result)
    {
        switch (result)
        {
            case IscsiLoginResult.Goes:
                _outAt = 0;
                _outEnd = _login.Length;
                Flush();
                break;
            case IscsiLoginResult.Done:
                State = IscsiState.Ready;
                _reader.HasHeaderDigest = Agreement.HasHeaderDigest;
                _reader.HasDataDigest = Agreement.HasDataDigest;
                _reader.MaximumData = IscsiAgreement.OwnSegment;
                break;
            case IscsiLoginResult.Moved when ++_redirects > MaximumRedirects:
                Lose(EFI_STATUS.EFI_NOT_FOUND, "the target moves again and again");
                break;
            case IscsiLoginResult.Moved:
                Close();
                _portal = _login.Portal;
                _isRedirected = true;
                break;
            default:
                Close();
                break;
        }
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
        else if (pdu.DesiredLength > Agreement.Burst)
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
        uint immediate = _isWrite && Agreement.HasImmediateData
            ? Math.Min(_length, Math.Min(Agreement.Segment, Math.Min(Agreement.FirstBurst, Agreement.Burst)))
            : 0;
        uint unasked = _isWrite && !Agreement.IsInitialR2T ? Math.Min(_length, Math.Min(Agreement.FirstBurst, Agreement.Burst)) : immediate;
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
        uint length = Math.Min(_sendEnd - _sendAt, Agreement.Segment);
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
        if (Agreement.HasHeaderDigest)
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
        if (Agreement.HasDataDigest && length > 0)
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
