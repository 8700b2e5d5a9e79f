using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Has only images be executed that were verified, or any again.</summary>
public sealed class ImageTrustCommand : Command
{
    public override string Name => "imgtrust";
    public override string Summary => "execute only what imgverify has verified";
    public override string Options => "a|allow p|permanent";

    protected override Error? Run(Session session, Arguments arguments) => session.Images.RequireTrust(!arguments.Has('a'), arguments.Has('p'));
}
