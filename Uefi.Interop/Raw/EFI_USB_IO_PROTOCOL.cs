namespace NetBoot.Uefi.Interop.Raw;

/// <summary>One interface of a USB device. UEFI 2.10, 17.2.4.</summary>
public unsafe struct EFI_USB_IO_PROTOCOL : IProtocol
{
    /// <summary>EFI_USB_IO_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x2B2F68D6, 0x0CD2, 0x44CF, 0x8E, 0x8B, 0xBB, 0xA2, 0x0B, 0x1B, 0x5B, 0x75);

    /// <summary>Transfers are not used here.</summary>
    public void* UsbControlTransfer;

    /// <inheritdoc cref="UsbControlTransfer"/>
    public void* UsbBulkTransfer;

    /// <inheritdoc cref="UsbControlTransfer"/>
    public void* UsbAsyncInterruptTransfer;

    /// <inheritdoc cref="UsbControlTransfer"/>
    public void* UsbSyncInterruptTransfer;

    /// <inheritdoc cref="UsbControlTransfer"/>
    public void* UsbIsochronousTransfer;

    /// <inheritdoc cref="UsbControlTransfer"/>
    public void* UsbAsyncIsochronousTransfer;

    /// <summary>Gives the device's descriptor: 18 bytes (USB 2.0, 9.6.1). (This, DeviceDescriptor)</summary>
    public delegate* unmanaged<EFI_USB_IO_PROTOCOL*, void*, EFI_STATUS> UsbGetDeviceDescriptor;

    /// <summary>Gives the active configuration's. (This, ConfigurationDescriptor)</summary>
    public delegate* unmanaged<EFI_USB_IO_PROTOCOL*, void*, EFI_STATUS> UsbGetConfigDescriptor;

    /// <summary>Gives the interface's. (This, InterfaceDescriptor)</summary>
    public delegate* unmanaged<EFI_USB_IO_PROTOCOL*, void*, EFI_STATUS> UsbGetInterfaceDescriptor;

    /// <summary>Gives an endpoint's. (This, EndpointIndex, EndpointDescriptor)</summary>
    public delegate* unmanaged<EFI_USB_IO_PROTOCOL*, byte, void*, EFI_STATUS> UsbGetEndpointDescriptor;

    /// <summary>Gives a string in a language, from the pool, which the caller frees. (This, LangID, StringID, String)</summary>
    public delegate* unmanaged<EFI_USB_IO_PROTOCOL*, ushort, byte, char**, EFI_STATUS> UsbGetStringDescriptor;

    /// <summary>Gives the languages of the device's strings, in memory of the driver's. (This, LangIDTable, TableSize in bytes)</summary>
    public delegate* unmanaged<EFI_USB_IO_PROTOCOL*, ushort**, ushort*, EFI_STATUS> UsbGetSupportedLanguages;

    /// <summary>Resets the device. (This)</summary>
    public delegate* unmanaged<EFI_USB_IO_PROTOCOL*, EFI_STATUS> UsbPortReset;
}
