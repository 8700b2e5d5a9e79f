using System.Runtime.CompilerServices;

namespace Uefi.Interop.Raw;

/// <summary>Which destinations are received. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_IP_FILTER
{
    public const int EFI_PXE_BASE_CODE_MAX_IPCNT = 8;
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_STATION_IP = 0x01;
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_BROADCAST = 0x02;
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_PROMISCUOUS = 0x04;
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_PROMISCUOUS_MULTICAST = 0x08;

    public byte Filters;
    public byte IpCnt;
    public ushort reserved;
    public Addresses IpList;

    /// <summary>IpList's addresses.</summary>
    [InlineArray(EFI_PXE_BASE_CODE_MAX_IPCNT)]
    public struct Addresses
    {
        private EFI_IP_ADDRESS _first;
    }
}
