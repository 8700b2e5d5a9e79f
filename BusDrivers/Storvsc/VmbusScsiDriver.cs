using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>A driver of Hyper-V's SCSI controllers, on whichever VMBus.</summary>
public abstract unsafe class VmbusScsiDriver<T> : Driver<T> where T : unmanaged, IProtocol
{
    /// <summary>
    /// The interface type of SCSI controllers. Those of IDE disks have another, and are left alone: firmware drives the emulated disk
    /// behind each, which would be there twice.
    /// </summary>
    protected static EFI_GUID InterfaceType => new(0xBA6163D9, 0x04A1, 0x4D29, 0xB6, 0x05, 0x72, 0xE2, 0xFF, 0xB1, 0xDC, 0x7F);

    /// <summary>Never: somebody may have booted from the disk.</summary>
    public sealed override bool TakesOver => false;

    /// <summary>A driver that makes no children is for whatever is below (UEFI 2.10, 11.1).</summary>
    protected sealed override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => true;

    /// <summary>The channel of a controller that the driver knows, closed.</summary>
    protected abstract VmbusChannel ChannelOf(EFI_HANDLE controller, T* parent);

    /// <inheritdoc/>
    protected sealed override Device? CreateDevice(EFI_HANDLE controller, T* parent, out EFI_STATUS status) =>
        StorvscDevice.Create(controller, ChannelOf(controller, parent), out status);
}
