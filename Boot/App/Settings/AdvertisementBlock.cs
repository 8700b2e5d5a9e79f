using System;
using NetBoot.NetworkStack.Interfaces;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// What the routers on the link advertise ("net0.ndp"): ip6 and len6 of the address that follows from it, gateway6, dns6, dnssl and mtu.
/// </summary>
public sealed class AdvertisementBlock(IPv6Interface ip) : SettingsBlock("ndp")
{
    protected override bool SpeaksForOthers => true;

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.None;
        value = name.Tag switch
        {
            PredefinedSettings.DnsSearchList => ip.AdvertisedSearchList,
            PredefinedSettings.Mtu when ip.AdvertisedMtu != 0 => SettingFormat.WriteInteger(ip.AdvertisedMtu, 2),
            0 => Address(name.Name),
            _ => default,
        };
        return value.Length > 0;
    }

    private ReadOnlySpan<byte> Address(ReadOnlySpan<char> name) => name switch
    {
        "ip6" => InterfaceBlock.Bytes(ip.AdvertisedAddress),
        "len6" when !ip.AdvertisedAddress.IsAny => SettingFormat.WriteInteger(64, 1),
        "gateway6" => InterfaceBlock.Bytes(ip.AdvertisedGateway),
        "dns6" => InterfaceBlock.Bytes(ip.AdvertisedDnsServers),
        _ => default,
    };
}
