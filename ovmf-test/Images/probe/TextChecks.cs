using System;
using System.Buffers;
using System.Globalization;
using System.Text;
using NetBoot.Uefi.Interop;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

internal static class TextChecks
{
    internal static void Run()
    {
        string name = new(['n', 'e', 't']);
        CheckEqual(name + "boot" + 2.ToString() + name.Length, "netboot23", "concatenation");
        CheckEqual("firmware".Substring(4) + "firmware".Substring(0, 4) + "firmware"[^1], "warefirme", "substrings");
        CheckEqual("firmware"[2..5], "rmw", "ranges");
        CheckEqual(Number("two") + Number(name) * 10 + Number("none"), 92 - 91 + 30, "switch over strings");
        Check("a,b,c".IndexOf(',') == 1 && "a,b,c".LastIndexOf(',') == 3 && "abc".IndexOf('x') == -1 && "abcbc".Contains("cbc"), "searching");
        Check("  x\t".AsSpan().Trim() is "x" && string.IsNullOrEmpty("") && !string.IsNullOrEmpty(name), "trimming");
        Check(int.TryParse("-2147483648", out int least) && least == int.MinValue && !int.TryParse("2147483648", out _) && !int.TryParse("", out _), "parsing int");
        Check(ulong.TryParse("18446744073709551615", out ulong most) && most == ulong.MaxValue && !ulong.TryParse("18446744073709551616", out _) &&
            !byte.TryParse("256", out _) && !uint.TryParse("1x", out _), "parsing unsigned");
        Check(ulong.TryParse("fFfFfFfFfFfFfFfF", NumberStyles.AllowHexSpecifier, null, out most) && most == ulong.MaxValue &&
            ulong.TryParse("0010"u8, NumberStyles.None, null, out most) && most == 10 && !ulong.TryParse("g"u8, NumberStyles.AllowHexSpecifier, null, out _) &&
            !ulong.TryParse("10000000000000000", NumberStyles.AllowHexSpecifier, null, out _) && !ulong.TryParse("a", NumberStyles.None, null, out _),
            "parsing hexadecimal");
        Span<byte> bytes = stackalloc byte[3];
        Check(Convert.FromHexString("c0FfEe", bytes, out _, out int count) == OperationStatus.Done && count == 3 && bytes[0] == 0xC0 && bytes[2] == 0xEE &&
            Convert.FromHexString("1g"u8, bytes, out _, out count) == OperationStatus.InvalidData && count == 0 &&
            Convert.FromHexString("00112233", bytes, out _, out _) == OperationStatus.DestinationTooSmall, "bytes from hexadecimal");
        CheckEqual(Convert.ToBase64String("M"u8) + Convert.ToBase64String("Ma"u8) + Convert.ToBase64String("Man"u8), "TQ==TWE=TWFu", "base64");
        Check(Convert.TryFromBase64Chars("T W E =", bytes, out count) && count == 2 && bytes[1] == 'a' && !Convert.TryFromBase64Chars("TQ=", bytes, out _) &&
            !Convert.TryFromBase64Chars("TQ===", bytes, out _) && !Convert.TryFromBase64Chars("TQ==TQ==", bytes, out _) &&
            !Convert.TryFromBase64Chars("TWFuTWFu", bytes, out _), "bytes from base64");
        CheckEqual(Encoding.Latin1.GetString([0x41, 0xE9]), "A\u00E9", "text of bytes");
        Check(Encoding.Latin1.GetBytes("\u00E9\u20AC", bytes) == 2 && bytes[0] == 0xE9 && bytes[1] == '?', "bytes of text");
        CheckEqual(long.MinValue.ToString() + ulong.MaxValue.ToString(), "-922337203685477580818446744073709551615", "numbers as text");
        MacAddress mac = new([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
        CheckEqual(TextBuilder.Format($"{mac} {-5} {255u:x4} {7:d2} {name} {'c'} {"raw\n"u8}"), "52:54:00:12:34:56 -5 00ff 07 net c raw.", "interpolation");
        Span<char> room = stackalloc char[5];
        TextBuilder text = new(room);
        text.Append("truncated");
        CheckEqual(text.ToString(), "trunc", "text in fixed room");
        int sum = 0;
        foreach (char c in "abc")
        {
            sum += c;
        }

        CheckEqual(sum, 294, "foreach over a string");
        Check("abc".CompareTo("abd") < 0 && "b".CompareTo("abd") > 0 && "same".GetHashCode() == ("sa" + "me").GetHashCode(), "order and hash");
    }

    private static int Number(string text) => text switch
    {
        "one" => 1,
        "two" => 1,
        "net" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        _ => 0,
    };
}
