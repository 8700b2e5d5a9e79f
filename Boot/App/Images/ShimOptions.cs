using System;

namespace NetBoot.Boot.App.Images;

/// <summary>What shim is left to do as it would by itself, where it otherwise is kept from it (see <see cref="ImageRegistry.Shim"/>).</summary>
[Flags]
public enum ShimOptions
{
    None = 0,

    /// <summary>It wants what it starts to have something verified by it in turn, as GRUB does and a kernel does not.</summary>
    RequireLoader = 1,

    /// <summary>It fetches what it starts by TFTP, from the server of the device that it comes from.</summary>
    AllowPxe = 2,

    /// <summary>It wants what it starts to have an SBAT section of a generation that is not revoked.</summary>
    AllowSbat = 4,
}
