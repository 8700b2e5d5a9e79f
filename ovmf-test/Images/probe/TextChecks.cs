using System;
using Uefi.Interop;
using static OvmfTest.Images.Probe.Image;

namespace OvmfTest.Images.Probe;

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
        CheckEqual(long.MinValue.ToString() + ulong.MaxValue.ToString(), "-922337203685477580818446744073709551615", "numbers as text");
        MacAddress mac = new([0x52, 0x54, 0, 0x12, 0x34, 0x56]);
        CheckEqual(Text.Format($"{mac} {-5} {255u:x4} {7:d2} {name} {'c'} {"raw\n"u8}"), "52:54:00:12:34:56 -5 00ff 07 net c raw.", "interpolation");
        Span<char> room = stackalloc char[5];
        Text text = new(room);
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
