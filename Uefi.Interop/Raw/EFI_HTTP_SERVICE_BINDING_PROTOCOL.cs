namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Makes and destroys children that carry EFI_HTTP_PROTOCOL. UEFI 2.10, 29.6.1 and 11.6.</summary>
public unsafe struct EFI_HTTP_SERVICE_BINDING_PROTOCOL : IProtocol
{
    /// <summary>EFI_HTTP_SERVICE_BINDING_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xBDC8E6AF, 0xD9BC, 0x4379, 0xA7, 0x2A, 0xE0, 0xC4, 0xE7, 0x5D, 0xAE, 0x1C);

    /// <summary>Makes a child, on a new handle when ChildHandle is null, otherwise on that one. (This, ChildHandle in and out)</summary>
    public delegate* unmanaged<EFI_HTTP_SERVICE_BINDING_PROTOCOL*, EFI_HANDLE*, EFI_STATUS> CreateChild;

    /// <summary>Ends a child; EFI_ACCESS_DENIED while somebody uses it. (This, ChildHandle)</summary>
    public delegate* unmanaged<EFI_HTTP_SERVICE_BINDING_PROTOCOL*, EFI_HANDLE, EFI_STATUS> DestroyChild;
}
