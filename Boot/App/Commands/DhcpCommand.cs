using System.Collections.Generic;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Opens interfaces and gets one of them its addresses: ifconf by whichever of its configurators is done first, dhcp by routers only when DHCP brings
/// nothing. Those that fail are closed.
/// </summary>
/// <param name="name">What it is called.</param>
/// <param name="summary">One line of help.</param>
/// <param name="insistsOnDhcp">Waits until DHCP is over, though routers have given addresses.</param>
public sealed class DhcpCommand(string name, string summary, bool insistsOnDhcp) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => "c|configurator=NAME t|timeout=MILLISECONDS";
    public override string Operands => "[INTERFACE...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string? chosen = arguments.Value('c');
        if (chosen is not (null or "dhcp" or "ipv6"))
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"no such configurator: {chosen} (dhcp and ipv6 are)"));
        }

        Error? error = arguments.Time('t', 0, out ulong timeout);
        if (error is not null)
        {
            return error;
        }

        List<BootInterface> interfaces = new();
        error = CollectInterfaces(session, Name, arguments, interfaces);
        if (interfaces.Count == 0)
        {
            return error;
        }

        Configurators configurators = chosen switch
        {
            "dhcp" => Configurators.Dhcp,
            "ipv6" => Configurators.IPv6,
            _ => Configurators.Dhcp | Configurators.IPv6,
        };
        AddressRace race = new(session, interfaces, timeout, configurators) { InsistsOnDhcp = insistsOnDhcp };
        error = race.Run(out BootInterface? winner);
        for (int i = 0; winner is null && i < interfaces.Count - 1 && race.ErrorOf(i) is Error other; i++)
        {
            session.Interpreter.Report(Name, other);
        }

        return error;
    }

    /// <summary>Those that are named, or all. One that does not exist is reported when others do.</summary>
    internal static Error? CollectInterfaces(Session session, string command, Arguments arguments, List<BootInterface> interfaces)
    {
        foreach (BootInterface each in session.Interfaces)
        {
            if (arguments.Words.Length == 0)
            {
                interfaces.Add(each);
            }
        }

        Error? error = null;
        foreach (string word in arguments.Words)
        {
            BootInterface? bootInterface = session.FindInterface(word);
            if (bootInterface is null)
            {
                if (error is not null)
                {
                    session.Interpreter.Report(command, error);
                }

                error = new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such interface: {word}"));
            }
            else if (!interfaces.Contains(bootInterface))
            {
                interfaces.Add(bootInterface);
            }
        }

        if (error is not null && interfaces.Count > 0)
        {
            session.Interpreter.Report(command, error);
        }

        return interfaces.Count == 0 ? error ?? new Error(EFI_STATUS.EFI_NOT_FOUND, "there is no network interface") : null;
    }
}
