using System;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// All settings: the root (where a name without scope is set) and below it the blocks of interfaces, leases and the machine. A name without
/// scope is looked for in the root and then depth first, blocks of higher priority first, so what a user sets always wins.
/// </summary>
public sealed class SettingsTree : IExpansionSource, IDisposable
{
    /// <summary>More blocks than this is a script that runs away.</summary>
    public const int MaximumNewBlocks = 256;

    private readonly Arena _arena = Arena.Create();
    private int _newBlocks;

    public SettingsBlock Root { get; } = new("");

    /// <summary>What "netX" stands for: the name of the interface opened last, or null.</summary>
    public string? LastOpened { get; set; }

    /// <inheritdoc/>
    public string Format(ReadOnlySpan<char> setting) =>
        SettingName.TryParse(setting, out SettingName name) && TryFetch(name, out ReadOnlySpan<byte> value, out SettingType type)
            ? SettingFormat.Format(type, value)
            : "";

    /// <summary>Finds a value, and the type that it is to be shown with.</summary>
    public bool TryFetch(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type) =>
        TryFetch(name, out value, out type, out _);

    /// <summary>Finds a value, its type and the block that it is from.</summary>
    public bool TryFetch(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type, out SettingsBlock origin)
    {
        value = default;
        type = SettingType.None;
        origin = Root;
        SettingsBlock? scope = FindScope(name.Scope, mayCreate: false);
        if (scope is null || !scope.TryFetch(name, out value, out type, out origin))
        {
            return false;
        }

        type = name.ExplicitType != SettingType.None ? name.ExplicitType
            : name.PredefinedType != SettingType.None ? name.PredefinedType
            : type != SettingType.None ? type
            : SettingType.String;
        return true;
    }

    /// <summary>Reads text as the setting's type and stores it; empty text deletes the setting.</summary>
    public Error? Set(string setting, string text)
    {
        if (!SettingName.TryParse(setting, out SettingName name))
        {
            return BadName(setting);
        }

        if (text.Length == 0)
        {
            return Store(name, SettingType.None, default);
        }

        SettingType type = name.ExplicitType != SettingType.None ? name.ExplicitType
            : name.PredefinedType != SettingType.None ? name.PredefinedType
            : SettingType.String;
        if (!SettingFormat.TryParse(type, text, out byte[] value))
        {
            return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{setting}: not a value of type {SettingFormat.NameOf(type)}: {text}"));
        }

        return Store(name, type, value);
    }

    /// <summary>Adds to a number: one that is not set yet starts at 0 and becomes an int32, text that reads as a number is one.</summary>
    public Error? Increment(string setting, long by)
    {
        if (!SettingName.TryParse(setting, out SettingName name))
        {
            return BadName(setting);
        }

        long number = 0;
        SettingType type = SettingType.None;
        if (TryFetch(name, out ReadOnlySpan<byte> value, out SettingType found))
        {
            type = found;
            bool isNumber = SettingFormat.IntegerSize(found) > 0
                ? SettingFormat.TryReadInteger(value, SettingFormat.IsSigned(found), out number)
                : Number.TryParse(SettingFormat.Format(found, value), out number);
            if (!isNumber)
            {
                return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{setting}: not a number: {SettingFormat.Format(found, value)}"));
            }
        }
        else if (name.ExplicitType != SettingType.None)
        {
            type = name.ExplicitType;
        }

        if (SettingFormat.IntegerSize(type) == 0)
        {
            type = SettingType.Int32;
        }

        return Store(name, type, SettingFormat.WriteInteger(unchecked(number + by), SettingFormat.IntegerSize(type)));
    }

    /// <summary>Frees everything that was set.</summary>
    public void Dispose()
    {
        Root.Dispose();
        _arena.Dispose();
    }

    /// <summary>Stores a value in the block that the name's scope says, which is made when it does not exist.</summary>
    public Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        SettingsBlock? scope = FindScope(name.Scope, mayCreate: value.Length > 0);
        if (scope is null)
        {
            return value.Length == 0 ? null : new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"{name.Scope}: no room for more scopes"));
        }

        Error? error = scope.Store(name, type, value);
        if (error is null && name.Tag == PredefinedSettings.Priority)
        {
            scope.Reprioritize();
        }

        return error;
    }

    /// <summary>The block of a dotted path; "netX" stands for the interface opened last.</summary>
    public SettingsBlock? FindScope(ReadOnlySpan<char> path, bool mayCreate)
    {
        SettingsBlock block = Root;
        while (path.Length > 0)
        {
            int dot = path.IndexOf('.');
            ReadOnlySpan<char> part = dot < 0 ? path : path.Slice(0, dot);
            path = dot < 0 ? default : path.Slice(dot + 1);
            if (block == Root && part.SequenceEqual("netX"))
            {
                part = LastOpened;
            }

            SettingsBlock? child = part.Length == 0 ? null : block.FindChild(part);
            if (child is null)
            {
                if (!mayCreate || part.Length == 0 || _newBlocks == MaximumNewBlocks)
                {
                    return null;
                }

                _newBlocks++;
                using (_arena.Enter())
                {
                    child = new SettingsBlock(new string(part));
                    block.Add(child);
                }
            }

            block = child;
        }

        return block;
    }

    internal static Error BadName(string setting) =>
        new(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{setting}: not a setting's name, or an unknown type"));
}
