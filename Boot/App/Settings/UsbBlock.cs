using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>
/// The descriptors of USB devices: <c>usb/DEVICE.OFFSET.LENGTH</c>, the first from usbscan. Numbers are little-endian there, and are shown with their last
/// byte first. Length 0 means the string whose number stands at the offset, offset 0 the string of the number that is the length, and both 0 the
/// whole descriptor.
/// </summary>
public sealed class UsbBlock(Platform platform) : SettingsBlock("usb")
{
    /// <inheritdoc/>
    public override bool HasOwnNames => true;

    /// <inheritdoc/>
    public override Error? Store(in SettingName name, SettingType type, ReadOnlySpan<byte> value) => ReadOnly(name);

    protected override bool TryFetchOwn(in SettingName name, out ReadOnlySpan<byte> value, out SettingType type)
    {
        type = SettingType.Hex;
        int device = (int)((name.Tag >> 16) & 0x7FFF);
        int offset = (int)((name.Tag >> 8) & 0xFF);
        int length = (int)(name.Tag & 0xFF);
        byte[]? descriptor = name.IsNumber ? platform.ReadUsb(device, 0) : null;
        value = descriptor;
        if (descriptor is null || (offset == 0 && length == 0))
        {
            return descriptor is not null;
        }

        if (offset == 0 || length == 0)
        {
            int number = length != 0 ? length : offset < descriptor.Length ? descriptor[offset] : 0;
            type = SettingType.String;
            value = number == 0 ? null : platform.ReadUsb(device, number);
            return value.Length > 0;
        }

        length = Math.Max(0, Math.Min(length, descriptor.Length - offset));
        byte[] reversed = new byte[length];
        for (int i = 0; i < length; i++)
        {
            reversed[i] = descriptor[offset + length - 1 - i];
        }

        value = reversed;
        return length > 0;
    }
}
