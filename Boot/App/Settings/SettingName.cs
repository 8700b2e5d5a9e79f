using System;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// A setting's name in parts: <c>[scope/]name[:type]</c>. A name that is a number (decimal, 0x or 0, bytes joined with dots: 43.116) is a
/// tag: a DHCP option's number, or what the scope makes of it. Predefined names have tags and types of their own.
/// </summary>
public readonly ref struct SettingName
{
    private SettingName(ReadOnlySpan<char> scope, ReadOnlySpan<char> name, uint tag, SettingType explicitType, SettingType predefinedType)
    {
        Scope = scope;
        Name = name;
        Tag = tag;
        ExplicitType = explicitType;
        PredefinedType = predefinedType;
    }

    /// <summary>A dotted path of blocks; empty for the root.</summary>
    public readonly ReadOnlySpan<char> Scope;

    public readonly ReadOnlySpan<char> Name;

    /// <summary>0 when the name has none.</summary>
    public readonly uint Tag;

    /// <summary>What was written after the colon.</summary>
    public readonly SettingType ExplicitType;

    public readonly SettingType PredefinedType;

    /// <summary>Takes a name apart; false when its type is unknown or there is no name.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SettingName setting)
    {
        setting = default;
        ReadOnlySpan<char> scope = default;
        int slash = text.IndexOf('/');
        if (slash >= 0)
        {
            scope = text.Slice(0, slash);
            text = text.Slice(slash + 1);
        }

        SettingType explicitType = SettingType.None;
        int colon = text.IndexOf(':');
        if (colon >= 0)
        {
            if (!SettingFormat.TryFindType(text.Slice(colon + 1), out explicitType))
            {
                return false;
            }

            text = text.Slice(0, colon);
        }

        if (text.Length == 0)
        {
            return false;
        }

        SettingType predefinedType = PredefinedSettings.Find(text, out uint tag);
        if (predefinedType == SettingType.None)
        {
            tag = ParseTag(text);
        }

        setting = new SettingName(scope, text, tag, explicitType, predefinedType);
        return true;
    }

    /// <summary>A predefined setting in no scope.</summary>
    public static SettingName Predefined(string name)
    {
        SettingType type = PredefinedSettings.Find(name, out uint tag);
        return new SettingName(default, name, tag, SettingType.None, type);
    }

    private static uint ParseTag(ReadOnlySpan<char> text)
    {
        uint tag = 0;
        int at = 0;
        while (Number.TryParsePrefix(text, ref at, out ulong number))
        {
            tag = (tag << 8) | (uint)number;
            if (at == text.Length)
            {
                return tag;
            }

            if (text[at++] != '.')
            {
                return 0;
            }
        }

        return 0;
    }
}
