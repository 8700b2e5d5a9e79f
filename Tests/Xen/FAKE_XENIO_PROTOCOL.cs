using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Xen;

/// <summary>
/// What edk2's XenBusDxe is started on: XENIO_PROTOCOL, of which nobody else needs more than its name. edk2, OvmfPkg/Include/Protocol/XenIo.h.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal struct FAKE_XENIO_PROTOCOL : IProtocol
{
    public static EFI_GUID Guid => new(0x6EFAC84F, 0x0AB0, 0x4747, 0x81, 0xBE, 0x85, 0x55, 0x62, 0x59, 0x04, 0x49);
}
