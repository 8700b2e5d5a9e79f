namespace System.Globalization;

/// <summary>The styles that there are here: digits and nothing else.</summary>
[Flags]
public enum NumberStyles
{
    None = 0,
    AllowHexSpecifier = 0x200,
}
