using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Edk2;

/// <summary>
/// The tag of handles whose text output is part of the system's console, with nothing behind it. EFI 1.10 called it
/// EFI_CONSOLE_OUT_DEVICE_GUID; edk2, MdeModulePkg/Universal/Console/ConPlatformDxe.
/// </summary>
public struct CONSOLE_OUT_DEVICE : IProtocol
{
    /// <summary>gEfiConsoleOutDeviceGuid</summary>
    public static EFI_GUID Guid => new(0xD3B36F2C, 0xD551, 0x11D4, 0x9A, 0x46, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D);
}
