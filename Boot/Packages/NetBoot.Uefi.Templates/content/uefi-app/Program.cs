using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace UefiApp;

internal static unsafe class Program
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("UefiApp", image, table, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        fixed (char* text = "Hello from UefiApp.\r\n")
        {
            table->ConOut->OutputString(table->ConOut, text);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }
}
