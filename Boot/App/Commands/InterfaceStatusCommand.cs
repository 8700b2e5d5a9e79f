using NetworkStack;
using Uefi.Interop;

namespace Boot.App;

/// <summary>Prints what interfaces are and how they do.</summary>
public sealed class InterfaceStatusCommand : InterfaceCommand
{
    public override string Name => "ifstat";
    public override string Summary => "print interfaces";

    protected override Error? Run(Session session, Arguments arguments, BootInterface port)
    {
        NetworkInterface nic = port.Nic;
        string state = nic.IsOpen ? "open" : "closed";
        string link = !nic.IsOpen ? "" : nic.Link.IsUp ? ", link up" : ", link down";
        session.Terminal.WriteLine(Text.Format($"{nic.Name}: {nic.Link.Address} {port.Model} ({state}{link})"));
        if (nic.IsConfigured)
        {
            string gateway = nic.Gateway.IsAny ? "" : Text.Format($" gateway {nic.Gateway}");
            session.Terminal.WriteLine(Text.Format($"  {nic.Address} netmask {nic.Netmask}{gateway}"));
        }
        return null;
    }
}
