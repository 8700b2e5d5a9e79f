using NetBoot.Boot.App.Requests;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Adds a parameter or a header to a list of request parameters.</summary>
public sealed class ParameterCommand : Command
{
    public override string Name => "param";
    public override string Summary => "add a parameter to a list that params made";
    public override string Options => "p|params=NAME H|header";
    public override string Operands => "NAME [VALUE...]";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => Unlimited;

    protected override Error? Run(Session session, Arguments arguments)
    {
        string listName = arguments.Value('p') ?? "";
        ParameterList? list = session.Parameters.Find(listName);
        if (list is null)
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"no such parameter list: {(listName.Length > 0 ? listName : "params makes one")}"));
        }

        string name = arguments.Words[0];
        string value = ByteText.Join(arguments.Words.Slice(1));
        return arguments.Has('H') ? list.AddField(name, value) : list.AddParameter(name, value);
    }
}
