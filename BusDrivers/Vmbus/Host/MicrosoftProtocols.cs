using Uefi.Interop.Raw;

namespace BusDrivers.Vmbus.Host;

/// <summary>The protocols by which Microsoft's firmware shows that VMBus is its own (mu_msvm, MsvmPkg.dec).</summary>
internal static class MicrosoftProtocols
{
    /// <summary>gEfiVmbusProtocolGuid</summary>
    public static EFI_GUID Vmbus => new(0x998629A6, 0xBBD0, 0x476B, 0x81, 0xEF, 0x05, 0x99, 0x41, 0xE9, 0xE6, 0xF9);

    /// <summary>gEfiVmbusLegacyProtocolGuid</summary>
    public static EFI_GUID VmbusLegacy => new(0x59E6EFC9, 0x9695, 0x470A, 0x9D, 0x87, 0x02, 0x61, 0xD8, 0x45, 0x1D, 0xD8);

    /// <summary>gEfiVmbusLegacyProtocolIvmGuid</summary>
    public static EFI_GUID VmbusLegacyIsolated => new(0x8E03933F, 0x8048, 0x4A87, 0x81, 0x47, 0x7F, 0x05, 0xC3, 0x38, 0x28, 0x5D);

    /// <summary>gEfiVmbusRootProtocolGuid, a tag</summary>
    public static EFI_GUID VmbusRoot => new(0x63D25797, 0x59EB, 0x4125, 0xA3, 0x4E, 0xB2, 0xB4, 0xA8, 0xE1, 0x58, 0x7E);

    /// <summary>gEfiHvProtocolGuid</summary>
    public static EFI_GUID Hypervisor => new(0xA261A0F1, 0xAA53, 0x4C83, 0x94, 0xDA, 0x12, 0x0C, 0xDF, 0x6D, 0x8C, 0x8D);
}
