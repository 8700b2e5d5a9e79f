using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Protocols;

internal static class TextExtensions
{
    /// <summary>A value as it writes itself.</summary>
    public static string Text<T>(this T value) where T : ITextFormattable => NetBoot.Uefi.Interop.TextBuilder.Format($"{value}");
}
