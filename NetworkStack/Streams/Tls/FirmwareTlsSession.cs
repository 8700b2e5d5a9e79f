using System;
using NetBoot.NetworkStack.Trust;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Streams.Tls;

/// <summary>
/// The firmware's own TLS (UEFI 2.10, 28.10). What is said here of its ways is what edk2's TlsDxe and TlsLib do, the only implementation that is
/// known.
/// </summary>
/// <remarks>
/// The version is not set: TlsDxe takes one as the only one that it may speak. It offers all that it knows, and <see cref="TlsConnection"/> reads what
/// the server chose. TlsDxe keeps one store of trusted certificates for all sessions of all callers until the machine restarts.
/// </remarks>
internal sealed unsafe class FirmwareTlsSession : TlsSession
{
    /// <summary>
    /// Enough for all that a client answers, so that EFI_BUFFER_TOO_SMALL is rare: TlsDxe forgets to open a session whose last answer did not fit.
    /// </summary>
    private const int UsualAnswer = 16 * 1024;

    /// <summary>More is no answer of a client's.</summary>
    private const int LargestAnswer = 256 * 1024;

    /// <summary>
    /// Bytes of an alert in a record of TLS 1.3: it, the inner type, the tag. The answer to new keys, the other record that may wait, is longer.
    /// </summary>
    private const int AlertSize13 = TlsRecord.HeaderSize + 2 + 1 + 16;

    private readonly EFI_TLS_SERVICE_BINDING_PROTOCOL* _binding;
    private readonly EFI_HANDLE _child;
    private readonly EFI_TLS_PROTOCOL* _tls;
    private readonly EFI_TLS_CONFIGURATION_PROTOCOL* _configuration;
    private byte* _answer;
    private nuint _answerRoom;
    private EFI_TLS_FRAGMENT_DATA* _fragments; // what ProcessPacket gave
    private uint _fragmentCount;
    private bool _isOpen;
    private ushort _version;
    private Error? _clientCertificateError;

    private FirmwareTlsSession(
        EFI_TLS_SERVICE_BINDING_PROTOCOL* binding, EFI_HANDLE child, EFI_TLS_PROTOCOL* tls, EFI_TLS_CONFIGURATION_PROTOCOL* configuration)
    {
        _binding = binding;
        _child = child;
        _tls = tls;
        _configuration = configuration;
    }

    /// <summary>Whether the firmware has TLS.</summary>
    public static bool IsPresent => Firmware.Locate<EFI_TLS_SERVICE_BINDING_PROTOCOL>() != null;

    /// <inheritdoc/>
    public override bool IsOpen => _isOpen;

    /// <inheritdoc/>
    public override ushort Version => _version;

    /// <inheritdoc/>
    public override Error? ClientCertificateError => _clientCertificateError;

    /// <summary>Makes a session in the current arena, which is to be disposed.</summary>
    /// <param name="host">Who the server's certificate has to name: a host's name, or an IP address as text.</param>
    /// <param name="comparesHost">Whether the firmware compares that, and may tell the server.</param>
    /// <param name="trust">Has the client's own certificate, if any.</param>
    /// <param name="error">Why not.</param>
    public static FirmwareTlsSession? Create(ReadOnlySpan<char> host, bool comparesHost, TrustStore trust, out Error? error)
    {
        EFI_TLS_SERVICE_BINDING_PROTOCOL* binding = Firmware.Locate<EFI_TLS_SERVICE_BINDING_PROTOCOL>();
        if (binding == null)
        {
            error = new Error(EFI_STATUS.EFI_UNSUPPORTED, "this firmware has no TLS (EFI_TLS)");
            return null;
        }

        EFI_HANDLE child = default;
        EFI_STATUS status = binding->CreateChild(binding, &child);
        if (status.IsError)
        {
            error = new Error(status, TextBuilder.Format($"the firmware's TLS makes no session: {status}"));
            return null;
        }

        EFI_TLS_PROTOCOL* tls = Firmware.Get<EFI_TLS_PROTOCOL>(child);
        EFI_TLS_CONFIGURATION_PROTOCOL* configuration = Firmware.Get<EFI_TLS_CONFIGURATION_PROTOCOL>(child);
        if (tls == null || configuration == null)
        {
            binding->DestroyChild(binding, child);
            error = new Error(EFI_STATUS.EFI_UNSUPPORTED, "the firmware's TLS makes sessions that lack their protocols");
            return null;
        }

        FirmwareTlsSession session = new(binding, child, tls, configuration);
        error = session.SetUp() ?? (comparesHost ? session.SetHost(host) : null);
        if (error is not null)
        {
            session.Dispose();
            return null;
        }

        session.SetClientCertificate(trust);
        return session;
    }

    /// <inheritdoc/>
    public override Error? Begin(out ReadOnlySpan<byte> hello)
    {
        EFI_STATUS status = Build(null, 0, out hello);
        if (!status.IsError && hello.Length > TlsRecord.HeaderSize)
        {
            return null;
        }

        bool isRandom = Firmware.Locate<EFI_RNG_PROTOCOL>() != null;
        return new Error(
            status.IsError ? status : EFI_STATUS.EFI_PROTOCOL_ERROR,
            TextBuilder.Format($"the firmware's TLS does not begin: {status}{(isRandom ? "" : "; the firmware has no random source (EFI_RNG)")}"));
    }

    /// <inheritdoc/>
    public override Error? Trust(ReadOnlySpan<byte> root)
    {
        EFI_STATUS status = SetConfiguration(EFI_TLS_CONFIG_DATA_TYPE.EfiTlsConfigDataTypeCACertificate, root);
        return status.IsError ? new Error(status, TextBuilder.Format($"the firmware's TLS does not take the trusted certificate: {status}")) : null;
    }

    /// <inheritdoc/>
    public override bool TryAnswer(Span<byte> record, out ReadOnlySpan<byte> answer)
    {
        EFI_STATUS status;
        fixed (byte* bytes = record)
        {
            status = Build(bytes, (nuint)record.Length, out answer);
        }

        if (status.IsError || !TryReadState(out EFI_TLS_SESSION_STATE state) || state == EFI_TLS_SESSION_STATE.EfiTlsSessionError)
        {
            TakeAlert(out answer);
            return false;
        }

        if (state == EFI_TLS_SESSION_STATE.EfiTlsSessionDataTransferring)
        {
            _isOpen = true;
            byte* version = stackalloc byte[2];
            nuint size = 2;
            _version = _tls->GetSessionData(_tls, EFI_TLS_SESSION_DATA_TYPE.EfiTlsVersion, version, &size).IsError
                ? (ushort)0 : (ushort)((version[0] << 8) | version[1]);
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool TryDecrypt(Span<byte> record, out ReadOnlySpan<byte> data, out ReadOnlySpan<byte> answer)
    {
        answer = default;
        if (!TryProcess(record, EFI_TLS_CRYPT_MODE.EfiTlsDecrypt, out data))
        {
            TakeAlert(out answer);
            return false;
        }

        if (data.Length < TlsRecord.HeaderSize)
        {
            return false;
        }

        data = data.Slice(TlsRecord.HeaderSize);
        if (!data.IsEmpty)
        {
            return true;
        }

        // TlsDxe gives nothing, and no error, of a record whose tag is wrong: but then an alert waits.
        TakeAlert(out answer);
        return !IsAlert(answer) && SetState(EFI_TLS_SESSION_STATE.EfiTlsSessionDataTransferring);
    }

    /// <inheritdoc/>
    public override bool TryEncrypt(Span<byte> record, out ReadOnlySpan<byte> answer)
    {
        int length = record.Length - TlsRecord.HeaderSize;
        record[0] = TlsRecord.ApplicationData;
        record[1] = TlsRecord.Version12 >> 8;
        record[2] = TlsRecord.Version12 & 0xFF;
        record[3] = (byte)length; // As the processor has it: UEFI 2.10, 28.10.2 does not say so, TlsDxe reads it so.
        record[4] = (byte)(length >> 8);
        return TryProcess(record, EFI_TLS_CRYPT_MODE.EfiTlsEncrypt, out answer) && answer.Length > length;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// TlsDxe does not tell what an alert was. But it has an alert of its own to send when it could not read the record, and gives no close_notify
    /// when the server's was a fatal one.
    /// </remarks>
    public override bool TryEnd(Span<byte> record, out ReadOnlySpan<byte> answer)
    {
        EFI_STATUS status;
        fixed (byte* bytes = record)
        {
            status = Build(bytes, (nuint)record.Length, out answer);
        }

        if (status.IsError || !answer.IsEmpty)
        {
            return false;
        }

        answer = Close();
        return !answer.IsEmpty;
    }

    /// <inheritdoc/>
    /// <remarks>A session that has seen the end reads no further; one that has not complains of a record that is none.</remarks>
    public override bool HasEnded()
    {
        if (_version < TlsRecord.Version13)
        {
            return false;
        }

        Span<byte> record = stackalloc byte[AlertSize13];
        record.Clear();
        record[0] = TlsRecord.ApplicationData;
        record[1] = TlsRecord.Version12 >> 8;
        record[2] = TlsRecord.Version12 & 0xFF;
        record[4] = AlertSize13 - TlsRecord.HeaderSize;
        return TryDecrypt(record, out _, out _);
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Close() =>
        SetState(EFI_TLS_SESSION_STATE.EfiTlsSessionClosing) && !Build(null, 0, out ReadOnlySpan<byte> answer).IsError ? answer : default;

    /// <inheritdoc/>
    public override void Dispose()
    {
        Release();
        Pool.Free(_answer);
        _answer = null;
        _binding->DestroyChild(_binding, _child);
    }

    private Error? SetUp()
    {
        EFI_TLS_CONNECTION_END end = EFI_TLS_CONNECTION_END.EfiTlsClient;
        uint method = EFI_TLS_VERIFY_HOST.EFI_TLS_VERIFY_PEER;
        EFI_STATUS status = Set(EFI_TLS_SESSION_DATA_TYPE.EfiTlsConnectionEnd, &end, sizeof(EFI_TLS_CONNECTION_END));
        if (!status.IsError)
        {
            status = Set(EFI_TLS_SESSION_DATA_TYPE.EfiTlsVerifyMethod, &method, sizeof(uint));
        }

        return status.IsError ? new Error(status, TextBuilder.Format($"the firmware's TLS cannot verify a server: {status}")) : null;
    }

    private Error? SetHost(ReadOnlySpan<char> host)
    {
        byte* name = stackalloc byte[host.Length + 1];
        for (int i = 0; i < host.Length; i++)
        {
            name[i] = (byte)host[i];
        }

        name[host.Length] = 0;
        EFI_TLS_VERIFY_HOST verify = new() { Flags = EFI_TLS_VERIFY_HOST.EFI_TLS_VERIFY_FLAG_NO_PARTIAL_WILDCARDS, HostName = name };
        EFI_STATUS status = Set(EFI_TLS_SESSION_DATA_TYPE.EfiTlsVerifyHost, &verify, (nuint)sizeof(EFI_TLS_VERIFY_HOST));
        return status.IsError ? new Error(status, TextBuilder.Format($"the firmware's TLS cannot verify that a server is {host}: {status}")) : null;
    }

    private void SetClientCertificate(TrustStore trust)
    {
        if (!trust.ClientCertificate.IsEmpty)
        {
            EFI_STATUS status = SetConfiguration(EFI_TLS_CONFIG_DATA_TYPE.EfiTlsConfigDataTypeHostPublicCert, trust.ClientCertificate);
            if (!status.IsError)
            {
                status = SetConfiguration(EFI_TLS_CONFIG_DATA_TYPE.EfiTlsConfigDataTypeHostPrivateKey, trust.ClientKey);
            }

            _clientCertificateError = status.IsError
                ? new Error(status, TextBuilder.Format($"the firmware's TLS does not take our certificate and its key: {status}"))
                : null;
        }
    }

    private EFI_STATUS Set(EFI_TLS_SESSION_DATA_TYPE type, void* data, nuint size) => _tls->SetSessionData(_tls, type, data, size);

    private EFI_STATUS SetConfiguration(EFI_TLS_CONFIG_DATA_TYPE type, ReadOnlySpan<byte> data)
    {
        fixed (byte* bytes = data)
        {
            return _configuration->SetData(_configuration, type, bytes, (nuint)data.Length);
        }
    }

    private bool SetState(EFI_TLS_SESSION_STATE state) =>
        !Set(EFI_TLS_SESSION_DATA_TYPE.EfiTlsSessionState, &state, sizeof(EFI_TLS_SESSION_STATE)).IsError;

    private bool TryReadState(out EFI_TLS_SESSION_STATE state)
    {
        EFI_TLS_SESSION_STATE read = default;
        nuint size = sizeof(EFI_TLS_SESSION_STATE);
        EFI_STATUS status = _tls->GetSessionData(_tls, EFI_TLS_SESSION_DATA_TYPE.EfiTlsSessionState, &read, &size);
        state = read;
        return !status.IsError;
    }

    /// <summary>The alert that waits to be sent, or nothing. The session is in the state of error then.</summary>
    private void TakeAlert(out ReadOnlySpan<byte> alert)
    {
        alert = default;
        if (SetState(EFI_TLS_SESSION_STATE.EfiTlsSessionError) && Build(null, 0, out ReadOnlySpan<byte> answer) == EFI_STATUS.EFI_SUCCESS)
        {
            alert = answer;
        }
    }

    private bool IsAlert(ReadOnlySpan<byte> record) =>
        !record.IsEmpty && (_version < TlsRecord.Version13 || record[0] == TlsRecord.Alert || record.Length == AlertSize13);

    private EFI_STATUS Build(byte* request, nuint requestSize, out ReadOnlySpan<byte> answer)
    {
        answer = default;
        nuint room = UsualAnswer;
        while (true)
        {
            if (room > _answerRoom)
            {
                Pool.Free(_answer);
                _answer = (byte*)Pool.Allocate(room);
                _answerRoom = _answer == null ? 0 : room;
                if (_answer == null)
                {
                    return EFI_STATUS.EFI_OUT_OF_RESOURCES;
                }
            }

            nuint size = _answerRoom;
            EFI_STATUS status = _tls->BuildResponsePacket(_tls, request, requestSize, _answer, &size);
            if (status == EFI_STATUS.EFI_BUFFER_TOO_SMALL && size > _answerRoom && size <= LargestAnswer)
            {
                room = size;
                continue;
            }

            if (!status.IsError && size <= _answerRoom)
            {
                answer = new ReadOnlySpan<byte>(_answer, (int)size);
            }

            return status;
        }
    }

    /// <summary>The one record, with its header, that comes of one; false when that is not what came.</summary>
    private bool TryProcess(Span<byte> record, EFI_TLS_CRYPT_MODE mode, out ReadOnlySpan<byte> result)
    {
        result = default;
        Release();
        fixed (byte* bytes = record)
        {
            EFI_TLS_FRAGMENT_DATA fragment = new() { FragmentLength = (uint)record.Length, FragmentBuffer = bytes };
            EFI_TLS_FRAGMENT_DATA* table = &fragment;
            uint count = 1;
            if (_tls->ProcessPacket(_tls, &table, &count, mode).IsError || table == &fragment || table == null)
            {
                return false;
            }

            _fragments = table;
            _fragmentCount = count;
        }

        if (_fragmentCount != 1 || _fragments->FragmentBuffer == null || _fragments->FragmentLength > int.MaxValue)
        {
            return false;
        }

        result = new ReadOnlySpan<byte>(_fragments->FragmentBuffer, (int)_fragments->FragmentLength);
        return true;
    }

    private void Release()
    {
        for (uint i = 0; i < _fragmentCount; i++)
        {
            Pool.Free(_fragments[i].FragmentBuffer);
        }

        Pool.Free(_fragments);
        _fragments = null;
        _fragmentCount = 0;
    }
}
