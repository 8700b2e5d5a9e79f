using System;
using System.Globalization;

namespace NetBoot.OvmfTest.Images.ordinary;

internal static class NumberCases
{
    private static readonly string[] s_texts =
    [
        "0", "42", "-42", "+7", " 12 ", "\t5\n", "", " ", "-", "+", "1x", "x1", "1 2", "--1", "127", "128", "-128", "-129", "255", "256", "65535", "65536",
        "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616", "-0", "0000000000000000000000012", "12\0\0", "1\0" + "2",
    ];

    private static readonly string[] s_bits = ["0", "7f", "FF", "ffff", "10000", "FFFFFFFF", "100000000", "ffffffffffffffff", "1ffffffffffffffff", " aB ", "-1", "0x1", "g", "1010", ""];

    private static readonly string[] s_formats =
        ["", "G", "g", "D", "D1", "d5", "D20", "X", "x", "X4", "x8", "N", "N0", "n3", "F", "F0", "F1", "B", "b12"];

    internal static void Run(Cases cases)
    {
        foreach (string text in s_texts)
        {
            cases.Add(Show(sbyte.TryParse(text, out sbyte a), a) + Show(byte.TryParse(text, out byte b), b) + Show(short.TryParse(text, out short c), c) + Show(ushort.TryParse(text, out ushort d), d));
            cases.Add(Show(int.TryParse(text, out int e), e) + Show(uint.TryParse(text, out uint f), f));
            cases.Add(Show(long.TryParse(text, out long g), g) + Show(ulong.TryParse(text.AsSpan(), out ulong h), (long)h));
            cases.Add(Show(int.TryParse(text, NumberStyles.None, null, out int i), i) + Show(int.TryParse(text, NumberStyles.AllowLeadingSign, null, out int j), j));
        }

        foreach (string text in s_bits)
        {
            cases.Add(Show(int.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int a), a) + Show(sbyte.TryParse(text, NumberStyles.HexNumber, null, out sbyte b), b) +
                Show(ulong.TryParse(text, NumberStyles.AllowHexSpecifier, null, out ulong c), (long)c));
            cases.Add(Show(byte.TryParse(text, NumberStyles.BinaryNumber, null, out byte d), d));
        }

        foreach (string format in s_formats)
        {
            cases.Add(format + " " + 0.ToString(format) + " " + 1234567.ToString(format) + " " + (-255).ToString(format));
            cases.Add(int.MinValue.ToString(format) + " " + ((sbyte)-1).ToString(format) + " " + ushort.MaxValue.ToString(format));
            cases.Add(long.MaxValue.ToString(format));
            cases.Add(long.MinValue.ToString(format));
            cases.Add(ulong.MaxValue.ToString(format));
        }

        cases.Add((int.Parse("-17") + long.Parse(" 4 ") + byte.Parse("ff", NumberStyles.HexNumber)).ToString());
        Span<char> room = stackalloc char[4];
        cases.Add(Show(12345.TryFormat(room, out int written), written) + Show((-123).TryFormat(room, out written), written) + room.ToString());
        cases.Add(Math.Max(3, -4).ToString() + Math.Abs(-5L) + Math.Min(7u, 6u) + Math.Clamp(11, 0, 10) + Math.DivRem(17, 5).Remainder);
    }

    private static string Show(bool parsed, long value) => (parsed ? "+" : "-") + value.ToString() + " ";
}
