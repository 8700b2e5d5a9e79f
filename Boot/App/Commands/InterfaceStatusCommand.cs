using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Prints what interfaces are and how they do.</summary>
public sealed class InterfaceStatusCommand : InterfaceCommand
{
    public override string Name => "ifstat";
    public override string Summary => "print interfaces";

    protected override Error? Run(Session session, Arguments arguments, BootInterface bootInterface)
    {
        NetworkInterface netif = bootInterface.Interface;
        string state = netif.IsOpen ? "open" : "closed";
        string link = !netif.IsOpen ? "" : netif.Link.IsUp ? ", link up" : ", link down";
        session.Terminal.WriteLine(TextBuilder.Format($"{netif.Name}: {netif.Link.Address} {bootInterface.Model} ({state}{link})"));
        if (netif.IsConfigured)
        {
            string gateway = netif.Gateway.IsAny ? "" : TextBuilder.Format($" gateway {netif.Gateway}");
            session.Terminal.WriteLine(TextBuilder.Format($"  {netif.Address} netmask {netif.Netmask}{gateway}"));
        }

        foreach (IPv6AddressEntry entry in netif.IPv6.Addresses)
        {
            if (entry.IsValid)
            {
                string gateway = entry.Address.IsLinkLocal || netif.IPv6.Gateway.IsAny ? "" : TextBuilder.Format($" gateway {netif.IPv6.Gateway}");
                session.Terminal.WriteLine(TextBuilder.Format($"  {entry.Address}/{entry.PrefixLength}{gateway}"));
            }
        }

        return null;
    }
}
