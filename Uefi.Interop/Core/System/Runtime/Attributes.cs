// Attributes that ILCompiler looks for by name.
namespace System.Runtime;

/// <summary>Makes a static method a symbol for the linker.</summary>
public sealed class RuntimeExportAttribute(string entry) : Attribute
{
    public string EntryPoint { get; } = entry;
}

/// <summary>Calls a symbol of the linker directly, without transition.</summary>
public sealed class RuntimeImportAttribute(string dllName, string entry) : Attribute
{
    public string DllName { get; } = dllName;
    public string EntryPoint { get; } = entry;
}
