using System;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Pci;

/// <summary>The driver of a family of PCI NICs: what is theirs is their identifiers, and how to make a <see cref="Nic"/> of one.</summary>
public abstract unsafe class PciNicDriver : NicDriver<EFI_PCI_IO_PROTOCOL>
{
    /// <summary>What the driver knows: vendor identifier in the upper half, device identifier in the lower. All of one vendor.</summary>
    public abstract ReadOnlySpan<uint> Identifiers { get; }

    /// <summary>
    /// Makes the NIC, closed. It turns the attributes on that it needs, and its Dispose restores them.
    /// </summary>
    /// <param name="device">One of <see cref="Identifiers"/>.</param>
    /// <param name="status">Why there is no NIC.</param>
    protected abstract Nic? CreateNic(PciDevice device, out EFI_STATUS status);

    /// <inheritdoc/>
    protected sealed override bool Matches(EFI_PCI_IO_PROTOCOL* parent)
    {
        PciDevice.ReadIds(parent, out ushort vendorId, out ushort deviceId);
        return Identifiers.Contains(((uint)vendorId << 16) | deviceId);
    }

    /// <summary>A network interface, or a file: the application in the card's option ROM.</summary>
    protected sealed override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => base.IsChildNode(node) ||
        (node->Type == EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH && node->SubType == FILEPATH_DEVICE_PATH.MEDIA_FILEPATH_DP);

    private protected sealed override void Complete(NicDevice device, EFI_PCI_IO_PROTOCOL* parent) => device.AddApplication(parent);

    /// <inheritdoc/>
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
