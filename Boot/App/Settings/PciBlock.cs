using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The configuration space of PCI functions: <c>pci/BUSDEVFN.OFFSET.LENGTH</c>, the first as ${net0/busloc} has it. What is at the offset is
/// little-endian, and is shown with its last byte first. Empty when nobody is there.
/// </summary>
public sealed class PciBlock(Platform platform) : SettingsBlock("pci")
{
    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) => ReadOnly(name);

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.HexRaw;
        byte[] bytes = new byte[(int)(name.Tag & 0xFF)];
        int offset = (int)((name.Tag >> 8) & 0xFF);
        bool isThere = name.IsNumber && platform.TryReadPci((uint)(name.Tag >> 16), offset, bytes);
        for (int i = 0; i < bytes.Length / 2; i++)
        {
            (bytes[i], bytes[bytes.Length - 1 - i]) = (bytes[bytes.Length - 1 - i], bytes[i]);
        }

        value = bytes;
        return isThere && bytes.Length > 0;
    }
}
