namespace NetBoot.Uefi.Interop.Raw;

/// <summary>Task priority levels; EFI_TPL itself is a UINTN. UEFI 2.10, 7.1.8 (RaiseTPL).</summary>
public static class EFI_TPL
{
    /// <summary>Where images run as a rule; notifications come in between.</summary>
    public const nuint TPL_APPLICATION = 4;

    /// <summary>For notifications that take long; most services work here.</summary>
    public const nuint TPL_CALLBACK = 8;

    /// <summary>For notifications that are short; memory and protocol services work here, those of files and networks do not.</summary>
    public const nuint TPL_NOTIFY = 16;

    /// <summary>Interrupts are off; hardly any service works here.</summary>
    public const nuint TPL_HIGH_LEVEL = 31;
}
