namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Facts about an adapter, by type. UEFI 2.10, 11.12.</summary>
public unsafe struct EFI_ADAPTER_INFORMATION_PROTOCOL : IProtocol
{
    /// <summary>EFI_ADAPTER_INFORMATION_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xE5DD1403, 0xD622, 0xC24E, 0x84, 0x88, 0xC7, 0x1B, 0x17, 0xF5, 0xE8, 0x02);

    /// <summary>
    /// What the adapter says of one type; EFI_UNSUPPORTED for a type that it does not know. (This, InformationType, InformationBlock,
    /// InformationBlockSize); the caller frees the block.
    /// </summary>
    public delegate* unmanaged<EFI_ADAPTER_INFORMATION_PROTOCOL*, EFI_GUID*, void**, nuint*, EFI_STATUS> GetInformation;

    /// <summary>
    /// Sets what one type is about; EFI_WRITE_PROTECTED for a type that can only be read. (This, InformationType, InformationBlock,
    /// InformationBlockSize)
    /// </summary>
    public delegate* unmanaged<EFI_ADAPTER_INFORMATION_PROTOCOL*, EFI_GUID*, void*, nuint, EFI_STATUS> SetInformation;

    /// <summary>
    /// The types that <see cref="GetInformation"/> takes. (This, InfoTypesBuffer, InfoTypesBufferCount); the caller frees the buffer.
    /// </summary>
    public delegate* unmanaged<EFI_ADAPTER_INFORMATION_PROTOCOL*, EFI_GUID**, nuint*, EFI_STATUS> GetSupportedTypes;
}
