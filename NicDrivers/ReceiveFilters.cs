using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers;

/// <summary>
/// Which frames a NIC receives. The values are those of EFI_SIMPLE_NETWORK_RECEIVE_* (UEFI 2.10, 24.1.8): a cast leads from one to the other.
/// </summary>
[Flags]
public enum ReceiveFilters : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Frames to the station's own address.</summary>
    Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST,

    /// <summary>Frames to the multicast addresses of a list.</summary>
    Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST,

    /// <summary>Frames to FF-FF-FF-FF-FF-FF.</summary>
    Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST,

    /// <summary>Every frame.</summary>
    Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS,

    /// <summary>Frames to every multicast address.</summary>
    PromiscuousMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST,

    /// <summary>Each of them lets every multicast frame through.</summary>
    EveryMulticast = Promiscuous | PromiscuousMulticast,

    /// <summary>All that there are.</summary>
    All = Unicast | Multicast | Broadcast | EveryMulticast,
}
