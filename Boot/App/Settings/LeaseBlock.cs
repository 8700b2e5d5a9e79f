using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Boot.App.Settings;

/// <summary>A lease's options: all of the acknowledgement ("net0.dhcp"), or of the boot server's separate answer ("proxydhcp").</summary>
public sealed class LeaseBlock(string name, BootInterface bootInterface, bool isProxy) : SettingsBlock(name)
{
    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.None;
        value = default;
        DhcpMessage? message = isProxy ? bootInterface.Interface.Lease?.Proxy : bootInterface.Interface.Lease?.Ack;
        if (message is null)
        {
            return false;
        }

        if (name.Tag == PredefinedSettings.Address)
        {
            value = InterfaceBlock.Bytes(message.YourAddress.IsAny ? message.ClientAddress : message.YourAddress);
        }
        else if (name.Tag == PredefinedSettings.NextServer)
        {
            value = InterfaceBlock.Bytes(message.NextServer);
        }
        else if (name.Tag == PredefinedSettings.FileName)
        {
            value = message.FileName;
        }
        else if (name.Tag is > 0 and < 0x100)
        {
            message.TryGetOption((byte)name.Tag, out value);
        }
        else if (name.Tag is > 0 and < 0x10000)
        {
            message.TryGetOption((byte)(name.Tag >> 8), (byte)name.Tag, out value);
        }

        return value.Length > 0;
    }
}
