namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Makes and destroys children that carry EFI_TLS_PROTOCOL and EFI_TLS_CONFIGURATION_PROTOCOL. UEFI 2.10, 28.10.1 and 11.6.</summary>
public unsafe struct EFI_TLS_SERVICE_BINDING_PROTOCOL : IProtocol
{
    /// <summary>EFI_TLS_SERVICE_BINDING_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x952CB795, 0xFF36, 0x48CF, 0xA2, 0x49, 0x4D, 0xF4, 0x86, 0xD6, 0xAB, 0x8D);

    /// <summary>Makes a child, on a new handle when ChildHandle is null, otherwise on that one. (This, ChildHandle in and out)</summary>
    public delegate* unmanaged<EFI_TLS_SERVICE_BINDING_PROTOCOL*, EFI_HANDLE*, EFI_STATUS> CreateChild;

    /// <summary>Ends a child; EFI_ACCESS_DENIED while somebody uses it. (This, ChildHandle)</summary>
    public delegate* unmanaged<EFI_TLS_SERVICE_BINDING_PROTOCOL*, EFI_HANDLE, EFI_STATUS> DestroyChild;
}
