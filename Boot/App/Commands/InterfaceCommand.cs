using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// A command on interfaces: those that are named, or all. It goes on after one that failed, which is reported; the last one's result is the
/// command's.
/// </summary>
public abstract class InterfaceCommand : Command
{
    public override string Operands => "[INTERFACE...]";
    public override int MaximumOperands => Unlimited;

    /// <summary>Checks the options; what they say holds for each interface.</summary>
    protected virtual Error? Prepare(Session session, Arguments arguments) => null;

    /// <summary>Does it for one interface.</summary>
    protected abstract Error? Run(Session session, Arguments arguments, BootInterface bootInterface);

    protected override Error? Run(Session session, Arguments arguments)
    {
        Error? error = Prepare(session, arguments);
        if (error is not null)
        {
            return error;
        }

        int count = arguments.Words.Length > 0 ? arguments.Words.Length : session.Interfaces.Count;
        if (count == 0)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, "there is no network interface");
        }

        for (int i = 0; i < count; i++)
        {
            if (error is not null)
            {
                session.Interpreter.Report(Name, error);
            }

            BootInterface? bootInterface = arguments.Words.Length > 0 ? session.FindInterface(arguments.Words[i]) : session.Interfaces[i];
            error = bootInterface is null
                ? new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such interface: {arguments.Words[i]}"))
                : Run(session, arguments, bootInterface);
            if (error is not null && error.Status == EFI_STATUS.EFI_ABORTED)
            {
                break;
            }
        }

        return error;
    }
}
