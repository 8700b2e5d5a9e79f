using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>
/// The DHCPv4 client of an interface (RFC 2131) with PXE's extensions (RFC 4578, PXE 2.1). Once there is an address, it goes on beside
/// whatever the application does: it hears boot servers that answer separately, asks them, and renews the lease.
/// </summary>
/// <remarks>
/// States: wait for the link - DISCOVER, offers are collected - REQUEST, one is acknowledged - the interface is configured: bound - renewing -
/// rebinding. Beside the last three, if nothing has named a boot file: offers of boot servers are collected, and one that has shown itself
/// without naming a file is asked on port 4011. Whoever closes the interface stops the client; one that loses its lease to another
/// configuration stops by itself.
/// </remarks>
public sealed class DhcpClient : IUdpHandler, INetworkTask, IDisposable
{
    private const ushort ClientPort = 68;
    private const ushort ServerPort = 67;

    /// <summary>PXE 2.1, 2.2.3: where a boot server answers that cannot have port 67.</summary>
    private const ushort BootServerPort = 4011;
    private const ulong Second = 1_000_000;
    private const ulong FirstTimeout = Second;
    private const ulong LongestTimeout = 8 * Second;
    private const ulong BootServerFirstTimeout = Second / 2;

    /// <summary>After an offer without a boot file, others get at least this long.</summary>
    private const ulong ShortestOfferWait = Second / 2;

    /// <summary>A blocked port is not outwaited for longer: what says that it is may be forged.</summary>
    private const ulong LongestBlock = 180 * Second;

    /// <summary>How long servers have to answer once a port forwards.</summary>
    private const ulong TimeAfterBlock = 15 * Second;

    /// <summary>How long nobody has to have answered before a blocked port is worth to be told.</summary>
    private const ulong SuspiciousTime = 3 * Second;

    /// <summary>Requests for one offer before the search begins anew.</summary>
    private const int RequestsPerOffer = 3;

    /// <summary>RFC 2131, 3.1.5: after an address was declined.</summary>
    private const ulong PauseAfterDecline = 10 * Second;

    /// <summary>RFC 2131, 4.4.5: between two requests to renew.</summary>
    private const ulong ShortestRenewal = 60 * Second;

    private readonly Network _network;
    private readonly NetworkInterface _netif;
    private readonly byte[] _buffer = new byte[DhcpMessage.MaximumSize];
    private readonly byte[] _description = new byte[DhcpMessage.MaximumSize];
    private readonly byte[] _bootRequest = new byte[DhcpMessage.MaximumSize];
    private DhcpMessage _received = new();
    private DhcpMessage _offer = new();
    private DhcpMessage _proxy = new();
    private DhcpMessage _answer = new();
    private DhcpMessage _bootServer = new();
    private EventLoop? _loop;
    private UdpSocket? _socket;
    private BootServerDiscovery? _discovery;
    private DhcpLeaseTimes _times;
    private DhcpLease? _lease; // the interface's, as long as it is ours
    private State _state;
    private BootState _bootState;
    private Problem _problem;
    private Error? _applyError;
    private uint _transaction;
    private uint _bootTransaction;
    private int _descriptionLength;
    private int _bootRequestLength;
    private bool _wantsBootFile;
    private bool _isAnswered;
    private bool _isRefused;
    private bool _outwaitsSpanningTree;
    private bool _isBlocked; // by the switch's spanning tree
    private bool _isBlockTold;
    private IDhcpObserver? _observer;
    private bool _hasNews; // of a boot server, which are not in the lease yet
    private int _requests;
    private int _refusals;
    private int _declines;
    private ulong _linkTimeout;
    private ulong _timeoutForAll;
    private ulong _proxyTimeout;
    private ulong _probeTime;
    private ulong _bootServerTimeout;
    private ulong _startedAt;
    private ulong _offeredAt;
    private ulong _blockedAt;
    private ulong _failedAt;
    private ulong _requestedAt;
    private ulong _retryAt;
    private ulong _timeout;
    private ulong _bootRetryAt;
    private ulong _bootTimeout;
    private ulong _bootEndsAt;
    private IPv4Address _offerer;
    private IPv4Address _proxyServer;

    /// <summary>Makes an idle client, which lives as long as the current arena.</summary>
    /// <param name="network">With the interface in it.</param>
    /// <param name="netif">What it configures.</param>
    public DhcpClient(Network network, NetworkInterface netif)
    {
        _network = network;
        _netif = netif;
    }

    private enum State
    {
        Idle,
        WaitingForLink,
        Discovering,
        Requesting,

        /// <summary>The address is ours if no other station has it (RFC 5227, 2.1).</summary>
        Probing,

        /// <summary>RFC 2131, 3.1.5: after a refusal not at once again, or two machines in a loop flood the network.</summary>
        Pausing,
        Bound,
        Renewing,
        Rebinding,
    }

    private enum BootState
    {
        Settled,

        /// <summary>Offers of boot servers are collected.</summary>
        Collecting,

        /// <summary>One is asked on port 4011.</summary>
        Asking,
    }

    private enum Problem
    {
        None,
        NoLink,
        NoOffer,
        NoAcknowledgement,
        NotApplied,
        Closed,
    }

    /// <summary>There is no lease yet, and it is not given up.</summary>
    public bool IsSearching => _state is > State.Idle and < State.Bound;

    /// <summary>There is a lease of ours.</summary>
    public bool IsBound => _state >= State.Bound;

    /// <summary>What a boot server answered to the last <see cref="DiscoverBootServer(EventLoop, DhcpOptions, BootServerDiscovery)"/>; null when there was none since the interface was last configured.</summary>
    public DhcpMessage? BootServer => _bootServer.IsLoaded ? _bootServer : null;

    /// <summary>What <see cref="BootServer"/> was asked.</summary>
    public ReadOnlySpan<byte> BootServerRequest => _bootRequest.AsSpan(0, _bootRequestLength);

    /// <summary>No boot server is expected to say more than is in the lease.</summary>
    public bool IsSettled => _bootState == BootState.Settled && !_hasNews;

    /// <summary>Messages that were no DHCP, not for this client, or made no sense, and were dropped.</summary>
    public ulong Dropped { get; private set; }

    INetworkTask? INetworkTask.Next { get; set; }

    /// <summary>
    /// Begins to get a lease for an open interface, and to configure the interface with it: the rest is done while the loop turns, until it is not
    /// <see cref="IsSearching"/>. A failure leaves the interface as it was.
    /// </summary>
    /// <param name="loop">Lives as long as the client.</param>
    /// <param name="options">Needed during the call only.</param>
    public Error? Begin(EventLoop loop, DhcpOptions options)
    {
        Stop();
        if (!_netif.IsOpen)
        {
            return new Error(EFI_STATUS.EFI_NOT_STARTED, TextBuilder.Format($"DHCP on {_netif.Name}: the interface is not open"));
        }

        return Start(loop, options);
    }

    /// <summary>
    /// Keeps the lease that the interface has from somebody else, as from the firmware: it is renewed in time, as if it had begun now. One whose
    /// server or time is not known is left as it is.
    /// </summary>
    /// <param name="loop">Lives as long as the client.</param>
    /// <param name="options">What its owner said of itself. Needed during the call only.</param>
    public void Adopt(EventLoop loop, DhcpOptions options)
    {
        Stop();
        if (_netif.Lease is not DhcpLease lease || !_answer.TryLoad(lease.Ack.Packet) || _answer.ServerIdentifier.IsAny)
        {
            return;
        }

        _times = new DhcpLeaseTimes(_answer, loop.Now);
        if (_times.ExpiresAt == ulong.MaxValue || Start(loop, options) is not null)
        {
            return;
        }

        _proxy.TryLoad(lease.Proxy is null ? default : lease.Proxy.Packet);
        _offer.TryLoad(lease.Offer);
        _offerer = _answer.ServerIdentifier;
        _requestedAt = loop.Now;
        _isAnswered = _isRefused = false;
        _observer = null;
        _netif.IsSearching = false;
        _lease = lease;
        _state = State.Bound;
    }

    /// <summary>What has come of a search that is over: null for a lease, which is the interface's.</summary>
    /// <param name="options">Those that it began with.</param>
    public Error? Finish(DhcpOptions options)
    {
        Error? error = Explain(options);
        if (error is not null)
        {
            Stop();
        }

        return error;
    }

    /// <summary>Waits until no boot server is expected to say more than is in the lease. Not for a socket's handler.</summary>
    public Error? WaitForBootServer() => WaitForBootServer(_loop!);

    private Error? WaitForBootServer(EventLoop loop)
    {
        while (_bootState != BootState.Settled)
        {
            if (!loop.RunOnce())
            {
                return Stopped();
            }
        }

        return null;
    }

    /// <summary>
    /// Looks for the boot server of a type that is to be chosen from a boot menu (PXE 2.1, 2.2.3), in the ways that the lease's PXE options
    /// allow, and keeps its answer: <see cref="BootServer"/>.
    /// </summary>
    /// <param name="loop">Turns meanwhile.</param>
    /// <param name="options">What is said where the lease is not of this client's.</param>
    /// <param name="type">As in the menu.</param>
    public Error? DiscoverBootServer(EventLoop loop, DhcpOptions options, ushort type)
    {
        PxeOptions pxe = default;
        Error? error = _netif.Lease?.ReadPxe(out pxe);
        return error ?? DiscoverBootServer(loop, options, new BootServerDiscovery(type, pxe));
    }

    /// <summary>The same in the ways that somebody else says.</summary>
    public Error? DiscoverBootServer(EventLoop loop, DhcpOptions options, BootServerDiscovery discovery)
    {
        _bootServer.Clear();
        if (!_netif.IsConfigured)
        {
            return Failure(EFI_STATUS.EFI_NO_MAPPING, "there is no address to look for a boot server from");
        }

        bool isAlone = _socket is null;
        Error? error = isAlone ? OpenSocket(options) : WaitForBootServer(loop);
        if (error is null)
        {
            discovery.Begin(_network.Random.Next32(), loop.Now);
            error = Discover(loop, discovery);
            _discovery = null;
        }

        if (isAlone)
        {
            _socket?.Dispose();
            _socket = null;
        }

        return error;
    }

    /// <summary>A <see cref="DiscoverBootServer(EventLoop, DhcpOptions, BootServerDiscovery)"/> was left in the middle, for want of memory.</summary>
    public void AbandonDiscovery()
    {
        _discovery = null;
        if (_state == State.Idle)
        {
            _socket?.Dispose();
            _socket = null;
        }
    }

    /// <summary>Writes the DISCOVER that an exchange began with (RFC 2131, 4.4.1), for who wants to see it afterwards.</summary>
    /// <param name="buffer">At least <see cref="DhcpMessage.MaximumSize"/> bytes.</param>
    /// <param name="answer">A server's, of the same exchange.</param>
    /// <param name="options">What the client says of itself.</param>
    public static ReadOnlySpan<byte> WriteDiscover(Span<byte> buffer, DhcpMessage answer, DhcpOptions options)
    {
        DhcpWriter writer = new(buffer, answer.TransactionId, answer.MacAddress, 0, default, isBroadcast: true);
        writer.Option(DhcpTag.MessageType, (byte)DhcpMessageType.Discover);
        DhcpDescription.Write(ref writer, answer.MacAddress, options);
        return writer.Finish();
    }

    /// <summary>Ends what goes on; what the interface has stays.</summary>
    public void Stop()
    {
        if (_socket is null)
        {
            return;
        }

        _socket.Dispose();
        _socket = null;
        _network.Remove(this);
        _netif.IsSearching = false;
        _netif.Probe(default);
        _state = State.Idle;
        _bootState = BootState.Settled;
        _lease = null;
    }

    /// <summary>As <see cref="Stop"/>.</summary>
    public void Dispose() => Stop();

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
        DhcpMessage message = _received;
        if (!message.TryLoad(datagram.Payload) || !message.IsReply || message.MacAddress != _netif.Link.Address)
        {
            Dropped++;
            return;
        }

        DhcpMessageType type = message.Type;
        IPv4Address server = message.ServerIdentifier.IsAny ? datagram.Source.Address.IPv4 : message.ServerIdentifier;
        bool isRenewal = _state is State.Renewing or State.Rebinding;
        bool hearsOffers = _state is State.Discovering or State.Requesting || _bootState == BootState.Collecting;
        bool isAnswer = type is DhcpMessageType.Ack or DhcpMessageType.Offer; // Some answer a request on port 4011 with an offer.
        if (_discovery is not null && message.TransactionId == _discovery.TransactionId)
        {
            if (isAnswer && !_bootServer.IsLoaded && _discovery.Accepts(message, server, datagram.Source.Port))
            {
                (_received, _bootServer) = (_bootServer, message);
            }
        }
        else if (_bootState == BootState.Asking && message.TransactionId == _bootTransaction)
        {
            if (isAnswer && message.SaysWhatToBoot)
            {
                (_received, _proxy) = (_proxy, message);
                _bootState = BootState.Settled;
                _hasNews = true;
            }
        }
        else if (type == DhcpMessageType.Offer && message.TransactionId == _transaction && hearsOffers)
        {
            OnOffer(message, server);
        }
        else if (message.TransactionId != _transaction || (!isRenewal && (_state != State.Requesting || server != _offerer)))
        {
            Dropped++;
        }
        else if (type == DhcpMessageType.Ack && (isRenewal ? message.YourAddress == _netif.Address : message.YourAddress.IsUnicast))
        {
            (_received, _answer) = (_answer, message);
            _isAnswered = true;
        }
        else
        {
            _isRefused |= type == DhcpMessageType.Nak;
        }
    }

    void INetworkTask.OnTurn(ulong now)
    {
        if (!_netif.IsOpen || (_state >= State.Bound && _netif.Lease != _lease))
        {
            Fail(Problem.Closed);
            Stop();
            return;
        }

        switch (_state)
        {
            case State.WaitingForLink when _netif.Link.IsUp:
                _startedAt = now;
                Discover(now);
                OnDiscovering(now);
                break;
            case State.WaitingForLink when now - _startedAt >= _linkTimeout:
                Fail(Problem.NoLink);
                break;
            case State.Discovering:
                OnDiscovering(now);
                break;
            case State.Requesting:
                OnRequesting(now);
                break;
            case State.Probing when _netif.IsTentativeTaken:
                Decline(now);
                break;
            case State.Probing when now >= _retryAt && _network.MayAllocate:
                Bind(now);
                break;
            case State.Pausing when now >= _retryAt:
                Discover(now);
                break;
            case State.Bound when now >= _times.RenewAt:
                _transaction = _network.Random.Next32();
                _state = State.Renewing;
                _retryAt = now;
                break;
            case State.Renewing or State.Rebinding:
                OnRenewing(now);
                break;
        }

        if (_bootState != BootState.Settled || _hasNews)
        {
            OnBootTurn(now);
        }
    }

    private Error? Start(EventLoop loop, DhcpOptions options)
    {
        Error? error = OpenSocket(options);
        if (error is not null)
        {
            return error;
        }

        _loop = loop;
        _bootServer.Clear();
        _wantsBootFile = options.WantsBootFile;
        _outwaitsSpanningTree = options.OutwaitsSpanningTree;
        _observer = options.Observer;
        _isBlocked = false;
        _isBlockTold = false;
        _blockedAt = 0;
        _linkTimeout = options.LinkTimeout;
        _timeoutForAll = options.Timeout;
        _proxyTimeout = options.ProxyTimeout;
        _probeTime = options.ProbeTime;
        _bootServerTimeout = options.BootServerTimeout;
        _problem = Problem.None;
        _applyError = null;
        _refusals = 0;
        _declines = 0;
        _hasNews = false;
        _proxy.Clear();
        _startedAt = loop.Now;
        _state = State.WaitingForLink;
        _netif.IsSearching = true;
        _network.Add(this);
        return null;
    }

    private Error? OpenSocket(DhcpOptions options)
    {
        _socket = UdpSocket.Open(_network, this, ClientPort, _netif, out Error? error);
        if (_socket is null)
        {
            return Failure(error!.Status, error.Message);
        }

        DhcpWriter writer = new(_buffer, 0, default, 0, default, isBroadcast: false);
        DhcpDescription.Write(ref writer, _netif.Link.Address, options);
        _descriptionLength = writer.Options.Length;
        writer.Options.CopyTo(_description);
        return null;
    }

    private Error? Discover(EventLoop loop, BootServerDiscovery discovery)
    {
        _discovery = discovery;
        while (!_bootServer.IsLoaded)
        {
            if (_socket is null)
            {
                return Failure(EFI_STATUS.EFI_NOT_STARTED, "the interface was closed");
            }

            if (discovery.IsOver(loop.Now))
            {
                return Failure(EFI_STATUS.EFI_TIMEOUT, discovery.Explain());
            }

            if (discovery.TakeTurn(loop.Now))
            {
                for (int i = 0; discovery.TryGetDestination(i, out IPEndpoint destination); i++)
                {
                    _socket.SendFrom(_netif, _netif.Address, destination, WriteRequest(discovery, loop.Now));
                }
            }

            if (!loop.RunOnce())
            {
                return Stopped();
            }
        }

        ReadOnlySpan<byte> request = WriteRequest(discovery, loop.Now); // Again: others may have been sent since.
        _bootRequestLength = request.Length;
        request.CopyTo(_bootRequest);
        return null;
    }

    private ReadOnlySpan<byte> WriteRequest(BootServerDiscovery discovery, ulong now)
    {
        DhcpWriter writer = new(_buffer, discovery.TransactionId, _netif.Link.Address, discovery.Elapsed(now), _netif.Address, isBroadcast: false);
        discovery.WriteOptions(ref writer);
        writer.Append(_description.AsSpan(0, _descriptionLength));
        return writer.Finish();
    }

    private Error? Explain(DhcpOptions options) => _problem switch
    {
        Problem.None => null,
        Problem.NoLink => Failure(EFI_STATUS.EFI_NO_MEDIA, TextBuilder.Format($"no link after {options.LinkTimeout / Second} s")),
        Problem.Closed => Failure(EFI_STATUS.EFI_NOT_STARTED, "the interface was closed"),
        Problem.NotApplied => Failure(_applyError!.Status, _applyError.Message),
        Problem.NoAcknowledgement => Failure(
            EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{_offerer} offered {_offer.YourAddress}, but does not acknowledge it")),
        _ => Failure(EFI_STATUS.EFI_TIMEOUT, _refusals > 0 ? "every offer was refused when it was asked for"
            : _declines > 0 ? "the address that was offered is another station's"
            : _proxy.IsLoaded ? "a boot server answered, but nobody offers an address"
            : TextBuilder.Format($"no offer in {(_failedAt - _startedAt) / Second} s{(_isBlocked ? "; the switch port may still be blocked (spanning tree)" : "")}")),
    };

    private void OnOffer(DhcpMessage message, IPv4Address server)
    {
        if (message.YourAddress.IsUnicast)
        {
            // An offer that says what to boot is better than one that does not; among equals the first is taken.
            if (_state == State.Discovering && (!_offer.IsLoaded || (!IsEnough(_offer) && IsEnough(message))))
            {
                _offeredAt = _offer.IsLoaded ? _offeredAt : _network.Now;
                (_received, _offer) = (_offer, message);
                _offerer = server;
            }
        }
        else if (message.YourAddress.IsAny && message.IsPxe && (!_proxy.IsLoaded || (!_proxy.SaysWhatToBoot && message.SaysWhatToBoot)))
        {
            (_received, _proxy) = (_proxy, message);
            _proxyServer = server;
            _hasNews = true;
        }
    }

    /// <summary>Begins to look for offers.</summary>
    private void Discover(ulong now)
    {
        if (IsTimeOver(now))
        {
            Fail(Problem.NoOffer);
            return;
        }

        _offer.Clear();
        _transaction = _network.Random.Next32();
        _state = State.Discovering;
        _timeout = FirstTimeout;
        _retryAt = now;
    }

    private void OnDiscovering(ulong now)
    {
        WatchPort(now);
        if (_offer.IsLoaded && IsEnough(now))
        {
            _state = State.Requesting;
            _timeout = FirstTimeout;
            _retryAt = now;
            _requests = 0;
            _isAnswered = false;
            _isRefused = false;
            OnRequesting(now);
        }
        else if (IsTimeOver(now))
        {
            Fail(Problem.NoOffer);
        }
        else if (now >= _retryAt)
        {
            Send(DhcpMessageType.Discover, now);
            _retryAt = now + _network.Random.Spread(_timeout);
            _timeout = Math.Min(_timeout * 2, LongestTimeout);
        }
    }

    /// <summary>Sees whether the switch port forwards; when it begins to, servers are asked at once.</summary>
    private void WatchPort(ulong now)
    {
        bool wasBlocked = _isBlocked;
        _isBlocked = _netif.SpanningTree.MayBeBlocked(now);
        if (_isBlocked)
        {
            _blockedAt = now;
        }
        else if (wasBlocked)
        {
            _retryAt = now;
            _timeout = FirstTimeout;
        }

        if (_isBlocked && !_isBlockTold && !_offer.IsLoaded && now - _startedAt >= SuspiciousTime)
        {
            _isBlockTold = true;
            _observer?.OnBlockedPort(_netif);
        }
    }

    private bool IsTimeOver(ulong now)
    {
        ulong elapsed = now - _startedAt;
        bool isOutwaited = _outwaitsSpanningTree && elapsed < LongestBlock && _blockedAt != 0 && now - _blockedAt < TimeAfterBlock;
        return elapsed >= _timeoutForAll && !isOutwaited;
    }

    private bool IsEnough(ulong now) => !_wantsBootFile ||
        IsEnough(_offer) ||
        (_proxy.IsLoaded && _proxy.SaysWhatToBoot) ||
        (now - _startedAt >= _proxyTimeout && now - _offeredAt >= ShortestOfferWait);

    private void OnRequesting(ulong now)
    {
        if (_isAnswered && _probeTime > 0 && _declines == 0)
        {
            _netif.Probe(_answer.YourAddress);
            _state = State.Probing;
            _retryAt = now + _probeTime;
        }
        else if (_isAnswered && !_network.MayAllocate)
        {
            return; // Until it may.
        }
        else if (_isAnswered)
        {
            Bind(now);
        }
        else if (_isRefused)
        {
            _refusals++;
            _state = State.Pausing;
            _retryAt = now + FirstTimeout;
        }
        else if (IsTimeOver(now))
        {
            Fail(Problem.NoAcknowledgement);
        }
        else if (now >= _retryAt && _requests == RequestsPerOffer)
        {
            Discover(now);
        }
        else if (now >= _retryAt)
        {
            _requests++;
            _requestedAt = now;
            Send(DhcpMessageType.Request, now);
            _retryAt = now + _network.Random.Spread(_timeout);
            _timeout *= 2;
        }
    }

    /// <summary>
    /// Another station has the address: the server is to give another (RFC 2131, 3.1.5). The next is taken without a probe: there are routers that
    /// answer for every address, and they must not keep us from the network.
    /// </summary>
    private void Decline(ulong now)
    {
        _netif.Probe(default);
        _declines++;
        DhcpWriter writer = new(_buffer, _transaction, _netif.Link.Address, 0, default, isBroadcast: false);
        writer.Option(DhcpTag.MessageType, (byte)DhcpMessageType.Decline);
        writer.Option(DhcpTag.ServerIdentifier, _offerer);
        writer.Option(DhcpTag.RequestedAddress, _answer.YourAddress);
        _socket!.SendFrom(_netif, IPv4Address.Any, new IPEndpoint(IPv4Address.Broadcast, ServerPort), writer.Finish());
        _state = State.Pausing;
        _retryAt = now + PauseAfterDecline;
    }

    /// <summary>There is an address.</summary>
    private void Bind(ulong now)
    {
        _netif.Probe(default);
        ReadOnlySpan<byte> offer = _answer.FileName.IsEmpty ? _offer.Packet : default;
        DhcpLease? lease = DhcpLease.FromPackets(_answer.Packet, _proxy.Packet, offer, out Error? error);
        error ??= lease!.ApplyTo(_netif);
        if (error is not null)
        {
            lease?.Dispose();
            _applyError = error;
            Fail(Problem.NotApplied);
            return;
        }

        _lease = lease;
        _observer = null; // For another address, should this one be lost, nobody waits.
        _netif.IsSearching = false;
        _times = new DhcpLeaseTimes(_answer, _requestedAt);
        _state = State.Bound;
        _hasNews = false;
        _bootState = IsEnough(_answer) || IsEnough(_offer) ? BootState.Settled : BootState.Collecting;
        OnBootTurn(now);
    }

    private void OnRenewing(ulong now)
    {
        if (_isAnswered)
        {
            _isAnswered = false;
            _state = State.Bound;
            _times = new DhcpLeaseTimes(_answer, _requestedAt);
            _hasNews = true;
        }
        else if (_isRefused || now >= _times.ExpiresAt)
        {
            // The address is not ours any more (RFC 2131, 4.4.5): the search begins anew.
            _isRefused = false;
            _lease = null;
            _bootState = BootState.Settled;
            _netif.ClearConfiguration();
            _netif.IsSearching = true;
            _wantsBootFile = false;
            _startedAt = now;
            Discover(now);
        }
        else if (now >= _retryAt)
        {
            bool isRebinding = now >= _times.RebindAt;
            ulong until = isRebinding ? _times.ExpiresAt : _times.RebindAt;
            _state = isRebinding ? State.Rebinding : State.Renewing;
            _requestedAt = now;
            Renew(isRebinding ? IPv4Address.Broadcast : _offerer, now);
            _retryAt = Math.Min(now + Math.Max((until - now) / 2, ShortestRenewal), until);
        }
    }

    /// <summary>What boot servers say beside the lease; their silence is no failure.</summary>
    private void OnBootTurn(ulong now)
    {
        if (_state < State.Bound)
        {
            return;
        }

        bool isProxy = _proxy.IsLoaded && !_proxy.SaysWhatToBoot;
        if (_bootState == BootState.Collecting)
        {
            if (_proxy.IsLoaded && !isProxy)
            {
                _bootState = BootState.Settled;
            }
            else if (now - _startedAt >= _proxyTimeout)
            {
                _bootState = isProxy || (!_proxy.IsLoaded && _answer.IsPxe) ? BootState.Asking : BootState.Settled;
                _bootTransaction = _network.Random.Next32();
                _bootRetryAt = now;
                _bootTimeout = BootServerFirstTimeout;
                _bootEndsAt = now + _bootServerTimeout;
            }
        }

        if (_bootState == BootState.Asking && now >= _bootEndsAt)
        {
            _bootState = BootState.Settled;
        }
        else if (_bootState == BootState.Asking && now >= _bootRetryAt)
        {
            SendToBootServer(isProxy ? _proxyServer : _offerer, now);
            _bootRetryAt = now + _bootTimeout;
            _bootTimeout *= 2;
        }

        if (_hasNews && _network.MayAllocate)
        {
            _hasNews = false;
            ReadOnlySpan<byte> offer = _answer.FileName.IsEmpty ? _offer.Packet : default;
            DhcpLease? lease = DhcpLease.FromPackets(_answer.Packet, _proxy.Packet, offer, out _);
            lease?.SucceedOn(_netif);
            _lease = lease ?? _lease;
        }
    }

    private void Fail(Problem problem)
    {
        _problem = problem;
        _failedAt = _network.Now;
        _state = State.Idle;
        _netif.IsSearching = false;
    }

    /// <summary>True when nothing else is needed: a file, a menu or a root path is named, or the server says that there is no ProxyDHCP.</summary>
    private static bool IsEnough(DhcpMessage message) =>
        message.SaysWhatToBoot ||
        (message.TryGetOption(DhcpTag.RootPath, out ReadOnlySpan<byte> path) && !path.IsEmpty) ||
        (message.TryGetOption(DhcpTag.Ipxe, DhcpTag.IpxeNoProxyDhcp, out ReadOnlySpan<byte> flag) && !flag.IsEmpty && flag[0] != 0);

    private void Send(DhcpMessageType type, ulong now)
    {
        DhcpWriter writer = new(_buffer, _transaction, _netif.Link.Address, Elapsed(now), default, isBroadcast: true);
        writer.Option(DhcpTag.MessageType, (byte)type);
        if (type == DhcpMessageType.Request)
        {
            writer.Option(DhcpTag.ServerIdentifier, _offerer);
            writer.Option(DhcpTag.RequestedAddress, _offer.YourAddress);
        }

        writer.Append(_description.AsSpan(0, _descriptionLength));
        // What cannot be sent now is lost, as it may be anywhere: it is sent again.
        _socket!.SendFrom(_netif, IPv4Address.Any, new IPEndpoint(IPv4Address.Broadcast, ServerPort), writer.Finish());
    }

    /// <summary>RFC 2131, 4.3.2: asks for the address that the interface has, without naming a server.</summary>
    private void Renew(IPv4Address to, ulong now)
    {
        DhcpWriter writer = new(_buffer, _transaction, _netif.Link.Address, Elapsed(now), _netif.Address, isBroadcast: false);
        writer.Option(DhcpTag.MessageType, (byte)DhcpMessageType.Request);
        writer.Append(_description.AsSpan(0, _descriptionLength));
        _socket!.SendFrom(_netif, _netif.Address, new IPEndpoint(to, ServerPort), writer.Finish());
    }

    private void SendToBootServer(IPv4Address server, ulong now)
    {
        DhcpWriter writer = new(_buffer, _bootTransaction, _netif.Link.Address, Elapsed(now), _netif.Address, isBroadcast: false);
        writer.Option(DhcpTag.MessageType, (byte)DhcpMessageType.Request);
        writer.Option(DhcpTag.ServerIdentifier, server);
        writer.Append(_description.AsSpan(0, _descriptionLength));
        _socket!.SendFrom(_netif, _netif.Address, new IPEndpoint(server, BootServerPort), writer.Finish());
    }

    private ushort Elapsed(ulong now) => (ushort)Math.Min((now - _startedAt) / Second, ushort.MaxValue);

    private Error Stopped() => Failure(EFI_STATUS.EFI_ABORTED, "stopped by the user");

    private Error Failure(EFI_STATUS status, string what) => new(status, TextBuilder.Format($"DHCP on {_netif.Name}: {what}"));
}
