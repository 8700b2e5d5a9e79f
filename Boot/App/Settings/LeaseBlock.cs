using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Boot.App.Settings;

/// <summary>A lease's options: all of the acknowledgement ("net0.dhcp").</summary>
public sealed class LeaseBlock(BootInterface bootInterface) : SettingsBlock("dhcp")
{
    /// <summary>True for what boot servers may still have to say: whoever asks for that waits for them.</summary>
    public static bool MayBeToCome(in SettingName name) => name.Tag is PredefinedSettings.FileName or PredefinedSettings.NextServer;

    /// <summary>A setting as a message has it.</summary>
    public static bool TryFetch(DhcpMessage message, in SettingName name, out ReadOnlySpan<byte> value)
    {
        value = default;
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

    protected override bool SpeaksForOthers => true;

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.None;
        value = default;
        return bootInterface.Interface.Lease is { } lease && TryFetch(lease.Ack, name, out value);
    }
}
