using System;
using System.Text;

namespace NetBoot.OvmfTest.Images.ordinary;

internal static class TextCases
{
    private static readonly string[] s_texts = ["", " ", "a", " a b ", "a,b,,c,", ",,", "a::b::", "\t x \u00A0\u2003", "aaa", "abcabc"];

    internal static void Run(Cases cases)
    {
        foreach (string text in s_texts)
        {
            Show(cases, text.Split(','));
            Show(cases, text.Split(',', StringSplitOptions.RemoveEmptyEntries));
            Show(cases, text.Split(',', 2));
            Show(cases, text.Split(',', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
            Show(cases, text.Split());
            Show(cases, text.Split(' ', StringSplitOptions.TrimEntries));
            Show(cases, text.Split("::"));
            Show(cases, text.Split("::", 2, StringSplitOptions.RemoveEmptyEntries));
            Show(cases, text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries));
            Show(cases, text.Split(',', ':'));
            Show(cases, text.Trim(), text.TrimStart(), text.TrimEnd(), text.Trim('a'), text.TrimEnd(',', ' '), text.TrimStart('a', ' '));
            Show(cases, text.Replace('a', 'x'), text.Replace("a", ""), text.Replace("aa", "b"), text.Replace(",", null), text.Replace("abc", "abcabc"));
            Show(cases, text.PadLeft(5), text.PadRight(5, '.'), text.PadLeft(0), text.Insert(0, "i") + text.Remove(0), text.Insert(text.Length, "j"));
            cases.Add($"{text.IndexOf("a")} {text.IndexOf("")} {text.IndexOf("bc")} {text.LastIndexOf("a")} {text.LastIndexOf("bc")} {text.IndexOf('b')} {text.LastIndexOf(' ')}");
            cases.Add($"{text.StartsWith("a")} {text.StartsWith("")} {text.EndsWith(',')} {text.EndsWith("bc")} {text.Contains("::")} {string.IsNullOrWhiteSpace(text)}");
            cases.Add($"{Math.Sign(string.Compare(text, "a"))} {Math.Sign(string.CompareOrdinal(text, "aab"))} {text.Equals("a", StringComparison.Ordinal)} {text == "aaa"}");
        }

        string name = "net";
        object? nothing = null;
        cases.Add($"{name} {42} {-42} {42u} {42L} {42UL} {(byte)42} {(short)-42} {(nint)42} {'c'} {true} {nothing} {(string?)null}|");
        cases.Add($"{42:X} {42:x4} {42:D5} {1234567:N0} {1234567:N} {-1:X} {(byte)200:x} {255u:B} {12:F2}");
        cases.Add($"[{42,5}] [{42,-5}] [{name,6}] [{name,-6}] [{42,8:X4}] [{name,2}] [{'c',3}] [{true,6}] [{nothing,3}] [{(string?)null,-2}]");
        cases.Add($"{{{name}}} {new Named("own")} {new Named("own"),5} {new Formatted(7)} {new Formatted(7):twice} {new Formatted(7),4:twice}");
        cases.Add(string.Format("{0} {1} {0}", 1, "two") + string.Format("{0,4}|{0,-4}|{0:X2}|{0,4:x2}", 171) + string.Format("{{{0}}}", 'x'));
        cases.Add(string.Format("{0}{1}{2}{3}", 1, 2, 3, null) + string.Format("{2} {0}", new object[] { 1, 2, 3 }) + string.Format("plain"));
        cases.Add(string.Join(", ", "a", "b", null, "c") + string.Join('-', 1, 2, 'x') + string.Join("", new string[0]) + string.Join("|", new[] { "one" }));
        cases.Add(string.Concat(1, "b", null, 'd') + string.Concat("a", "b", "c", "d", "e") + 1 + 'c' + true + null);
        cases.Add("abc".CompareTo("abd") < 0 ? "before" : "behind");
        cases.Add("abcdef".Substring(2, 3) + "abcdef"[^2] + "abcdef"[1..3] + new string('z', 3) + new string(['u', 'v']));
        foreach (char c in "\0\t\v \u001C\u0085\u00A0\u1680\u180E\u2000\u200B\u2028\u3000x")
        {
            cases.Add(char.IsWhiteSpace(c));
        }

        Span<char> room = stackalloc char[8];
        cases.Add($"{Ascii.ToUpper("aZ9-", room, out int written) switch { System.Buffers.OperationStatus.Done => "done", _ => "not" }} {written} {room.Slice(0, written)}");
        cases.Add($"{Ascii.EqualsIgnoreCase("aBc", "AbC")} {Ascii.EqualsIgnoreCase("a", "b")} {Ascii.EqualsIgnoreCase("\u00E9", "\u00E9")} {Ascii.EqualsIgnoreCase("", "")}");
    }

    private static void Show(Cases cases, params string[] parts)
    {
        string all = parts.Length.ToString();
        foreach (string part in parts)
        {
            all += "[" + part.Replace('\t', '>').Replace('\u00A0', '~').Replace('\u2003', '_') + "]";
        }

        cases.Add(all);
    }

    private sealed class Named(string name)
    {
        public override string ToString() => name;
    }

    private readonly struct Formatted(int value) : IFormattable
    {
        public string ToString(string? format, IFormatProvider? formatProvider) => (format == "twice" ? value * 2 : value).ToString();
    }
}
