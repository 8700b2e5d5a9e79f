namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>An 82576, with advanced descriptors.</summary>
internal sealed class E1000AdvancedTarget : E1000Target
{
    public override string Name => "e1000-82576";

    protected override ushort[] Models => [0x10C9];
}
