using System;
using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// A setting's name in parts: <c>[scope/]name[:type]</c>. A name that is a number (decimal, 0x or 0, bytes joined with dots: 43.116) is a
/// tag: a DHCP option's number, or what the scope makes of it. Predefined names have tags and types of their own.
/// </summary>
public readonly ref struct SettingName
{
    private SettingName(
        ReadOnlySpan<char> scope, ReadOnlySpan<char> name, ulong tag, bool isNumber, SettingType explicitType, SettingType predefinedType)
    {
        Scope = scope;
        Name = name;
        Tag = tag;
        IsNumber = isNumber;
        ExplicitType = explicitType;
        PredefinedType = predefinedType;
    }

    /// <summary>A dotted path of blocks; empty for the root.</summary>
    public readonly ReadOnlySpan<char> Scope;

    /// <summary>Without scope and type. Nothing is ever stored under the empty name, which <c>${}</c> has.</summary>
    public readonly ReadOnlySpan<char> Name;

    /// <summary>0 when the name has none. Of more than eight bytes the last count.</summary>
    public readonly ulong Tag;

    /// <summary>The name was written as a number, which is <see cref="Tag"/>.</summary>
    public readonly bool IsNumber;

    /// <summary>What was written after the colon.</summary>
    public readonly SettingType ExplicitType;

    public readonly SettingType PredefinedType;

    /// <summary>Takes a name apart; false when its type is unknown.</summary>
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

        SettingType predefinedType = PredefinedSettings.Find(text, out ulong tag);
        bool isNumber = predefinedType == SettingType.None && TryParseTag(text, out tag);
        setting = new SettingName(scope, text, tag, isNumber, explicitType, predefinedType);
        return true;
    }

    /// <summary>A predefined setting in no scope.</summary>
    public static SettingName Predefined(string name)
    {
        SettingType type = PredefinedSettings.Find(name, out ulong tag);
        return new SettingName(default, name, tag, false, SettingType.None, type);
    }

    private static bool TryParseTag(ReadOnlySpan<char> text, out ulong tag)
    {
        tag = 0;
        int at = 0;
        while (Number.TryParsePrefix(text, ref at, out ulong number))
        {
            tag = (tag << 8) | number;
            if (at == text.Length)
            {
                return true;
            }

            if (text[at++] != '.')
            {
                break;
            }
        }

        tag = 0;
        return false;
    }
}
