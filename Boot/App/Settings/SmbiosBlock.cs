using System;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The machine as its SMBIOS tables describe it: uuid, manufacturer, product, serial, asset, board-serial, and
/// <c>smbios/[instance.]type.offset.length</c>, where length 0 means the string whose number stands at the offset.
/// </summary>
public sealed class SmbiosBlock(Platform platform) : SettingsBlock("smbios")
{
    private const byte SystemInformation = 1;
    private const byte BaseBoard = 2;
    private const byte Enclosure = 3;
    private const int UuidOffset = 8;
    private const int UuidSize = 16;

    /// <summary>Since 2.6 a UUID's first three fields are little-endian (DSP0134, 7.2.1).</summary>
    private const int MixedEndianVersion = 0x206;

    /// <summary>The machine's UUID in the order of its text form; null when it has none (all zeros or ones, DSP0134, 7.2.1).</summary>
    public static byte[]? GetUuid(Platform platform)
    {
        ReadOnlySpan<byte> table = platform.GetSmbios(out int version);
        if (!new Smbios(table).TryFind(SystemInformation, 0, out ReadOnlySpan<byte> fields, out _) || fields.Length < UuidOffset + UuidSize)
        {
            return null;
        }

        byte[] uuid = new byte[UuidSize];
        bool isNone = true;
        for (int i = 0; i < UuidSize; i++)
        {
            uuid[i] = fields[UuidOffset + UuidText.Position(i, version >= MixedEndianVersion)];
            isNone &= uuid[i] is 0 or 0xFF && uuid[i] == uuid[0];
        }

        return isNone ? null : uuid;
    }

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.String;
        value = default;
        ReadOnlySpan<byte> table = platform.GetSmbios(out _);
        if (name.Scope.Length > 0 && name.Tag >> 16 != 0)
        {
            value = Raw(table, name.Tag, out type);
            return value.Length > 0;
        }

        switch (name.Name)
        {
            case "uuid":
                type = SettingType.Uuid;
                value = GetUuid(platform);
                break;
            case "manufacturer":
                value = String(table, SystemInformation, 4);
                break;
            case "product":
                value = String(table, SystemInformation, 5);
                break;
            case "serial":
                value = String(table, SystemInformation, 7);
                break;
            case "asset":
                value = String(table, Enclosure, 8);
                break;
            case "board-serial":
                value = String(table, BaseBoard, 7);
                break;
        }

        return value.Length > 0;
    }

    private static ReadOnlySpan<byte> Raw(ReadOnlySpan<byte> table, uint tag, out SettingType type)
    {
        type = SettingType.String;
        int offset = (int)((tag >> 8) & 0xFF);
        int length = (int)(tag & 0xFF);
        if (!new Smbios(table).TryFind((byte)(tag >> 16), (int)(tag >> 24), out ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> strings))
        {
            return default;
        }

        if (length == 0)
        {
            return Smbios.GetString(fields, strings, offset);
        }

        type = SettingType.Hex;
        return offset + length <= fields.Length ? fields.Slice(offset, length) : default;
    }

    private static ReadOnlySpan<byte> String(ReadOnlySpan<byte> table, byte type, int offset) =>
        new Smbios(table).TryFind(type, 0, out ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> strings)
            ? Smbios.GetString(fields, strings, offset)
            : default;
}
