using Uefi.Interop.Pci;

namespace NicDrivers.Pci;

/// <summary>A NIC on PCI. What it turned on of its function goes back to what it was when the NIC is disposed.</summary>
/// <param name="device">With the attributes on that the NIC needs; they are the NIC's from now on.</param>
public abstract class PciNic(PciDevice device) : Nic
{
    /// <inheritdoc/>
    /// <remarks>Bus mastering goes off before the memory does: a device may have failed to stop.</remarks>
    public sealed override void Dispose()
    {
        Quiesce();
        device.RestoreAttributes();
        FreeMemory();
    }

    /// <summary>Gives memory back that the device could reach, and no longer can.</summary>
    private protected virtual void FreeMemory()
    {
    }
}
