using System;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>The USB devices that the firmware's drivers have found, by numbers from 1 in the order in which they were found.</summary>
public static unsafe class UsbDevices
{
    private const int DescriptorSize = 18;
    private const int MaximumText = 126; // Characters (USB 2.0, 9.6.7).

    /// <inheritdoc cref="Platform.ReadUsb"/>
    public static byte[]? Read(int number, int text)
    {
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_USB_IO_PROTOCOL>();
        for (int i = 0; i < handles.Span.Length; i++)
        {
            if (IsFirstOfDevice(handles.Span, i) && --number == 0)
            {
                EFI_USB_IO_PROTOCOL* io = Firmware.Get<EFI_USB_IO_PROTOCOL>(handles.Span[i]);
                return io == null ? null : text == 0 ? ReadDescriptor(io) : ReadText(io, (byte)text);
            }
        }

        return null;
    }

    /// <summary>Each interface of a device has a handle; their paths are the same but for the last byte, the interface's number.</summary>
    private static bool IsFirstOfDevice(ReadOnlySpan<EFI_HANDLE> handles, int index)
    {
        ReadOnlySpan<byte> path = DeviceOf(handles[index]);
        for (int i = 0; i < index; i++)
        {
            if (DeviceOf(handles[i]).SequenceEqual(path))
            {
                return false;
            }
        }

        return path.Length > 0;
    }

    private static ReadOnlySpan<byte> DeviceOf(EFI_HANDLE handle)
    {
        ReadOnlySpan<byte> path = DevicePath.WithoutEnd(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle)));
        return path.Slice(0, Math.Max(0, path.Length - 1));
    }

    private static byte[]? ReadDescriptor(EFI_USB_IO_PROTOCOL* io)
    {
        byte[] descriptor = new byte[DescriptorSize];
        fixed (byte* target = descriptor)
        {
            return io->UsbGetDeviceDescriptor(io, target).IsError ? null : descriptor;
        }
    }

    /// <summary>In the first language that the device has.</summary>
    private static byte[]? ReadText(EFI_USB_IO_PROTOCOL* io, byte number)
    {
        ushort* languages = null;
        ushort size = 0;
        char* text = null;
        if (io->UsbGetSupportedLanguages(io, &languages, &size).IsError || languages == null || size < sizeof(ushort) ||
            io->UsbGetStringDescriptor(io, languages[0], number, &text).IsError || text == null)
        {
            return null;
        }

        int length = 0;
        while (length < MaximumText && text[length] != '\0')
        {
            length++;
        }

        Span<char> bytes = stackalloc char[MaximumText * 3];
        byte[] result = ByteText.ToBytes(bytes.Slice(0, ByteText.FromUcs2(new ReadOnlySpan<char>(text, length), bytes)));
        Pool.Free(text);
        return result;
    }
}
