using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Prints who is known on the links.</summary>
public sealed class NeighbourStatusCommand : Command
{
    public override string Name => "nstat";
    public override string Summary => "print the neighbours on the network";

    protected override Error? Run(Session session, Arguments arguments)
    {
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            int at = 0;
            while (bootInterface.Interface.TryNextNeighbour(ref at, out IPAddress address, out MacAddress? mac))
            {
                session.Terminal.Write(TextBuilder.Format($"{bootInterface.Interface.Name} {(address.Family == AddressFamily.IPv6 ? "IPv6" : "IPv4")} {address} is "));
                session.Terminal.WriteLine(mac is MacAddress known ? TextBuilder.Format($"Ethernet {known}") : "being asked for");
            }
        }

        return null;
    }
}
