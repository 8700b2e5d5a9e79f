using System;
using System.Runtime.InteropServices;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>OpenSSL as Debian's libssl3 has it: what edk2's TlsLib calls of it, and what a server needs.</summary>
public static partial class LibSsl
{
    public const int VerifyNone = 0;
    public const int VerifyPeer = 1;
    public const int VerifyRequired = 3;
    public const int ErrorSsl = 1;
    public const int ErrorSyscall = 5;
    public const int ErrorZeroReturn = 6;
    public const int Version10 = 0x0301;
    public const int Version11 = 0x0302;
    public const int Version12 = 0x0303;
    public const int Version13 = 0x0304;

    /// <summary>SSL_CTRL_SET_TLSEXT_HOSTNAME.</summary>
    public const int SetHostName = 55;

    /// <summary>SSL_CTRL_CHAIN_CERT, which takes the certificate over.</summary>
    public const int AddChainCertificate = 89;

    /// <summary>SSL_CTRL_SET_MIN_PROTO_VERSION.</summary>
    public const int SetMinimumVersion = 123;

    /// <summary>SSL_CTRL_SET_MAX_PROTO_VERSION.</summary>
    public const int SetMaximumVersion = 124;

    /// <summary>BIO_C_SET_BUF_MEM_EOF_RETURN.</summary>
    public const int SetEofReturn = 130;

    /// <summary>X509_V_FLAG_PARTIAL_CHAIN.</summary>
    public const nuint PartialChain = 0x80000;

    /// <summary>X509_V_FLAG_NO_CHECK_TIME.</summary>
    public const nuint NoCheckTime = 0x200000;

    /// <summary>EVP_PKEY_RSA and EVP_PKEY_EC.</summary>
    public const int KeyRsa = 6;
    public const int KeyEc = 408;

    private const string Ssl = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    [LibraryImport(Ssl, EntryPoint = "TLS_client_method")]
    public static partial nint ClientMethod();

    [LibraryImport(Ssl, EntryPoint = "TLS_server_method")]
    public static partial nint ServerMethod();

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_new")]
    public static partial nint NewContext(nint method);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_free")]
    public static partial void FreeContext(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_ctrl")]
    public static partial nint ControlContext(nint context, int command, nint number, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_CTX_get_cert_store")]
    public static partial nint Store(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_new")]
    public static partial nint New(nint context);

    [LibraryImport(Ssl, EntryPoint = "SSL_free")]
    public static partial void Free(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_bio")]
    public static partial void SetBios(nint ssl, nint read, nint write);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_security_level")]
    public static partial void SetSecurityLevel(nint ssl, int level);

    [LibraryImport(Ssl, EntryPoint = "SSL_ctrl")]
    public static partial nint Control(nint ssl, int command, nint number, nint pointer);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_connect_state")]
    public static partial void SetClient(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_accept_state")]
    public static partial void SetServer(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_do_handshake")]
    public static partial int DoHandshake(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_is_init_finished")]
    public static partial int IsInitFinished(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_error")]
    public static partial int GetError(nint ssl, int result);

    [LibraryImport(Ssl, EntryPoint = "SSL_read")]
    public static unsafe partial int Read(nint ssl, byte* buffer, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_write")]
    public static unsafe partial int Write(nint ssl, byte* buffer, int length);

    [LibraryImport(Ssl, EntryPoint = "SSL_shutdown")]
    public static partial int Shutdown(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_version")]
    public static partial int Version(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_verify")]
    public static partial void SetVerify(nint ssl, int mode, nint callback);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_verify_mode")]
    public static partial int GetVerify(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_hostflags")]
    public static partial void SetHostFlags(nint ssl, uint flags);

    [LibraryImport(Ssl, EntryPoint = "SSL_get0_param")]
    public static partial nint Parameters(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_use_certificate")]
    public static partial int UseCertificate(nint ssl, nint certificate);

    [LibraryImport(Ssl, EntryPoint = "SSL_use_PrivateKey")]
    public static partial int UseKey(nint ssl, nint key);

    [LibraryImport(Ssl, EntryPoint = "SSL_check_private_key")]
    public static partial int CheckKey(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_set_cipher_list", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetCiphers(nint ssl, string list);

    [LibraryImport(Ssl, EntryPoint = "SSL_renegotiate")]
    public static partial int Renegotiate(nint ssl);

    [LibraryImport(Ssl, EntryPoint = "SSL_key_update")]
    public static partial int UpdateKeys(nint ssl, int type);

    [LibraryImport(Ssl, EntryPoint = "SSL_get_servername")]
    public static partial nint ServerName(nint ssl, int type);

    [LibraryImport(Ssl, EntryPoint = "SSL_get1_peer_certificate")]
    public static partial nint PeerCertificate(nint ssl);

    [LibraryImport(Crypto, EntryPoint = "BIO_s_mem")]
    public static partial nint MemoryMethod();

    [LibraryImport(Crypto, EntryPoint = "BIO_new")]
    public static partial nint NewBio(nint method);

    [LibraryImport(Crypto, EntryPoint = "BIO_new_mem_buf")]
    public static unsafe partial nint NewBio(byte* buffer, int length);

    [LibraryImport(Crypto, EntryPoint = "BIO_free")]
    public static partial int FreeBio(nint bio);

    [LibraryImport(Crypto, EntryPoint = "BIO_ctrl")]
    public static partial nint ControlBio(nint bio, int command, nint number, nint pointer);

    [LibraryImport(Crypto, EntryPoint = "BIO_ctrl_pending")]
    public static partial nuint Pending(nint bio);

    [LibraryImport(Crypto, EntryPoint = "BIO_read")]
    public static unsafe partial int ReadBio(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto, EntryPoint = "BIO_write")]
    public static unsafe partial int WriteBio(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto, EntryPoint = "d2i_X509")]
    public static unsafe partial nint ParseCertificate(nint result, byte** der, nint length);

    [LibraryImport(Crypto, EntryPoint = "X509_free")]
    public static partial void FreeCertificate(nint certificate);

    [LibraryImport(Crypto, EntryPoint = "X509_STORE_add_cert")]
    public static partial int AddCertificate(nint store, nint certificate);

    [LibraryImport(Crypto, EntryPoint = "X509_STORE_set_flags")]
    public static partial int SetStoreFlags(nint store, nuint flags);

    [LibraryImport(Crypto, EntryPoint = "X509_VERIFY_PARAM_set1_host")]
    public static unsafe partial int SetHost(nint parameters, byte* name, nuint length);

    [LibraryImport(Crypto, EntryPoint = "X509_VERIFY_PARAM_set1_ip")]
    public static unsafe partial int SetAddress(nint parameters, byte* address, nuint length);

    [LibraryImport(Crypto, EntryPoint = "PEM_read_bio_PrivateKey")]
    public static partial nint ReadKey(nint bio, nint result, nint callback, nint argument);

    [LibraryImport(Crypto, EntryPoint = "EVP_PKEY_free")]
    public static partial void FreeKey(nint key);

    /// <summary>A memory BIO that asks for patience when it is empty.</summary>
    public static nint NewMemoryBio()
    {
        nint bio = NewBio(MemoryMethod());
        ControlBio(bio, SetEofReturn, -1, 0);
        return bio;
    }

    /// <summary>All that waits in a memory BIO.</summary>
    public static unsafe byte[] Drain(nint bio)
    {
        byte[] bytes = new byte[(int)Pending(bio)];
        fixed (byte* start = bytes)
        {
            return bytes.Length == 0 ? bytes : bytes[..Math.Max(ReadBio(bio, start, bytes.Length), 0)];
        }
    }

    /// <summary>Uses a key in PEM; false when it is none, or not the certificate's.</summary>
    public static unsafe bool UseKey(nint ssl, ReadOnlySpan<byte> pem)
    {
        fixed (byte* bytes = pem)
        {
            nint bio = NewBio(bytes, pem.Length);
            nint key = ReadKey(bio, 0, 0, 0);
            bool isUsed = key != 0 && UseKey(ssl, key) == 1 && CheckKey(ssl) == 1;
            FreeKey(key);
            FreeBio(bio);
            return isUsed;
        }
    }

    /// <summary>Reads a certificate in DER, to be freed; 0 for what is none.</summary>
    public static unsafe nint ParseCertificate(ReadOnlySpan<byte> der)
    {
        fixed (byte* bytes = der)
        {
            byte* at = bytes;
            return ParseCertificate(0, &at, der.Length);
        }
    }
}
