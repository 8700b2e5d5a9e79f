using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>A programming fault: what kind, and where in the image (address of the code; the image's map resolves it).</summary>
public readonly struct Fault(string kind, nuint address)
{
    /// <summary>The kind of the one fault that is not the program's: `new` found no memory.</summary>
    public const string OutOfMemory = "out of memory";

    /// <summary>Whether there was no memory: an error of what was going on, which may succeed another time.</summary>
    public bool IsOutOfMemory => (object)Kind == OutOfMemory;

    /// <summary>What the call that it has ended answers.</summary>
    public EFI_STATUS Status => IsOutOfMemory ? EFI_STATUS.EFI_OUT_OF_RESOURCES : EFI_STATUS.EFI_DEVICE_ERROR;

    /// <summary>What went wrong, for people: "index out of range", or the message of what was thrown.</summary>
    public string Kind { get; } = kind;

    /// <summary>The address of the code that failed, or 0 when it is not known.</summary>
    public nuint Address { get; } = address;
}
