using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Twins;

/// <summary>
/// Keeps the emulated twins of paravirtual NICs from being driven. A hypervisor that has drivers of its own kind in mind offers each of
/// its NICs twice: paravirtual, and as a PCI card with the same address. A PCI card that was found to be such a twin is this driver's, without
/// a child, for as long as the paravirtual NIC runs (see <see cref="TwinReservation"/>); the card itself is never touched.
/// </summary>
/// <remarks>
/// One of these belongs to an image, with a <see cref="TwinNetworkDriver"/>, before the drivers of PCI NICs in its list, and the drivers of
/// paravirtual NICs are made with it.
/// </remarks>
public sealed unsafe class TwinDriver : Driver<EFI_PCI_IO_PROTOCOL>
{
    /// <summary>UEFI 2.10, 11.1.1: the highest that is not the platform's. A twin is this driver's before any other's.</summary>
    internal const uint HighestVersion = 0xFFFF_FFEF;

    private TwinReservation? _first;

    /// <inheritdoc/>
    public override string Name => "NetBoot reservation of emulated network cards";

    /// <inheritdoc/>
    public override uint Version => HighestVersion;

    /// <summary>iPXE, of which most option ROMs for emulated cards are made, opens its cards so, whoever has them.</summary>
    protected override bool IsExclusive => true;

    /// <inheritdoc/>
    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => NicDevice.IsMacNode(node);

    /// <inheritdoc/>
    protected override bool Matches(EFI_PCI_IO_PROTOCOL* parent)
    {
        for (TwinReservation? each = _first; each is not null; each = each.Next)
        {
            if (each.Has(parent))
            {
                return true;
            }
        }

        return false;
    }

    /// <inheritdoc/>
    protected override Device CreateDevice(EFI_HANDLE controller, EFI_PCI_IO_PROTOCOL* parent, out EFI_STATUS status)
    {
        status = EFI_STATUS.EFI_SUCCESS;
        return new TwinDevice(controller);
    }

    /// <summary>The NIC that runs and has this SNP's address, but not this SNP; null when there is none.</summary>
    internal TwinReservation? FindFor(EFI_SIMPLE_NETWORK_PROTOCOL* network)
    {
        for (TwinReservation? each = _first; each is not null; each = each.Next)
        {
            if (each.IsTwin(network))
            {
                return each;
            }
        }

        return null;
    }

    internal void Add(TwinReservation reservation)
    {
        reservation.Next = _first;
        _first = reservation;
    }

    internal void Remove(TwinReservation reservation)
    {
        if (_first == reservation)
        {
            _first = reservation.Next;
        }

        for (TwinReservation? each = _first; each is not null; each = each.Next)
        {
            if (each.Next == reservation)
            {
                each.Next = reservation.Next;
            }
        }
    }
}
