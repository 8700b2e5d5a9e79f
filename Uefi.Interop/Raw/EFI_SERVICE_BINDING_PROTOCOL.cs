namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// Makes and destroys children that carry a network protocol; published under the GUID of each protocol's own service binding.
/// UEFI 2.10, 11.6.
/// </summary>
public unsafe struct EFI_SERVICE_BINDING_PROTOCOL
{
    /// <summary>EFI_MANAGED_NETWORK_SERVICE_BINDING_PROTOCOL_GUID; UEFI 2.10, 25.1.</summary>
    public static EFI_GUID EFI_MANAGED_NETWORK_SERVICE_BINDING_PROTOCOL_GUID =>
        new(0xF36FF770, 0xA7E1, 0x42CF, 0x9E, 0xD2, 0x56, 0xF0, 0xF2, 0x71, 0xF4, 0x4C);

    /// <summary>Makes a child, on a new handle when ChildHandle is null, otherwise on that one. (This, ChildHandle in and out)</summary>
    public delegate* unmanaged<EFI_SERVICE_BINDING_PROTOCOL*, EFI_HANDLE*, EFI_STATUS> CreateChild;

    /// <summary>Ends a child; EFI_ACCESS_DENIED while somebody uses it. (This, ChildHandle)</summary>
    public delegate* unmanaged<EFI_SERVICE_BINDING_PROTOCOL*, EFI_HANDLE, EFI_STATUS> DestroyChild;
}
