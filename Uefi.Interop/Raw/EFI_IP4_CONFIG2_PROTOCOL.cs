namespace NetBoot.Uefi.Interop.Raw;

/// <summary>The configuration of the firmware's IPv4 stack. UEFI 2.10, 28.5.</summary>
public unsafe struct EFI_IP4_CONFIG2_PROTOCOL : IProtocol
{
    /// <summary>EFI_IP4_CONFIG2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x5B446ED1, 0xE30B, 0x4FAA, 0x87, 0x1A, 0x36, 0x54, 0xEC, 0xA3, 0x60, 0x80);

    /// <summary>
    /// Sets the data of one type; EFI_NOT_READY: it comes later, and the event of RegisterDataNotify with it. (This, DataType, DataSize,
    /// Data)
    /// </summary>
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, nuint, void*, EFI_STATUS> SetData;

    /// <summary>
    /// The data of one type; EFI_BUFFER_TOO_SMALL tells the size that it takes. EFI_NOT_FOUND: there is none. (This, DataType, DataSize,
    /// Data)
    /// </summary>
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, nuint*, void*, EFI_STATUS> GetData;

    /// <summary>Has an event signalled when the data of a type changes. (This, DataType, Event)</summary>
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, EFI_EVENT, EFI_STATUS> RegisterDataNotify;

    /// <summary>Undoes RegisterDataNotify. (This, DataType, Event)</summary>
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, EFI_EVENT, EFI_STATUS> UnregisterDataNotify;
}
