using Uefi.Interop;

namespace Tests.Protocols;

internal static class TextExtensions
{
    /// <summary>A value as it writes itself.</summary>
    public static string Text<T>(this T value) where T : IText => Uefi.Interop.Text.Format($"{value}");
}
