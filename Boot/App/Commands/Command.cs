using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>One command of the script language. What it makes lives as long as the command runs (see <see cref="Interpreter"/>).</summary>
public abstract class Command
{
    public const int Unlimited = int.MaxValue;

    public abstract string Name { get; }

    /// <summary>What it does, in a line, for help.</summary>
    public abstract string Summary { get; }

    /// <summary>Its options, as <see cref="Arguments"/> reads them.</summary>
    public virtual string Options => "";

    /// <summary>Its other arguments, for the usage line.</summary>
    public virtual string Operands => "";

    public virtual int MinimumOperands => 0;
    public virtual int MaximumOperands => 0;

    /// <summary>True when failing is an answer ("isset"): then nothing is printed unless it ends the script.</summary>
    public virtual bool FailsQuietly => false;

    /// <summary>The same for one status.</summary>
    public virtual bool IsAnswer(EFI_STATUS status) => FailsQuietly;

    /// <summary>Does it; null when it succeeded.</summary>
    protected abstract Error? Run(Session session, Arguments arguments);

    /// <summary>Reads the options and runs; bad usage prints how to use the command.</summary>
    /// <param name="session">What the command works on.</param>
    /// <param name="words">The command's name, then its arguments, expanded.</param>
    public Error? Execute(Session session, string[] words)
    {
        Error? error = Arguments.Parse(words, Options, out Arguments arguments);
        if (error is null && !arguments.Has('h'))
        {
            int count = arguments.Words.Length;
            if (count >= MinimumOperands && count <= MaximumOperands)
            {
                return Run(session, arguments);
            }

            error = new Error(EFI_STATUS.EFI_INVALID_PARAMETER, count < MinimumOperands
                ? "too few arguments"
                : TextBuilder.Format($"unexpected argument: {arguments.Words[MaximumOperands]}"));
        }

        session.Terminal.WriteLine(Usage());
        return error ?? new Error(EFI_STATUS.EFI_ABORTED, "help was shown");
    }

    /// <summary>"Usage: initrd [-n|--name NAME] ... URI [ARGUMENT...]".</summary>
    public string Usage()
    {
        TextBuilder text = new(80, 0);
        text.Append("Usage: ");
        text.Append(Name);
        OptionList options = new(Options);
        while (options.MoveNext())
        {
            text.Append(" [-");
            text.Append(options.Letter);
            text.Append("|--");
            text.Append(options.Name);
            if (options.Value.Length > 0)
            {
                text.Append(' ');
                text.Append(options.Value);
            }

            text.Append(']');
        }

        if (Operands.Length > 0)
        {
            text.Append(' ');
            text.Append(Operands);
        }

        return text.ToString();
    }
}
