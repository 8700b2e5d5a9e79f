using System;
using System.Runtime.InteropServices;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>usbscan and ${usb/...}, and the devices that firmware has found.</summary>
[Collection("Firmware")]
public sealed unsafe class UsbTests : IDisposable
{
    private readonly SimulatedFirmware _firmware = new();

    public void Dispose() => _firmware.Dispose();

    [Fact]
    public void Usbscan_GoesFromDeviceToDevice()
    {
        using TestSession session = new();
        session.Platform.UsbDevices.Add([[18, 1, 0, 2, 9, 0, 1, 8, 0x6B, 0x1D, 2, 0, 0, 1, 1, 2, 0, 1], "Maker"u8.ToArray(), "Hub"u8.ToArray()]);
        session.Platform.UsbDevices.Add([[18, 1, 0, 3]]);

        session.Run(":next\nusbscan usb || goto done\necho ${usb} ${usb/${usb}.8.2} ${usb/${usb}.15.0} ${usb/${usb}.0.1}\ngoto next\n:done\nusbscan usb");

        Assert.Equal("0x1 1d:6b Hub Maker\n0x2   \nboot.ipxe:7: usbscan: there is no further USB device\n", session.Output);
        Assert.Equal("12:01:00:03", session.Expand("${usb/2.0.0}"));
        Assert.Equal("0x300", session.Expand("${usb/2.2.2:uint16}"));
        Assert.Equal("", session.Expand("${usb/3.0.0}${usb/0.0.0}${usb/2.200.1}${usb/2.4.2}${usb/x}"));
    }

    [Fact]
    public void Firmware_HasADeviceOnce_HoweverManyInterfacesItHas()
    {
        Add(port: 1, interfaceNumber: 0);
        Add(port: 1, interfaceNumber: 1);
        Add(port: 2, interfaceNumber: 0);

        Assert.Equal(0x12, UsbDevices.Read(1, 0)![0]);
        Assert.Equal(18, UsbDevices.Read(2, 0)!.Length);
        Assert.Null(UsbDevices.Read(3, 0));
        Assert.Null(UsbDevices.Read(0, 0));
        Assert.Equal("\u00E9"u8.ToArray(), UsbDevices.Read(1, 7));
        Assert.Null(UsbDevices.Read(1, 8));
    }

    private void Add(byte port, byte interfaceNumber)
    {
        byte[] path = new DevicePathBuilder()
            .Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, USB_DEVICE_PATH.MSG_USB_DP, [port, interfaceNumber]).ToArray();
        EFI_USB_IO_PROTOCOL* io = _firmware.Allocate<EFI_USB_IO_PROTOCOL>();
        io->UsbGetDeviceDescriptor = &GetDescriptor;
        io->UsbGetSupportedLanguages = &GetLanguages;
        io->UsbGetStringDescriptor = &GetText;
        _firmware.Install(_firmware.CreateController(path), io);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetDescriptor(EFI_USB_IO_PROTOCOL* self, void* descriptor)
    {
        new Span<byte>(descriptor, 18).Fill(0x12);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetLanguages(EFI_USB_IO_PROTOCOL* self, ushort** table, ushort* size)
    {
        *table = (ushort*)Marshal.AllocHGlobal(2);
        **table = 0x409;
        *size = 2;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetText(EFI_USB_IO_PROTOCOL* self, ushort language, byte number, char** text)
    {
        if (language != 0x409 || number != 7)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        *text = (char*)Pool.Allocate(4);
        (*text)[0] = '\u00E9';
        (*text)[1] = '\0';
        return EFI_STATUS.EFI_SUCCESS;
    }
}
