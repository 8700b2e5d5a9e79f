using System.Runtime.CompilerServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The present mode of a network interface. UEFI 2.10, 24.1.2.</summary>
public unsafe struct EFI_SIMPLE_NETWORK_MODE
{
    /// <summary>Entries of MCastFilter.</summary>
    public const int MAX_MCAST_FILTER_CNT = 16;

    /// <summary>Frames to CurrentAddress.</summary>
    public const uint EFI_SIMPLE_NETWORK_RECEIVE_UNICAST = 0x01;

    /// <summary>Frames to the addresses of MCastFilter.</summary>
    public const uint EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST = 0x02;

    /// <summary>Frames to BroadcastAddress.</summary>
    public const uint EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST = 0x04;

    /// <summary>All frames.</summary>
    public const uint EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS = 0x08;

    /// <summary>Frames to every multicast address.</summary>
    public const uint EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST = 0x10;

    /// <summary>An <see cref="EFI_SIMPLE_NETWORK_STATE"/>.</summary>
    public EFI_SIMPLE_NETWORK_STATE State;

    /// <summary>Bytes of a hardware address: 6.</summary>
    public uint HwAddressSize;

    /// <summary>Bytes of the media header: 14 for Ethernet.</summary>
    public uint MediaHeaderSize;

    /// <summary>The largest payload in bytes, without the media header.</summary>
    public uint MaxPacketSize;

    /// <summary>Bytes of memory that NvData reaches; 0 when there is none.</summary>
    public uint NvRamSize;

    /// <summary>0, 1, 2, 4 or 8.</summary>
    public uint NvRamAccessSize;

    /// <summary>EFI_SIMPLE_NETWORK_RECEIVE_* bits that can be set.</summary>
    public uint ReceiveFilterMask;

    /// <summary>EFI_SIMPLE_NETWORK_RECEIVE_* bits that are set.</summary>
    public uint ReceiveFilterSetting;

    /// <summary>How many multicast addresses the device takes, up to 16.</summary>
    public uint MaxMCastFilterCount;

    /// <summary>How many of MCastFilter count.</summary>
    public uint MCastFilterCount;

    /// <summary>The multicast addresses that are received.</summary>
    public MulticastFilters MCastFilter;

    /// <summary>The station address in use.</summary>
    public EFI_MAC_ADDRESS CurrentAddress;

    /// <summary>On Ethernet FF-FF-FF-FF-FF-FF.</summary>
    public EFI_MAC_ADDRESS BroadcastAddress;

    /// <summary>The station address that the device was made with.</summary>
    public EFI_MAC_ADDRESS PermanentAddress;

    /// <summary>The hardware type of RFC 1700: 1 for Ethernet.</summary>
    public byte IfType;

    /// <summary>BOOLEAN</summary>
    public byte MacAddressChangeable;

    /// <summary>BOOLEAN: more than one transmit may be under way.</summary>
    public byte MultipleTxSupported;

    /// <summary>BOOLEAN</summary>
    public byte MediaPresentSupported;

    /// <summary>BOOLEAN; true when presence cannot be told.</summary>
    public byte MediaPresent;

    /// <summary>MCastFilter's 16 addresses.</summary>
    [InlineArray(MAX_MCAST_FILTER_CNT)]
    public struct MulticastFilters
    {
        private EFI_MAC_ADDRESS _first;
    }
}
