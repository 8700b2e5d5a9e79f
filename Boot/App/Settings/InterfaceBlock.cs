using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// An interface's own settings ("net0"): its addresses and what it is; mac, ip, netmask, gateway, dns, mtu, domain, ip6, len6, gateway6 and dns6 take
/// effect when they are set. The addresses of IPv4 hold until the next lease, all else beyond it; all beyond the interface's being closed.
/// </summary>
public sealed class InterfaceBlock(BootInterface bootInterface) : SettingsBlock(bootInterface.Interface.Name)
{
    /// <summary>More DNS servers than these are not asked.</summary>
    public const int MaximumDnsServers = 4;

    private const int DefaultLength = 64; // As iPXE has it: RFC 4291, 2.5.1.
    private const int MaximumLength = 128;

    /// <summary>The bus type of DHCP option 175.177, before vendor and device.</summary>
    private const long PciBus = 1L << 32;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        NetworkInterface netif = bootInterface.Interface;
        switch (name.Tag)
        {
            case PredefinedSettings.Address:
                return bootInterface.SetStatic(Address(value), bootInterface.StaticNetmask, bootInterface.StaticGateway);
            case PredefinedSettings.Netmask:
                return bootInterface.SetStatic(bootInterface.StaticAddress, Address(value), bootInterface.StaticGateway);
            case PredefinedSettings.Gateway:
                return bootInterface.SetStatic(bootInterface.StaticAddress, bootInterface.StaticNetmask, Address(value));
            case PredefinedSettings.DnsServers:
                Span<IPv4Address> servers = stackalloc IPv4Address[MaximumDnsServers];
                int count = 0;
                for (; value.Length >= 4 && count < MaximumDnsServers; value = value.Slice(4))
                {
                    servers[count++] = Address(value);
                }

                bootInterface.SetDnsServers(servers.Slice(0, count));
                return null;
            case PredefinedSettings.Mtu:
                bootInterface.SetMtu(SettingFormat.TryReadInteger(value, false, out long mtu) ? (int)Math.Clamp(mtu, 0, NetworkInterface.MaximumMtu) : 0);
                return null;
            case PredefinedSettings.Domain:
                bootInterface.SetDomain(Encoding.Latin1.GetString(value));
                return null;
        }

        return name.Name switch
        {
            "mac" when value.Length == 0 => netif.SetStationAddress(null),
            "mac" when value.Length == MacAddress.Size => netif.SetStationAddress(new MacAddress(value)),
            "mac" => new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"{Name}/mac: not six bytes")),
            "ip6" or "len6" or "gateway6" or "dns6" => StoreIPv6(name.Name, value),
            "hwaddr" or "ifname" or "linktype" or "chip" or "bustype" or "busloc" or "busid" or "vlan-id" => ReadOnly(name),
            _ => base.Store(name, type, value),
        };
    }

    /// <summary>Reads the addresses of a setting, all of one version, as many as there is room for; returns how many.</summary>
    public static int ReadAddresses(ReadOnlySpan<byte> value, AddressFamily family, Span<IPAddress> addresses)
    {
        int size = family == AddressFamily.IPv6 ? IPAddress.IPv6Size : 4;
        int count = 0;
        for (; value.Length >= size && count < addresses.Length; value = value.Slice(size))
        {
            addresses[count++] = family == AddressFamily.IPv6 ? new IPAddress(value) : Address(value);
        }

        return count;
    }

    /// <summary>An address as a setting's value; empty for 0.0.0.0 and "::".</summary>
    public static ReadOnlySpan<byte> Bytes(IPAddress address)
    {
        if (address.IsAny)
        {
            return default;
        }

        byte[] bytes = new byte[IPAddress.IPv6Size];
        address.CopyTo(bytes);
        return address.Family == AddressFamily.IPv6 ? bytes : bytes.AsSpan(IPAddress.IPv6Size - 4);
    }

    /// <summary>Addresses of IPv6 as a setting's value.</summary>
    public static byte[] Bytes(ReadOnlySpan<IPAddress> addresses)
    {
        byte[] bytes = new byte[addresses.Length * IPAddress.IPv6Size];
        for (int i = 0; i < addresses.Length; i++)
        {
            addresses[i].CopyTo(bytes.AsSpan(i * IPAddress.IPv6Size));
        }

        return bytes;
    }

    // An empty value takes away what was set.
    private Error? StoreIPv6(ReadOnlySpan<char> name, ReadOnlySpan<byte> value)
    {
        IPv6Interface ip = bootInterface.Interface.IPv6;
        Span<IPAddress> addresses = stackalloc IPAddress[MaximumDnsServers];
        addresses.Clear();
        int count = 0;
        long length = DefaultLength;
        bool isGood = true;
        if (name is "len6")
        {
            isGood = SettingFormat.TryReadInteger(value, false, out length) && length <= MaximumLength;
            length = value.Length > 0 ? length : DefaultLength;
        }
        else
        {
            count = ReadAddresses(value, AddressFamily.IPv6, addresses);
            isGood = value.Length % IPAddress.IPv6Size == 0;
            for (int i = 0; i < count; i++)
            {
                isGood &= addresses[i].IsUnicast;
            }
        }

        if (!isGood)
        {
            return new Error(
                EFI_STATUS.EFI_INVALID_PARAMETER,
                TextBuilder.Format($"{Name}/{name}: {(name is "len6" ? "not from 0 to 128" : "not the address of a host")}"));
        }

        switch (name)
        {
            case "ip6":
                bootInterface.SetStaticIPv6(addresses[0], ip.StaticLength, ip.StaticGateway);
                break;
            case "len6":
                bootInterface.SetStaticIPv6(ip.StaticAddress, (int)length, ip.StaticGateway);
                break;
            case "gateway6":
                bootInterface.SetStaticIPv6(ip.StaticAddress, ip.StaticLength, addresses[0]);
                break;
            default:
                ip.SetDnsServers(addresses.Slice(0, count));
                break;
        }

        return null;
    }

    protected override bool SpeaksForOthers => true;

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        NetworkInterface netif = bootInterface.Interface;
        type = SettingType.None;
        value = name.Tag switch
        {
            PredefinedSettings.Address => Bytes(bootInterface.StaticAddress.IsAny ? netif.Address : bootInterface.StaticAddress),
            PredefinedSettings.Netmask => Bytes(bootInterface.StaticNetmask.IsAny ? netif.Netmask : bootInterface.StaticNetmask),
            PredefinedSettings.Gateway => Bytes(bootInterface.StaticGateway.IsAny ? netif.Gateway : bootInterface.StaticGateway),
            PredefinedSettings.DnsServers => Dns(netif.DnsServers),
            PredefinedSettings.Domain => netif.Domain is string domain ? ByteText.ToBytes(domain) : default,
            0 when IPv6Value(name.Name) is { Length: > 0 } v6 => v6,
            PredefinedSettings.Mtu => SettingFormat.WriteInteger(netif.Mtu, 2),
            0 => Identity(name.Name),
            _ => default,
        };
        return value.Length > 0;
    }

    /// <summary>Its address, way out and servers of version 6; empty for what there is not.</summary>
    private byte[] IPv6Value(ReadOnlySpan<char> name)
    {
        IPv6Interface ip = bootInterface.Interface.IPv6;
        switch (name)
        {
            case "gateway6":
                return Bytes(ip.StaticGateway.IsAny ? ip.Gateway : ip.StaticGateway).ToArray();
            case "dns6":
                return Bytes(ip.DnsServers);
            case "len6" when !ip.StaticAddress.IsAny:
                return SettingFormat.WriteInteger(ip.StaticLength, 2);
        }

        IPAddress address = !ip.StaticAddress.IsAny ? ip.StaticAddress : ip.Global.IsAny ? ip.LinkLocal : ip.Global;
        switch (name)
        {
            case "ip6":
                return Bytes(address).ToArray();
            case "len6":
                foreach (IPv6AddressEntry entry in ip.Addresses)
                {
                    if (entry.IsValid && entry.Address == address)
                    {
                        return SettingFormat.WriteInteger(entry.PrefixLength, 2); // In one byte, 128 is less than nothing.
                    }
                }

                break;
        }

        return [];
    }

    /// <summary>What the interface is.</summary>
    private ReadOnlySpan<byte> Identity(ReadOnlySpan<char> name)
    {
        NetworkInterface netif = bootInterface.Interface;
        return name switch
        {
            "mac" => Mac(netif.Link.Address),
            "hwaddr" => Mac(netif.Link.PermanentAddress),
            "ifname" => ByteText.ToBytes(netif.Name),
            "linktype" => ByteText.ToBytes("Ethernet"),
            "chip" => ByteText.ToBytes(bootInterface.Model),
            "vlan-id" => bootInterface.Trunk is null ? default : SettingFormat.WriteInteger(bootInterface.VlanId, 2),
            "bustype" => bootInterface.IsPci ? ByteText.ToBytes("PCI") : default(ReadOnlySpan<byte>),
            "busloc" => bootInterface.IsPci ? SettingFormat.WriteInteger(bootInterface.BusLocation, 4) : default(ReadOnlySpan<byte>),
            "busid" => bootInterface.IsPci ? SettingFormat.WriteInteger(PciBus | bootInterface.PciId, 5) : default(ReadOnlySpan<byte>),
            _ => default,
        };
    }

    private static IPv4Address Address(ReadOnlySpan<byte> value) =>
        value.Length < 4 ? default : new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(value));

    private static byte[] Mac(MacAddress address)
    {
        byte[] bytes = new byte[MacAddress.Size];
        address.CopyTo(bytes);
        return bytes;
    }

    private static byte[] Dns(ReadOnlySpan<IPv4Address> servers)
    {
        byte[] bytes = new byte[servers.Length * 4];
        for (int i = 0; i < servers.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(new Span<byte>(bytes, i * 4, 4), servers[i].Value);
        }

        return bytes;
    }
}
