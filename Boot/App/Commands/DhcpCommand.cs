using System.Collections.Generic;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Opens interfaces and gets one of them its addresses: dhcp by DHCP, ifconf by whichever of its configurators is done first. Those that fail are
/// closed.
/// </summary>
/// <param name="name">What it is called.</param>
/// <param name="summary">One line of help.</param>
/// <param name="configurator">Used where none is named: dhcp, ipv6, or null for both.</param>
public sealed class DhcpCommand(string name, string summary, string? configurator) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => "c|configurator=NAME t|timeout=MILLISECONDS";
    public override string Operands => "[INTERFACE...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string? chosen = arguments.Value('c') ?? configurator;
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
        return interfaces.Count switch
        {
            0 => error,
            _ when chosen == "ipv6" => ConfigureByRouters(session, interfaces, timeout),
            1 => Configure(session, interfaces[0], timeout, chosen),
            _ => Race(session, interfaces, timeout),
        };
    }

    private Error? Race(Session session, List<BootInterface> interfaces, ulong timeout)
    {
        LeaseRace race = new(session, interfaces, timeout, wantsBootFile: false);
        Error? error = race.Run(out BootInterface? winner);
        for (int i = 0; winner is null && i < interfaces.Count - 1 && race.ErrorOf(i) is Error other; i++)
        {
            session.Interpreter.Report(Name, other);
        }

        return error;
    }

    /// <summary>The first that hears a router.</summary>
    private Error? ConfigureByRouters(Session session, List<BootInterface> interfaces, ulong timeout)
    {
        Error? error = null;
        foreach (BootInterface each in interfaces)
        {
            if (error is not null)
            {
                session.Interpreter.Report(Name, error);
            }

            error = Configure(session, each, timeout, "ipv6");
            if (error is null || error.Status == EFI_STATUS.EFI_ABORTED)
            {
                break;
            }
        }

        return error;
    }

    private static Error? Configure(Session session, BootInterface bootInterface, ulong timeout, string? configurator)
    {
        Error? error = configurator == "dhcp"
            ? session.Configure(bootInterface, timeout, wantsBootFile: false)
            : new IPv6Setup(session, bootInterface, timeout).Run(isAlone: configurator == "ipv6");
        if (error is not null)
        {
            bootInterface.Close();
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
