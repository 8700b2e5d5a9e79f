using System.Runtime.InteropServices;
using Uefi.Interop;
using Uefi.Interop.Raw;

internal static unsafe class Image
{
    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("probe", image, table, &Main);

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        fixed (char* text = "Hello from C#\r\n")
        {
            table->ConOut->OutputString(table->ConOut, text);
        }
        return EFI_STATUS.EFI_SUCCESS;
    }
}
