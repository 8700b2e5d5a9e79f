using System.Runtime.CompilerServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Which destinations are received. UEFI 2.10, 24.3.1.</summary>
public struct EFI_PXE_BASE_CODE_IP_FILTER
{
    /// <summary>Entries of IpList.</summary>
    public const int EFI_PXE_BASE_CODE_MAX_IPCNT = 8;

    /// <summary>The station's own address.</summary>
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_STATION_IP = 0x01;

    /// <summary>The broadcast address.</summary>
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_BROADCAST = 0x02;

    /// <summary>Every address.</summary>
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_PROMISCUOUS = 0x04;

    /// <summary>Every multicast address.</summary>
    public const byte EFI_PXE_BASE_CODE_IP_FILTER_PROMISCUOUS_MULTICAST = 0x08;

    /// <summary>EFI_PXE_BASE_CODE_IP_FILTER_* bits.</summary>
    public byte Filters;

    /// <summary>How many of IpList count, up to 8.</summary>
    public byte IpCnt;

    /// <summary>0.</summary>
    public ushort reserved;

    /// <summary>More addresses to receive.</summary>
    public Addresses IpList;

    /// <summary>IpList's addresses.</summary>
    [InlineArray(EFI_PXE_BASE_CODE_MAX_IPCNT)]
    public struct Addresses
    {
        private EFI_IP_ADDRESS _first;
    }
}
