using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

namespace Boot.App;

/// <summary>The boot application: what its images' entry points call.</summary>
public sealed unsafe class Application : Service
{
    private Application()
    {
    }

    public override string Name => "NetBoot";

    /// <summary>Runs the app to its end.</summary>
    /// <param name="image">As firmware gave it.</param>
    /// <param name="table">As firmware gave it.</param>
    /// <param name="createDrivers">Makes the drivers inside the image; null for an image that uses the SNPs that are there.</param>
    /// <returns>What the script or the shell ended with, for the firmware's boot manager.</returns>
    public static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table, delegate*<Driver[]> createDrivers)
    {
        return Firmware.Initialize(image, table) ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_INVALID_PARAMETER;
    }
}
