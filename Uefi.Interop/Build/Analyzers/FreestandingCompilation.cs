using Microsoft.CodeAnalysis;

namespace NetBoot.Uefi.Interop.Build.Analyzers;

/// <summary>Tells compilations for firmware from all others, and makes the rules that hold only there.</summary>
internal static class FreestandingCompilation
{
    private const string CoreLibrary = "NetBoot.Core";

    /// <summary>It is compiled against the freestanding core library. That library itself is not: it makes what the rules are about.</summary>
    public static bool IsFreestanding(this Compilation compilation)
    {
        IAssemblySymbol? core = compilation.GetSpecialType(SpecialType.System_Object).ContainingAssembly;
        return core?.Name == CoreLibrary && !SymbolEqualityComparer.Default.Equals(core, compilation.Assembly);
    }

    /// <summary>
    /// An error that nothing turns off, for what it says cannot work: no pragma, option or .editorconfig (NotConfigurable), and no attribute,
    /// for that does not apply to what the compiler itself says (Compiler).
    /// </summary>
    public static DiagnosticDescriptor Rule(string id, string title, string message) => new(
        id,
        title,
        message,
        "Firmware",
        DiagnosticSeverity.Error,
        true,
        customTags: [WellKnownDiagnosticTags.NotConfigurable, WellKnownDiagnosticTags.Compiler]);
}
