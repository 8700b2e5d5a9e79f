using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Script;
using NetBoot.Boot.App.Settings;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A word, and behind line ends the values of the settings a, b and c.</summary>
internal sealed class ExpansionTarget : FuzzTarget
{
    public override string Name => "expansion";

    public override string Subject => "${...} in words of a script, with values from DHCP";

    public override int MaximumSize => 256;

    public override IEnumerable<byte[]> Seeds =>
    [
        [.. "x${a}y${b:hexhyp}\n1\n2"u8], [.. "${${a}}\nb\n${c}\nend"u8], [.. "${a}\n${a}${a}"u8], [.. "${a:uint8}$${}{$\n255"u8], [.. "${net0/a.b:ipv4}${43.116}${a:uristring}\n% /"u8],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        string[] lines = Encoding.Latin1.GetString(input).Split('\n', 4);
        using SettingsTree settings = new(new SettingsBlock(""));
        for (int i = 1; i < lines.Length; i++)
        {
            settings.Store(SettingName.Predefined(((char)('a' + i - 1)).ToString()), SettingType.String, Encoding.Latin1.GetBytes(lines[i]));
        }

        Error? error = Expansion.Expand(lines[0], settings, out string expanded);
        int open = expanded.IndexOf("${", StringComparison.Ordinal);
        FuzzFinding.Unless(error is not null || open < 0 || expanded.IndexOf('}', open) < 0, $"{expanded} is not expanded to its end");
        FuzzFinding.Unless(expanded.Length <= Math.Max(lines[0].Length, Expansion.MaximumLength), $"{expanded.Length} characters");
    }
}
