using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Boot.App.Settings;

/// <summary>What a DHCPv6 server said ("net0.dhcp6", and "net0.dhcpv6" as iPXE has it): its options by number, and some by name.</summary>
/// <param name="bootInterface">Whose server it is.</param>
/// <param name="name">One of both.</param>
public sealed class Dhcp6Block(BootInterface bootInterface, string name) : SettingsBlock(name)
{
    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    protected override bool SpeaksForOthers => true;

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        value = default;
        type = SettingType.None;
        if (bootInterface.Dhcp6?.Answer is not Dhcp6Message answer)
        {
            return false;
        }

        ushort tag = name.IsNumber && name.Tag <= ushort.MaxValue ? (ushort)name.Tag
            : name.Tag == PredefinedSettings.FileName ? Dhcp6Tag.BootFileUrl
            : name.Name switch
            {
                "bootfile-url" => Dhcp6Tag.BootFileUrl,
                "bootfile-param" => Dhcp6Tag.BootFileParameters,
                "dns6" => Dhcp6Tag.DnsServers,
                "dnssl" => Dhcp6Tag.DomainList,
                _ => (ushort)0,
            };
        if (name.Name is "ip6" && bootInterface.Dhcp6.IsBound)
        {
            value = InterfaceBlock.Bytes(bootInterface.Dhcp6.Address);
        }
        else if (tag != 0)
        {
            answer.TryGetOption(tag, out value);
            type = tag switch
            {
                Dhcp6Tag.BootFileUrl => SettingType.String,
                Dhcp6Tag.DnsServers => SettingType.IPv6,
                Dhcp6Tag.DomainList => SettingType.DnsSearchList,
                _ => SettingType.Hex,
            };
        }

        return value.Length > 0;
    }
}
