using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The machine as its SMBIOS tables describe it: uuid, manufacturer, product, serial, asset, board-serial, and
/// <c>smbios/[instance.]type.offset.length</c>, where length 0 means the string whose number stands at the offset, offset 0 the string of the
/// number that is the length, and both 0 the whole structure.
/// </summary>
public sealed class SmbiosBlock(Platform platform) : SettingsBlock("smbios")
{
    private const int SystemInformation = 1;
    private const int BaseBoard = 2;
    private const int Enclosure = 3;
    private const int UuidOffset = 8;
    private const int UuidSize = 16;
    private const int UuidTag = (SystemInformation << 16) | (UuidOffset << 8) | UuidSize;

    /// <summary>Since 2.6 a UUID's first three fields are little-endian (DSP0134, 7.2.1).</summary>
    private const int MixedEndianVersion = 0x206;

    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <summary>The machine's UUID in the order of its text form; null when it has none (all zeros or ones, DSP0134, 7.2.1).</summary>
    public static byte[]? GetUuid(Platform platform)
    {
        ReadOnlySpan<byte> table = platform.GetSmbios(out int version);
        if (!new Smbios(table).TryFind(SystemInformation, 0, out ReadOnlySpan<byte> fields, out _) || fields.Length < UuidOffset + UuidSize)
        {
            return null;
        }

        ReadOnlySpan<byte> uuid = fields.Slice(UuidOffset, UuidSize);
        return IsNone(uuid) ? null : ToTextOrder(uuid, version);
    }

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) => ReadOnly(name);

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = name.PredefinedType;
        value = default;
        ReadOnlySpan<byte> table = platform.GetSmbios(out int version);
        ulong tag = name.IsNumber ? name.Tag : TagOf(name.Name);
        if ((!name.IsNumber && tag == 0) ||
            !new Smbios(table).TryFind((byte)(tag >> 16), (int)((tag >> 24) & 0xFF), out ReadOnlySpan<byte> fields, out ReadOnlySpan<byte> strings))
        {
            return false;
        }

        int offset = (int)((tag >> 8) & 0xFF);
        int length = (int)(tag & 0xFF);
        if (offset == 0 && length == 0)
        {
            value = fields;
        }
        else if (offset == 0 || length == 0)
        {
            int number = length != 0 ? length : offset < fields.Length ? fields[offset] : 0;
            value = Smbios.GetString(strings, number);
            type = SettingType.String;
        }
        else if (offset < fields.Length)
        {
            value = fields.Slice(offset, Math.Min(length, fields.Length - offset));
        }

        SettingType asked = name.ExplicitType != SettingType.None ? name.ExplicitType : tag == UuidTag ? SettingType.Uuid : SettingType.None;
        if (asked is SettingType.Uuid or SettingType.Guid && value.Length == UuidSize)
        {
            value = tag == UuidTag && IsNone(value) ? default(ReadOnlySpan<byte>) : ToTextOrder(value, version);
        }

        type = type != SettingType.None ? type : tag == UuidTag ? SettingType.Uuid : SettingType.Hex;
        return value.Length > 0;
    }

    private static ulong TagOf(ReadOnlySpan<char> name) => name switch
    {
        "uuid" => UuidTag,
        "manufacturer" => (SystemInformation << 16) | (4 << 8),
        "product" => (SystemInformation << 16) | (5 << 8),
        "serial" => (SystemInformation << 16) | (7 << 8),
        "asset" => (Enclosure << 16) | (8 << 8),
        "board-serial" => (BaseBoard << 16) | (7 << 8),
        _ => 0,
    };

    /// <summary>All zeros or all ones: not set (DSP0134, 7.2.1).</summary>
    private static bool IsNone(ReadOnlySpan<byte> uuid)
    {
        bool isNone = true;
        foreach (byte b in uuid)
        {
            isNone &= b is 0 or 0xFF && b == uuid[0];
        }

        return isNone;
    }

    private static byte[] ToTextOrder(ReadOnlySpan<byte> uuid, int version)
    {
        byte[] ordered = new byte[UuidSize];
        for (int i = 0; i < UuidSize; i++)
        {
            ordered[i] = uuid[UuidText.Position(i, version >= MixedEndianVersion)];
        }

        return ordered;
    }
}
