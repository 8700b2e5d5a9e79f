using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Twins;

/// <summary>
/// Finds emulated twins whose driver starts after the paravirtual NIC did: it comes before every network stack to an SNP, and takes the
/// card behind a twin's.
/// </summary>
/// <remarks>
/// A notification of new SNPs would come in the middle of the Start of the card's driver, which nobody may stop there. Firmware connects
/// the stack to an SNP when that Start is done.
/// </remarks>
public sealed unsafe class TwinNetworkDriver(TwinDriver twins) : Driver<EFI_SIMPLE_NETWORK_PROTOCOL>
{
    /// <inheritdoc/>
    public override string Name => "NetBoot search for emulated network cards";

    /// <inheritdoc/>
    public override uint Version => TwinDriver.HighestVersion;

    /// <inheritdoc/>
    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => true;

    /// <inheritdoc/>
    protected override bool Matches(EFI_SIMPLE_NETWORK_PROTOCOL* parent) => twins.FindFor(parent) is not null;

    /// <summary>Holds the SNP until <see cref="OnStarted"/>, which ends it.</summary>
    protected override Device? CreateDevice(EFI_HANDLE controller, EFI_SIMPLE_NETWORK_PROTOCOL* parent, out EFI_STATUS status)
    {
        if (TwinReservation.FindCard(controller).IsNull)
        {
            status = EFI_STATUS.EFI_UNSUPPORTED;
            return null;
        }

        status = EFI_STATUS.EFI_SUCCESS;
        return new TwinDevice(controller);
    }

    /// <inheritdoc/>
    protected override void OnStarted(EFI_HANDLE controller) =>
        twins.FindFor(Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(controller))?.Take(controller);
}
