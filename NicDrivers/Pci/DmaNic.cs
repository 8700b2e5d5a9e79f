using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Pci;

/// <summary>
/// A NIC on PCI that reads and writes memory by itself: one piece, allocated before the NIC is made and given back when it is disposed.
/// What lies in it (rings, buffers) is at offsets that the driver lays down as constants.
/// </summary>
public abstract unsafe class DmaNic : Nic
{
    /// <summary>
    /// Registers in a memory BAR, and DMA to memory that 32 bits reach: without DUAL_ADDRESS_CYCLE, PCI I/O hands out no other.
    /// </summary>
    protected const ulong Attributes32 =
        EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER;

    /// <summary>The same, with DMA to all memory.</summary>
    protected const ulong Attributes64 = Attributes32 | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;

    private readonly PciDevice _device;
    private readonly DmaBuffer _memory;

    /// <param name="device">With the attributes on that the NIC needs; they are the NIC's from now on.</param>
    /// <param name="memory">The NIC's from now on.</param>
    protected DmaNic(PciDevice device, DmaBuffer memory)
    {
        _device = device;
        _memory = memory;
        DeviceAddress = memory.DeviceAddress;
    }

    /// <summary>Where the device sees the memory.</summary>
    protected ulong DeviceAddress { get; }

    /// <summary>Whether the card is still in its slot. A call of the firmware.</summary>
    protected bool IsPresent => _device.IsPresent;

    /// <inheritdoc/>
    public sealed override void Dispose()
    {
        Quiesce();
        Release(_device, _memory);
    }

    /// <summary>Allocates memory for a device that knows 32 bits of an address.</summary>
    /// <param name="device">With its attributes on.</param>
    /// <param name="size">In bytes.</param>
    /// <param name="status">Why there is none.</param>
    protected static DmaBuffer? AllocateBelow4GiB(PciDevice device, nuint size, out EFI_STATUS status)
    {
        DmaBuffer? memory = device.AllocateDma(size, out status);
        if (memory is null || memory.DeviceAddress <= uint.MaxValue - size)
        {
            return memory;
        }

        Release(device, memory);
        status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        return null;
    }

    /// <summary>What lies at an offset of the memory, as the processor sees it.</summary>
    /// <param name="offset">In bytes.</param>
    protected T* At<T>(nuint offset) where T : unmanaged => (T*)(_memory.Host + offset);

    /// <summary>
    /// Bus mastering goes off before the memory does: a device may have failed to stop. Where it does not, the memory is lost.
    /// </summary>
    private static void Release(PciDevice device, DmaBuffer memory)
    {
        if (device.RestoreAttributes())
        {
            memory.Dispose();
        }
    }
}
