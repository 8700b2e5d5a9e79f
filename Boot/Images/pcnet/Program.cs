using System.Runtime.InteropServices;
using NetBoot.NicDrivers.Pcnet;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Images.pcnet;

/// <summary>pcnet.efi: the driver of AMD's PCnet NICs.</summary>
internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunDriver("pcnet", image, table, &Drivers);

    private static Driver[] Drivers() => [new PcnetDriver()];
}
