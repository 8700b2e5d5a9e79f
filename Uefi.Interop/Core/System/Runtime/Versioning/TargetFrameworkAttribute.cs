namespace System.Runtime.Versioning;

public sealed class TargetFrameworkAttribute(string frameworkName) : Attribute
{
    public string FrameworkName { get; } = frameworkName;
    public string? FrameworkDisplayName { get; set; }
}
