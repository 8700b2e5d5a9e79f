namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Which handles LocateHandle returns. UEFI 2.10, 7.3.6.</summary>
public enum EFI_LOCATE_SEARCH_TYPE : uint
{
    /// <summary>Every handle; neither protocol nor key counts.</summary>
    AllHandles,

    /// <summary>The next new handle for a registration of RegisterProtocolNotify, which is the key.</summary>
    ByRegisterNotify,

    /// <summary>The handles with a protocol.</summary>
    ByProtocol,
}
