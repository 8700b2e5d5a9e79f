namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Certificates and keys of a TLS session. UEFI 2.10, 28.10.3.</summary>
public unsafe struct EFI_TLS_CONFIGURATION_PROTOCOL : IProtocol
{
    /// <summary>EFI_TLS_CONFIGURATION_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x1682FE44, 0xBD7A, 0x4407, 0xB7, 0xC7, 0xDC, 0xA3, 0x7C, 0xA3, 0x92, 0x2D);

    /// <summary>Sets a certificate or key, or adds an authority's certificate. (This, DataType, Data, DataSize)</summary>
    public delegate* unmanaged<EFI_TLS_CONFIGURATION_PROTOCOL*, EFI_TLS_CONFIG_DATA_TYPE, void*, nuint, EFI_STATUS> SetData;

    /// <summary>Tells what was set; EFI_BUFFER_TOO_SMALL with the size that it takes. (This, DataType, Data, DataSize)</summary>
    public delegate* unmanaged<EFI_TLS_CONFIGURATION_PROTOCOL*, EFI_TLS_CONFIG_DATA_TYPE, void*, nuint*, EFI_STATUS> GetData;
}
