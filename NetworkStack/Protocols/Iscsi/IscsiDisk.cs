using System;
using System.Buffers.Binary;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>
/// A disk of an iSCSI target, by one path or by several of which one is used at a time. A request is begun, and goes on in the turns of the network
/// (<see cref="Network.Poll"/>) until it is not busy any more: lost connections are made again, other paths tried, passing conditions waited for. All memory but TCP's is
/// taken when it is made. A read is exact, or fails.
/// </summary>
public sealed unsafe class IscsiDisk : SanDevice, INetworkTask
{
    /// <summary>Bytes of a command at most; longer requests are several.</summary>
    private const uint MaximumTransfer = 1024 * 1024;
    private const uint MaximumBlockSize = 64 * 1024;

    // How often one request is tried again for each reason.
    private const int MaximumAttentions = 16;
    private const int MaximumWaits = 60;
    private const int MaximumAborts = 3;

    /// <summary>Microseconds between tries of what is busy or becoming ready, and of paths that are lost.</summary>
    private const ulong Pause = 1_000_000;

    private readonly Network _network;
    private readonly EventLoop _loop;
    private readonly IscsiInitiator _initiator;
    private readonly IscsiSession[] _sessions;
    private readonly IscsiFailure _failure = new();
    private readonly Arena _scratch = Arena.Create();
    private readonly byte[] _identity = new byte[IscsiSession.AnswerSize];
    private int _identityLength = -1;
    private int _foreignType = -1; // Of a unit that is no disk.
    private int _current;
    private Step _step;
    private bool _isOpening;
    private int _paths;
    private int _attentions;
    private int _waits;
    private int _aborts;
    private ulong _notBefore;
    private bool _isReadOnly;
    private bool _isSent; // The step's command is under way, or answered.

    private Request _request;
    private byte* _data;
    private ulong _lba;
    private ulong _left;

    private IscsiDisk(Network network, EventLoop loop, IscsiInitiator initiator, ReadOnlySpan<IscsiPath> paths)
    {
        _network = network;
        _loop = loop;
        _initiator = initiator;
        _sessions = new IscsiSession[paths.Length];
        for (int i = 0; i < paths.Length; i++)
        {
            _sessions[i] = new IscsiSession(network, initiator, paths[i], (ushort)(i + 1), _failure);
        }
    }

    private enum Request
    {
        None,
        Open,
        Read,
        Write,
        Flush,
    }

    /// <summary>What is asked of a disk before it is used, in this order, each time that its session is new.</summary>
    private enum Step
    {
        Ready,
        Inquiry,
        Identity,
        Capacity,
        LongCapacity,
        Protection,
        Transfer,

        /// <summary>Which units there are, when it is not there itself.</summary>
        Luns,
    }

    INetworkTask? INetworkTask.Next { get; set; }

    /// <inheritdoc/>
    public override bool IsReadOnly => _isReadOnly;

    /// <summary>It is a CD or DVD.</summary>
    public bool IsOptical { get; private set; }

    /// <summary>The path that is used.</summary>
    public IscsiPath Path => _sessions[_current].Path;

    /// <summary>The path's group of portals, for a device path.</summary>
    public ushort PortalGroup => _sessions[_current].PortalGroup;

    /// <summary>Digests that were agreed on: bit 0 for headers, bit 1 for data.</summary>
    public int Digests => _sessions[_current].Digests;

    /// <summary>Who we are.</summary>
    public IscsiInitiator Initiator => _initiator;

    /// <summary>A request is under way; its memory is in use.</summary>
    public bool IsBusy => _request != Request.None;

    /// <summary>How the last request ended.</summary>
    public EFI_STATUS Status { get; private set; }

    /// <summary>Why the last request failed; or, while it goes on, why a path was lost last.</summary>
    public override ReadOnlySpan<char> Failure => _failure.Text;

    /// <summary>Sessions that were lost, ever.</summary>
    public uint Losses { get; private set; }

    /// <summary>Connects, and asks what disk it is; returns when it can be used.</summary>
    /// <param name="network">Where from.</param>
    /// <param name="loop">Turns meanwhile, and in <see cref="Read"/>, <see cref="Write"/> and <see cref="Flush"/>.</param>
    /// <param name="initiator">Who we are; lives as long as the disk, as the paths do.</param>
    /// <param name="paths">At least one; the first that works is used.</param>
    /// <param name="error">Why there is none.</param>
    /// <returns>In the current arena; whoever asks disposes it.</returns>
    public static IscsiDisk? Open(Network network, EventLoop loop, IscsiInitiator initiator, ReadOnlySpan<IscsiPath> paths, out Error? error)
    {
        IscsiDisk disk = new(network, loop, initiator, paths);
        network.Add(disk);
        disk._isOpening = true;
        disk.Start(Request.Open);
        disk.Wait();
        disk._isOpening = false;
        if (disk.Status == EFI_STATUS.EFI_SUCCESS)
        {
            error = null;
            return disk;
        }

        error = disk._failure.ToError();
        disk.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public override EFI_STATUS Read(ulong block, Span<byte> to)
    {
        fixed (byte* data = to)
        {
            EFI_STATUS status = Begin(false, block, (uint)(to.Length / BlockSize), data);
            return status.IsError ? status : WaitAlone();
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Write(ulong block, ReadOnlySpan<byte> from)
    {
        fixed (byte* data = from)
        {
            EFI_STATUS status = Begin(true, block, (uint)(from.Length / BlockSize), data);
            return status.IsError ? status : WaitAlone();
        }
    }

    /// <inheritdoc/>
    public override EFI_STATUS Flush()
    {
        EFI_STATUS status = BeginFlush();
        return status.IsError ? status : WaitAlone();
    }

    /// <inheritdoc/>
    public override bool Uses(NetworkInterface netif)
    {
        foreach (IscsiSession session in _sessions)
        {
            if (FindInterface(session.Path.Portal.Address) == netif || FindInterface(session.Portal.Address) == netif)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The interface that a way goes over; null where none leads there.</summary>
    public NetworkInterface? FindInterface(IscsiPath path) => FindInterface(path.Portal.Address);

    /// <summary>Begins to read or write blocks.</summary>
    /// <param name="isWrite">Or a read.</param>
    /// <param name="lba">The first.</param>
    /// <param name="count">How many; 0 is over at once.</param>
    /// <param name="data">As many bytes as the blocks have, in use until the disk is not busy any more.</param>
    /// <returns>Why it did not begin: EFI_NOT_READY while busy, EFI_INVALID_PARAMETER beyond the disk's end, EFI_WRITE_PROTECTED.</returns>
    public EFI_STATUS Begin(bool isWrite, ulong lba, ulong count, byte* data)
    {
        if (IsBusy)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        if (lba > BlockCount || count > BlockCount - lba)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (isWrite && IsReadOnly)
        {
            return EFI_STATUS.EFI_WRITE_PROTECTED;
        }

        _lba = lba;
        _left = count;
        _data = data;
        Status = EFI_STATUS.EFI_SUCCESS;
        if (count != 0)
        {
            Start(isWrite ? Request.Write : Request.Read);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Begins to have written what the target holds back (SYNCHRONIZE CACHE).</summary>
    /// <returns>EFI_NOT_READY while busy.</returns>
    public EFI_STATUS BeginFlush()
    {
        if (IsBusy)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        Start(Request.Flush);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Gives up what is under way; its memory is not used any more.</summary>
    public void Cancel()
    {
        if (IsBusy)
        {
            Status = EFI_STATUS.EFI_ABORTED;
            _request = Request.None;
            _sessions[_current].Close();
        }
    }

    /// <summary>Another way to it, by another root path, for who comes after us: the first that has not failed; null for none.</summary>
    public IscsiPath? FindOtherPath()
    {
        foreach (IscsiSession session in _sessions)
        {
            if (session.Path.Number != Path.Number && !session.IsDoubtful)
            {
                return session.Path;
            }
        }

        return null;
    }

    /// <summary>Logs out of the target, and waits a moment for its answer.</summary>
    public override void Leave()
    {
        Cancel();
        foreach (IscsiSession session in _sessions)
        {
            session.Leave(_loop.Now);
            while (session.State == IscsiState.Leaving && _loop.RunOnce())
            {
            }
        }
    }

    /// <summary>What the disk calls itself; empty where it does not.</summary>
    private ReadOnlySpan<byte> Identity => new(_identity, 0, Math.Max(_identityLength, 0));

    /// <inheritdoc/>
    public override bool IsSameAs(SanDevice other) => other is IscsiDisk disk && Identity.SequenceEqual(disk.Identity) && BlockCount == disk.BlockCount &&
        (IsWorldWide(Identity) || (Path.Lun == disk.Path.Lun && Path.Target == disk.Path.Target));

    /// <inheritdoc/>
    public override void Abandon()
    {
        base.Abandon();
        _network.Remove(this);
        _request = Request.None;
        foreach (IscsiSession session in _sessions)
        {
            session.Close();
        }
    }

    /// <inheritdoc/>
    public override void AppendTo(DevicePathBuilder path)
    {
        IscsiPath used = Path;
        IPEndpoint portal = used.Portal;
        bool isIPv6 = portal.Address.Family == AddressFamily.IPv6;
        int size = isIPv6 ? IPAddress.IPv6Size : sizeof(uint);
        Span<byte> node = stackalloc byte[isIPv6 ? 56 : 23]; // UEFI 2.10, 10.3.4.11 and 10.3.4.12
        node.Clear();
        if (_network.TryFlow(portal.Address, out Flow flow))
        {
            PutAddress(node, flow.Source);
        }

        PutAddress(node.Slice(size), portal.Address);
        BinaryPrimitives.WriteUInt16LittleEndian(node.Slice(2 * size + 2), portal.Port);
        BinaryPrimitives.WriteUInt16LittleEndian(node.Slice(2 * size + 4), (ushort)IPProtocol.Tcp);
        path.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, isIPv6 ? IPv6_DEVICE_PATH.MSG_IPv6_DP : IPv4_DEVICE_PATH.MSG_IPv4_DP, node);
        int options = ((Digests & 1) * ISCSI_DEVICE_PATH.HEADER_DIGEST_CRC32C) | ((Digests >> 1) * ISCSI_DEVICE_PATH.DATA_DIGEST_CRC32C) |
            (used.User is null ? ISCSI_DEVICE_PATH.AUTHMETHOD_NONE : _initiator.ReverseUser is null ? ISCSI_DEVICE_PATH.CHAP_UNI : 0);
        path.Iscsi(used.Target, PortalGroup, used.Lun, (ushort)options);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _network.Remove(this);
        _request = Request.None;
        foreach (IscsiSession session in _sessions)
        {
            session.Dispose();
        }

        _scratch.Dispose();
    }

    void INetworkTask.OnTurn(ulong now)
    {
        foreach (IscsiSession session in _sessions)
        {
            session.OnTurn(now);
        }

        if (IsBusy)
        {
            GoOn(now);
        }
    }

    private NetworkInterface? FindInterface(IPAddress address) => _network.TryFlow(address, out Flow flow) ? flow.Interface : null;

    private static void PutAddress(Span<byte> node, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[IPAddress.IPv6Size];
        address.CopyTo(bytes);
        bytes.Slice(bytes.Length - address.Bits / 8).CopyTo(node);
    }

    /// <summary>As <see cref="Wait"/>, where no arena need be current.</summary>
    private EFI_STATUS WaitAlone()
    {
        using (_scratch.Enter())
        {
            Wait();
        }

        _scratch.Reset();
        return Status;
    }

    private EFI_STATUS Wait()
    {
        while (IsBusy)
        {
            if (!_loop.RunOnce())
            {
                Cancel();
                _failure.Set(Status, Path, "stopped by the user");
            }
        }

        return Status;
    }

    private void Start(Request request)
    {
        _request = request;
        _paths = 0;
        _attentions = 0;
        _waits = 0;
        _aborts = 0;
        _notBefore = 0;
        _isSent = false;
        _step = Step.Ready;
        Status = EFI_STATUS.EFI_NOT_READY;
        _foreignType = -1;
        _failure.Clear();
    }

    private void End(EFI_STATUS status)
    {
        Status = status;
        _request = Request.None;
        _isSent = false;
    }

    private void EndWith(EFI_STATUS status, string what)
    {
        _failure.Set(status, Path, what);
        End(status);
    }

    private void GoOn(ulong now)
    {
        IscsiSession session = _sessions[_current];
        switch (session.State)
        {
            case IscsiState.Ready when session.IsBusy:
                return;
            case IscsiState.Ready when _isSent:
                _isSent = false;
                OnOutcome(session, now);
                return;
            case IscsiState.Ready when now >= _notBefore:
                Send(session);
                return;
            case IscsiState.Closed when _isSent || session.IsAttempted:
                _isSent = false;
                OnLost(session, now);
                return;
            case IscsiState.Closed when now >= _notBefore:
                _step = Step.Ready;
                session.Open(now);
                return;
        }
    }

    private void OnLost(IscsiSession session, ulong now)
    {
        session.IsAttempted = false;
        session.IsDoubtful = true;
        Losses++;
        _paths++;
        if (_isOpening)
        {
            session.Path.OpeningFailure.Take(_failure);
        }

        bool isOver = _isOpening ? _paths >= _sessions.Length : _paths > (_initiator.Retries + 1) * _sessions.Length;
        if (isOver)
        {
            End(_failure.Status);
            return;
        }

        // The first round of paths is tried at once.
        _current = (_current + 1) % _sessions.Length;
        _notBefore = _paths <= _sessions.Length || _paths % _sessions.Length != 0 ? now : now + Pause;
    }

    private void Send(IscsiSession session)
    {
        Span<byte> block = stackalloc byte[ScsiCommand.Size];
        _isSent = true;
        if (session.IsVerified)
        {
            _step = Step.Transfer;
        }
        else if (_step == Step.Transfer)
        {
            _step = Step.Ready; // It was verified before.
        }

        switch (_step)
        {
            case Step.Ready:
                ScsiCommand.Write(block, ScsiCommand.TestUnitReady);
                session.Begin(block, null, 0, false);
                break;
            case Step.Inquiry:
                ScsiCommand.WriteInquiry(block, null, 36);
                session.Begin(block, null, 36, false);
                break;
            case Step.Identity:
                ScsiCommand.WriteInquiry(block, 0x83, IscsiSession.AnswerSize);
                session.Begin(block, null, IscsiSession.AnswerSize, false);
                break;
            case Step.Capacity:
                ScsiCommand.Write(block, ScsiCommand.ReadCapacity10);
                session.Begin(block, null, 8, false);
                break;
            case Step.LongCapacity:
                ScsiCommand.WriteReadCapacity16(block, 32);
                session.Begin(block, null, 32, false);
                break;
            case Step.Luns:
                ScsiCommand.WriteReportLuns(block, IscsiSession.AnswerSize);
                session.Begin(block, null, IscsiSession.AnswerSize, false, 0);
                break;
            case Step.Protection:
                ScsiCommand.WriteModeSense(block, 192);
                session.Begin(block, null, 192, false);
                break;
            default:
                if (_request == Request.Flush)
                {
                    ScsiCommand.Write(block, ScsiCommand.SynchronizeCache10);
                    session.Begin(block, null, 0, false);
                    break;
                }

                uint count = Chunk;
                ScsiCommand.WriteTransfer(block, _request == Request.Write, _lba, count);
                session.Begin(block, _data, count * (uint)BlockSize, _request == Request.Write);
                break;
        }
    }

    /// <summary>Blocks of the next command.</summary>
    private uint Chunk => (uint)Math.Min(_left, MaximumTransfer / (uint)BlockSize);

    private void OnOutcome(IscsiSession session, ulong now)
    {
        if (session.Outcome == IscsiOutcome.Aborted)
        {
            if (++_aborts > MaximumAborts)
            {
                End(_failure.Status);
            }

            return; // Sent again.
        }

        if (session.Status == ScsiCommand.Good)
        {
            OnGood(session);
            return;
        }

        if (session.Status == ScsiCommand.CheckCondition)
        {
            OnSense(session, now);
            return;
        }

        bool isPassing = session.Status is ScsiCommand.Busy or ScsiCommand.TaskSetFull or ScsiCommand.TaskAborted;
        if (!isPassing || ++_waits > MaximumWaits)
        {
            TextBuilder text = _failure.Begin(Path);
            Begin(ref text);
            text.Append(ScsiCommand.Describe(session.Status));
            text.Append(" (status ");
            text.AppendFormatted((uint)session.Status, "x2");
            text.Append(")");
            EFI_STATUS status = session.Status == ScsiCommand.ReservationConflict ? EFI_STATUS.EFI_ACCESS_DENIED : EFI_STATUS.EFI_DEVICE_ERROR;
            _failure.End(status, text);
            End(status);
            return;
        }

        _notBefore = now + Pause;
    }

    private void OnSense(IscsiSession session, ulong now)
    {
        if (_step == Step.Luns)
        {
            OnNoLun(default);
            return;
        }

        ScsiSense sense = session.Sense;
        bool isOptional = _step is Step.Identity or Step.Protection || (_step == Step.Transfer && _request == Request.Flush);
        switch (sense.Key)
        {
            case ScsiSense.UnitAttention when ++_attentions <= MaximumAttentions:
                session.IsVerified = false; // It may be another medium, or of another size.
                return;
            case ScsiSense.NotReady when sense.Code is not 0x3A00 and not 0x3A01 and not 0x3A02 && ++_waits <= MaximumWaits:
                _notBefore = now + Pause;
                return;
            case ScsiSense.AbortedCommand when ++_aborts <= MaximumAborts:
                return;
            case ScsiSense.RecoveredError when !sense.IsDeferred:
                OnGood(session);
                return;
            case ScsiSense.IllegalRequest when isOptional:
                OnOptional(session, default);
                return;
        }

        if (sense is { Key: ScsiSense.IllegalRequest, Code: 0x2500 })
        {
            _step = Step.Luns;
            session.IsVerified = false;
            return;
        }

        TextBuilder text = _failure.Begin(Path);
        Begin(ref text);
        text.Append(sense.KeyName);
        if (sense.CodeName.Length > 0)
        {
            text.Append(", ");
            text.Append(sense.CodeName);
        }

        text.Append(" (sense ");
        text.AppendFormatted((uint)sense.Key, "x");
        text.Append("/");
        text.AppendFormatted((uint)sense.Code >> 8, "x2");
        text.Append("/");
        text.AppendFormatted((uint)sense.Code & 0xFF, "x2");
        text.Append(")");
        EFI_STATUS status = sense.Key == ScsiSense.DataProtect ? EFI_STATUS.EFI_WRITE_PROTECTED
            : sense.Code >> 8 == 0x3A ? EFI_STATUS.EFI_NO_MEDIA
            : EFI_STATUS.EFI_DEVICE_ERROR;
        _failure.End(status, text);
        End(status);
    }

    private void OnGood(IscsiSession session)
    {
        ReadOnlySpan<byte> answer = session.Answer;
        switch (_step)
        {
            case Step.Ready:
                _step = Step.Inquiry;
                break;
            case Step.Inquiry:
                OnInquiry(answer);
                break;
            case Step.Identity:
            case Step.Protection:
                OnOptional(session, answer);
                break;
            case Step.Luns:
                OnNoLun(answer);
                break;
            case Step.Capacity:
            case Step.LongCapacity:
                OnCapacity(answer);
                break;
            default:
                OnTransferred(session);
                break;
        }
    }

    /// <summary>SPC-4, 6.4.2: peripheral qualifier and device type.</summary>
    private void OnInquiry(ReadOnlySpan<byte> answer)
    {
        int kind = answer.IsEmpty ? -1 : answer[0];
        if (kind >= 0 && kind >> 5 != 0)
        {
            _step = Step.Luns;
        }
        else if (kind >= 0 && (kind & 31) is not (0 or 5 or 7 or 14))
        {
            _foreignType = kind & 31;
            _step = Step.Luns;
        }
        else if (kind < 0)
        {
            EndWith(EFI_STATUS.EFI_PROTOCOL_ERROR, "the answer to INQUIRY is empty");
        }
        else
        {
            IsOptical = (kind & 31) == 5;
            _step = Step.Identity;
        }
    }

    /// <summary>An answer, or none where the disk does not know the question.</summary>
    private void OnOptional(IscsiSession session, ReadOnlySpan<byte> answer)
    {
        if (_step == Step.Transfer)
        {
            End(EFI_STATUS.EFI_SUCCESS); // There is no cache.
            return;
        }

        if (_step == Step.Protection)
        {
            _isReadOnly = IsOptical || (answer.Length > 2 && (answer[2] & 0x80) != 0); // SBC-3, 6.4.1: WP
            session.IsVerified = true;
            session.IsDoubtful = false;
            if (_request == Request.Open)
            {
                End(EFI_STATUS.EFI_SUCCESS);
            }

            return;
        }

        Span<byte> identity = stackalloc byte[IscsiSession.AnswerSize];
        identity = identity.Slice(0, TakeIdentity(answer, identity));
        if (_identityLength < 0)
        {
            identity.CopyTo(_identity);
            _identityLength = identity.Length;
        }
        else if (!identity.SequenceEqual(Identity))
        {
            EndWith(EFI_STATUS.EFI_MEDIA_CHANGED, "it is another disk than before (its identification differs)");
            return;
        }

        _step = Step.Capacity;
    }

    /// <summary>Of the designators of a disk those that are its own: others are of the port or the target that was asked (SPC-4, 7.8.6).</summary>
    /// <param name="page">Device Identification, from its start; may be cut.</param>
    /// <param name="identity">Room for as much.</param>
    /// <returns>How much they are.</returns>
    private static int TakeIdentity(ReadOnlySpan<byte> page, Span<byte> identity)
    {
        const int Header = 4;
        const byte Association = 0x30;
        int length = 0;
        for (page = page.Length < Header ? default : page.Slice(Header); page.Length >= Header && page.Length - Header >= page[3];)
        {
            ReadOnlySpan<byte> designator = page.Slice(0, Header + page[3]);
            if ((designator[1] & Association) == 0)
            {
                designator.CopyTo(identity.Slice(length));
                length += designator.Length;
            }

            page = page.Slice(designator.Length);
        }

        return length;
    }

    /// <summary>
    /// Whether no other disk in the world calls itself so: by EUI-64, NAA or SCSI name (SPC-4, 7.8.6). Names that a vendor chooses may be each machine's,
    /// as Debian's tgt has them.
    /// </summary>
    /// <param name="identity">Whole designators.</param>
    private static bool IsWorldWide(ReadOnlySpan<byte> identity)
    {
        for (; !identity.IsEmpty; identity = identity.Slice(4 + identity[3]))
        {
            bool isLocal = identity[3] == 0 || identity[4] >> 4 == 3;
            if ((identity[1] & 15) is 2 or 8 || ((identity[1] & 15) == 3 && !isLocal))
            {
                return true;
            }
        }

        return false;
    }

    private void OnCapacity(ReadOnlySpan<byte> answer)
    {
        if (!ScsiCommand.TryReadCapacity(answer, _step == Step.LongCapacity, out ulong last, out uint size))
        {
            EndWith(EFI_STATUS.EFI_PROTOCOL_ERROR, "the answer to READ CAPACITY is too short");
            return;
        }

        if (_step == Step.Capacity && last == uint.MaxValue)
        {
            _step = Step.LongCapacity;
            return;
        }

        if (size < 512 || size > MaximumBlockSize || (size & (size - 1)) != 0 || last >= ulong.MaxValue / MaximumBlockSize)
        {
            TextBuilder text = _failure.Begin(Path);
            text.Append("the disk has ");
            text.AppendFormatted(last);
            text.Append("+1 blocks of ");
            text.AppendFormatted(size);
            text.Append(" bytes, which makes no sense");
            _failure.End(EFI_STATUS.EFI_UNSUPPORTED, text);
            End(EFI_STATUS.EFI_UNSUPPORTED);
            return;
        }

        if (BlockSize != 0 && (BlockSize != (int)size || BlockCount != last + 1))
        {
            EndWith(EFI_STATUS.EFI_MEDIA_CHANGED, "the disk has another size than before");
            return;
        }

        BlockSize = (int)size;
        BlockCount = last + 1;
        _step = Step.Protection;
    }

    private void OnTransferred(IscsiSession session)
    {
        if (_request == Request.Flush)
        {
            End(EFI_STATUS.EFI_SUCCESS);
            return;
        }

        if (!session.IsExact)
        {
            EndWith(EFI_STATUS.EFI_DEVICE_ERROR, _request == Request.Write ? "the target took less than was to be written" : "the target sent less than was to be read");
            return;
        }

        uint count = Chunk;
        _lba += count;
        _left -= count;
        _data += (ulong)count * (uint)BlockSize;
        _paths = 0;
        if (_left == 0)
        {
            End(EFI_STATUS.EFI_SUCCESS);
        }
    }

    /// <summary>Says that the unit is missing or no disk, and which there are: SPC-4, 6.33, a length of four bytes, four more, and eight for each.</summary>
    private void OnNoLun(ReadOnlySpan<byte> list)
    {
        TextBuilder text = _failure.Begin(Path);
        text.Append("LUN ");
        AppendLun(ref text, Path.Lun);
        text.Append(_foreignType < 0 ? " does not exist" : " is no disk (device type ");
        if (_foreignType >= 0)
        {
            text.AppendFormatted((uint)_foreignType);
        }

        for (int at = 8; at + 8 <= list.Length; at += 8)
        {
            text.Append(at > 8 ? ", " : _foreignType < 0 ? " (the target has " : "; the target has ");
            AppendLun(ref text, BinaryPrimitives.ReadUInt64BigEndian(list.Slice(at)));
        }

        text.Append(list.Length >= 16 || _foreignType >= 0 ? ")" : "");
        _failure.End(EFI_STATUS.EFI_NOT_FOUND, text);
        End(EFI_STATUS.EFI_NOT_FOUND);
    }

    /// <summary>As root paths have it.</summary>
    private static void AppendLun(ref TextBuilder text, ulong lun)
    {
        text.AppendFormatted(lun >> 48, "x");
        for (lun <<= 16; lun != 0; lun <<= 16)
        {
            text.Append("-");
            text.AppendFormatted(lun >> 48, "x4");
        }
    }

    /// <summary>What was done when it failed.</summary>
    private void Begin(ref TextBuilder text)
    {
        text.Append(_step != Step.Transfer ? "asking the disk: " : _request == Request.Flush ? "flush: " : _request == Request.Write ? "write of block " : "read of block ");
        if (_step == Step.Transfer && _request != Request.Flush)
        {
            text.AppendFormatted(_lba);
            text.Append(": ");
        }
    }
}
