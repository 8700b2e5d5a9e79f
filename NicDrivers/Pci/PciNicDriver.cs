using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.Pci;

/// <summary>The driver of a family of PCI NICs: what is theirs is their identifiers, and how to make a <see cref="Nic"/> of one.</summary>
public abstract unsafe class PciNicDriver : NicDriver<EFI_PCI_IO_PROTOCOL>
{
    protected abstract bool Matches(ushort vendorId, ushort deviceId);

    /// <summary>
    /// Makes the NIC, closed. It turns the attributes on that it needs, and its Dispose restores them.
    /// </summary>
    /// <param name="device">A device that <see cref="Matches(ushort, ushort)"/>.</param>
    /// <param name="status">Why there is no NIC.</param>
    protected abstract Nic? CreateNic(PciDevice device, out EFI_STATUS status);

    protected sealed override bool Matches(EFI_PCI_IO_PROTOCOL* parent)
    {
        PciDevice.ReadIds(parent, out ushort vendorId, out ushort deviceId);
        return Matches(vendorId, deviceId);
    }

    protected sealed override Nic? CreateNic(EFI_HANDLE controller, EFI_PCI_IO_PROTOCOL* parent, out EFI_STATUS status)
    {
        PciDevice device = new(parent);
        Nic? nic = CreateNic(device, out status);
        if (nic is null)
        {
            device.RestoreAttributes();
        }
        return nic;
    }
}
