using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>
/// A virtio device, whatever it is reached through, as edk2 publishes it (OvmfPkg/Include/Protocol/VirtioDevice.h): on AAVMF for each
/// virtio-mmio transport with a device, and by its drivers of virtio's PCI transports.
/// </summary>
/// <remarks>edk2 keeps it as its own affair: it has been as here since 2017, and says nothing by which an older one could be told.</remarks>
public unsafe struct VIRTIO_DEVICE_PROTOCOL : IProtocol
{
    /// <summary>VIRTIO_SPEC_REVISION (1, 0, 0): below it a device is a legacy one.</summary>
    public const uint VIRTIO_SPEC_REVISION_1_0_0 = 0x0100_0000;

    /// <summary>Virtio 1.2, 5: the network device.</summary>
    public const int VIRTIO_SUBSYSTEM_NETWORK_CARD = 1;

    public const int VirtioOperationBusMasterCommonBuffer = 2;

    /// <summary>VIRTIO_DEVICE_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0xFA920010, 0x6785, 0x4941, 0xB6, 0xEC, 0x49, 0x8C, 0x57, 0x9F, 0x16, 0x0A);

    public uint Revision;
    public int SubSystemDeviceId;

    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, ulong*, EFI_STATUS> GetDeviceFeatures;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, ulong, EFI_STATUS> SetGuestFeatures;

    /// <summary>(This, Ring, RingBaseShift: what to add to the ring's addresses to get the device's)</summary>
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, VRING*, ulong, EFI_STATUS> SetQueueAddress;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, ushort, EFI_STATUS> SetQueueSel;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, ushort, EFI_STATUS> SetQueueNotify;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, uint, EFI_STATUS> SetQueueAlign;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, uint, EFI_STATUS> SetPageSize;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, ushort*, EFI_STATUS> GetQueueNumMax;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, ushort, EFI_STATUS> SetQueueNum;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, byte*, EFI_STATUS> GetDeviceStatus;
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, byte, EFI_STATUS> SetDeviceStatus;

    /// <summary>(This, FieldOffset, FieldSize, Value)</summary>
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, nuint, nuint, ulong, EFI_STATUS> WriteDevice;

    /// <summary>(This, FieldOffset, FieldSize, BufferSize, Buffer)</summary>
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, nuint, nuint, nuint, void*, EFI_STATUS> ReadDevice;

    /// <summary>(This, Pages, HostAddress)</summary>
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, nuint, void**, EFI_STATUS> AllocateSharedPages;

    /// <summary>(This, Pages, HostAddress)</summary>
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, nuint, void*, void> FreeSharedPages;

    /// <summary>(This, Operation, HostAddress, NumberOfBytes, DeviceAddress, Mapping)</summary>
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, int, void*, nuint*, ulong*, void**, EFI_STATUS> MapSharedBuffer;

    /// <summary>(This, Mapping)</summary>
    public delegate* unmanaged<VIRTIO_DEVICE_PROTOCOL*, void*, EFI_STATUS> UnmapSharedBuffer;
}
