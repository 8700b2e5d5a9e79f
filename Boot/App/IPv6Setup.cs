using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>How an interface that hears routers comes to an address of IPv6.</summary>
/// <param name="bootInterface">IPv6 is started on it.</param>
/// <param name="timeout">Microseconds for routers, 0 for the usual time.</param>
/// <param name="startedAt">Microseconds of the loop.</param>
internal sealed class IPv6Setup(BootInterface bootInterface, ulong timeout, ulong startedAt)
{
    private const ulong Second = 1_000_000;

    /// <summary>Two questions to routers and the longest time until they answer (RFC 4861, 6.3.7 and 10).</summary>
    private const ulong DefaultTimeout = 10 * Second;

    private const ulong LinkTimeout = 15 * Second;

    /// <summary>A port that forwards later is of no spanning tree (IEEE 802.1D, 8.10.2, three times over).</summary>
    private const ulong LongestBlock = 180 * Second;

    private readonly NetworkInterface _netif = bootInterface.Interface;
    private readonly IPv6Interface _ip = bootInterface.Interface.IPv6;
    private readonly ulong _startedAt = startedAt;
    private ulong _upAt = startedAt; // of the link, or the switch port

    /// <summary>There is an address, and a way out.</summary>
    public bool IsReady => !_ip.Global.IsAny && !_ip.Gateway.IsAny;

    /// <summary>There may still be one. To be asked in every round.</summary>
    public bool IsSearching(ulong now)
    {
        bool isBlocked = timeout != 0 ? !_netif.Link.IsUp : _ip.IsPortBlocked; // Who says how long waits for no spanning tree.
        _upAt = isBlocked ? now : _upAt;
        return now - _upAt < (timeout != 0 ? timeout : DefaultTimeout) && now - _startedAt < (_netif.Link.IsUp ? LongestBlock : LinkTimeout);
    }

    /// <summary>Why there is none.</summary>
    public Error Explain()
    {
        string reason = !_netif.Link.IsUp ? TextBuilder.Format($"no link after {LinkTimeout / Second} s")
            : !_ip.Duplicate.IsAny ? TextBuilder.Format($"another host has {_ip.Duplicate}")
            : !_ip.IsAdvertised ? "no IPv6 router answers"
            : _ip.IsManaged ? bootInterface.Dhcp6!.Explain()
            : "the IPv6 router gives no prefix to make an address of";
        return new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{_netif.Name}: {reason}"));
    }
}
