using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>A command on interfaces: those that are named, or all.</summary>
public abstract class InterfaceCommand : Command
{
    public override string Operands => "[INTERFACE...]";
    public override int MaximumOperands => Unlimited;

    /// <summary>Checks the options; what they say holds for each interface.</summary>
    protected virtual Error? Prepare(Session session, Arguments arguments) => null;

    /// <summary>Does it for one interface.</summary>
    protected abstract Error? Run(Session session, Arguments arguments, BootInterface bootInterface);

    /// <summary>True when, with no interface named, the first that succeeds is enough.</summary>
    protected virtual bool StopsAtSuccess => false;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = Prepare(session, arguments);
        if (error is not null)
        {
            return error;
        }

        foreach (string name in arguments.Words)
        {
            BootInterface? bootInterface = session.FindInterface(name);
            error = bootInterface is null
                ? new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such interface: {name}"))
                : Run(session, arguments, bootInterface);
            if (error is not null)
            {
                return error;
            }
        }

        if (arguments.Words.Length > 0)
        {
            return null;
        }

        if (session.Interfaces.Count == 0)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, "there is no network interface");
        }

        for (int i = 0; i < session.Interfaces.Count; i++)
        {
            Error? last = Run(session, arguments, session.Interfaces[i]);
            if (StopsAtSuccess && (last is null || last.Status == EFI_STATUS.EFI_ABORTED))
            {
                return last;
            }

            error = last ?? error;
        }

        return error;
    }
}
