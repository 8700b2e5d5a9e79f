using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>
/// What <see cref="EFI_VMBUS_PROTOCOL"/> was before isolated machines; later firmware has both. mu_msvm, MsvmPkg/Include/Protocol/Vmbus.h.
/// </summary>
public unsafe struct EFI_VMBUS_LEGACY_PROTOCOL : IProtocol
{
    /// <summary>gEfiVmbusLegacyProtocolGuid</summary>
    public static EFI_GUID Guid => new(0x59E6EFC9, 0x9695, 0x470A, 0x9D, 0x87, 0x02, 0x61, 0xD8, 0x45, 0x1D, 0xD8);

    /// <summary>(This, Buffer, BufferLength, OUT GpadlHandle)</summary>
    public delegate* unmanaged<EFI_VMBUS_LEGACY_PROTOCOL*, void*, uint, uint*, EFI_STATUS> CreateGpadl;

    /// <summary>(This, GpadlHandle)</summary>
    public delegate* unmanaged<EFI_VMBUS_LEGACY_PROTOCOL*, uint, EFI_STATUS> DestroyGpadl;

    /// <summary>(This, RingBufferGpadlHandle, RingBufferPageOffset)</summary>
    public delegate* unmanaged<EFI_VMBUS_LEGACY_PROTOCOL*, uint, uint, EFI_STATUS> OpenChannel;

    /// <summary>(This): closes the channel; its rings' GPADL stays.</summary>
    public delegate* unmanaged<EFI_VMBUS_LEGACY_PROTOCOL*, EFI_STATUS> CloseChannel;

    /// <summary>(This, OPTIONAL Event)</summary>
    public delegate* unmanaged<EFI_VMBUS_LEGACY_PROTOCOL*, EFI_EVENT, EFI_STATUS> RegisterIsr;

    /// <summary>(This): signals the host.</summary>
    public delegate* unmanaged<EFI_VMBUS_LEGACY_PROTOCOL*, EFI_STATUS> SendInterrupt;

    /// <summary>1: pipe mode.</summary>
    public uint Flags;
}
