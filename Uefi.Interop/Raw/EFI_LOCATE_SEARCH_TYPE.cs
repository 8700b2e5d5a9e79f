namespace Uefi.Interop.Raw;

/// <summary>Which handles LocateHandle returns. UEFI 2.10, 7.3.6.</summary>
public enum EFI_LOCATE_SEARCH_TYPE : uint
{
    AllHandles,
    ByRegisterNotify,
    ByProtocol,
}
