using System.Collections.Generic;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Boots what DHCP says, from the first interface that gets something to boot.</summary>
public sealed class AutobootCommand : Command
{
    public override string Name => "autoboot";
    public override string Summary => "boot what DHCP says";
    public override string Operands => "[INTERFACE...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        List<BootInterface> interfaces = new();
        Error? error = DhcpCommand.CollectInterfaces(session, Name, arguments, interfaces);
        return interfaces.Count == 0 ? error : Autoboot.Run(session, interfaces);
    }
}
