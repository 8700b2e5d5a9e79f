using System;
using NetBoot.Boot.App.Script;

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
    public const ulong Trust = Encapsulated | 90;
    public const ulong Certificate = Encapsulated | 91;
    public const ulong PrivateKey = Encapsulated | 92;
    public const ulong Netmask = 1;
    public const ulong Gateway = 3;
    public const ulong DnsServers = 6;
    public const ulong Domain = 15;
    public const ulong RootPath = 17;
    public const ulong Mtu = 26;
    public const ulong DnsSearchList = 119;
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

    /// <summary>A line for each name: its type as a letter, and its tag if it has one.</summary>
    private static ReadOnlySpan<byte> Names =>
        """
        ip 4 44802
        netmask 4 1
        gateway 4 3
        dns 4 6
        syslog 4 7
        hostname s 12
        domain s 15
        root-path s 17
        mtu w 26
        ntp 4 42
        dhcp-server 4 54
        vendor-class s 60
        filename s 67
        user-class s 77
        dnssl d 119
        static-routes h 121
        initiator-iqn s 203
        next-server 4 44803
        priority b 44801
        keep-san b 44808
        skip-san-boot b 44809
        scriptlet s 44881
        syslogs s 44885
        trust h 44890
        cert h 44891
        privkey h 44892
        crosscert s 44893
        no-pxedhcp b 44976
        bus-id h 44977
        use-cached B 44978
        san-retries b 44987
        san-filename s 44988
        san-drive B 44989
        username s 44990
        password s 44991
        reverse-username s 44992
        reverse-password s 44993
        uid I 44994
        gid I 44995
        ip6 6
        gateway6 6
        dns6 6
        syslog6 6
        len6 w
        errno I
        buildarch s
        platform s
        version s
        cwuri s
        cwduri s
        dmesg s
        keymap s
        unixtime I
        memsize i
        sysmac h
        busid h
        secureboot b
        uuid u
        manufacturer s
        product s
        serial s
        asset s
        board-serial s
        cpuvendor s
        cpumodel s
        mac h
        hwaddr h
        busloc I
        bustype s
        linktype s
        chip s
        ifname s
        vlan-id w

        """u8;

    /// <summary>A name's type, and its tag (0: it has none); None when the name is not predefined.</summary>
    public static SettingType Find(ReadOnlySpan<char> name, out ulong tag)
    {
        int at = 0;
        while (TryNext(ref at, out ReadOnlySpan<byte> line, out SettingType type, out tag))
        {
            if (line.Length > name.Length && line[name.Length] == (byte)' ' && ByteText.StartsWith(line, name))
            {
                return type;
            }
        }

        return SettingType.None;
    }

    /// <summary>The type of the predefined setting that has a tag; None when none has.</summary>
    public static SettingType FindType(ulong tag)
    {
        int at = 0;
        while (TryNext(ref at, out _, out SettingType type, out ulong found))
        {
            if (found == tag && tag != 0)
            {
                return type;
            }
        }

        return SettingType.None;
    }

    private static bool TryNext(ref int at, out ReadOnlySpan<byte> line, out SettingType type, out ulong tag)
    {
        line = Names.Slice(at);
        type = SettingType.None;
        tag = 0;
        if (line.Length == 0)
        {
            return false;
        }

        line = line.Slice(0, line.IndexOf((byte)'\n'));
        at += line.Length + 1;
        int letter = line.IndexOf((byte)' ') + 1;
        type = line[letter] switch
        {
            (byte)'s' => SettingType.String,
            (byte)'4' => SettingType.IPv4,
            (byte)'6' => SettingType.IPv6,
            (byte)'h' => SettingType.Hex,
            (byte)'b' => SettingType.Int8,
            (byte)'w' => SettingType.Int16,
            (byte)'i' => SettingType.Int32,
            (byte)'B' => SettingType.UInt8,
            (byte)'I' => SettingType.UInt32,
            (byte)'d' => SettingType.DnsSearchList,
            _ => SettingType.Uuid,
        };
        for (int digit = letter + 2; digit < line.Length; digit++)
        {
            tag = tag * 10 + line[digit] - (byte)'0';
        }

        return true;
    }
}
