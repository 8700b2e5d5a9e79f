namespace NetBoot.Tests.Netvsc;

/// <summary>Whose VMBus an adapter is on.</summary>
public enum VmbusKind
{
    /// <summary>Our bus driver's.</summary>
    Ours,

    /// <summary>Our bus driver's, on AArch64.</summary>
    OursOnAArch64,

    /// <summary>The firmware's, with both generations of its protocol.</summary>
    Microsoft,

    /// <summary>The firmware's, with the older one alone.</summary>
    MicrosoftLegacy,

    /// <summary>The firmware's, in a machine whose memory is hidden from its host.</summary>
    MicrosoftIsolated,
}
