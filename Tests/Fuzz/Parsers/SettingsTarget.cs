using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Settings;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A byte that names a type; then a value, a text of that type, and a setting's name.</summary>
internal sealed class SettingsTarget : FuzzTarget
{
    private static readonly SettingType[] s_types = Enum.GetValues<SettingType>();

    public override string Name => "settings";

    public override string Subject => "values of settings: from bytes to text, from text to bytes, and their names";

    public override int MaximumSize => 256;

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            string[] texts =
            [
                "192.0.2.1", "2001:db8::1", "-5", "0x1F", "aa:bb:cc", "aa-bb", "AAEC", "example.org,a.b", "33221100-5544-7766-8899-aabbccddeeff", "% /", "net0/ip:int8",
            ];
            for (int i = 0; i < s_types.Length; i++)
            {
                yield return [(byte)i, .. Encoding.ASCII.GetBytes(texts[i % texts.Length])];
                yield return [(byte)i, 1, (byte)'a', 0, 4, 0, 0, 1, (byte)'b', 0xC0, 0, 1, 2, 3, 4, 5];
            }
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        SettingType type = s_types[input.IsEmpty ? 0 : input[0] % s_types.Length];
        ReadOnlySpan<byte> bytes = input.IsEmpty ? input : input[1..];
        string text = Encoding.Latin1.GetString(bytes);
        Check(type, SettingFormat.Format(type, bytes));
        Check(type, text);
        if (SettingName.TryParse(text, out SettingName name))
        {
            using SettingsTree settings = new(new SettingsBlock(""));
            settings.Store(name, type, bytes);
            settings.Format(text);
            settings.Set(text, text);
            settings.Increment(text, 1);
        }
    }

    /// <summary>What is read of a text is written as what is read the same.</summary>
    private static void Check(SettingType type, string text)
    {
        if (SettingFormat.TryParse(type, text, out byte[] value))
        {
            string written = SettingFormat.Format(type, value);
            FuzzFinding.Unless(
                !SettingFormat.TryParse(type, written, out byte[] again) || SettingFormat.Format(type, again) == written,
                $"{type}: {text} is written as {written}, and that as {SettingFormat.Format(type, again)}");
        }
    }
}
