namespace NetBoot.Uefi.Interop;

/// <summary>A programming fault: what kind, and where in the image (address of the code; the image's map resolves it).</summary>
public readonly struct Fault(string kind, nuint address)
{
    /// <summary>What went wrong, for people: "index out of range", or the message of what was thrown.</summary>
    public string Kind { get; } = kind;

    /// <summary>The address of the code that failed, or 0 when it is not known.</summary>
    public nuint Address { get; } = address;
}
