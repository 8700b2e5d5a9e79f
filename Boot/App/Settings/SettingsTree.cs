using System;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// All settings: the root (where a name without scope is set) and below it the blocks of interfaces, leases and the machine. A name without
/// scope is looked for in the root and then depth first, blocks of higher priority first, so what a user sets always wins.
/// </summary>
/// <param name="root">Lives as long as the tree.</param>
public sealed class SettingsTree(SettingsBlock root) : IExpansionSource, IDisposable
{
    /// <summary>More blocks than this is a script that runs away.</summary>
    public const int MaximumNewBlocks = 256;

    private readonly Arena _arena = Arena.Create();
    private int _newBlocks;

    public SettingsBlock Root => root;

    /// <summary>Another number after anything was set that DHCP knows too.</summary>
    public uint Changes { get; private set; }

    /// <summary>What "netX" stands for: the name of the interface opened last, or null.</summary>
    public string? LastOpened { get; set; }

    /// <summary>The formatted value of <c>[scope/]name[:type]</c>; empty when there is none, or the name makes no sense.</summary>
    public string Format(ReadOnlySpan<char> setting) => Format(setting, out _);

    /// <inheritdoc/>
    public string Format(ReadOnlySpan<char> setting, out bool isForeign)
    {
        isForeign = false;
        if (!SettingName.TryParse(setting, out SettingName name) ||
            !TryFetch(name, out ReadOnlySpan<byte> value, out SettingType type, out SettingsBlock origin))
        {
            return "";
        }

        isForeign = origin.IsForeign(name);
        return SettingFormat.Format(type, value);
    }

    /// <summary>Finds a value, and the type that it is to be shown with.</summary>
    public bool TryFetch(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type) =>
        TryFetch(name, out value, out type, out _);

    /// <summary>Finds a value, its type and the block that it is from.</summary>
    public bool TryFetch(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type, out SettingsBlock origin)
    {
        value = default;
        type = SettingType.None;
        origin = Root;
        FindScope(name.Scope, mayCreate: false, out SettingsBlock? scope);
        if (scope is null || !scope.TryFetch(name, out value, out type, out origin))
        {
            return false;
        }

        type = TypeOf(name, scope) is SettingType named and not SettingType.None ? named : type != SettingType.None ? type : SettingType.String;
        return true;
    }

    /// <summary>Reads text as the setting's type and stores it; empty text deletes the setting.</summary>
    /// <param name="setting">Its name, with scope and type if it has them.</param>
    /// <param name="text">The value.</param>
    /// <param name="isForeign">Somebody on the network said it.</param>
    public Error? Set(string setting, string text, bool isForeign = false)
    {
        if (!SettingName.TryParse(setting, out SettingName name))
        {
            return BadName(setting);
        }

        Error? error = FindScope(name.Scope, mayCreate: text.Length > 0, out SettingsBlock? scope);
        if (scope is null)
        {
            return text.Length == 0 ? null : error;
        }

        if (text.Length == 0)
        {
            return Store(scope, name, SettingType.None, default);
        }

        SettingType type = TypeOf(name, scope) is SettingType named and not SettingType.None ? named : SettingType.String;
        int mark = type == SettingType.IPv6 ? text.AsSpan().IndexOf('%') : -1;
        if (mark >= 0)
        {
            string zone = text.Substring(mark + 1);
            if (zone != scope.Name)
            {
                bool isThere = Root.FindChild(zone) is InterfaceBlock;
                return new Error(
                    isThere ? EFI_STATUS.EFI_INVALID_PARAMETER : EFI_STATUS.EFI_NOT_FOUND,
                    TextBuilder.Format($"{setting}: {(isThere ? "it has to be set in the scope of" : "no such interface:")} {zone}"));
            }

            text = text.Substring(0, mark);
        }

        return SettingFormat.TryParse(type, text, out byte[] value)
            ? Store(scope, name, isForeign ? type | SettingType.Foreign : type, value)
            : new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{setting}: not a value of type {SettingFormat.NameOf(type)}: {text}"));
    }

    /// <summary>
    /// Adds to a number. One that is not set yet starts at 0, and becomes an int32 where its name says nothing else; what is no number is
    /// refused.
    /// </summary>
    public Error? Increment(string setting, long by)
    {
        if (!SettingName.TryParse(setting, out SettingName name))
        {
            return BadName(setting);
        }

        Error? error = FindScope(name.Scope, mayCreate: false, out SettingsBlock? scope);
        if (scope is null)
        {
            return error;
        }

        bool isSet = TryFetch(name, out ReadOnlySpan<byte> value, out SettingType type);
        if (!isSet)
        {
            type = TypeOf(name, scope) is SettingType named and not SettingType.None ? named : SettingType.Int32;
        }

        int size = SettingFormat.IntegerSize(type);
        if (size == 0)
        {
            return new Error(
                EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{setting}: not a number, but a value of type {SettingFormat.NameOf(type)}"));
        }

        if (!SettingFormat.TryReadInteger(value, SettingFormat.IsSigned(type), out long number))
        {
            number = 0;
        }

        return Store(scope, name, type, SettingFormat.WriteInteger(unchecked(number + by), size));
    }

    /// <summary>Frees everything that was set.</summary>
    public void Dispose()
    {
        Root.Dispose();
        _arena.Dispose();
    }

    /// <summary>Stores a value in the block that the name's scope says, which is made when it does not exist.</summary>
    public Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) =>
        FindScope(name.Scope, mayCreate: true, out SettingsBlock? scope) ?? Store(scope!, name, type, value);

    /// <summary>The block of a dotted path, in which an empty part changes nothing; "netX" stands for the interface opened last.</summary>
    /// <returns>Why there is no such block, and none was made.</returns>
    public Error? FindScope(ReadOnlySpan<char> path, bool mayCreate, out SettingsBlock? block)
    {
        SettingsBlock found = Root;
        ReadOnlySpan<char> rest = path;
        block = null;
        while (rest.Length > 0)
        {
            int dot = rest.IndexOf('.');
            ReadOnlySpan<char> part = dot < 0 ? rest : rest.Slice(0, dot);
            rest = dot < 0 ? default : rest.Slice(dot + 1);
            if (found == Root && part.SequenceEqual("netX"))
            {
                if (LastOpened is null)
                {
                    return new Error(EFI_STATUS.EFI_NOT_FOUND, "netX: no interface is open");
                }

                part = LastOpened;
            }

            SettingsBlock? child = part.Length == 0 ? found : found.FindChild(part);
            if (child is null)
            {
                if (!mayCreate)
                {
                    return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"{path}: no such scope"));
                }

                if (_newBlocks == MaximumNewBlocks)
                {
                    return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"{path}: no room for more scopes"));
                }

                _newBlocks++;
                using (_arena.Enter())
                {
                    child = new SettingsBlock(new string(part));
                    found.Add(child);
                }
            }

            found = child;
        }

        block = found;
        return null;
    }

    private Error? Store(SettingsBlock scope, in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        Changes += name.Tag == 0 ? 0u : 1u;
        Error? error = scope.Store(name, type, value);
        if (error is null && name.Tag == PredefinedSettings.Priority)
        {
            scope.Reprioritize();
        }

        return error;
    }

    /// <summary>The type that a name itself has in a scope: what it says, or that of the predefined setting of this name or number.</summary>
    private static SettingType TypeOf(in SettingName name, SettingsBlock scope) =>
        name.ExplicitType != SettingType.None ? name.ExplicitType
        : name.IsNumber && !scope.HasOwnNames ? PredefinedSettings.FindType(name.Tag)
        : name.PredefinedType;

    internal static Error BadName(string setting) =>
        new(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{setting}: unknown type"));
}
