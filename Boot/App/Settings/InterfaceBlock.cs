using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// An interface's own settings ("net0"): its address and what it is; ip, netmask, gateway, dns and domain take effect when they are set,
/// and hold until the next lease.
/// </summary>
public sealed class InterfaceBlock(BootInterface bootInterface) : SettingsBlock(bootInterface.Interface.Name)
{
    private const int MaximumDnsServers = 4;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value)
    {
        NetworkInterface netif = bootInterface.Interface;
        switch (name.Name)
        {
            case "ip":
                bootInterface.StaticAddress = Address(value);
                return bootInterface.ApplyStatic();
            case "netmask":
                bootInterface.StaticNetmask = Address(value);
                return bootInterface.ApplyStatic();
            case "gateway":
                bootInterface.StaticGateway = Address(value);
                return bootInterface.ApplyStatic();
            case "dns":
                Span<IPv4Address> servers = stackalloc IPv4Address[MaximumDnsServers];
                int count = 0;
                for (; value.Length >= 4 && count < servers.Length; value = value.Slice(4))
                {
                    servers[count++] = Address(value);
                }

                netif.SetDnsServers(servers.Slice(0, count));
                return null;
            case "domain":
                bootInterface.SetDomain(Encoding.Latin1.GetString(value));
                return null;
            default:
                return base.Store(name, type, value);
        }
    }

    /// <summary>An address as a setting's value; empty for 0.0.0.0.</summary>
    public static ReadOnlySpan<byte> Bytes(IPv4Address address) =>
        address.IsAny ? default(ReadOnlySpan<byte>) : SettingFormat.WriteInteger(address.Value, 4);

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        NetworkInterface netif = bootInterface.Interface;
        type = SettingType.None;
        value = name.Name switch
        {
            "mac" or "hwaddr" => Mac(netif.Link.Address),
            "ip" => Bytes(bootInterface.StaticAddress.IsAny ? netif.Address : bootInterface.StaticAddress),
            "netmask" => Bytes(bootInterface.StaticNetmask.IsAny ? netif.Netmask : bootInterface.StaticNetmask),
            "gateway" => Bytes(bootInterface.StaticGateway.IsAny ? netif.Gateway : bootInterface.StaticGateway),
            "dns" => Dns(netif.DnsServers),
            "domain" => netif.Domain is string domain ? ByteText.ToBytes(domain) : default,
            "ifname" => ByteText.ToBytes(netif.Name),
            "linktype" => ByteText.ToBytes("Ethernet"),
            "mtu" => SettingFormat.WriteInteger(netif.Link.Mtu, 2),
            "chip" => ByteText.ToBytes(bootInterface.Model),
            "bustype" => bootInterface.IsPci ? ByteText.ToBytes("PCI") : default(ReadOnlySpan<byte>),
            "busloc" => bootInterface.IsPci ? SettingFormat.WriteInteger(bootInterface.BusLocation, 4) : default(ReadOnlySpan<byte>),
            _ => default,
        };
        return value.Length > 0;
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
