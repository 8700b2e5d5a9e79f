using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dns;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Tftp;

/// <summary>
/// The TFTP client (RFC 1350) with blksize, tsize and windowsize (RFC 2347, RFC 2348, RFC 2349, RFC 7440). One transfer at a time; blocks
/// are taken in order and go from the frame straight to the download. Of several addresses of a server each is asked a moment after the one
/// before it, and the first that answers is kept (RFC 8305, 5).
/// </summary>
/// <remarks>
/// A socket stays open after its transfer until the next one, so that a server which missed the last acknowledgement gets it again
/// (RFC 1350, 6) while nobody waits for that.
/// </remarks>
internal sealed class TftpClient : IUdpHandler, IDisposable
{
    /// <summary>RFC 8305, 8: Connection Attempt Delay.</summary>
    private const ulong AttemptDelay = 250_000;

    private const ulong FirstTimeout = 1_000_000;
    private const ulong ShortestTimeout = 200_000;
    private const ulong LongestTimeout = 8_000_000;
    private const ulong ShortestBetweenRepeats = 20_000;
    private const int Overhead = UdpPacket.HeaderSize + TftpPacket.HeaderSize;
    private const int LargestBlockSize = 65464;

    /// <summary>Bytes of a server's refusal that are kept, its code and the beginning of its text.</summary>
    private const int LongestRefusal = 2 + 126;

    private readonly byte[] _request = new byte[TftpPacket.MaximumRequestSize];
    private readonly byte[] _reply = new byte[64];
    private readonly IPAddress[] _servers = new IPAddress[DnsCache.MaximumAddresses];
    private Network _network = null!;
    private EventLoop _loop = null!; // during Run
    private UdpSocket? _socket;
    private DownloadTarget? _download;
    private State _state;
    private Error? _error;
    private int _serverCount;
    private int _asked; // how many servers
    private uint _unreachable; // a bit for each server
    private int _unsent; // how many that no request could be sent to
    private Error? _sendError;
    private ulong _nextAt;
    private ushort _port;
    private IPEndpoint _peer; // who answered first
    private int _requestSize;
    private int _askedBlockSize;
    private int _askedWindow;
    private TftpNegotiatedOptions _agreed;
    private ulong _nextBlock;
    private ushort _rolls; // how often the server went on at 1 after 65535, not at 0
    private int _unacknowledged;
    private bool _isGapReported;
    private bool _isRefused;
    private bool _isTimed;
    private ulong _acknowledgedAt;
    private ulong _progressAt;
    private ulong _timeout;
    private string _name = "";
    private readonly byte[] _refusal = new byte[LongestRefusal];
    private int _refusalLength;

    private enum State
    {
        Idle,

        /// <summary>The request is out; whoever answers first is the peer, on whatever address (servers have several).</summary>
        Requesting,
        Receiving,
        Complete,
        Failed,
    }

    /// <summary>The number of the block that is expected.</summary>
    private ushort NextNumber => (ushort)(_nextBlock + _rolls);

    /// <summary>Packets that were not for this transfer or made no sense, and were dropped.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>The index of the address that answered first in the last transfer; -1 when none did, or one that was not asked.</summary>
    public int Winner => IndexOf(_peer.Address);

    /// <summary>
    /// What a server refused the last transfer with: the error's code, high byte first, and the beginning of its text (RFC 1350, 5). Empty when none did.
    /// </summary>
    public ReadOnlySpan<byte> Refusal => new(_refusal, 0, _refusalLength);

    /// <summary>Who is spoken of: who answered, or else who was asked first.</summary>
    private IPAddress Server => _peer.Address.IsAny ? _servers[0] : _peer.Address;

    /// <param name="network">Where the socket is opened.</param>
    /// <param name="loop">Turns while packets are awaited.</param>
    /// <param name="servers">Where the request goes, in the order to try them; answers come from other ports.</param>
    /// <param name="uri">Names the file.</param>
    /// <param name="to">Gets the file.</param>
    /// <param name="options">Timeouts, tries, and the window to ask for.</param>
    public Error? Run(Network network, EventLoop loop, ReadOnlySpan<IPAddress> servers, ResourceUri uri, DownloadTarget to, FetchOptions options)
    {
        _network = network;
        _loop = loop;
        servers.CopyTo(_servers);
        _serverCount = servers.Length;
        _asked = 1;
        _refusalLength = 0;
        _port = uri.Port ?? TftpPacket.ServerPort;
        _name = PercentEncoding.Decode(uri.Path.Length > 0 && uri.Path[0] == '/' ? uri.Path.Substring(1) : uri.Path);
        _askedBlockSize = LargestBlockSize;
        foreach (IPAddress server in servers)
        {
            bool isIPv6 = server.Family == AddressFamily.IPv6;
            _askedBlockSize = Math.Min(
                _askedBlockSize, SmallestMtu(isIPv6) - (isIPv6 ? IPv6Packet.HeaderSize : IPv4Packet.HeaderSize) - Overhead);
        }

        _askedWindow = Math.Max(1, (int)options.TftpWindow);
        _download = to;
        Error? error = Request(uri);
        while (error is null && _state != State.Complete)
        {
            if (_state == State.Failed)
            {
                if (!_isRefused)
                {
                    error = _error;
                    break;
                }

                _askedBlockSize = 0; // the server takes no options (RFC 2347): ask without any
                error = Request(uri);
                continue;
            }

            if (!loop.RunOnce())
            {
                error = Abandon(EFI_STATUS.EFI_ABORTED, "stopped by the user");
            }
            else if (options.Timeout != 0 && loop.Now - _progressAt >= options.Timeout)
            {
                error = Abandon(EFI_STATUS.EFI_TIMEOUT, "no progress in time");
            }
            else if (loop.Now - _progressAt >= options.StallTimeout)
            {
                error = Abandon(EFI_STATUS.EFI_TIMEOUT, _state == State.Requesting ? "no answer" : "no more data");
            }
            else if (loop.Now - _acknowledgedAt >= _timeout && _state is State.Requesting or State.Receiving)
            {
                error = Repeat();
            }
            else if (_state == State.Requesting && _asked < _serverCount && (loop.Now >= _nextAt || HaveAllFailed))
            {
                Ask(_asked++);
            }
            else if (_state == State.Requesting && _unsent == _serverCount)
            {
                error = Failure(_sendError!.Status, _sendError.Message);
            }
        }

        _download = null;
        _error = _sendError = null;
        _name = "";
        _loop = null!;
        if (error is not null)
        {
            CloseSocket();
        }
        else
        {
            to.Complete();
        }

        return error;
    }

    public void Dispose() => CloseSocket();

    public void OnUnreachable(IPEndpoint destination, Unreachable reason)
    {
        int index = _state == State.Requesting && reason == Unreachable.Port ? IndexOf(destination.Address) : -1;
        _unreachable |= index >= 0 ? 1u << index : 0;
    }

    public void OnDatagram(in UdpDatagram datagram)
    {
        ReadOnlySpan<byte> packet = datagram.Payload;
        ushort operation = TftpPacket.Operation(packet);
        bool isOther = _state != State.Requesting && datagram.Source.Address != _peer.Address;
        if (operation == 0 || (isOther && IndexOf(datagram.Source.Address) < 0))
        {
            Dropped++;
            return;
        }

        if (isOther || (_state != State.Requesting && datagram.Source.Port != _peer.Port))
        {
            // Another transfer of the server's, such as one that a request at another of its addresses, or a repeated one, began (RFC 1350, 4).
            Dropped++;
            if (operation != TftpPacket.Error)
            {
                int size = TftpPacket.WriteError(_reply, TftpPacket.ErrorUnknownTransfer, "unknown transfer ID"u8);
                _socket!.Send(datagram.Source, _reply.AsSpan(0, size));
            }

            return;
        }

        switch (_state)
        {
            case State.Requesting:
                _peer = datagram.Source;
                OnFirst(operation, packet);
                break;
            case State.Receiving when operation == TftpPacket.Data:
                OnData(packet);
                break;
            case State.Receiving when operation == TftpPacket.OptionAcknowledgement && _nextBlock == 1:
                Acknowledge(); // ours was lost
                break;
            case State.Receiving when operation == TftpPacket.Error:
                OnError(packet);
                break;
            case State.Complete when operation == TftpPacket.Data && TftpPacket.Number(packet) == (ushort)(NextNumber - 1):
                AcknowledgeRepeated();
                break;
            default:
                Dropped++;
                break;
        }
    }

    private Error? Request(ResourceUri uri)
    {
        CloseSocket();
        _peer = default;
        byte[] name = new byte[TftpPacket.MaximumRequestSize];
        ReadOnlySpan<char> path = uri.Path;
        int length = PercentEncoding.Decode(path.StartsWith("/".AsSpan()) ? path.Slice(1) : path, name);
        ReadOnlySpan<byte> fileName = name.AsSpan(0, Math.Max(0, length));
        _requestSize = length < 0 ? -1 : TftpPacket.WriteReadRequest(_request, fileName, _askedBlockSize, _askedWindow);
        if (fileName.IsEmpty || fileName.IndexOf((byte)0) >= 0 || _requestSize < 0)
        {
            string what = _requestSize < 0 ? "file name is too long" : fileName.IsEmpty ? "no file is named" : "file name has a NUL";
            return Failure(EFI_STATUS.EFI_INVALID_PARAMETER, what);
        }

        _socket = UdpSocket.Open(_network, this, 0, out Error? error);
        if (_socket is null)
        {
            return Failure(error!.Status, error.Message);
        }

        _agreed = new TftpNegotiatedOptions();
        _nextBlock = 1;
        _rolls = 0;
        _unacknowledged = 0;
        _isGapReported = false;
        _unreachable = 0;
        _unsent = 0;
        _isRefused = false;
        _isTimed = true;
        _error = null;
        _timeout = FirstTimeout;
        _progressAt = _loop.Now;
        _acknowledgedAt = _loop.Now;
        _state = State.Requesting;
        for (int i = 0; i < _asked; i++)
        {
            Ask(i);
        }

        return null;
    }

    private bool HaveAllFailed => _unreachable == (1u << _asked) - 1;

    /// <summary>The index of an address that was asked; -1 for any other.</summary>
    private int IndexOf(IPAddress address)
    {
        int index = _asked - 1;
        while (index >= 0 && _servers[index] != address)
        {
            index--;
        }

        return index;
    }

    private void Ask(int index)
    {
        Error? error = _socket!.Send(new IPEndpoint(_servers[index], _port), _request.AsSpan(0, _requestSize));
        _nextAt = _loop.Now + AttemptDelay;
        if (error is not null)
        {
            _unreachable |= 1u << index;
            _unsent++;
            _sendError ??= error;
        }
    }

    /// <summary>Nothing came in time: says again what was said last, and will wait twice as long.</summary>
    private Error? Repeat()
    {
        if (_state == State.Requesting && _asked == _serverCount && HaveAllFailed)
        {
            return Failure(EFI_STATUS.EFI_ICMP_ERROR, "nothing listens on the TFTP port");
        }

        _timeout = Math.Min(_timeout * 2, LongestTimeout);
        _isTimed = false;
        if (_state == State.Receiving)
        {
            Acknowledge();
            _isTimed = false;
            return null;
        }

        _acknowledgedAt = _loop.Now;
        foreach (IPAddress server in _servers.AsSpan(0, _asked))
        {
            _socket!.Send(new IPEndpoint(server, _port), _request.AsSpan(0, _requestSize)); // lost is lost: the next try is to come
        }

        return null;
    }

    private void OnFirst(ushort operation, ReadOnlySpan<byte> packet)
    {
        if (operation == TftpPacket.Error)
        {
            // Some old servers answer options with "illegal operation".
            ushort code = TftpPacket.Number(packet);
            _isRefused = _askedBlockSize > 0 && code is TftpPacket.ErrorOptions or TftpPacket.ErrorIllegalOperation;
            OnError(packet);
            return;
        }

        if (operation == TftpPacket.OptionAcknowledgement)
        {
            if (!TftpNegotiatedOptions.TryRead(packet, _askedBlockSize, _askedWindow, out _agreed, out ReadOnlySpan<byte> wrong))
            {
                Reject(TftpPacket.ErrorOptions, "option not acceptable"u8);
                Error error = Failure(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"the server's options make no sense: {wrong}"));
                Fail(error);
                return;
            }

            Begin();
            if (_state == State.Receiving)
            {
                Progress();
                Acknowledge(); // block 0
            }

            return;
        }

        if (operation == TftpPacket.Data && TftpPacket.Number(packet) == 1)
        {
            Begin();
            if (_state == State.Receiving)
            {
                OnData(packet);
            }

            return;
        }

        Dropped++;
    }

    private void Begin()
    {
        _state = State.Receiving;
        Error? error = _download!.Begin(_agreed.Size);
        if (error is not null)
        {
            Reject(TftpPacket.ErrorDiskFull, "no room"u8);
            Fail(Failure(error.Status, error.Message));
        }
    }

    private void OnData(ReadOnlySpan<byte> packet)
    {
        ReadOnlySpan<byte> block = packet.Slice(TftpPacket.HeaderSize);
        ushort number = TftpPacket.Number(packet);
        if (NextNumber == 0 && number == 1 && _agreed.Window == 1)
        {
            _rolls++; // In lock step nothing else can have come.
        }

        // Numbers roll over after 65535: what counts is the distance from the one expected.
        ushort ahead = (ushort)(number - NextNumber);
        if (ahead == ushort.MaxValue)
        {
            AcknowledgeRepeated();
            return;
        }

        if (ahead != 0)
        {
            Dropped++;
            if (ahead < 0x8000 && !_isGapReported)
            {
                Acknowledge(); // RFC 7440, 4: the server goes on after the last block that came in order
                _isGapReported = true;
            }

            return;
        }

        if (block.Length > _agreed.BlockSize)
        {
            Reject(TftpPacket.ErrorIllegalOperation, "block too long"u8);
            Fail(Failure(
                EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"a block of {block.Length} bytes, {_agreed.BlockSize} were agreed on")));
            return;
        }

        if (_download!.Received + (ulong)block.Length > _download.Size)
        {
            _download.ForgetSize();
        }

        Error? error = _download.Write(block);
        if (error is not null)
        {
            Reject(TftpPacket.ErrorDiskFull, "no room"u8);
            Fail(Failure(error.Status, error.Message));
            return;
        }

        Progress();
        _nextBlock++;
        _unacknowledged++;
        _isGapReported = false;
        if (block.Length < _agreed.BlockSize)
        {
            Acknowledge();
            _state = State.Complete;
        }
        else if (_unacknowledged >= _agreed.Window)
        {
            Acknowledge();
        }
    }

    private void OnError(ReadOnlySpan<byte> packet)
    {
        ushort code = TftpPacket.Number(packet);
        ReadOnlySpan<byte> text = TftpPacket.ErrorText(packet);
        _refusalLength = 2 + Math.Min(text.Length, LongestRefusal - 2);
        WireBytes.Write16(_refusal, 0, code);
        text.Slice(0, _refusalLength - 2).CopyTo(_refusal.AsSpan(2));
        (EFI_STATUS status, string meaning) = code switch
        {
            1 => (EFI_STATUS.EFI_NOT_FOUND, "file not found"),
            2 => (EFI_STATUS.EFI_ACCESS_DENIED, "access violation"),
            3 => (EFI_STATUS.EFI_TFTP_ERROR, "disk full"),
            4 => (EFI_STATUS.EFI_TFTP_ERROR, "illegal operation"),
            5 => (EFI_STATUS.EFI_TFTP_ERROR, "unknown transfer ID"),
            6 => (EFI_STATUS.EFI_TFTP_ERROR, "file exists"),
            7 => (EFI_STATUS.EFI_TFTP_ERROR, "no such user"),
            8 => (EFI_STATUS.EFI_TFTP_ERROR, "options refused"),
            _ => (EFI_STATUS.EFI_TFTP_ERROR, text.IsEmpty ? "server error" : TextBuilder.Format($"{text.Slice(0, Math.Min(text.Length, 80))}")),
        };
        Fail(new Error(status, TextBuilder.Format($"TFTP {Server}: {meaning}: {_name} (error {(uint)code})")));
    }

    private void Progress()
    {
        ulong now = _network.Now;
        _progressAt = now;
        if (_isTimed)
        {
            _timeout = Math.Max(Math.Min(4 * (now - _acknowledgedAt), FirstTimeout), ShortestTimeout);
            _isTimed = false;
        }
    }

    /// <summary>Acknowledges the last block that came in order (0: the options).</summary>
    private void Acknowledge()
    {
        int size = TftpPacket.WriteAcknowledgement(_reply, (ushort)(NextNumber - 1));
        _socket!.Send(_peer, _reply.AsSpan(0, size));
        _acknowledgedAt = _network.Now;
        _unacknowledged = 0;
        _isTimed = true;
    }

    /// <summary>
    /// The last block came again: the server missed its acknowledgement, or the network made a copy. An answer to each would
    /// double every block from there on with servers that answer each in turn, so they are rare.
    /// </summary>
    private void AcknowledgeRepeated()
    {
        Dropped++;
        if (_network.Now - _acknowledgedAt >= ShortestBetweenRepeats)
        {
            Acknowledge();
            _isTimed = false;
        }
    }

    private void Reject(ushort code, ReadOnlySpan<byte> text)
    {
        int size = TftpPacket.WriteError(_reply, code, text);
        _socket!.Send(_peer, _reply.AsSpan(0, size));
    }

    private Error? Abandon(EFI_STATUS status, string what)
    {
        if (_state == State.Receiving)
        {
            Reject(TftpPacket.ErrorUndefined, "cancelled"u8);
        }

        DownloadTarget to = _download!;
        return Failure(status, _state != State.Receiving ? what
            : to.Size is ulong size ? TextBuilder.Format($"{what} after {to.Received} of {size} bytes")
            : TextBuilder.Format($"{what} after {to.Received} bytes"));
    }

    private void Fail(Error error)
    {
        _error = error;
        _state = State.Failed;
    }

    private Error Failure(EFI_STATUS status, string what) => new(status, TextBuilder.Format($"TFTP {Server}: {what}: {_name}"));

    /// <summary>What fits one frame on any of the interfaces.</summary>
    private int SmallestMtu(bool isIPv6)
    {
        int mtu = NetworkInterface.MaximumMtu;
        foreach (NetworkInterface netif in _network.Interfaces)
        {
            bool isUsed = isIPv6 ? netif.IPv6.IsStarted : netif.IsConfigured;
            mtu = isUsed ? Math.Min(mtu, isIPv6 ? netif.IPv6.Mtu : netif.Mtu) : mtu;
        }

        return Math.Max(mtu, isIPv6 ? IPv6Packet.MinimumMtu : 576);
    }

    private void CloseSocket()
    {
        _socket?.Dispose();
        _socket = null;
        _state = State.Idle;
    }
}
