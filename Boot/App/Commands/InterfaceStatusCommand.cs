using NetworkStack;
using Uefi.Interop;

namespace Boot.App;

/// <summary>Prints what interfaces are and how they do.</summary>
public sealed class InterfaceStatusCommand : InterfaceCommand
{
    public override string Name => "ifstat";
    public override string Summary => "print interfaces";

    protected override Error? Run(Session session, Arguments arguments, BootInterface bootInterface)
    {
        NetworkInterface netif = bootInterface.Nic;
        string state = netif.IsOpen ? "open" : "closed";
        string link = !netif.IsOpen ? "" : netif.Link.IsUp ? ", link up" : ", link down";
        session.Terminal.WriteLine(Text.Format($"{netif.Name}: {netif.Link.Address} {bootInterface.Model} ({state}{link})"));
        if (netif.IsConfigured)
        {
            string gateway = netif.Gateway.IsAny ? "" : Text.Format($" gateway {netif.Gateway}");
            session.Terminal.WriteLine(Text.Format($"  {netif.Address} netmask {netif.Netmask}{gateway}"));
        }
        return null;
    }
}
