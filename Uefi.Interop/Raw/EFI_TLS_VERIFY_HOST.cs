using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Whose certificate the peer's is to be. UEFI 2.10, 28.10.2, where it has no padding.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public unsafe struct EFI_TLS_VERIFY_HOST
{
    /// <summary>In <see cref="Flags"/>: no wildcard for a part of a label.</summary>
    public const uint EFI_TLS_VERIFY_FLAG_NO_PARTIAL_WILDCARDS = 0x04;

    /// <summary>Of EfiTlsVerifyMethod: the peer's certificate is verified, and the handshake fails if it is not to be trusted.</summary>
    public const uint EFI_TLS_VERIFY_PEER = 0x1;

    /// <summary>EFI_TLS_VERIFY_FLAG_* bits.</summary>
    public uint Flags;

    /// <summary>A name or an IP address in ASCII, ended by a zero.</summary>
    public byte* HostName;
}
