using System.Runtime.InteropServices;
using NicDrivers.Pcnet;
using Uefi.Interop;
using Uefi.Interop.DriverModel;
using Uefi.Interop.Raw;

/// <summary>pcnet.efi: the driver of AMD's PCnet NICs.</summary>
internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("pcnet", image, table, &Drivers);

    private static Driver[] Drivers() => [new PcnetDriver()];
}
