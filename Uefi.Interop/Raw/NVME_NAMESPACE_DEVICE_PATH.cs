using System.Runtime.InteropServices;

namespace Uefi.Interop.Raw;

/// <summary>A name space of an NVMe controller. UEFI 2.10, 10.3.4.22.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct NVME_NAMESPACE_DEVICE_PATH
{
    public const byte MSG_NVME_NAMESPACE_DP = 0x17;

    public EFI_DEVICE_PATH_PROTOCOL Header;
    public uint NamespaceId;
    public ulong NamespaceUuid;
}
