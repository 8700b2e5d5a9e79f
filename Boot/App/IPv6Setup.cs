using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.Dhcp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>Gets an interface an address by a router's advertisement, alone or beside DHCP.</summary>
/// <param name="session">Has the interface.</param>
/// <param name="bootInterface">One of its interfaces.</param>
/// <param name="timeout">Microseconds for routers, 0 for the usual time.</param>
internal sealed class IPv6Setup(Session session, BootInterface bootInterface, ulong timeout)
{
    /// <summary>Two questions to routers and the longest time until they answer (RFC 4861, 6.3.7 and 10).</summary>
    private const ulong DefaultTimeout = 10_000_000;

    /// <summary>How long DHCP, which brings more, may be behind.</summary>
    private const ulong Grace = 3_000_000;

    private readonly IPv6Interface _ip = bootInterface.Interface.IPv6;

    private bool IsReady => !_ip.Global.IsAny && !_ip.Gateway.IsAny;

    /// <summary>Returns when one has an address, or none gets any; says so on the terminal.</summary>
    /// <param name="isAlone">Whether DHCP is left out.</param>
    public Error? Run(bool isAlone)
    {
        Error? error = session.Open(bootInterface);
        if (error is not null)
        {
            return error;
        }

        if (!bootInterface.StartIPv6())
        {
            return isAlone
                ? new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{bootInterface.Interface.Name}: IPv6 is switched off (ipv6)"))
                : session.Configure(bootInterface, timeout, wantsBootFile: false);
        }

        NetworkInterface netif = bootInterface.Interface;
        DhcpOptions options = session.DescribeClient(bootInterface, timeout, wantsBootFile: false);
        session.Terminal.Write(TextBuilder.Format($"{netif.Name} {netif.Link.Address}: {(isAlone ? "IPv6" : "DHCP, IPv6")}... "));
        error = isAlone ? null : bootInterface.Dhcp!.Begin(session.EventLoop, options);
        error ??= Wait(isAlone);
        bool isBound = !isAlone && bootInterface.Dhcp!.IsBound;
        if (isBound)
        {
            session.OnLease(bootInterface);
        }
        else if (!isAlone)
        {
            Error? dhcp = bootInterface.Dhcp!.IsSearching ? null : bootInterface.Dhcp.Finish(options);
            bootInterface.Dhcp.Stop();
            error = error is null || error.Status == EFI_STATUS.EFI_ABORTED ? error : dhcp ?? error;
        }

        session.Terminal.WriteLine(
            error is not null ? "failed"
            : isBound ? TextBuilder.Format($"{netif.Address}{(IsReady ? TextBuilder.Format($", {_ip.Global}") : "")}")
            : TextBuilder.Format($"{_ip.Global}"));
        return error;
    }

    private Error? Wait(bool isAlone)
    {
        ulong upAt = session.EventLoop.Now; // of the link
        ulong readyAt = 0;
        while (true)
        {
            bool isSearching = !isAlone && bootInterface.Dhcp!.IsSearching;
            if (!isAlone && bootInterface.Dhcp!.IsBound)
            {
                return null;
            }

            ulong now = session.EventLoop.Now;
            if (IsReady)
            {
                readyAt = readyAt == 0 ? now : readyAt;
                if (!isSearching || now - readyAt >= Grace)
                {
                    return null;
                }
            }

            upAt = _ip.IsPortBlocked ? now : upAt;
            ulong patience = timeout != 0 ? timeout : DefaultTimeout;
            if (!IsReady && !isSearching && now - upAt >= patience)
            {
                return Failure();
            }

            if (!session.EventLoop.RunOnce())
            {
                return new Error(EFI_STATUS.EFI_ABORTED, "stopped by the user");
            }
        }
    }

    private Error Failure()
    {
        string name = bootInterface.Interface.Name;
        string reason = !_ip.Duplicate.IsAny ? TextBuilder.Format($"another host has {_ip.Duplicate}")
            : !_ip.IsAdvertised ? "no IPv6 router answers"
            : !_ip.Global.IsAny ? "the IPv6 routers forward nothing"
            : _ip.IsManaged ? "the IPv6 router leaves addresses to DHCPv6, which is not supported"
            : "the IPv6 router gives no prefix to make an address of";
        return new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{name}: {reason}"));
    }
}
