using System.Runtime.InteropServices;
using NicDrivers.Ne2k;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>ne2k.efi: the driver of NE2000-compatible PCI NICs.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("ne2k", image, table, &Drivers);

    private static Driver[] Drivers() => [new Ne2kDriver()];
}
