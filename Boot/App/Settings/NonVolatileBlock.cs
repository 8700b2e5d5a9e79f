using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// Settings that stay: <c>nvo/NAME</c>. All of them are one variable of the firmware, which only code that runs before an operating system
/// can read and write. What is not in scope nvo is looked for there before leases, so that a machine can have a host name of its own.
/// </summary>
public sealed class NonVolatileBlock : SettingsBlock
{
    public const string VariableName = "NetBootSettings";
    private readonly Platform _platform;

    public NonVolatileBlock(Platform platform)
        : base("nvo")
    {
        _platform = platform;
        Load();
    }

    public static EFI_GUID Vendor => new(0x6F5B1B52, 0x0F5C, 0x4C0B, 0x9D, 0x0E, 0x3A, 0x61, 0x27, 0x8E, 0x40, 0xD7);

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        Error? error = base.Store(name, type, value) ?? _platform.SetVariable(VariableName, Vendor, Values.Records);
        if (error is not null)
        {
            Load();
        }

        return error;
    }

    private void Load() => Values.Load(_platform.GetVariable(VariableName, Vendor));
}
