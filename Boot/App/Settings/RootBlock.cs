using System;
using System.Text;
using NetBoot.Boot.App.Consoles;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The root: where a name without scope is set. One takes effect as it is set: keymap, which says what is printed on the keyboard's keys.
/// </summary>
public sealed class RootBlock(Terminal terminal) : SettingsBlock("")
{
    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        Keymap map = default;
        bool isKeymap = name.Name.SequenceEqual("keymap");
        Error? error = isKeymap && value.Length > 0 ? Keymap.Find(Encoding.Latin1.GetString(value), out map) : null;
        error ??= base.Store(name, type, value);
        if (error is not null)
        {
            return error;
        }

        if (isKeymap)
        {
            terminal.Keymap = map;
        }

        return null;
    }
}
