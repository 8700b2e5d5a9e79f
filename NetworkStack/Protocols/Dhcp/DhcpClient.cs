using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>
/// The DHCPv4 client (RFC 2131) with PXE's extensions (RFC 4578, PXE 2.1). It goes on with the first offer that says what to
/// boot, and waits for other offers, ProxyDHCP's among them, only when that does not.
/// </summary>
/// <remarks>
/// States: wait for the link - DISCOVER, offers are collected - REQUEST, one is acknowledged - the interface is configured - if nothing
/// has named a boot file but a boot server has shown itself, it is asked on port 4011.
/// </remarks>
public sealed class DhcpClient : IUdpHandler
{
    private const ushort ClientPort = 68;
    private const ushort ServerPort = 67;

    /// <summary>PXE 2.1, 2.2.3: where a boot server answers that cannot have port 67.</summary>
    private const ushort BootServerPort = 4011;
    private const ulong FirstTimeout = 1_000_000;
    private const ulong LongestTimeout = 8_000_000;
    private const ulong BootServerFirstTimeout = 500_000;

    /// <summary>After an offer without a boot file, others get at least this long.</summary>
    private const ulong ShortestOfferWait = 500_000;

    /// <summary>Requests for one offer before the search begins anew.</summary>
    private const int RequestsPerOffer = 3;

    private readonly Network _network;
    private readonly NetworkInterface _netif;
    private readonly EventLoop _loop;
    private readonly DhcpOptions _options;
    private readonly byte[] _buffer = new byte[DhcpMessage.MaximumSize];
    private DhcpMessage _received = new();
    private DhcpMessage _offer = new();
    private DhcpMessage _proxy = new();
    private DhcpMessage _answer = new();
    private UdpSocket _socket = null!;
    private State _state;
    private uint _transaction;
    private ulong _startedAt;
    private ulong _offeredAt;
    private IPv4Address _offerer;
    private IPv4Address _proxyServer;
    private int _refusals;

    private DhcpClient(Network network, NetworkInterface netif, EventLoop loop, DhcpOptions options)
    {
        _network = network;
        _netif = netif;
        _loop = loop;
        _options = options;
    }

    private enum State
    {
        Idle,
        Discovering,
        Requesting,
        Acknowledged,
        Refused,
        AskingBootServer,
        BootServerAnswered,
    }

    /// <summary>Messages that were no DHCP, not for this client, or made no sense, and were dropped.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>
    /// Gets a lease for an open interface and configures the interface with it. A failure leaves the interface as it was.
    /// </summary>
    public static Error? Configure(Network network, NetworkInterface netif, EventLoop loop, DhcpOptions options)
    {
        if (!netif.IsOpen)
        {
            return new Error(EFI_STATUS.EFI_NOT_STARTED, TextBuilder.Format($"DHCP on {netif.Name}: the interface is not open"));
        }

        DhcpClient client = new(network, netif, loop, options);
        UdpSocket? socket = UdpSocket.Open(network, client, ClientPort, out Error? error);
        if (socket is null)
        {
            return new Error(error!.Status, TextBuilder.Format($"DHCP on {netif.Name}: {error.Message}"));
        }

        client._socket = socket;
        netif.IsSearching = true;
        error = client.Run();
        netif.IsSearching = false;
        socket.Dispose();
        return error;
    }

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
        DhcpMessage message = _received;
        if (datagram.Interface != _netif || !message.TryLoad(datagram.Payload) || !message.IsReply ||
            message.TransactionId != _transaction || message.MacAddress != _netif.Link.Address)
        {
            Dropped++;
            return;
        }

        DhcpMessageType type = message.Type;
        IPv4Address server = message.ServerIdentifier.IsAny ? datagram.Source.Address : message.ServerIdentifier;
        if (_state == State.AskingBootServer)
        {
            // Some answer the request on port 4011 with an offer.
            if (type is DhcpMessageType.Ack or DhcpMessageType.Offer && !message.FileName.IsEmpty)
            {
                (_received, _proxy) = (_proxy, message);
                _state = State.BootServerAnswered;
            }
        }
        else if (type == DhcpMessageType.Offer && _state is State.Discovering or State.Requesting)
        {
            OnOffer(message, server);
        }
        else if (_state == State.Requesting && server == _offerer && type == DhcpMessageType.Ack && message.YourAddress.IsUnicast)
        {
            (_received, _answer) = (_answer, message);
            _state = State.Acknowledged;
        }
        else if (_state == State.Requesting && server == _offerer && type == DhcpMessageType.Nak)
        {
            _state = State.Refused;
        }
        else
        {
            Dropped++;
        }
    }

    private void OnOffer(DhcpMessage message, IPv4Address server)
    {
        if (message.YourAddress.IsUnicast)
        {
            // An offer that says what to boot is better than one that does not; among equals the first is taken.
            if (_state == State.Discovering && (!_offer.IsLoaded || (!SaysWhatToBoot(_offer) && SaysWhatToBoot(message))))
            {
                _offeredAt = _offer.IsLoaded ? _offeredAt : _loop.Now;
                (_received, _offer) = (_offer, message);
                _offerer = server;
            }
        }
        else if (message.YourAddress.IsAny && message.IsPxe && (!_proxy.IsLoaded || (_proxy.FileName.IsEmpty && !message.FileName.IsEmpty)))
        {
            (_received, _proxy) = (_proxy, message);
            _proxyServer = server;
        }
    }

    private Error? Run()
    {
        Error? error = WaitForLink();
        _startedAt = _loop.Now;
        while (error is null)
        {
            error = Discover() ?? Request();
            if (error is null && _state == State.Acknowledged)
            {
                break;
            }
        }

        error ??= _options.WantsBootFile ? AskBootServer() : null;
        return error ?? Apply(_answer, _proxy);
    }

    private Error? WaitForLink()
    {
        ulong until = _loop.Now + _options.LinkTimeout;
        while (!_netif.Link.IsUp)
        {
            if (!_loop.RunOnce())
            {
                return Stopped();
            }

            if (_loop.Now >= until)
            {
                return Failure(EFI_STATUS.EFI_NO_MEDIA, TextBuilder.Format($"no link after {_options.LinkTimeout / 1_000_000} s"));
            }
        }

        return null;
    }

    /// <summary>Collects offers until one will do.</summary>
    private Error? Discover()
    {
        _offer.Clear();
        _transaction = _network.Random.Next32();
        _state = State.Discovering;
        ulong timeout = FirstTimeout;
        while (_loop.Now - _startedAt < _options.Timeout)
        {
            Send(DhcpMessageType.Discover);
            ulong until = Math.Min(_loop.Now + Spread(timeout), _startedAt + _options.Timeout);
            timeout = Math.Min(timeout * 2, LongestTimeout);
            while (_loop.Now < until)
            {
                if (!_loop.RunOnce())
                {
                    return Stopped();
                }

                if (_offer.IsLoaded && IsEnough())
                {
                    return null;
                }
            }
        }

        return Failure(EFI_STATUS.EFI_TIMEOUT, _refusals > 0 ? "every offer was refused when it was asked for"
            : _proxy.IsLoaded ? "a boot server answered, but nobody offers an address"
            : TextBuilder.Format($"no offer in {_options.Timeout / 1_000_000} s"));
    }

    private bool IsEnough() => !_options.WantsBootFile ||
        SaysWhatToBoot(_offer) ||
        (_proxy.IsLoaded && !_proxy.FileName.IsEmpty) ||
        (_loop.Now - _startedAt >= _options.ProxyTimeout && _loop.Now - _offeredAt >= ShortestOfferWait);

    /// <summary>Asks for what was offered. Without an error but also without an acknowledgement, the search is to begin anew.</summary>
    private Error? Request()
    {
        _state = State.Requesting;
        ulong timeout = FirstTimeout;
        for (int tries = 0; tries < RequestsPerOffer; tries++)
        {
            Send(DhcpMessageType.Request);
            ulong until = _loop.Now + Spread(timeout);
            timeout *= 2;
            while (_loop.Now < until)
            {
                if (!_loop.RunOnce())
                {
                    return Stopped();
                }

                if (_state == State.Acknowledged)
                {
                    return null;
                }

                if (_state == State.Refused)
                {
                    _refusals++;
                    return Pause(FirstTimeout); // RFC 2131, 3.1.5: not at once, or two machines in a loop flood the network
                }

                if (_loop.Now - _startedAt >= _options.Timeout)
                {
                    return Failure(
                        EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{_offerer} offered {_offer.YourAddress}, but does not acknowledge it"));
                }
            }
        }

        return null;
    }

    /// <summary>
    /// Asks a boot server that has shown itself without naming a file: one that answered separately, or the DHCP server when it says
    /// "PXEClient". Its silence is no failure: the address is there.
    /// </summary>
    private Error? AskBootServer()
    {
        bool isProxy = _proxy.IsLoaded && _proxy.FileName.IsEmpty;
        if (SaysWhatToBoot(_answer) || SaysWhatToBoot(_offer) || (!isProxy && (_proxy.IsLoaded || !_answer.IsPxe)))
        {
            return null;
        }

        IPv4Address server = isProxy ? _proxyServer : _offerer;
        // The server is asked from the new address, so the interface has it from here on.
        Error? error = Apply(_answer, _proxy);
        _state = State.AskingBootServer;
        _transaction = _network.Random.Next32();
        ulong end = _loop.Now + _options.BootServerTimeout;
        ulong timeout = BootServerFirstTimeout;
        while (error is null && _state == State.AskingBootServer && _loop.Now < end)
        {
            SendToBootServer(server);
            ulong until = Math.Min(_loop.Now + timeout, end);
            timeout *= 2;
            while (error is null && _state == State.AskingBootServer && _loop.Now < until)
            {
                error = _loop.RunOnce() ? null : Stopped();
            }
        }

        return error;
    }

    private Error? Apply(DhcpMessage ack, DhcpMessage proxy)
    {
        ReadOnlySpan<byte> offer = ack.FileName.IsEmpty ? _offer.Packet : default;
        DhcpLease? lease = DhcpLease.FromPackets(ack.Packet, proxy.Packet, offer, out Error? error);
        error ??= lease!.ApplyTo(_netif);
        if (error is null)
        {
            return null;
        }

        lease?.Dispose();
        return Failure(error.Status, error.Message);
    }

    /// <summary>True when nothing else is needed: a file or a root path is named, or the server says that there is no ProxyDHCP.</summary>
    private static bool SaysWhatToBoot(DhcpMessage message) =>
        !message.FileName.IsEmpty ||
        (message.TryGetOption(DhcpTag.RootPath, out ReadOnlySpan<byte> path) && !path.IsEmpty) ||
        (message.TryGetOption(DhcpTag.Ipxe, DhcpTag.IpxeNoProxyDhcp, out ReadOnlySpan<byte> flag) && !flag.IsEmpty && flag[0] != 0);

    private void Send(DhcpMessageType type)
    {
        ushort seconds = (ushort)Math.Min((_loop.Now - _startedAt) / 1_000_000, ushort.MaxValue);
        DhcpWriter writer = new(_buffer, _transaction, _netif.Link.Address, seconds, default, isBroadcast: true);
        writer.Option(DhcpTag.MessageType, (byte)type);
        if (type == DhcpMessageType.Request)
        {
            writer.Option(DhcpTag.ServerIdentifier, _offerer);
            writer.Option(DhcpTag.RequestedAddress, _offer.YourAddress);
        }

        DescribeClient(ref writer);
        // What cannot be sent now is lost, as it may be anywhere: it is sent again.
        _socket.SendFrom(_netif, IPv4Address.Any, new IPv4Endpoint(IPv4Address.Broadcast, ServerPort), writer.Finish());
    }

    private void SendToBootServer(IPv4Address server)
    {
        ushort seconds = (ushort)Math.Min((_loop.Now - _startedAt) / 1_000_000, ushort.MaxValue);
        DhcpWriter writer = new(_buffer, _transaction, _netif.Link.Address, seconds, _netif.Address, isBroadcast: false);
        writer.Option(DhcpTag.MessageType, (byte)DhcpMessageType.Request);
        writer.Option(DhcpTag.ServerIdentifier, server);
        DescribeClient(ref writer);
        _socket.SendFrom(_netif, _netif.Address, new IPv4Endpoint(server, BootServerPort), writer.Finish());
    }

    /// <summary>The options in every message: what servers choose a boot file by.</summary>
    private void DescribeClient(ref DhcpWriter writer)
    {
        writer.Option(DhcpTag.MaximumMessageSize, (ushort)DhcpMessage.MaximumSize);
        writer.Option(DhcpTag.ParameterRequestList,
        [
            DhcpTag.SubnetMask, DhcpTag.Routers, DhcpTag.DnsServers, DhcpTag.LogServers, DhcpTag.HostName, DhcpTag.DomainName,
            DhcpTag.RootPath, DhcpTag.Mtu, DhcpTag.NtpServers, DhcpTag.VendorSpecific, DhcpTag.VendorClass, DhcpTag.TftpServerName,
            DhcpTag.BootFileName, DhcpTag.DomainSearch, DhcpTag.ClasslessStaticRoutes, 128, 129, 130, 131, 132, 133, 134, 135,
            DhcpTag.Ipxe, DhcpTag.InitiatorName,
        ]);
        WriteVendorClass(ref writer);
        Span<byte> identifier = stackalloc byte[17];
        identifier[0] = 1; // Ethernet address: what the boot loader before and the system after this use as well
        _netif.Link.Address.CopyTo(identifier.Slice(1));
        writer.Option(DhcpTag.ClientIdentifier, identifier.Slice(0, 1 + MacAddress.Size));
        // As iPXE writes it, without the length bytes of RFC 3004: that is what servers compare with.
        WriteText(ref writer, DhcpTag.UserClass, _options.UserClass);
        WriteText(ref writer, DhcpTag.HostName, _options.HostName);
        writer.Option(DhcpTag.ClientArchitecture, _options.ClientArchitecture);
        writer.Option(DhcpTag.NetworkInterfaceIdentifier, [1, 3, 10]); // UNDI 3.10, as in the vendor class
        if (_options.Uuid is byte[] uuid && uuid.Length == 16)
        {
            identifier[0] = 0; // the only type that there is
            uuid.AsSpan().CopyTo(identifier.Slice(1));
            writer.Option(DhcpTag.ClientMachineIdentifier, identifier);
        }

        writer.Option(DhcpTag.Ipxe, Features);
    }

    /// <summary>
    /// Option 175 as iPXE encapsulates it: what of that list is there. HTTP (19), TFTP (21), DNS (23), EFI images (36), each with
    /// version 1. No iPXE version (235) is claimed.
    /// </summary>
    private static ReadOnlySpan<byte> Features => [19, 1, 1, 21, 1, 1, 23, 1, 1, 36, 1, 1];

    private void WriteVendorClass(ref DhcpWriter writer)
    {
        if (!string.IsNullOrEmpty(_options.VendorClass))
        {
            WriteText(ref writer, DhcpTag.VendorClass, _options.VendorClass);
            return;
        }

        Span<byte> vendorClass = stackalloc byte[32];
        "PXEClient:Arch:00000:UNDI:003010"u8.CopyTo(vendorClass);
        uint architecture = _options.ClientArchitecture;
        for (int i = 19; architecture != 0; i--)
        {
            vendorClass[i] = (byte)('0' + architecture % 10);
            architecture /= 10;
        }

        writer.Option(DhcpTag.VendorClass, vendorClass);
    }

    private static void WriteText(ref DhcpWriter writer, byte tag, string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return;
        }

        Span<byte> bytes = stackalloc byte[255];
        int length = Math.Min(text.Length, bytes.Length);
        for (int i = 0; i < length; i++)
        {
            bytes[i] = (byte)text[i];
        }

        writer.Option(tag, bytes.Slice(0, length));
    }

    /// <summary>
    /// RFC 2131, 4.1: machines that were switched on together do not all ask at the same moments. An eighth more or less.
    /// </summary>
    private ulong Spread(ulong time) => time - time / 8 + _network.Random.Below((uint)(time / 4));

    private Error? Pause(ulong time)
    {
        ulong until = _loop.Now + time;
        while (_loop.Now < until)
        {
            if (!_loop.RunOnce())
            {
                return Stopped();
            }
        }

        return null;
    }

    private Error Stopped() => Failure(EFI_STATUS.EFI_ABORTED, "stopped by the user");

    private Error Failure(EFI_STATUS status, string what) => new(status, TextBuilder.Format($"DHCP on {_netif.Name}: {what}"));
}
