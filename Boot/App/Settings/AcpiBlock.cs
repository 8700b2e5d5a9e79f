using System;
using System.Text;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The machine's ACPI tables: <c>acpi/SIGNATURE.INDEX.0.OFFSET.LENGTH</c>, the signature as a number of its four characters (0x46414350 for
/// FACP), length 0 for all that follows. Numbers are little-endian there, and are turned round when they are asked for as numbers.
/// </summary>
public sealed class AcpiBlock(Platform platform) : SettingsBlock("acpi")
{
    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) => ReadOnly(name);

    /// <summary>
    /// The "system MAC address" that some vendors' AML has for docking stations: "_AUXMAC_#" and twelve digits, or "_RTXMAC_#" and six
    /// bytes, then "#", in the DSDT or an SSDT. Null when there is none.
    /// </summary>
    public static byte[]? FindSystemMac(Platform platform)
    {
        for (int i = 0; ; i++)
        {
            ReadOnlySpan<byte> table = i == 0 ? platform.FindAcpiTable("DSDT"u8, 0) : platform.FindAcpiTable("SSDT"u8, i - 1);
            if (table.Length == 0 && i > 0)
            {
                return null;
            }

            int at = table.IndexOf("_AUXMAC_#"u8);
            if (at >= 0 && table.Length - at >= 22 && table[at + 21] == (byte)'#' &&
                HexText.TryParse(Encoding.Latin1.GetString(table.Slice(at + 9, 12)), '\0', out byte[] mac))
            {
                return mac;
            }

            at = table.IndexOf("_RTXMAC_#"u8);
            if (at >= 0 && table.Length - at >= 16 && table[at + 15] == (byte)'#')
            {
                return table.Slice(at + 9, 6).ToArray();
            }
        }
    }

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.HexRaw;
        value = default;
        ReadOnlySpan<byte> signature = SettingFormat.WriteInteger((long)(name.Tag >> 32), 4);
        ReadOnlySpan<byte> table = name.IsNumber ? platform.FindAcpiTable(signature, (int)((name.Tag >> 24) & 0xFF)) : default;
        int offset = (int)((name.Tag >> 8) & 0xFFFF);
        int length = (int)(name.Tag & 0xFF);
        if (offset >= table.Length)
        {
            return false;
        }

        table = table.Slice(offset);
        value = length > 0 && length < table.Length ? table.Slice(0, length) : table;
        if (SettingFormat.IntegerSize(name.ExplicitType) > 0)
        {
            value = Reverse(value);
        }

        return true;
    }

    private static byte[] Reverse(ReadOnlySpan<byte> value)
    {
        byte[] reversed = new byte[value.Length];
        for (int i = 0; i < value.Length; i++)
        {
            reversed[value.Length - 1 - i] = value[i];
        }

        return reversed;
    }
}
