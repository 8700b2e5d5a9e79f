using System.Collections.Generic;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Opens interfaces and gets one of them its address by DHCP: dhcp and ifconf. Those that fail are closed.</summary>
public sealed class DhcpCommand(string name, string summary) : Command
{
    public override string Name => name;
    public override string Summary => summary;
    public override string Options => "c|configurator=NAME t|timeout=MILLISECONDS";
    public override string Operands => "[INTERFACE...]";
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string configurator = arguments.Value('c') ?? "dhcp";
        if (configurator != "dhcp")
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"no such configurator: {configurator}"));
        }

        Error? error = arguments.Time('t', 0, out ulong timeout);
        if (error is not null)
        {
            return error;
        }

        List<BootInterface> interfaces = new();
        error = CollectInterfaces(session, arguments, interfaces);
        return interfaces.Count switch
        {
            0 => error,
            1 => Configure(session, interfaces[0], timeout),
            _ => new LeaseRace(session, interfaces, timeout).Run(Name),
        };
    }

    private static Error? Configure(Session session, BootInterface bootInterface, ulong timeout)
    {
        Error? error = session.Configure(bootInterface, timeout, wantsBootFile: false);
        if (error is not null)
        {
            bootInterface.Close();
        }

        return error;
    }

    /// <summary>Those that are named, or all. One that does not exist is reported when others do.</summary>
    private Error? CollectInterfaces(Session session, Arguments arguments, List<BootInterface> interfaces)
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
                    session.Interpreter.Report(Name, error);
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
            session.Interpreter.Report(Name, error);
        }

        return interfaces.Count == 0 ? error ?? new Error(EFI_STATUS.EFI_NOT_FOUND, "there is no network interface") : null;
    }
}
