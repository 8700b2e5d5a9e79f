using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A name space of an NVMe controller. UEFI 2.10, 10.3.4.22.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct NVME_NAMESPACE_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_NVME_NAMESPACE_DP = 0x17;

    /// <summary>Type, SubType and a length of 16 bytes.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>The name space's number; neither 0 nor all ones.</summary>
    public uint NamespaceId;

    /// <summary>Its EUI-64; 0 when it has none.</summary>
    public ulong NamespaceUuid;
}
