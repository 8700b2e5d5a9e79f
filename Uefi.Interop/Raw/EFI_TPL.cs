namespace Uefi.Interop.Raw;

/// <summary>Task priority levels; EFI_TPL itself is a UINTN. UEFI 2.10, 7.1.8 (RaiseTPL).</summary>
public static class EFI_TPL
{
    public const nuint TPL_APPLICATION = 4;
    public const nuint TPL_CALLBACK = 8;
    public const nuint TPL_NOTIFY = 16;
    public const nuint TPL_HIGH_LEVEL = 31;
}
