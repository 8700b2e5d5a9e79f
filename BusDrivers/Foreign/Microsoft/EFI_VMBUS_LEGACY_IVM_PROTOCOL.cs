using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>
/// <see cref="EFI_VMBUS_LEGACY_PROTOCOL"/> as an isolated machine has it, under a GUID of its own so that nobody uses it who does not know what
/// that takes: its memory is not the host's to read. mu_msvm, MsvmPkg/MsvmPkg.dec.
/// </summary>
public struct EFI_VMBUS_LEGACY_IVM_PROTOCOL : IProtocol
{
    /// <summary>gEfiVmbusLegacyProtocolIvmGuid</summary>
    public static EFI_GUID Guid => new(0x8E03933F, 0x8048, 0x4A87, 0x81, 0x47, 0x7F, 0x05, 0xC3, 0x38, 0x28, 0x5D);

    /// <summary>All of it.</summary>
    public EFI_VMBUS_LEGACY_PROTOCOL Legacy;
}
