namespace System.Globalization;

/// <summary>What may stand in the text of an integer. Separators, parentheses, exponents and currencies are absent.</summary>
[Flags]
public enum NumberStyles
{
    None = 0,
    AllowLeadingWhite = 0x01,
    AllowTrailingWhite = 0x02,
    AllowLeadingSign = 0x04,
    Integer = AllowLeadingWhite | AllowTrailingWhite | AllowLeadingSign,
    AllowHexSpecifier = 0x200,
    HexNumber = AllowLeadingWhite | AllowTrailingWhite | AllowHexSpecifier,
    AllowBinarySpecifier = 0x400,
    BinaryNumber = AllowLeadingWhite | AllowTrailingWhite | AllowBinarySpecifier,
}
