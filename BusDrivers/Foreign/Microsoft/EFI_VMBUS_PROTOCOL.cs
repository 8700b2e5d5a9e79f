using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>
/// A VMBus channel of Hyper-V's own firmware (generation 2 and OpenVMM), on a handle whose device path tells which one. mu_msvm,
/// MsvmPkg/Include/Protocol/Vmbus.h. What waits for the host (CreateGpadl, DestroyGpadl, OpenChannel) is for TPLs below TPL_NOTIFY.
/// </summary>
public unsafe struct EFI_VMBUS_PROTOCOL : IProtocol
{
    /// <summary>PrepareGpadl: fill the memory with zeros.</summary>
    public const uint EFI_VMBUS_PREPARE_GPADL_FLAG_ZERO_PAGES = 1;

    /// <summary>PrepareGpadl: the memory is a channel's rings.</summary>
    public const uint EFI_VMBUS_PREPARE_GPADL_FLAG_RING_BUFFER = 2;

    /// <summary>PrepareGpadl's MapFlags: the host may read the memory.</summary>
    public const uint HV_MAP_GPA_READABLE = 1;

    /// <summary>PrepareGpadl's MapFlags: the host may write the memory.</summary>
    public const uint HV_MAP_GPA_WRITABLE = 2;

    /// <summary>gEfiVmbusProtocolGuid</summary>
    public static EFI_GUID Guid => new(0x998629A6, 0xBBD0, 0x476B, 0x81, 0xEF, 0x05, 0x99, 0x41, 0xE9, 0xE6, 0xF9);

    /// <summary>(This, Buffer, BufferLength, Flags, MapFlags, OUT Gpadl)</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, void*, uint, uint, uint, EFI_VMBUS_GPADL**, EFI_STATUS> PrepareGpadl;

    /// <summary>(This, Gpadl): shows the host the memory that was prepared.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_VMBUS_GPADL*, EFI_STATUS> CreateGpadl;

    /// <summary>(This, Gpadl): takes it back where the host has it, and frees what PrepareGpadl has made.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_VMBUS_GPADL*, EFI_STATUS> DestroyGpadl;

    /// <summary>(This, Gpadl): where the memory is to be used; elsewhere than it was where the machine is isolated.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_VMBUS_GPADL*, void*> GetGpadlBuffer;

    /// <summary>(This, Gpadl): the number that the host knows it by.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_VMBUS_GPADL*, uint> GetGpadlHandle;

    /// <summary>(This, RingBufferGpadl, RingBufferPageOffset): the page at which the ring from the host begins.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_VMBUS_GPADL*, uint, EFI_STATUS> OpenChannel;

    /// <summary>(This): closes the channel; its rings' GPADL stays.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_STATUS> CloseChannel;

    /// <summary>(This, OPTIONAL Event): signalled when the host signals the channel. An open channel needs one: it is not checked.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_EVENT, EFI_STATUS> RegisterIsr;

    /// <summary>(This): signals the host.</summary>
    public delegate* unmanaged<EFI_VMBUS_PROTOCOL*, EFI_STATUS> SendInterrupt;

    /// <summary>1: pipe mode; 2: confidential external memory.</summary>
    public uint Flags;
}
