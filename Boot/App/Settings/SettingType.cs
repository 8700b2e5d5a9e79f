namespace NetBoot.Boot.App.Settings;

/// <summary>How a setting's bytes are read from text and written as text. <see cref="SettingFormat"/> does both.</summary>
public enum SettingType : byte
{
    /// <summary>Not stated: the predefined setting's type, else the type that the value was stored with, else a string.</summary>
    None,
    String,
    UriString,
    IPv4,
    IPv6,
    Int8,
    Int16,
    Int32,
    UInt8,
    UInt16,
    UInt32,
    Hex,
    HexHyphen,
    HexRaw,
    Base64,
    Uuid,
    Guid,
    BusDeviceFunction,
    DnsSearchList,

    /// <summary>Beside the type of a value that is stored: somebody on the network said it. See <see cref="SettingsBlock.IsForeign"/>.</summary>
    Foreign = 0x80,
}
