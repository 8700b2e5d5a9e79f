using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus;

/// <summary>
/// The handle is the root of VMBus: where the hypervisor offers its interface, and the firmware has no driver for it. An image of ours
/// that has a VMBus driver publishes one, with a device path, unless there is one already; any of them may drive it.
/// </summary>
public struct NETBOOT_VMBUS_ROOT_PROTOCOL : IProtocol
{
    /// <summary>The only revision.</summary>
    public const uint NETBOOT_VMBUS_ROOT_PROTOCOL_REVISION = 0x00010000;

    /// <summary>NETBOOT_VMBUS_ROOT_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x0B5A6E5D, 0x3C0C, 0x4B9E, 0x91, 0x67, 0xD2, 0x1E, 0x38, 0x9F, 0x64, 0x0A);

    /// <summary><see cref="NETBOOT_VMBUS_ROOT_PROTOCOL_REVISION"/>.</summary>
    public uint Revision;
}
