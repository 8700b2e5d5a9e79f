using System;

namespace NetBoot.Boot.App.Settings;

/// <summary>The names that every scope knows, with their DHCP option numbers and types.</summary>
public static class PredefinedSettings
{
    /// <summary>Encapsulated options: 175.N is (175 &lt;&lt; 8) | N, the options that Etherboot's number carries.</summary>
    private const uint Encapsulated = 175 << 8;

    /// <summary>siaddr, which is no option: the number that iPXE's scripts have for it.</summary>
    public const uint NextServer = Encapsulated | 3;

    public const uint Priority = Encapsulated | 1;
    public const uint FileName = 67;

    /// <summary>A name's type, and its tag (0: it has none); None when the name is not predefined.</summary>
    public static SettingType Find(ReadOnlySpan<char> name, out uint tag)
    {
        (tag, SettingType type) = name switch
        {
            "ip" => (0u, SettingType.IPv4),
            "netmask" => (1u, SettingType.IPv4),
            "gateway" => (3u, SettingType.IPv4),
            "dns" => (6u, SettingType.IPv4),
            "syslog" => (7u, SettingType.IPv4),
            "hostname" => (12u, SettingType.String),
            "domain" => (15u, SettingType.String),
            "root-path" => (17u, SettingType.String),
            "mtu" => (26u, SettingType.UInt16),
            "ntp" => (42u, SettingType.IPv4),
            "dhcp-server" => (54u, SettingType.IPv4),
            "vendor-class" => (60u, SettingType.String),
            "filename" => (FileName, SettingType.String),
            "user-class" => (77u, SettingType.String),
            "dnssl" => (119u, SettingType.DnsSearchList),
            "static-routes" => (121u, SettingType.Hex),
            "initiator-iqn" => (203u, SettingType.String),
            "next-server" => (NextServer, SettingType.IPv4),
            "priority" => (Priority, SettingType.Int8),
            "keep-san" => (Encapsulated | 8, SettingType.Int8),
            "skip-san-boot" => (Encapsulated | 9, SettingType.Int8),
            "scriptlet" => (Encapsulated | 81, SettingType.String),
            "syslogs" => (Encapsulated | 85, SettingType.String),
            "trust" => (Encapsulated | 90, SettingType.Hex),
            "cert" => (Encapsulated | 91, SettingType.Hex),
            "privkey" => (Encapsulated | 92, SettingType.Hex),
            "crosscert" => (Encapsulated | 93, SettingType.String),
            "no-pxedhcp" => (Encapsulated | 176, SettingType.Int8),
            "bus-id" => (Encapsulated | 177, SettingType.Hex),
            "use-cached" => (Encapsulated | 178, SettingType.UInt8),
            "san-retries" => (Encapsulated | 187, SettingType.Int8),
            "san-filename" => (Encapsulated | 188, SettingType.String),
            "san-drive" => (Encapsulated | 189, SettingType.UInt8),
            "username" => (Encapsulated | 190, SettingType.String),
            "password" => (Encapsulated | 191, SettingType.String),
            "reverse-username" => (Encapsulated | 192, SettingType.String),
            "reverse-password" => (Encapsulated | 193, SettingType.String),
            "uid" => (Encapsulated | 194, SettingType.UInt32),
            "gid" => (Encapsulated | 195, SettingType.UInt32),
            "ip6" or "gateway6" or "dns6" or "syslog6" => (0u, SettingType.IPv6),
            "len6" => (0u, SettingType.UInt8),
            "errno" => (0u, SettingType.UInt32),
            "buildarch" or "platform" or "version" or "cwuri" or "cwduri" => (0u, SettingType.String),
            "unixtime" => (0u, SettingType.UInt32),
            "memsize" => (0u, SettingType.Int32),
            "sysmac" => (0u, SettingType.Hex),
            "secureboot" => (0u, SettingType.Int8),
            "uuid" => (0u, SettingType.Uuid),
            "manufacturer" or "product" or "serial" or "asset" or "board-serial" => (0u, SettingType.String),
            "mac" or "hwaddr" => (0u, SettingType.Hex),
            "busloc" => (0u, SettingType.UInt32),
            "bustype" or "busid" or "linktype" or "chip" or "ifname" => (0u, SettingType.String),
            _ => (0u, SettingType.None),
        };
        return type;
    }
}
