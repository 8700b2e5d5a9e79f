using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Protocols.Dhcp6;

/// <summary>
/// The DHCPv6 client of an interface (RFC 8415). It does what routers say: nothing, ask what there is beside an address (O), or ask for an
/// address and keep it (M); beside whatever the application does, for as long as the interface has IPv6.
/// </summary>
/// <remarks>
/// States: idle until a router says what to do - informing - informed; or soliciting, advertisements are collected - requesting - testing
/// whether another host has the address - bound - renewing - rebinding. Where servers refuse addresses, and routers set O too, they are asked once
/// for information, before they are asked for addresses again. An address that another host has is declined. Servers that are silent are
/// asked ever less often, and so are those that refuse, for ever: whoever waits for the client waits as long as he likes.
/// </remarks>
public sealed class Dhcp6Client : IUdpHandler, INetworkTask, IDisposable
{
    private const ushort ClientPort = 546;
    private const ushort ServerPort = 547;
    private const ulong Second = 1_000_000;

    // RFC 8415, 7.6: IRT and MRT.
    private const ulong FirstTime = Second;
    private const ulong FirstRenewalTime = 10 * Second;
    private const ulong LongestRequestTime = 30 * Second;
    private const ulong LongestRenewalTime = 600 * Second;
    private const ulong LongestTime = 3600 * Second;

    /// <summary>RFC 8415, 21.24: what a server may set the longest time to, in seconds.</summary>
    private const uint ShortestMaximumTime = 60;
    private const uint LongestMaximumTime = 86400;

    /// <summary>RFC 8415, 21.23: IRT_MINIMUM and IRT_DEFAULT, in seconds.</summary>
    private const uint ShortestRefreshTime = 600;
    private const uint DefaultRefreshTime = 86400;

    /// <summary>RFC 8415, 7.6, has ten: two minutes for a server that promises and does not keep it.</summary>
    private const int MaximumRequests = 3;
    private const int MaximumDeclines = 4;
    private const int MaximumRefusers = 4;
    private const int RefuserSize = 1 + Dhcp6Message.MaximumIdentifier; // its length first

    /// <summary>
    /// How long after the first advertisement others are heard. Not the second of RFC 8415, 18.2.1, which each boot would wait for servers that
    /// answer in milliseconds.
    /// </summary>
    private const ulong CollectionTime = Second / 5;

    /// <summary>Before servers are asked again of which one refused: at first, and at most after it was doubled each time.</summary>
    private const ulong PauseAfterRefusal = Second;
    private const ulong LongestPauseAfterRefusal = 30 * Second;

    /// <summary>After a second address in a row was another host's.</summary>
    private const ulong PauseAfterDecline = 10 * Second;

    private const uint TransactionMask = 0xFF_FFFF;
    private const int HighestPreference = 255;
    private const int DescriptionSize = 640;
    private const int AddressBits = 128;

    private readonly Network _network;
    private readonly NetworkInterface _netif;
    private readonly byte[] _buffer = new byte[Dhcp6Message.MaximumSize];
    private readonly byte[] _description = new byte[DescriptionSize];
    private readonly byte[] _refusers = new byte[MaximumRefusers * RefuserSize];
    private Dhcp6Message _received = new();
    private Dhcp6Message _offer = new(); // of the server that is asked
    private Dhcp6Message _answer = new();
    private UdpSocket? _socket;
    private DhcpLeaseTimes _times;
    private State _state;
    private Problem _problem;
    private Dhcp6Status _status; // of the problem
    private ushort _faultTag;
    private int _faultOffset;
    private IPAddress _culprit; // the server, or the address that the problem is with
    private IPAddress _address;
    private uint _transaction;
    private int _descriptionLength;
    private int _identifierLength;
    private int _refuserCount; // also of those that were forgotten since
    private int _offerRank;
    private int _tries;
    private int _declines;
    private bool _isSettled;
    private bool _hasAskedBeside; // for information, after addresses were refused
    private bool _isAdded; // the address, by us: routers may have given the same
    private ulong _solicitMaximum = LongestTime;
    private ulong _informationMaximum = LongestTime;
    private ulong _startedAt;
    private ulong _sentAt;
    private ulong _sendAt;
    private ulong _time; // between two messages
    private ulong _chooseAt;
    private ulong _pause; // after the next refusal

    /// <summary>Makes an idle client, which lives as long as the current arena.</summary>
    /// <param name="network">With the interface in it.</param>
    /// <param name="netif">What it configures.</param>
    public Dhcp6Client(Network network, NetworkInterface netif)
    {
        _network = network;
        _netif = netif;
    }

    private enum State
    {
        /// <summary>No router has said yet that there are servers.</summary>
        Idle,
        Informing,
        Soliciting,
        Requesting,

        /// <summary>The address is ours if no other host has it (RFC 8415, 18.2.10.1).</summary>
        Testing,
        Declining,
        Informed,
        Bound,
        Renewing,
        Rebinding,
    }

    private enum Problem
    {
        None,
        Damage,
        Refusal,
        Taken,
        NoRoom,
        TooShort,
    }

    /// <summary>Routers say that there are servers, and none has answered yet with what was asked for last.</summary>
    public bool IsSearching => _state != State.Idle && !_isSettled;

    /// <summary>There is an address of a server's.</summary>
    public bool IsBound => _state >= State.Bound;

    /// <summary>The address, or the one that is about to be; of no version when there is none.</summary>
    public IPAddress Address => _address;

    /// <summary>What a server answered last; null when none has since the interface has IPv6, or the address that came with it is lost.</summary>
    public Dhcp6Message? Answer => _answer.IsLoaded ? _answer : null;

    /// <summary>Messages that were no DHCPv6, not for this client, or made no sense, and were dropped.</summary>
    public ulong Dropped { get; private set; }

    INetworkTask? INetworkTask.Next { get; set; }

    private bool IsForInformation => _state == State.Informing;

    private uint AssociationNumber
    {
        get
        {
            Span<byte> station = stackalloc byte[MacAddress.Size];
            _netif.Link.PermanentAddress.CopyTo(station);
            return WireBytes.Read32(station, 2) ^ ((uint)(_netif.Vlan?.VlanId ?? 0) << 20);
        }
    }

    /// <summary>
    /// Does from now on what routers say. Who is told something else than before is asked again; an address is kept meanwhile.
    /// </summary>
    /// <param name="options">Needed during the call only.</param>
    public Error? Begin(DhcpOptions options)
    {
        if (_socket is null)
        {
            _socket = UdpSocket.Open(_network, this, ClientPort, _netif, out Error? error);
            if (_socket is null)
            {
                return new Error(error!.Status, TextBuilder.Format($"DHCPv6 on {_netif.Name}: {error.Message}"));
            }

            _network.Add(this);
        }

        Dhcp6Writer writer = new(_description);
        Dhcp6Description.Write(ref writer, _netif.Link.PermanentAddress, options);
        _descriptionLength = writer.Written.Length;
        _identifierLength = options.Uuid is { Length: 16 } ? 18 : 10;
        _problem = Problem.None;
        _isSettled = _hasAskedBeside = false;
        _declines = 0;
        _pause = PauseAfterRefusal;
        _refuserCount = 0;
        if (IsBound)
        {
            Start(State.Renewing, _network.Now, 0);
        }
        else
        {
            Drop(); // Of an address that is still tested.
            _state = State.Idle;
        }

        return null;
    }

    /// <summary>Ends what goes on, and forgets what servers said; an address stays until its time is over.</summary>
    public void Stop()
    {
        if (_socket is not null)
        {
            _socket.Dispose();
            _socket = null;
            _network.Remove(this);
            Forget();
        }
    }

    /// <summary>As <see cref="Stop"/>.</summary>
    public void Dispose() => Stop();

    /// <summary>Writes what a client says of itself and wants, without an address (UEFI 2.10, 24.3.4 and 24.3.5 have such messages of PXE).</summary>
    /// <param name="buffer">At least <see cref="Dhcp6Message.MaximumSize"/> bytes.</param>
    /// <param name="type">A client's.</param>
    /// <param name="transaction">The lower 24 bits count.</param>
    /// <param name="netif">Whose DUID it has.</param>
    /// <param name="options">What the client says of itself.</param>
    /// <param name="server">Whose answer is wanted; empty for anybody's.</param>
    public static ReadOnlySpan<byte> WriteQuestion(
        Span<byte> buffer, Dhcp6MessageType type, uint transaction, NetworkInterface netif, DhcpOptions options, ReadOnlySpan<byte> server)
    {
        Dhcp6Writer writer = new(buffer, type, transaction);
        Dhcp6Description.Write(ref writer, netif.Link.PermanentAddress, options);
        writer.Option(Dhcp6Tag.ElapsedTime, 0);
        writer.Option(Dhcp6Tag.OptionRequest, Dhcp6Description.Wanted.Slice(0, Dhcp6Description.WantedWithAddress));
        if (!server.IsEmpty)
        {
            writer.Option(Dhcp6Tag.ServerIdentifier, server);
        }

        return writer.Written;
    }

    /// <summary>Why there is no address yet.</summary>
    public string Explain() => _problem switch
    {
        Problem.Damage => TextBuilder.Format(
            $"DHCPv6 server {_culprit}: option {(uint)_faultTag} ({Dhcp6Tag.NameOf(_faultTag)}) is damaged, at byte {_faultOffset}"),
        Problem.Refusal => TextBuilder.Format($"DHCPv6 server {_culprit} {ReasonOf(_status)}"),
        Problem.Taken => TextBuilder.Format($"another host has {_culprit}, which DHCPv6 gave"),
        Problem.NoRoom => TextBuilder.Format($"no room for {_culprit}, which DHCPv6 gave, among the addresses of routers"),
        Problem.TooShort => TextBuilder.Format($"DHCPv6's lease of {_culprit} is too short: it ended while the address was tested"),
        _ => "no DHCPv6 server answers",
    };

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
        Dhcp6Message message = _received;
        if (!message.TryLoad(datagram.Payload))
        {
            if (message.FaultOffset != 0 && (WireBytes.Read32(datagram.Payload, 0) & TransactionMask) == _transaction)
            {
                Note(Problem.Damage, datagram.Source.Address);
                (_faultTag, _faultOffset) = (message.FaultTag, message.FaultOffset);
            }

            Dropped++;
            return;
        }

        bool isOurs = datagram.Source.Address.Family == AddressFamily.IPv6 &&
            message.TransactionId == _transaction && !message.ServerIdentifier.IsEmpty &&
            message.ClientIdentifier.SequenceEqual(new ReadOnlySpan<byte>(_description, Dhcp6OptionReader.HeaderSize, _identifierLength));
        bool isAdvertisement = message.Type == Dhcp6MessageType.Advertise && _state == State.Soliciting;
        bool isReply = message.Type == Dhcp6MessageType.Reply && _state switch
        {
            State.Soliciting => message.TryGetOption(Dhcp6Tag.RapidCommit, out _),
            State.Requesting or State.Renewing or State.Declining => message.ServerIdentifier.SequenceEqual(Asked),
            State.Informing or State.Rebinding => true,
            _ => false,
        };
        if (!isOurs || (!isAdvertisement && !isReply))
        {
            Dropped++;
            return;
        }

        TakeMaximum(message, Dhcp6Tag.SolicitMaximumTime, ref _solicitMaximum);
        TakeMaximum(message, Dhcp6Tag.InformationMaximumTime, ref _informationMaximum);
        if (_state == State.Declining)
        {
            EndDecline(_network.Now);
        }
        else if (IsForInformation)
        {
            OnInformation(message, datagram.Source.Address);
        }
        else
        {
            OnAddress(message, datagram.Source.Address, isAdvertisement);
        }
    }

    void INetworkTask.OnTurn(ulong now)
    {
        IPv6Interface ip = _netif.IPv6;
        if (!_netif.IsOpen || !ip.IsAdvertised)
        {
            Forget();
            return;
        }

        switch (_state)
        {
            case State.Idle or State.Informed when ip.IsManaged && !ip.LinkLocal.IsAny:
            case State.Informing when ip.IsManaged && (!_hasAskedBeside || (_tries == MaximumRequests && now >= _sendAt)):
                Start(State.Soliciting, now, 0);
                break;
            case State.Soliciting when _problem == Problem.Refusal && !_offer.IsLoaded && !_hasAskedBeside &&
                ip.HasOtherConfiguration && now >= _sendAt:
                _hasAskedBeside = true;
                Start(State.Informing, now, 0);
                break;
            case State.Idle when ip.HasOtherConfiguration && !ip.LinkLocal.IsAny:
            case State.Informed when now >= _times.RenewAt:
                Start(State.Informing, now, 0);
                break;
            case State.Soliciting when _offer.TryGetAssociation(AssociationNumber, out Dhcp6Association offered) && now >= _chooseAt:
                _address = offered.Address;
                Start(State.Requesting, now, 0);
                break;
            case State.Requesting when _tries == MaximumRequests && now >= _sendAt:
                Refuse(_offer.ServerIdentifier, now);
                break;
            case State.Testing:
                OnTesting(now);
                break;
            case State.Declining when _tries == MaximumDeclines && now >= _sendAt:
                EndDecline(now);
                break;
            case State.Bound or State.Renewing or State.Rebinding when !ip.IsOurs(_address):
                Lose(now);
                break;
            case State.Bound when now >= _times.RenewAt:
                Start(State.Renewing, now, 0);
                break;
            case State.Bound or State.Renewing when now >= _times.RebindAt:
                Start(State.Rebinding, now, 0);
                break;
        }

        if (_state is not (State.Idle or State.Testing or State.Informed or State.Bound) && now >= _sendAt)
        {
            Send(now);
        }
    }

    /// <summary>Whose answer counts where one server is asked.</summary>
    private ReadOnlySpan<byte> Asked => _state == State.Requesting ? _offer.ServerIdentifier : _answer.ServerIdentifier;

    private static string ReasonOf(Dhcp6Status status) => status switch
    {
        Dhcp6Status.Success => "gives no address",
        Dhcp6Status.NoAddresses => "has no address left",
        Dhcp6Status.NoBinding => "does not know us",
        Dhcp6Status.NotOnLink => "says that the address is not of this link",
        _ => "refuses",
    };

    // A server sets it within bounds; what is beyond them means nothing (RFC 8415, 21.24 and 21.25).
    private static void TakeMaximum(Dhcp6Message message, ushort tag, ref ulong time)
    {
        uint seconds = message.GetNumber(tag, 0);
        time = seconds is >= ShortestMaximumTime and <= LongestMaximumTime ? seconds * Second : time;
    }

    private void Forget()
    {
        _state = State.Idle;
        _answer.Clear();
        _offer.Clear();
        _address = default;
        _isAdded = _isSettled = _hasAskedBeside = false;
        _problem = Problem.None;
        _solicitMaximum = _informationMaximum = LongestTime;
    }

    private void Note(Problem problem, IPAddress culprit)
    {
        _problem = problem;
        _culprit = culprit;
    }

    /// <summary>Begins an exchange.</summary>
    private void Start(State state, ulong now, ulong pause)
    {
        _state = state;
        _transaction = _network.Random.Next32() & TransactionMask;
        _startedAt = now + pause;
        _sendAt = now + pause;
        _tries = 0;
        _time = state is State.Renewing or State.Rebinding ? FirstRenewalTime : FirstTime;
        if (state == State.Soliciting)
        {
            _offer.Clear();
        }
    }

    private void OnInformation(Dhcp6Message message, IPAddress server)
    {
        if (message.Status != Dhcp6Status.Success)
        {
            _status = message.Status;
            Note(Problem.Refusal, server);
            return;
        }

        uint refresh = Math.Max(message.GetNumber(Dhcp6Tag.InformationRefreshTime, DefaultRefreshTime), ShortestRefreshTime);
        _times = new DhcpLeaseTimes(IPv6Interface.After(_network.Now, refresh));
        _state = State.Informed;
        Settle(message);
        _isSettled = !_netif.IPv6.IsManaged || !_netif.IPv6.Global.IsAny; // An address is still waited for where there is none.
    }

    /// <summary>A server offers an address, gives it, or refuses.</summary>
    private void OnAddress(Dhcp6Message message, IPAddress server, bool isAdvertisement)
    {
        ulong now = _network.Now;
        bool isThere = message.TryGetAssociation(AssociationNumber, out Dhcp6Association association);
        Dhcp6Status status = message.Status != Dhcp6Status.Success ? message.Status : association.Status;
        bool isLawful = association.RebindingTime == 0 || association.RenewalTime <= association.RebindingTime;
        bool isGiven = isThere && isLawful && status == Dhcp6Status.Success && !association.Address.IsAny;
        if (!isGiven)
        {
            _status = status;
            Note(Problem.Refusal, server);
        }

        if (isAdvertisement)
        {
            if (isGiven)
            {
                OnAdvertisement(message, now);
            }
        }
        else if (isGiven)
        {
            Take(message, association, now);
        }
        else if (_state == State.Soliciting || !isLawful || status is Dhcp6Status.Unspecified or Dhcp6Status.UseMulticast ||
            (IsBound && (!isThere || status == Dhcp6Status.NoAddresses)))
        {
            // Others may offer, we multicast anyway, and what we have holds for its time: what says otherwise is no answer. It is asked again.
            Dropped++;
        }
        else if (IsBound && status == Dhcp6Status.NoBinding)
        {
            (_received, _offer) = (_offer, message);
            Start(State.Requesting, now, 0); // RFC 8415, 18.2.10.1
        }
        else if (IsBound)
        {
            Lose(now);
        }
        else
        {
            Refuse(message.ServerIdentifier, now);
        }
    }

    private void OnAdvertisement(Dhcp6Message message, ulong now)
    {
        // Among equals who says what to boot; who did not keep his word only if there is no other.
        int rank = IsRefuser(message.ServerIdentifier) ? -1 : 2 * message.Preference + (message.BootFileUrl.IsEmpty ? 0 : 1);
        bool isFirst = !_offer.IsLoaded;
        if (isFirst || rank > _offerRank)
        {
            _offerRank = rank;
            _chooseAt = message.Preference == HighestPreference && _refuserCount == 0 ? now : isFirst ? now + CollectionTime : _chooseAt;
            (_received, _offer) = (_offer, message);
        }
    }

    /// <summary>The address is ours, or may be soon.</summary>
    private void Take(Dhcp6Message message, in Dhcp6Association association, ulong now)
    {
        IPv6AddressTable table = _netif.IPv6.Table;
        if (_address != association.Address)
        {
            Drop();
        }

        _address = association.Address;
        _times = new DhcpLeaseTimes(association, _sentAt);
        if (_isAdded || (!table.IsOurs(_address) && !table.IsTentative(_address)))
        {
            _isAdded = true;
            table.Add(
                _address, AddressBits, IPv6Interface.After(now, association.PreferredTime), IPv6Interface.After(now, association.ValidTime), now);
        }

        _state = State.Testing;
        Settle(message);
        _isSettled = false;
        OnTesting(now);
    }

    private void OnTesting(ulong now)
    {
        IPv6AddressTable table = _netif.IPv6.Table;
        if (table.IsOurs(_address))
        {
            _state = State.Bound;
            _isSettled = true;
            _problem = Problem.None;
            _declines = 0;
            _hasAskedBeside = false;
            _pause = PauseAfterRefusal;
        }
        else if (table.Duplicate == _address)
        {
            _declines++;
            Note(Problem.Taken, _address);
            Start(State.Declining, now, 0);
        }
        else if (!table.IsTentative(_address))
        {
            Note(now >= _times.ExpiresAt ? Problem.TooShort : Problem.NoRoom, _address);
            Drop();
            Start(State.Soliciting, now, PauseAfterDecline);
        }
    }

    private void EndDecline(ulong now)
    {
        Start(State.Soliciting, now, _declines > 1 ? PauseAfterDecline : 0);
        Drop();
    }

    /// <summary>The address is not ours any more: the search begins anew.</summary>
    private void Lose(ulong now)
    {
        Drop();
        _isSettled = false;
        Start(State.Soliciting, now, 0);
    }

    private void Drop()
    {
        if (_isAdded && _address != _netif.IPv6.StaticAddress) // The user may have set the same since.
        {
            _netif.IPv6.Table.Remove(_address);
        }

        if (_answer.TryGetAssociation(AssociationNumber, out _))
        {
            _answer.Clear();
        }

        _isAdded = false;
        _address = default;
    }

    private Span<byte> RefuserAt(int index) => new(_refusers, index % MaximumRefusers * RefuserSize, RefuserSize);

    private bool IsRefuser(ReadOnlySpan<byte> server)
    {
        bool isFound = false;
        for (int i = Math.Min(_refuserCount, MaximumRefusers) - 1; i >= 0; i--)
        {
            ReadOnlySpan<byte> refuser = RefuserAt(i);
            isFound |= server.SequenceEqual(refuser.Slice(1, refuser[0]));
        }

        return isFound;
    }

    private void Refuse(ReadOnlySpan<byte> server, ulong now)
    {
        if (!IsRefuser(server))
        {
            Span<byte> refuser = RefuserAt(_refuserCount++);
            refuser[0] = (byte)server.Length;
            server.CopyTo(refuser.Slice(1));
        }

        Drop();
        Start(State.Soliciting, now, _pause);
        _pause = Math.Min(2 * _pause, LongestPauseAfterRefusal);
    }

    private void Settle(Dhcp6Message message)
    {
        (_received, _answer) = (_answer, message);
        _isSettled = true;
        message.TryGetOption(Dhcp6Tag.DnsServers, out ReadOnlySpan<byte> servers);
        message.TryGetOption(Dhcp6Tag.DomainList, out ReadOnlySpan<byte> domains);
        _netif.IPv6.OnServerInformation(servers, domains, _state == State.Informed ? IPv6AddressTable.Forever : _times.ExpiresAt);
    }

    private void Send(ulong now)
    {
        Dhcp6MessageType type = _state switch
        {
            State.Informing => Dhcp6MessageType.InformationRequest,
            State.Soliciting => Dhcp6MessageType.Solicit,
            State.Requesting => Dhcp6MessageType.Request,
            State.Declining => Dhcp6MessageType.Decline,
            State.Renewing => Dhcp6MessageType.Renew,
            _ => Dhcp6MessageType.Rebind,
        };
        Dhcp6Writer writer = new(_buffer, type, _transaction);
        writer.Append(new ReadOnlySpan<byte>(_description, 0, _descriptionLength));
        writer.Option(Dhcp6Tag.ElapsedTime, (ushort)Math.Min((now - _startedAt) / (Second / 100), ushort.MaxValue));
        ReadOnlySpan<byte> wanted = Dhcp6Description.Wanted;
        if (_state != State.Declining) // RFC 8415, appendix B
        {
            writer.Option(Dhcp6Tag.OptionRequest, IsForInformation ? wanted : wanted.Slice(0, Dhcp6Description.WantedWithAddress));
        }

        switch (_state)
        {
            case State.Soliciting:
                writer.Option(Dhcp6Tag.RapidCommit, ReadOnlySpan<byte>.Empty);
                break;
            case State.Requesting or State.Declining or State.Renewing:
                writer.Option(Dhcp6Tag.ServerIdentifier, Asked);
                break;
        }

        if (!IsForInformation)
        {
            WriteAssociation(ref writer);
        }

        // What cannot be sent now is lost, as it may be anywhere: it is sent again.
        _socket!.SendFrom(_netif, _netif.IPv6.LinkLocal, new IPEndpoint(IPAddress.AllDhcpServers, ServerPort), writer.Written);
        _sentAt = now;
        ScheduleNext(now);
    }

    private void WriteAssociation(ref Dhcp6Writer writer)
    {
        Span<byte> address = stackalloc byte[IPAddress.IPv6Size];
        int association = writer.Begin(Dhcp6Tag.Association);
        writer.Append(AssociationNumber);
        writer.Append(0u);
        writer.Append(0u);
        if (!_address.IsAny)
        {
            int entry = writer.Begin(Dhcp6Tag.Address);
            _address.CopyTo(address);
            writer.Append(address);
            writer.Append(0u);
            writer.Append(0u);
            writer.End(entry);
        }

        writer.End(association);
    }

    /// <summary>RFC 8415, 15: RT, of which the first solicitation's is longer than IRT.</summary>
    private void ScheduleNext(ulong now)
    {
        ulong longest = _state switch
        {
            State.Informing => _informationMaximum,
            State.Soliciting => _solicitMaximum,
            State.Renewing or State.Rebinding => LongestRenewalTime,
            _ => LongestRequestTime,
        };
        bool isFirst = _tries == 0;
        ulong time = _network.Random.Spread(_time) + (isFirst ? 0 : _time);
        time = isFirst && _state == State.Soliciting ? Math.Max(time, FirstTime + 1) : time;
        _time = time > longest ? _network.Random.Spread(longest) : time;
        _tries++;
        _sendAt = now + _time;
    }
}
