using System.Runtime.InteropServices;
using NetBoot.NicDrivers.Ne2k;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.ne2k;

/// <summary>ne2k.efi: the driver of NE2000-compatible PCI NICs.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("ne2k", image, table, &Drivers);

    private static Driver[] Drivers() => [new Ne2kDriver()];
}
