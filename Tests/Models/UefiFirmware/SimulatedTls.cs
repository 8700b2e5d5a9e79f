using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// EFI_TLS as edk2's TlsDxe is (NetworkPkg/TlsDxe and CryptoPkg/Library/TlsLib of edk2-stable202502), over the same OpenSSL: one context, and so one
/// store of trusted certificates, for all children; statuses, sizes and states as there, with what is odd of them. What differs between releases is
/// a property.
/// </summary>
public sealed unsafe class SimulatedTls : IDisposable
{
    private const int HeaderSize = 5;
    private const int MaximumPlain = 16384;
    private const int MaximumCipher = 18432;

    private readonly SimulatedFirmware _firmware;
    private readonly nint _context;
    private readonly List<Child> _children = [];

    public SimulatedTls(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        _context = LibSsl.NewContext(LibSsl.ClientMethod());
        LibSsl.ControlContext(_context, LibSsl.SetMinimumVersion, LibSsl.Version10, 0);
        LibSsl.ControlContext(_context, LibSsl.SetMaximumVersion, LibSsl.Version12, 0);
        EFI_TLS_SERVICE_BINDING_PROTOCOL* binding = firmware.Allocate<EFI_TLS_SERVICE_BINDING_PROTOCOL>(this);
        binding->CreateChild = &CreateChild;
        binding->DestroyChild = &DestroyChild;
        firmware.Install(default, binding);
    }

    /// <summary>Sees the name of each call, such as "SetSessionData EfiTlsVersion", and may refuse it.</summary>
    public Func<string, EFI_STATUS>? Intercept { get; set; }

    /// <summary>May change what a record is in clear, after it was deciphered.</summary>
    public Func<byte[], byte[]>? OnPlain { get; set; }

    /// <summary>
    /// Whether hellos name the host: edk2 since edk2-stable202408. Before that, names are compared with whatever the heap holds, now and then; here always.
    /// </summary>
    public bool SendsName { get; set; } = true;

    /// <summary>Whether it takes keys: edk2 since edk2-stable202211.</summary>
    public bool TakesKeys { get; set; } = true;

    /// <summary>Whether it speaks TLS 1.3, which edk2 leaves out.</summary>
    public bool HasVersion13
    {
        set => LibSsl.ControlContext(_context, LibSsl.SetMaximumVersion, value ? LibSsl.Version13 : LibSsl.Version12, 0);
    }

    /// <summary>Bytes that an answer has at least to have room for, whatever it is.</summary>
    public nuint AnswerRoom { get; set; }

    /// <summary>The hosts that sessions were to verify.</summary>
    public List<string> Hosts { get; } = [];

    /// <summary>Children that were not destroyed.</summary>
    public int ChildCount => _children.Count;

    /// <summary>All certificates that were trusted, ever, in DER.</summary>
    public List<byte[]> Trusted { get; } = [];

    /// <summary>Calls of BuildResponsePacket and ProcessPacket with a record: each record whole, none twice.</summary>
    public List<byte[]> Records { get; } = [];

    public void Dispose()
    {
        foreach (Child child in _children)
        {
            LibSsl.Free(child.Ssl);
        }

        LibSsl.FreeContext(_context);
    }

    private EFI_STATUS Enter(string call) => Intercept?.Invoke(call) ?? EFI_STATUS.EFI_SUCCESS;

    private EFI_STATUS Create(EFI_HANDLE* handle)
    {
        EFI_STATUS status = Enter("CreateChild");
        if (status.IsError)
        {
            return status;
        }

        nint ssl = LibSsl.New(_context);
        LibSsl.SetSecurityLevel(ssl, 0);
        Child child = new(this, ssl, LibSsl.NewMemoryBio(), LibSsl.NewMemoryBio());
        LibSsl.SetBios(ssl, child.In, child.Out);
        LibSsl.SetStoreFlags(LibSsl.Store(_context), LibSsl.PartialChain | LibSsl.NoCheckTime);
        LibSsl.SetClient(ssl);
        EFI_TLS_PROTOCOL* tls = _firmware.Allocate<EFI_TLS_PROTOCOL>(child);
        tls->SetSessionData = &SetSessionData;
        tls->GetSessionData = &GetSessionData;
        tls->BuildResponsePacket = &BuildResponsePacket;
        tls->ProcessPacket = &ProcessPacket;
        EFI_TLS_CONFIGURATION_PROTOCOL* configuration = _firmware.Allocate<EFI_TLS_CONFIGURATION_PROTOCOL>(child);
        configuration->SetData = &SetData;
        *handle = _firmware.Install(_firmware.Install(*handle, tls), configuration);
        child.Handle = *handle;
        _children.Add(child);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS Destroy(EFI_HANDLE handle)
    {
        Child? child = _children.Find(each => each.Handle.Value == handle.Value);
        if (child is null)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        _firmware.Uninstall<EFI_TLS_PROTOCOL>(handle);
        _firmware.Uninstall<EFI_TLS_CONFIGURATION_PROTOCOL>(handle);
        _children.Remove(child);
        LibSsl.Free(child.Ssl);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS Allocate(nuint size, void** memory)
    {
        EFI_STATUS status = _firmware.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, size, memory);
        if (!status.IsError)
        {
            new Span<byte>(*memory, (int)size).Clear();
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CreateChild(EFI_TLS_SERVICE_BINDING_PROTOCOL* self, EFI_HANDLE* handle) =>
        ProtocolInstance<EFI_TLS_SERVICE_BINDING_PROTOCOL>.OwnerOf<SimulatedTls>(self).Create(handle);

    [UnmanagedCallersOnly]
    private static EFI_STATUS DestroyChild(EFI_TLS_SERVICE_BINDING_PROTOCOL* self, EFI_HANDLE handle) =>
        ProtocolInstance<EFI_TLS_SERVICE_BINDING_PROTOCOL>.OwnerOf<SimulatedTls>(self).Destroy(handle);

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetSessionData(EFI_TLS_PROTOCOL* self, EFI_TLS_SESSION_DATA_TYPE type, void* data, nuint size) =>
        data == null || size == 0 ? EFI_STATUS.EFI_INVALID_PARAMETER : Child.Of(self).Set(type, data, (int)size);

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetSessionData(EFI_TLS_PROTOCOL* self, EFI_TLS_SESSION_DATA_TYPE type, void* data, nuint* size) =>
        Child.Of(self).Get(type, data, size);

    [UnmanagedCallersOnly]
    private static EFI_STATUS BuildResponsePacket(EFI_TLS_PROTOCOL* self, byte* request, nuint requestSize, byte* buffer, nuint* size) =>
        size == null || (request == null) != (requestSize == 0) || (buffer == null && *size != 0)
            ? EFI_STATUS.EFI_INVALID_PARAMETER
            : Child.Of(self).Build(request, (int)requestSize, buffer, size);

    [UnmanagedCallersOnly]
    private static EFI_STATUS ProcessPacket(EFI_TLS_PROTOCOL* self, EFI_TLS_FRAGMENT_DATA** table, uint* count, EFI_TLS_CRYPT_MODE mode) =>
        Child.Of(self).Process(table, count, mode);

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetData(EFI_TLS_CONFIGURATION_PROTOCOL* self, EFI_TLS_CONFIG_DATA_TYPE type, void* data, nuint size) =>
        data == null || size == 0
            ? EFI_STATUS.EFI_INVALID_PARAMETER
            : ProtocolInstance<EFI_TLS_CONFIGURATION_PROTOCOL>.OwnerOf<Child>(self).Configure(type, new ReadOnlySpan<byte>(data, (int)size));

    private sealed class Child(SimulatedTls tls, nint ssl, nint input, nint output)
    {
        private EFI_TLS_SESSION_STATE _state;

        public nint Ssl => ssl;
        public nint In => input;
        public nint Out => output;
        public EFI_HANDLE Handle { get; set; }

        private bool IsInHandshake => LibSsl.IsInitFinished(ssl) == 0;

        public static Child Of(EFI_TLS_PROTOCOL* self) => ProtocolInstance<EFI_TLS_PROTOCOL>.OwnerOf<Child>(self);

        public EFI_STATUS Set(EFI_TLS_SESSION_DATA_TYPE type, void* data, int size)
        {
            EFI_STATUS status = tls.Enter($"SetSessionData {type}");
            if (status.IsError)
            {
                return status;
            }

            if (type != EFI_TLS_SESSION_DATA_TYPE.EfiTlsSessionState && _state != EFI_TLS_SESSION_STATE.EfiTlsSessionNotStarted)
            {
                return EFI_STATUS.EFI_NOT_READY;
            }

            switch (type)
            {
                case EFI_TLS_SESSION_DATA_TYPE.EfiTlsConnectionEnd:
                    return size != 4 ? EFI_STATUS.EFI_INVALID_PARAMETER : *(uint*)data == 0 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_UNSUPPORTED;
                case EFI_TLS_SESSION_DATA_TYPE.EfiTlsVerifyMethod when size == 4:
                    LibSsl.SetVerify(ssl, *(int*)data, 0);
                    return EFI_STATUS.EFI_SUCCESS;
                case EFI_TLS_SESSION_DATA_TYPE.EfiTlsVerifyHost when size == sizeof(EFI_TLS_VERIFY_HOST):
                    return (LibSsl.GetVerify(ssl) & LibSsl.VerifyPeer) == 0 ? EFI_STATUS.EFI_INVALID_PARAMETER : SetHost((EFI_TLS_VERIFY_HOST*)data);
                case EFI_TLS_SESSION_DATA_TYPE.EfiTlsSessionState when size == 4:
                    _state = *(EFI_TLS_SESSION_STATE*)data;
                    return EFI_STATUS.EFI_SUCCESS;
                case EFI_TLS_SESSION_DATA_TYPE.EfiTlsVerifyMethod or EFI_TLS_SESSION_DATA_TYPE.EfiTlsVerifyHost or
                    EFI_TLS_SESSION_DATA_TYPE.EfiTlsSessionState:
                    return EFI_STATUS.EFI_INVALID_PARAMETER;
                default:
                    return EFI_STATUS.EFI_UNSUPPORTED; // Others are not asked for.
            }
        }

        public EFI_STATUS Get(EFI_TLS_SESSION_DATA_TYPE type, void* data, nuint* size)
        {
            EFI_STATUS status = tls.Enter($"GetSessionData {type}");
            if (status.IsError)
            {
                return status;
            }

            nuint needed = type == EFI_TLS_SESSION_DATA_TYPE.EfiTlsVersion ? 2u : 4u;
            nuint room = *size;
            *size = needed;
            if (room < needed)
            {
                return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
            }

            switch (type)
            {
                case EFI_TLS_SESSION_DATA_TYPE.EfiTlsVersion:
                    int version = LibSsl.Version(ssl);
                    ((byte*)data)[0] = (byte)(version >> 8);
                    ((byte*)data)[1] = (byte)version;
                    return EFI_STATUS.EFI_SUCCESS;
                case EFI_TLS_SESSION_DATA_TYPE.EfiTlsSessionState:
                    *(EFI_TLS_SESSION_STATE*)data = _state;
                    return EFI_STATUS.EFI_SUCCESS;
                default:
                    return EFI_STATUS.EFI_UNSUPPORTED;
            }
        }

        public EFI_STATUS Build(byte* request, int requestSize, byte* buffer, nuint* size)
        {
            EFI_STATUS status = tls.Enter($"BuildResponsePacket {(request == null ? _state : request[0])}");
            if (status.IsError)
            {
                return status;
            }

            if (request == null)
            {
                switch (_state)
                {
                    case EFI_TLS_SESSION_STATE.EfiTlsSessionNotStarted:
                        status = Handshake(null, 0, buffer, size);
                        if (!status.IsError)
                        {
                            _state = EFI_TLS_SESSION_STATE.EfiTlsSessionHandShaking;
                        }

                        return status;
                    case EFI_TLS_SESSION_STATE.EfiTlsSessionClosing:
                        if (LibSsl.Pending(output) == 0)
                        {
                            LibSsl.Shutdown(ssl);
                        }

                        status = Answer(buffer, size);
                        return !status.IsError && *size == 0 ? EFI_STATUS.EFI_ABORTED : status;
                    case EFI_TLS_SESSION_STATE.EfiTlsSessionError:
                        return Answer(buffer, size);
                    default:
                        return EFI_STATUS.EFI_NOT_READY;
                }
            }

            if (IsInHandshake)
            {
                status = Handshake(request, requestSize, buffer, size);
                if (!status.IsError && !IsInHandshake)
                {
                    _state = EFI_TLS_SESSION_STATE.EfiTlsSessionDataTransferring;
                }

                return status;
            }

            if (request[0] != 21)
            {
                throw new InvalidOperationException($"ASSERT: TlsDxe gets a record of type {request[0]} when the handshake is over.");
            }

            if (LibSsl.Pending(output) == 0)
            {
                Feed(request, requestSize);
                byte* ignored = stackalloc byte[MaximumPlain];
                LibSsl.Read(ssl, ignored, MaximumPlain);
            }

            return Answer(buffer, size);
        }

        public EFI_STATUS Process(EFI_TLS_FRAGMENT_DATA** table, uint* count, EFI_TLS_CRYPT_MODE mode)
        {
            EFI_STATUS status = tls.Enter($"ProcessPacket {mode}");
            if (status.IsError)
            {
                return status;
            }

            if (_state != EFI_TLS_SESSION_STATE.EfiTlsSessionDataTransferring)
            {
                return EFI_STATUS.EFI_NOT_READY;
            }

            byte* record = (byte*)(*table)->FragmentBuffer;
            int size = (int)(*table)->FragmentLength;
            bool isPlain = mode == EFI_TLS_CRYPT_MODE.EfiTlsEncrypt;
            int length = isPlain ? record[3] | (record[4] << 8) : (record[3] << 8) | record[4];
            if (*count != 1 || record[0] != 23 || length > (isPlain ? MaximumPlain : MaximumCipher) || size != HeaderSize + length)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER; // TlsDxe takes several, and is given one.
            }

            byte* result;
            status = tls.Allocate(HeaderSize + (nuint)(isPlain ? MaximumCipher : MaximumPlain), (void**)&result);
            if (status.IsError)
            {
                return status;
            }

            if (isPlain)
            {
                LibSsl.Write(ssl, record + HeaderSize, length);
                size = Math.Max(LibSsl.ReadBio(output, result, HeaderSize + MaximumCipher), 0);
            }
            else
            {
                Feed(record, size);
                length = Math.Max(LibSsl.Read(ssl, result + HeaderSize, MaximumPlain), 0);
                if (tls.OnPlain is not null)
                {
                    byte[] changed = tls.OnPlain(new ReadOnlySpan<byte>(result + HeaderSize, length).ToArray());
                    changed.CopyTo(new Span<byte>(result + HeaderSize, MaximumPlain));
                    length = changed.Length;
                }

                new ReadOnlySpan<byte>(record, HeaderSize).CopyTo(new Span<byte>(result, HeaderSize));
                result[3] = (byte)length;
                result[4] = (byte)(length >> 8);
                size = HeaderSize + length;
            }

            EFI_TLS_FRAGMENT_DATA* fragments;
            status = tls.Allocate((nuint)sizeof(EFI_TLS_FRAGMENT_DATA), (void**)&fragments);
            if (status.IsError)
            {
                tls._firmware.BootServices->FreePool(result);
                *table = null;
                return status;
            }

            *fragments = new EFI_TLS_FRAGMENT_DATA { FragmentLength = (uint)size, FragmentBuffer = result };
            *table = fragments;
            *count = 1;
            return EFI_STATUS.EFI_SUCCESS;
        }

        public EFI_STATUS Configure(EFI_TLS_CONFIG_DATA_TYPE type, ReadOnlySpan<byte> data)
        {
            EFI_STATUS status = tls.Enter($"SetData {type}");
            if (status.IsError)
            {
                return status;
            }

            if (type == EFI_TLS_CONFIG_DATA_TYPE.EfiTlsConfigDataTypeHostPrivateKey)
            {
                return !tls.TakesKeys ? EFI_STATUS.EFI_UNSUPPORTED : LibSsl.UseKey(ssl, data) ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_ABORTED;
            }

            if (type is not (EFI_TLS_CONFIG_DATA_TYPE.EfiTlsConfigDataTypeCACertificate or EFI_TLS_CONFIG_DATA_TYPE.EfiTlsConfigDataTypeHostPublicCert))
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            nint certificate = LibSsl.ParseCertificate(data);
            if (certificate == 0)
            {
                return EFI_STATUS.EFI_ABORTED;
            }

            bool isTaken;
            if (type == EFI_TLS_CONFIG_DATA_TYPE.EfiTlsConfigDataTypeCACertificate)
            {
                tls.Trusted.Add(data.ToArray());
                isTaken = LibSsl.AddCertificate(LibSsl.Store(tls._context), certificate) == 1;
            }
            else
            {
                isTaken = LibSsl.UseCertificate(ssl, certificate) == 1;
            }

            LibSsl.FreeCertificate(certificate);
            return isTaken ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_ABORTED;
        }

        private EFI_STATUS SetHost(EFI_TLS_VERIFY_HOST* host)
        {
            string name = Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(host->HostName));
            tls.Hosts.Add(name);
            if (tls.SendsName)
            {
                LibSsl.Control(ssl, LibSsl.SetHostName, 0, (nint)host->HostName);
            }

            LibSsl.SetHostFlags(ssl, host->Flags);
            if (!IPAddress.TryParse(name, out IPAddress? address) || (address.AddressFamily == AddressFamily.InterNetwork && address.ToString() != name))
            {
                ReadOnlySpan<byte> heap = [0xAF, 0xAF, 0];
                fixed (byte* spoilt = heap)
                {
                    return LibSsl.SetHost(LibSsl.Parameters(ssl), tls.SendsName ? host->HostName : spoilt, 0) == 1 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_ABORTED;
                }
            }

            byte[] bytes = address.GetAddressBytes();
            fixed (byte* start = bytes)
            {
                return LibSsl.SetAddress(LibSsl.Parameters(ssl), start, (nuint)bytes.Length) == 1 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_ABORTED;
            }
        }

        private EFI_STATUS Handshake(byte* request, int requestSize, byte* buffer, nuint* size)
        {
            int result = 1;
            if (LibSsl.Pending(output) == 0)
            {
                if (request != null)
                {
                    Feed(request, requestSize);
                }

                result = LibSsl.DoHandshake(ssl);
            }

            if (result < 1 && LibSsl.GetError(ssl, result) is LibSsl.ErrorSsl or LibSsl.ErrorSyscall or LibSsl.ErrorZeroReturn)
            {
                return EFI_STATUS.EFI_ABORTED;
            }

            return Answer(buffer, size);
        }

        private void Feed(byte* record, int size)
        {
            tls.Records.Add(new ReadOnlySpan<byte>(record, size).ToArray());
            LibSsl.WriteBio(input, record, size);
        }

        private EFI_STATUS Answer(byte* buffer, nuint* size)
        {
            nuint pending = LibSsl.Pending(output);
            nuint room = *size;
            *size = pending;
            if (pending > room || (pending > 0 && room < tls.AnswerRoom))
            {
                *size = nuint.Max(pending, tls.AnswerRoom);
                return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
            }

            if (pending > 0)
            {
                *size = (nuint)LibSsl.ReadBio(output, buffer, (int)pending);
            }

            return EFI_STATUS.EFI_SUCCESS;
        }
    }
}
