using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>
/// The login of a session (RFC 7143, 6.3): security, with CHAP or without, and then what holds for full feature phase. It writes the PDUs and reads
/// the answers, and is told nothing of how they go.
/// </summary>
internal sealed class IscsiLogin : IDisposable
{
    /// <summary>Bytes of its longest PDU.</summary>
    public const int LongestPdu = IscsiPdu.HeaderSize + RoomSize;

    /// <summary>The number of a session's first command; logins do not count.</summary>
    public const uint FirstCommand = 1;

    private const int RoomSize = 4096;
    private const int MaximumSteps = 20;

    private readonly IscsiInitiator _initiator;
    private readonly IscsiPath _path;
    private readonly IscsiFailure _failure;
    private readonly IscsiChap _chap;
    private readonly byte[] _pdu;
    private readonly ulong _isid;
    private bool _isOperational; // Of the two stages.
    private int _steps;
    private int _chapSteps;
    private uint _tag;
    private uint _expectedStatus;

    /// <summary>What it needs is taken now, in the current arena.</summary>
    /// <param name="initiator">Who we are.</param>
    /// <param name="path">Where to.</param>
    /// <param name="qualifier">Tells sessions of one initiator apart.</param>
    /// <param name="random">For CHAP.</param>
    /// <param name="failure">Says why it failed.</param>
    /// <param name="pdu">Where its PDUs are written; of <see cref="LongestPdu"/> bytes at least.</param>
    public IscsiLogin(IscsiInitiator initiator, IscsiPath path, ushort qualifier, RandomSource random, IscsiFailure failure, byte[] pdu)
    {
        _initiator = initiator;
        _path = path;
        _failure = failure;
        _chap = new IscsiChap(initiator, path, random);
        _pdu = pdu;

        // RFC 7143, 11.12.5: T is 10b, "random", and so are the three bytes behind.
        _isid = (0x80UL << 40) | ((ulong)(random.Next32() & 0xFFFFFF) << 16) | qualifier;
    }

    /// <summary>What was agreed on.</summary>
    public IscsiAgreement Agreement { get; } = new();

    /// <summary>The portal's group of the target.</summary>
    public ushort PortalGroup { get; private set; }

    /// <summary>Where the target has moved to.</summary>
    public IPEndpoint Portal { get; private set; }

    /// <summary>The target's text goes on in its next PDU.</summary>
    public bool IsTextContinued { get; private set; }

    /// <summary>Bytes of the PDU that is to be sent.</summary>
    public int Length { get; private set; }

    private Span<byte> Room => new(_pdu, IscsiPdu.HeaderSize, RoomSize);

    /// <summary>Forgets all that was, for a new connection.</summary>
    /// <param name="tag">Of all its requests.</param>
    public void Reset(uint tag)
    {
        Agreement.Reset();
        _isOperational = false;
        _steps = 0;
        _chapSteps = 0;
        _tag = tag;
        _expectedStatus = 0;
        IsTextContinued = false;
    }

    /// <summary>Says who we are, and what we want.</summary>
    public IscsiLoginResult Begin()
    {
        if (_chap.IsMutual && !_chap.IsPossible)
        {
            return Fail(EFI_STATUS.EFI_ACCESS_DENIED, "reverse-username needs a username too (mutual CHAP)");
        }

        if (!_chap.IsMutual && !string.IsNullOrEmpty(_initiator.ReversePassword))
        {
            return Fail(EFI_STATUS.EFI_ACCESS_DENIED, "reverse-password needs a reverse-username too (mutual CHAP)");
        }

        IscsiTextWriter text = new(Room);
        text.Add("InitiatorName"u8, _initiator.Name);
        text.Add("TargetName"u8, _path.Target);
        text.Add("SessionType"u8, "Normal"u8);
        text.Add("AuthMethod"u8, !_chap.IsPossible ? "None"u8 : _chap.IsMutual ? "CHAP"u8 : "CHAP,None"u8);
        return Send(text, !_chap.IsPossible);
    }

    /// <summary>Takes an answer of the target's.</summary>
    /// <param name="pdu">A login response.</param>
    /// <param name="text">Its text, with that of those before which it continues.</param>
    /// <param name="isCut">The text was longer.</param>
    /// <param name="expectedStatus">The next status number of the target's.</param>
    public IscsiLoginResult Take(IscsiPdu pdu, ReadOnlySpan<byte> text, bool isCut, uint expectedStatus)
    {
        _expectedStatus = expectedStatus;
        if (pdu.StatusClass == 1)
        {
            return Redirect(pdu, text);
        }

        if (pdu.StatusClass != 0)
        {
            return Refuse(pdu);
        }

        if (pdu.Tag != _tag || pdu.CurrentStage != (_isOperational ? 1 : 0))
        {
            return Fail(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target answers another step of the login");
        }

        if (isCut)
        {
            return Fail(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target's text in the login is too long");
        }

        IsTextContinued = (pdu.Flags & IscsiPdu.Continues) != 0;
        IscsiTextWriter answer = new(Room);
        return IsTextContinued ? Send(answer, false) : _isOperational ? OnOperational(pdu, text, answer) : OnSecurity(pdu, text, answer);
    }

    public void Dispose() => _chap.Dispose();

    private IscsiLoginResult Refuse(IscsiPdu pdu)
    {
        TextBuilder text = _failure.Begin(_path);
        text.Append("login refused: ");
        text.Append(IscsiReasons.Login(pdu.StatusClass, pdu.StatusDetail));
        text.Append(" (status ");
        text.AppendFormatted((uint)pdu.StatusClass, "x2");
        text.AppendFormatted((uint)pdu.StatusDetail, "x2");
        text.Append(")");
        if (pdu is { StatusClass: 2, StatusDetail: 1 })
        {
            text.Append(_path.User is null ? "; no username is set"
                : _initiator.Hashes is null ? "; CHAP is not there"
                : string.IsNullOrEmpty(_path.Password) ? "; no password is set"
                : "; username or password is wrong");
            text.Append(_chap is { IsMutual: true, IsPossible: true } ? ", or the target has no account to prove itself (reverse-username, reverse-password)" : "");
        }

        _failure.End(pdu.StatusClass == 2 ? pdu.StatusDetail == 3 ? EFI_STATUS.EFI_NOT_FOUND : EFI_STATUS.EFI_ACCESS_DENIED : EFI_STATUS.EFI_NOT_READY, text);
        return IscsiLoginResult.Failed;
    }

    private IscsiLoginResult OnSecurity(IscsiPdu pdu, ReadOnlySpan<byte> text, IscsiTextWriter answer)
    {
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
            return Fail(EFI_STATUS.EFI_ACCESS_DENIED, "the target wants another authentication than CHAP or none",
                _path.User is null ? "; no username is set" : "");
        }

        string? wrong = null;
        if (isChap && _chapSteps == 0 && !isLast)
        {
            _chapSteps = 1;
            answer.Add("CHAP_A"u8, IscsiChap.Algorithms);
            return Send(answer, false);
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
            return Fail(EFI_STATUS.EFI_ACCESS_DENIED, wrong);
        }

        if (!isLast)
        {
            return Send(answer, true);
        }

        if (pdu.NextStage != 1)
        {
            return Fail(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target goes on to another stage of the login than it was asked to");
        }

        _isOperational = true;
        answer = new IscsiTextWriter(Room);
        IscsiAgreement.Offer(ref answer);
        return Send(answer, true);
    }

    private IscsiLoginResult OnOperational(IscsiPdu pdu, ReadOnlySpan<byte> text, IscsiTextWriter answer)
    {
        while (IscsiText.TryRead(ref text, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("TargetPortalGroupTag"u8) && IscsiText.TryReadNumber(value, out ulong group))
            {
                PortalGroup = (ushort)group;
            }

            if (!Agreement.Take(key, value, ref answer))
            {
                TextBuilder reason = _failure.Begin(_path);
                reason.Append("the target answers what was not offered: ");
                reason.AppendFormatted(key);
                reason.Append("=");
                reason.AppendFormatted(value.Slice(0, Math.Min(value.Length, 40)));
                _failure.End(EFI_STATUS.EFI_PROTOCOL_ERROR, reason);
                return IscsiLoginResult.Failed;
            }
        }

        if (!text.IsEmpty)
        {
            return Fail(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target's text in the login has no keys");
        }

        if ((pdu.Flags & IscsiPdu.Final) == 0)
        {
            return Send(answer, true);
        }

        if (pdu.NextStage != 3)
        {
            return Fail(EFI_STATUS.EFI_PROTOCOL_ERROR, "the target goes on to another stage of the login than it was asked to");
        }

        return IscsiLoginResult.Done;
    }

    private IscsiLoginResult Redirect(IscsiPdu pdu, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> where = default;
        while (IscsiText.TryRead(ref text, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value))
        {
            if (key.SequenceEqual("TargetAddress"u8))
            {
                where = value;
            }
        }

        if (TryParseAddress(where, out IPEndpoint portal))
        {
            Portal = portal;
            return IscsiLoginResult.Moved;
        }

        TextBuilder reason = _failure.Begin(_path);
        reason.Append(IscsiReasons.Login(pdu.StatusClass, pdu.StatusDetail));
        reason.Append(", but not to an address: ");
        reason.AppendFormatted(where.Slice(0, Math.Min(where.Length, 80)));
        _failure.End(EFI_STATUS.EFI_UNSUPPORTED, reason);
        return IscsiLoginResult.Failed;
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

    private IscsiLoginResult Fail(EFI_STATUS status, string what, string more = "")
    {
        _failure.Set(status, _path, what, more);
        return IscsiLoginResult.Failed;
    }

    /// <summary>Makes a PDU of what was written into <see cref="Room"/>.</summary>
    private IscsiLoginResult Send(IscsiTextWriter text, bool isLast)
    {
        if (text.IsCut)
        {
            return Fail(EFI_STATUS.EFI_BUFFER_TOO_SMALL, "names and passwords are too long for a login");
        }

        if (++_steps > MaximumSteps)
        {
            return Fail(EFI_STATUS.EFI_PROTOCOL_ERROR, "the login does not come to an end");
        }

        int stages = _isOperational ? isLast ? 0x07 : 0x04 : isLast ? 0x01 : 0;
        IscsiPdu.WriteLogin(
            _pdu, (byte)((isLast ? IscsiPdu.Final : 0) | stages), text.Length, _isid, _tag, FirstCommand, _expectedStatus);
        int padding = IscsiPdu.Padding(text.Length);
        Length = IscsiPdu.HeaderSize + text.Length + padding;
        new Span<byte>(_pdu, Length - padding, padding).Clear();
        return IscsiLoginResult.Goes;
    }
}
