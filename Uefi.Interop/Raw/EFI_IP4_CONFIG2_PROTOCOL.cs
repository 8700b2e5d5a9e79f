namespace Uefi.Interop.Raw;

/// <summary>The configuration of the firmware's IPv4 stack. UEFI 2.10, 28.5.</summary>
public unsafe struct EFI_IP4_CONFIG2_PROTOCOL : IProtocol
{
    /// <summary>EFI_IP4_CONFIG2_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x5B446ED1, 0xE30B, 0x4FAA, 0x87, 0x1A, 0x36, 0x54, 0xEC, 0xA3, 0x60, 0x80);

    /// <summary>(This, DataType, DataSize, Data)</summary>
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, nuint, void*, EFI_STATUS> SetData;

    /// <summary>(This, DataType, DataSize, Data)</summary>
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, nuint*, void*, EFI_STATUS> GetData;
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, EFI_EVENT, EFI_STATUS> RegisterDataNotify;
    public delegate* unmanaged<EFI_IP4_CONFIG2_PROTOCOL*, EFI_IP4_CONFIG2_DATA_TYPE, EFI_EVENT, EFI_STATUS> UnregisterDataNotify;
}
