using System;

namespace NetBoot.Boot.App.Settings;

/// <summary>The names that every scope knows, with their DHCP option numbers and types.</summary>
public static class PredefinedSettings
{
    /// <summary>Encapsulated options: 175.N is (175 &lt;&lt; 8) | N, the options that Etherboot's number carries.</summary>
    private const ulong Encapsulated = 175 << 8;

    /// <summary>yiaddr, which is no option: the number that iPXE's scripts have for it.</summary>
    public const ulong Address = Encapsulated | 2;

    /// <summary>siaddr, which is no option either.</summary>
    public const ulong NextServer = Encapsulated | 3;

    public const ulong Priority = Encapsulated | 1;
    public const ulong Netmask = 1;
    public const ulong Gateway = 3;
    public const ulong DnsServers = 6;
    public const ulong Domain = 15;
    public const ulong Mtu = 26;
    public const ulong FileName = 67;

    /// <summary>Names that no block has of itself: of those that are predefined, the ones that people look for.</summary>
    public const string UsualNames =
        "ip netmask gateway dns domain hostname mac hwaddr mtu filename next-server root-path dhcp-server user-class vendor-class username password " +
        "keymap buildarch platform version errno unixtime memsize cwuri cwduri secureboot uuid manufacturer product serial asset board-serial";

    /// <summary>Cuts the first name off <see cref="UsualNames"/>.</summary>
    public static ReadOnlySpan<char> TakeName(ref ReadOnlySpan<char> names)
    {
        int blank = names.IndexOf(' ');
        ReadOnlySpan<char> name = blank < 0 ? names : names.Slice(0, blank);
        names = blank < 0 ? default : names.Slice(blank + 1);
        return name;
    }

    /// <summary>A name's type, and its tag (0: it has none); None when the name is not predefined.</summary>
    public static SettingType Find(ReadOnlySpan<char> name, out ulong tag)
    {
        (tag, SettingType type) = name switch
        {
            "ip" => (Address, SettingType.IPv4),
            "netmask" => (Netmask, SettingType.IPv4),
            "gateway" => (Gateway, SettingType.IPv4),
            "dns" => (DnsServers, SettingType.IPv4),
            "syslog" => (7u, SettingType.IPv4),
            "hostname" => (12u, SettingType.String),
            "domain" => (Domain, SettingType.String),
            "root-path" => (17u, SettingType.String),
            "mtu" => (Mtu, SettingType.Int16),
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
            "len6" => (0u, SettingType.Int8),
            "errno" => (0u, SettingType.UInt32),
            "buildarch" or "platform" or "version" or "cwuri" or "cwduri" or "dmesg" or "keymap" => (0u, SettingType.String),
            "unixtime" => (0u, SettingType.UInt32),
            "memsize" => (0u, SettingType.Int32),
            "sysmac" or "busid" => (0u, SettingType.Hex),
            "secureboot" => (0u, SettingType.Int8),
            "uuid" => (0u, SettingType.Uuid),
            "manufacturer" or "product" or "serial" or "asset" or "board-serial" or "cpuvendor" or "cpumodel" => (0u, SettingType.String),
            "mac" or "hwaddr" => (0u, SettingType.Hex),
            "busloc" => (0u, SettingType.UInt32),
            "bustype" or "linktype" or "chip" or "ifname" => (0u, SettingType.String),
            _ => (0u, SettingType.None),
        };
        return type;
    }

    /// <summary>The type of the predefined setting that has a tag; None when none has.</summary>
    public static SettingType FindType(ulong tag) => tag switch
    {
        Netmask or Gateway or DnsServers or 7 or 42 or 54 or Address or NextServer => SettingType.IPv4,
        12 or Domain or 17 or 60 or FileName or 77 or 203 => SettingType.String,
        Encapsulated | 81 or Encapsulated | 85 or Encapsulated | 93 or Encapsulated | 188 => SettingType.String,
        >= (Encapsulated | 190) and <= (Encapsulated | 193) => SettingType.String,
        Mtu => SettingType.Int16,
        119 => SettingType.DnsSearchList,
        121 or (>= (Encapsulated | 90) and <= (Encapsulated | 92)) or Encapsulated | 177 => SettingType.Hex,
        Priority or Encapsulated | 8 or Encapsulated | 9 or Encapsulated | 176 or Encapsulated | 187 => SettingType.Int8,
        Encapsulated | 178 or Encapsulated | 189 => SettingType.UInt8,
        Encapsulated | 194 or Encapsulated | 195 => SettingType.UInt32,
        _ => SettingType.None,
    };
}
