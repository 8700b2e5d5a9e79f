using System;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>Feature bits. Virtio 1.2, 5.1.3 (network device), 6 (reserved bits) and 6.3 (legacy).</summary>
[Flags]
internal enum VirtioFeatures : ulong
{
    None = 0,
    Mtu = 1UL << 3,
    Mac = 1UL << 5,
    Status = 1UL << 16,
    ControlQueue = 1UL << 17,
    ControlReceive = 1UL << 18,

    /// <summary>The device takes a header and its frame in one buffer; always so from 1.0 on.</summary>
    AnyLayout = 1UL << 27,
    Version1 = 1UL << 32,

    /// <summary>The device's memory accesses pass through the platform's IOMMU or encryption.</summary>
    AccessPlatform = 1UL << 33,

    /// <summary>Memory is ordered as for a device outside of the processor.</summary>
    OrderPlatform = 1UL << 36,
}
