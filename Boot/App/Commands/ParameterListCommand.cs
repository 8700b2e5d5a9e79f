using NetBoot.Boot.App.Requests;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Makes an empty list of request parameters, or deletes one.</summary>
public sealed class ParameterListCommand : Command
{
    public override string Name => "params";
    public override string Summary => "make a list of parameters for URIs that end in ##params";
    public override string Options => "n|name=NAME m|method=METHOD d|delete";

    protected override Error? Run(Session session, Arguments arguments)
    {
        string name = arguments.Value('n') ?? "";
        if (arguments.Has('d'))
        {
            session.Parameters.Take(name)?.Dispose();
            return null;
        }

        string? method = arguments.Value('m');
        return method is null or "GET" or "POST" or "PUT"
            ? session.Parameters.Add(ParameterList.Create(name, method))
            : new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"{method}: not a method that can be used (GET, POST and PUT are)"));
    }
}
