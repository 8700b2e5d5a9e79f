using System;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Streams.Tls;

/// <summary>
/// Carries records between a stream of TCP's and a <see cref="TlsSession"/>, and reads what goes by in clear: the server's choice of version, its
/// certificates, which are judged before the session sees them, and its alerts.
/// </summary>
/// <remarks>
/// What comes is gathered to whole records, which is the one copy of it here; the session's clear text goes straight to the handler. Nothing is
/// allocated here once the handshake is over. Owns its memory, which goes when the last call from below has returned.
/// </remarks>
internal sealed class TlsConnection : StreamHandler, IDisposable
{
    private const string HiddenName = " (the firmware's TLS does not tell the server which host is meant)";

    /// <summary>Bytes sent in one record at most.</summary>
    private const int LargestSend = 4096;

    /// <summary>What enciphering adds to a record at most: an initial vector, a MAC and padding (RFC 5246, 6.2.3).</summary>
    private const int Overhead = TlsRecord.MaximumLength - TlsRecord.MaximumContent;

    /// <summary>Bytes of memory for a connection: a record each way, and objects.</summary>
    private const int Room = TlsRecordReader.Room + TlsRecord.HeaderSize + LargestSend + 2048;

    private readonly Arena _arena;
    private readonly TlsStreamMaker _maker;
    private readonly Network _network;
    private readonly string _host;
    private readonly IPEndpoint _server;
    private readonly StreamHandler _handler;
    private readonly TcpStream _below;
    private readonly TlsHandshakeReader _handshake = new();
    private readonly TlsRecordReader _records = new();
    private readonly byte[] _sent = new byte[TlsRecord.HeaderSize + LargestSend];
    private TlsSession? _session;
    private int _hellos;
    private int _certificates;
    private ushort _version; // that the server chose
    private bool _isEnciphered; // what the server sends
    private bool _isCertificateAsked;
    private bool _hidesName; // of the host, from the server
    private bool _offersCurves;
    private bool _offers13; // or newer
    private bool _isOver;
    private bool _isCloseSent;
    private bool _isCalled; // from below
    private bool _isDisposed;

    private TlsConnection(Arena arena, TlsStreamMaker maker, Network network, string host, IPEndpoint server, StreamHandler handler)
    {
        _arena = arena;
        _maker = maker;
        _network = network;
        _host = host;
        _server = server;
        _handler = handler;
        _below = new TcpStream(this);
    }

    /// <summary>TCP has connected.</summary>
    public bool IsReached => _below.IsReached;

    /// <summary>Of data that it takes now.</summary>
    public int SendRoom => IsOpen && !_isCloseSent ? Math.Clamp(_below.SendRoom - TlsRecord.HeaderSize - Overhead, 0, LargestSend) : 0;

    private bool IsOpen => !_isOver && _session is not null && _session.IsOpen;

    /// <summary>Begins to connect.</summary>
    /// <param name="maker">Has what is trusted.</param>
    /// <param name="network">Where from.</param>
    /// <param name="host">As the URI names it; lives as long as the connection.</param>
    /// <param name="server">An address of the host.</param>
    /// <param name="handler">Gets what comes.</param>
    /// <param name="error">Why not, when it is null.</param>
    public static TlsConnection? Connect(
        TlsStreamMaker maker, Network network, string host, IPEndpoint server, StreamHandler handler, out Error? error)
    {
        Arena? arena = Arena.TryCreate(Room);
        if (arena is null)
        {
            error = new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"TLS {server}: out of memory"));
            return null;
        }

        TlsConnection connection;
        using (arena.Enter())
        {
            connection = new TlsConnection(arena, maker, network, host, server, handler);
            connection._session = FirmwareTlsSession.Create(Name(host), comparesHost: true, maker.Trust, out error);
        }

        error = error is null ? connection._below.Open(network, server) : connection.Failure(error);
        if (error is not null)
        {
            connection.Dispose();
            return null;
        }

        return connection;
    }

    /// <inheritdoc cref="ByteStream.Send"/>
    public int Send(ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, SendRoom);
        if (length == 0)
        {
            return 0;
        }

        data.Slice(0, length).CopyTo(new Span<byte>(_sent, TlsRecord.HeaderSize, length));
        if (!_session!.TryEncrypt(new Span<byte>(_sent, 0, TlsRecord.HeaderSize + length), out ReadOnlySpan<byte> records) || !SendAll(records))
        {
            End(EFI_STATUS.EFI_PROTOCOL_ERROR, "the firmware's TLS enciphers no more");
            return 0;
        }

        return length;
    }

    /// <inheritdoc cref="ByteStream.Close"/>
    public void Close()
    {
        if (IsOpen && !_isCloseSent)
        {
            SendAll(_session!.Close());
        }

        _isCloseSent = true;
        _below.Close();
    }

    /// <inheritdoc cref="ByteStream.Dispose"/>
    public void Dispose()
    {
        _isDisposed = true;
        _isOver = true;
        _below.Dispose();
        if (!_isCalled)
        {
            Free();
        }
    }

    /// <inheritdoc/>
    public override void OnConnected()
    {
        _isCalled = true;
        Error? error = _session!.Begin(out ReadOnlySpan<byte> hello);
        if (error is null)
        {
            ReadOwnHello(hello);
            error = _hidesName && !_offers13 ? BeginAnew(out hello) : null;
        }

        if (error is not null)
        {
            End(error);
        }
        else
        {
            SendAll(hello);
        }

        Return();
    }

    /// <inheritdoc/>
    public override void OnData(ReadOnlySpan<byte> data)
    {
        _isCalled = true;
        if (!_network.MayAllocate)
        {
            EndOrderly(); // Nobody waits for anything, and the firmware's TLS allocates: most likely the server says goodbye.
        }

        while (!_isOver && _records.TryRead(ref data, out Span<byte> record))
        {
            OnRecord(record);
        }

        if (_records.Failure is string failure)
        {
            End(EFI_STATUS.EFI_PROTOCOL_ERROR, failure);
        }

        Return();
    }

    /// <inheritdoc/>
    public override void OnClosed(Error? error)
    {
        _isCalled = true;
        if (error is not null)
        {
            End(error);
        }
        else if (!_network.MayAllocate)
        {
            EndOrderly();
        }
        else if (!IsOpen)
        {
            End(EFI_STATUS.EFI_END_OF_FILE, "the server ended the connection in the middle of the handshake");
        }
        else if (_records.IsEmpty && _session!.HasEnded())
        {
            EndOrderly();
        }
        else
        {
            End(EFI_STATUS.EFI_END_OF_FILE, "the connection ended, and the server did not say so (close_notify): something may be missing");
        }

        Return();
    }

    /// <summary>The host for a certificate, and for SNI: an address without its zone, a name without the root's dot (RFC 6066, 3).</summary>
    private static ReadOnlySpan<char> Name(string host)
    {
        ReadOnlySpan<char> name = host;
        int end = name.IndexOf(':') >= 0 ? name.IndexOf('%') : name.Length > 1 && name.EndsWith('.') ? name.Length - 1 : -1;
        return end < 0 ? name : name.Slice(0, end);
    }

    /// <summary>Ends a call from below.</summary>
    private void Return()
    {
        _isCalled = false;
        if (_isDisposed)
        {
            Free();
        }
    }

    private void Free()
    {
        _session?.Dispose();
        _arena.Dispose();
    }

    /// <summary>
    /// Begins with a session that compares no names. edk2 tells servers the name since edk2-stable202408, and before then it refuses one in 30 to 100 names
    /// that are right: its strcpy (CryptoPkg, CrtWrapper.c) does nothing where the copy lies less than 4 KiB before the original, and what it compares is
    /// whatever the heap holds. The judge, who sees all certificates of TLS 1.2, has compared them.
    /// </summary>
    private Error? BeginAnew(out ReadOnlySpan<byte> hello)
    {
        hello = default;
        _session!.Dispose();
        Error? error;
        using (_arena.Enter())
        {
            _session = FirmwareTlsSession.Create(Name(_host), comparesHost: false, _maker.Trust, out error);
        }

        return error ?? _session!.Begin(out hello);
    }

    private void ReadOwnHello(ReadOnlySpan<byte> record)
    {
        if (record.Length > TlsRecord.HeaderSize + 4 && TlsHello.TryParse(record.Slice(TlsRecord.HeaderSize + 4), isClient: true, out TlsHello hello))
        {
            _hidesName = !hello.Has(TlsHello.ServerName) && !IPAddress.TryParse(Name(_host), out _);
            _offersCurves = hello.Has(TlsHello.SupportedGroups);
            _offers13 = hello.Has(TlsHello.SupportedVersions);
        }
    }

    private void OnRecord(Span<byte> record)
    {
        switch (record[0])
        {
            case TlsRecord.ApplicationData when _session!.IsOpen:
                OnApplicationData(record);
                break;
            case TlsRecord.Alert when _session!.IsOpen:
                OnAlert(record);
                break;
            case TlsRecord.Handshake when _session!.IsOpen:
                End(EFI_STATUS.EFI_SECURITY_VIOLATION, "the server asks for a new handshake in the middle (renegotiation), which is refused");
                break;
            case TlsRecord.Handshake or TlsRecord.ChangeCipherSpec or TlsRecord.Alert when !_session!.IsOpen:
            case TlsRecord.ApplicationData when _version == TlsRecord.Version13:
                OnHandshakeRecord(record);
                break;
            default:
                End(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"the server sent a record of type {record[0]} at the wrong time"));
                break;
        }
    }

    private void OnApplicationData(Span<byte> record)
    {
        if (!_session!.TryDecrypt(record, out ReadOnlySpan<byte> data, out ReadOnlySpan<byte> answer))
        {
            SendAll(answer);
            End(EFI_STATUS.EFI_CRC_ERROR, "a record was changed on its way: it cannot be deciphered");
            return;
        }

        if (!SendAll(answer))
        {
            End(EFI_STATUS.EFI_OUT_OF_RESOURCES, "there is no room for the answer to new keys");
        }
        else if (!data.IsEmpty)
        {
            _handler.OnData(data);
        }
    }

    private void OnAlert(Span<byte> record)
    {
        bool isEnd = _session!.TryEnd(record, out ReadOnlySpan<byte> answer);
        SendAll(answer);
        if (isEnd)
        {
            _isCloseSent = true;
            EndOrderly();
        }
        else
        {
            End(EFI_STATUS.EFI_ABORTED, "the server broke the connection off with an alert");
        }
    }

    private void OnHandshakeRecord(Span<byte> record)
    {
        ReadOnlySpan<byte> list = default;
        Error? error = _isEnciphered ? null : Read(record, out list);
        if (error is not null)
        {
            SendAlert(error.Status == EFI_STATUS.EFI_SECURITY_VIOLATION ? TlsAlert.BadCertificate : TlsAlert.HandshakeFailure);
            End(error);
            return;
        }

        if (_isOver)
        {
            return;
        }

        bool isTaken = _session!.TryAnswer(record, out ReadOnlySpan<byte> answer);
        bool isSent = SendAll(answer);
        if (!isTaken)
        {
            Refuse(list, answer);
        }
        else if (!isSent)
        {
            End(EFI_STATUS.EFI_OUT_OF_RESOURCES, "there is no room for the handshake's answer");
        }
        else if (_session.IsOpen)
        {
            if (_session.Version != _version)
            {
                End(EFI_STATUS.EFI_PROTOCOL_ERROR, "the firmware's TLS speaks another version than the server chose");
            }
            else if (_version < TlsRecord.Version13 && _certificates == 0)
            {
                End(EFI_STATUS.EFI_SECURITY_VIOLATION, "the server showed no certificate");
            }
            else
            {
                _handler.OnConnected();
            }
        }
    }

    /// <summary>Reads a record in clear before the session gets it.</summary>
    private Error? Read(ReadOnlySpan<byte> record, out ReadOnlySpan<byte> list)
    {
        list = default;
        ReadOnlySpan<byte> content = record.Slice(TlsRecord.HeaderSize);
        switch (record[0])
        {
            case TlsRecord.ChangeCipherSpec:
                // In TLS 1.3 it means nothing (RFC 8446, 5), and nobody hides the certificates behind one.
                _isEnciphered = _certificates > 0 && _version != TlsRecord.Version13;
                return null;
            case TlsRecord.Alert:
                ReadAlert(content);
                return null;
            case TlsRecord.ApplicationData:
                return null;
        }

        while (TryReadMessage(ref content, out byte type, out ReadOnlySpan<byte> body))
        {
            Error? error = null;
            if (type == TlsHandshakeReader.ServerHello)
            {
                error = OnServerHello(body);
            }
            else if (type == TlsHandshakeReader.Certificate)
            {
                list = body;
                error = OnCertificate(body);
            }
            else if (type == TlsHandshakeReader.CertificateRequest)
            {
                _isCertificateAsked = true;
                error = _session!.ClientCertificateError;
            }

            if (error is not null)
            {
                return error;
            }
        }

        return _handshake.HasFailed
            ? new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format(
                $"the server sent a message of the handshake of more than {TlsHandshakeReader.LongestMessage} bytes"))
            : null;
    }

    /// <summary>What a message of several records is gathered in lives as long as the connection.</summary>
    private bool TryReadMessage(scoped ref ReadOnlySpan<byte> content, out byte type, out ReadOnlySpan<byte> body)
    {
        using (_arena.Enter())
        {
            return _handshake.TryRead(ref content, out type, out body);
        }
    }

    private void ReadAlert(ReadOnlySpan<byte> content)
    {
        if (content.Length != 2)
        {
            End(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"the server sent an alert of {content.Length} bytes"));
            return;
        }

        byte description = content[1];
        if (content[0] != TlsAlert.Fatal && description != TlsAlert.CloseNotify)
        {
            return; // A warning: the session counts them.
        }

        string more = _isCertificateAsked && _maker.Trust.ClientCertificate.IsEmpty ? " (it asked for a certificate of ours, and there is none)"
            : _isCertificateAsked && description == TlsAlert.UnknownAuthority ? " (of our certificate, which the firmware's TLS sends without those who issued it)"
            : description == TlsAlert.HandshakeFailure && !_offersCurves ? " (the firmware's TLS has no elliptic curves)"
            : description is TlsAlert.HandshakeFailure or TlsAlert.UnrecognizedName && _hidesName ? HiddenName
            : "";
        End(EFI_STATUS.EFI_ABORTED, TextBuilder.Format($"the server says: {TlsAlert.Describe(description)} (alert {description}){more}"));
    }

    private Error? OnServerHello(ReadOnlySpan<byte> body)
    {
        if (++_hellos > 2 || !TlsHello.TryParse(body, isClient: false, out TlsHello hello)) // Two: RFC 8446, 4.1.4.
        {
            return new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, "the server's hello is damaged");
        }

        _version = hello.Version;
        if (_version < TlsRecord.Version12)
        {
            string name = _version switch { 0x0302 => "TLS 1.1", 0x0301 => "TLS 1.0", _ => "SSL" };
            return new Error(
                EFI_STATUS.EFI_SECURITY_VIOLATION, TextBuilder.Format($"the server speaks no newer version than {name}; TLS 1.2 is the least"));
        }

        if (_version >= TlsRecord.Version13 && !_offers13)
        {
            return new Error(EFI_STATUS.EFI_SECURITY_VIOLATION, "the server chose TLS 1.3, which was not offered");
        }

        // The certificates will not be seen: what they may lead to has to be there before.
        for (int i = 0; _version >= TlsRecord.Version13 && i < _maker.Trust.Count; i++)
        {
            if (!X509Certificate.TryParse(_maker.Trust[i], out X509Certificate each) || !each.IsRoot || _maker.Trust.IsTrusted(each, CertificatePurpose.Server))
            {
                _session!.Trust(_maker.Trust[i]); // One that it does not know may not be needed.
            }
        }

        return null;
    }

    private Error? OnCertificate(ReadOnlySpan<byte> list)
    {
        if (++_certificates > 1)
        {
            return new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, "the server sent its certificates twice");
        }

        Error? error = _maker.Judge.Judge(_host, list);
        if (error is not null)
        {
            // Others of the same address may be meant by what it sent.
            return _hidesName ? new Error(error.Status, TextBuilder.Format($"{error.Message}{HiddenName}")) : error;
        }

        // No more than this chain needs: what the firmware was given it trusts until it restarts.
        Span<int> stored = stackalloc int[ChainSearch.MaximumLength];
        int count = _maker.Judge.FindStored(list, stored);
        for (int i = 0; i < count && error is null; i++)
        {
            error = _session!.Trust(_maker.Trust[stored[i]]);
        }

        return error;
    }

    /// <summary>The firmware's TLS took the server's record for a reason to end.</summary>
    private void Refuse(ReadOnlySpan<byte> list, ReadOnlySpan<byte> alert)
    {
        string reason = alert.Length == TlsRecord.HeaderSize + 2 && alert[0] == TlsRecord.Alert ? TlsAlert.Describe(alert[6]) : "it does not say why";
        End(list.IsEmpty
            ? new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"the firmware's TLS refuses the server's handshake: {reason}"))
            : Explain(list, reason));
    }

    private Error Explain(ReadOnlySpan<byte> list, string reason)
    {
        Error error = _maker.Judge.Explain(_host, list, EFI_STATUS.EFI_SECURITY_VIOLATION);
        return new Error(error.Status, TextBuilder.Format($"{error.Message} ({reason})"));
    }

    /// <summary>An alert of our own, in clear.</summary>
    private void SendAlert(byte description)
    {
        Span<byte> alert = stackalloc byte[TlsRecord.HeaderSize + 2];
        alert[0] = TlsRecord.Alert;
        alert[1] = TlsRecord.Version12 >> 8;
        alert[2] = TlsRecord.Version12 & 0xFF;
        alert[3] = 0;
        alert[4] = 2;
        alert[5] = TlsAlert.Fatal;
        alert[6] = description;
        SendAll(alert);
    }

    private bool SendAll(ReadOnlySpan<byte> records) => records.IsEmpty || _below.Send(records) == records.Length;

    private Error Failure(Error error) => new(error.Status, TextBuilder.Format($"TLS {_server}: {error.Message}"));

    private void EndOrderly()
    {
        if (!_isOver)
        {
            _isOver = true;
            _handler.OnClosed(null);
        }
    }

    private void End(EFI_STATUS status, string reason) => End(new Error(status, reason));

    private void End(Error error)
    {
        if (!_isOver)
        {
            _isOver = true;
            _below.Close(); // After the alert.
            _handler.OnClosed(Failure(error));
        }
    }
}
