using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The firmware's variables: <c>efi/NAME</c>, the first of that name whatever its namespace, or <c>efi/NAME-GUID</c> of that namespace, as
/// Linux's efivarfs has it.
/// </summary>
public sealed class VariableBlock(Platform platform) : SettingsBlock("efi")
{
    private const int GuidLength = 36;

    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) => ReadOnly(name);

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.Hex;
        value = default;
        if (name.Scope.Length == 0)
        {
            return false;
        }

        ReadOnlySpan<char> variable = name.Name;
        EFI_GUID? vendor = null;
        int hyphen = variable.Length - GuidLength - 1;
        if (hyphen > 0 && variable[hyphen] == '-' && EFI_GUID.TryParse(variable.Slice(hyphen + 1), out EFI_GUID guid))
        {
            vendor = guid;
            variable = variable.Slice(0, hyphen);
        }

        value = platform.GetVariable(variable, vendor);
        return value.Length > 0;
    }
}
