using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Snp;

/// <summary>What a controller carries that <see cref="FakeNicDriver"/> drives.</summary>
internal struct FAKE_NIC_PROTOCOL : IProtocol
{
    public static EFI_GUID Guid => new(0x0B5A6C3E, 0x4F0D, 0x4C6B, 0x9B, 0x5E, 0x3F, 0x7A, 0x0D, 0x11, 0x22, 0x33);

    /// <summary>Not 0: the driver knows this device.</summary>
    public uint Model;
}
