namespace NetBoot.Tests.Models.HyperV;

/// <summary>Results of hypercalls (TLFS, appendix B).</summary>
public static class HvStatus
{
    public const ulong Success = 0;
    public const ulong InvalidHypercallCode = 2;
    public const ulong InvalidHypercallInput = 3;
    public const ulong InvalidAlignment = 4;
    public const ulong InvalidParameter = 5;
    public const ulong AccessDenied = 6;
    public const ulong InvalidConnectionId = 0x12;
    public const ulong InsufficientBuffers = 0x13;
}
