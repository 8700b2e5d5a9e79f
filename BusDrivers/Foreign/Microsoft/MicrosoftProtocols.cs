using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>The protocols by which Microsoft's firmware shows that VMBus is its own (mu_msvm, MsvmPkg.dec).</summary>
internal static class MicrosoftProtocols
{
    /// <summary>gEfiVmbusRootProtocolGuid, a tag</summary>
    public static EFI_GUID VmbusRoot => new(0x63D25797, 0x59EB, 0x4125, 0xA3, 0x4E, 0xB2, 0xB4, 0xA8, 0xE1, 0x58, 0x7E);

    /// <summary>gEfiHvProtocolGuid</summary>
    public static EFI_GUID Hypervisor => new(0xA261A0F1, 0xAA53, 0x4C83, 0x94, 0xDA, 0x12, 0x0C, 0xDF, 0x6D, 0x8C, 0x8D);
}
