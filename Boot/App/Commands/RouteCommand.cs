using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Prints the ways that datagrams take: each interface's own network, what DHCP has beside it, and where the rest goes.</summary>
public sealed class RouteCommand : Command
{
    public override string Name => "route";
    public override string Summary => "print the routes";

    protected override Error? Run(Session session, Arguments arguments)
    {
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            NetworkInterface netif = bootInterface.Interface;
            if (netif.IsConfigured)
            {
                string gateway = netif.Gateway.IsAny ? "" : TextBuilder.Format($" gw {netif.Gateway}");
                string link = netif.Link.IsUp ? "" : " (link down)";
                session.Terminal.WriteLine(TextBuilder.Format($"{netif.Name}: {netif.Address}/{netif.Netmask}{gateway}{link}"));
            }
            else if (!bootInterface.StaticAddress.IsAny)
            {
                session.Terminal.WriteLine(TextBuilder.Format($"{netif.Name}: {bootInterface.StaticAddress} (inaccessible)"));
            }

            foreach (IPv4Route route in netif.Routes)
            {
                string gateway = route.Gateway.IsAny ? "" : TextBuilder.Format($" gw {route.Gateway}");
                session.Terminal.WriteLine(TextBuilder.Format($"{netif.Name}: {route.Network}/{route.Netmask}{gateway}"));
            }

            foreach (IPv6AddressEntry entry in netif.IPv6.Addresses)
            {
                if (entry.IsValid)
                {
                    session.Terminal.WriteLine(TextBuilder.Format($"{netif.Name}: {entry.Address}/{entry.PrefixLength}"));
                }
            }

            foreach (IPv6Route route in netif.IPv6.Routes)
            {
                if (route.Until != 0 && !route.Gateway.IsAny)
                {
                    session.Terminal.WriteLine(TextBuilder.Format($"{netif.Name}: {route.Prefix} gw {route.Gateway}"));
                }
            }
        }

        return null;
    }
}
