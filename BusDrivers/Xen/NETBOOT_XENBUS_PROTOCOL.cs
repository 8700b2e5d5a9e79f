using Uefi.Interop.Raw;

namespace BusDrivers.Xen;

/// <summary>
/// A paravirtual device of a Xen guest: what XenBus publishes on a handle of its own for each `device/TYPE/INDEX` in xenstore, beside
/// the device path. The C declaration is BusDrivers/Include/NetBootXenbus.h; <see cref="XenDevice"/> says what the members do.
/// </summary>
/// <remarks>
/// Names and values are as there, but names end with a zero byte. End is 0 for the device's own directory and 1 for its backend's.
/// Transaction is 0 for none. Every member may be called at TPL_NOTIFY and below, until the bus is stopped or boot services end (then:
/// EFI_DEVICE_ERROR). The strings and numbers at the end never change while the protocol is installed, except StoreError.
/// </remarks>
public unsafe struct NETBOOT_XENBUS_PROTOCOL : IProtocol
{
    /// <summary>
    /// Major and minor version in 16 bits each. A newer minor version only adds members at the end; a client refuses another major one.
    /// </summary>
    public const ulong NETBOOT_XENBUS_PROTOCOL_REVISION = 0x00010000;

    /// <summary>NETBOOT_XENBUS_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x6D1B2A54, 0x93E7, 0x4C0F, 0xA8, 0x16, 0x2F, 0xD4, 0x70, 0xC3, 0x5E, 0x91);

    public ulong Revision;

    /// <summary>(This, Transaction, End, Name, Size in and out, Value): EFI_BUFFER_TOO_SMALL sets Size to what is needed.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint, byte*, nuint*, void*, EFI_STATUS> Read;

    /// <summary>(This, Transaction, Name, Size, Value)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte*, nuint, void*, EFI_STATUS> Write;

    /// <summary>(This, Transaction, Name)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte*, EFI_STATUS> Remove;

    /// <summary>(This, Transaction, End, Name or null, Size in and out, Names): as Read; each name ends with a zero byte.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint, byte*, nuint*, void*, EFI_STATUS> List;

    /// <summary>(This, Transaction)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint*, EFI_STATUS> BeginTransaction;

    /// <summary>(This, Transaction, Commit): EFI_ABORTED when it has to be done again.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte, EFI_STATUS> EndTransaction;

    /// <summary>(This, End, Name, Watch)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte*, uint*, EFI_STATUS> Watch;

    /// <summary>
    /// (This, Watch): EFI_SUCCESS after a change, EFI_NOT_READY without one, EFI_INVALID_PARAMETER when there is no such watch.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> CheckWatch;

    /// <summary>(This, Watch)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> Unwatch;

    /// <summary>(This, End, State)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint*, EFI_STATUS> GetState;

    /// <summary>(This, State): of the device's own end.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> SetState;

    /// <summary>(This, States: bit n is state n, Microseconds, State): waits for the backend's. EFI_TIMEOUT.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint, uint*, EFI_STATUS> WaitForBackend;

    /// <summary>(This, Page, ReadOnly, Reference)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, void*, byte, uint*, EFI_STATUS> GrantAccess;

    /// <summary>(This, Reference): EFI_NOT_READY while the backend still uses the page.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> EndAccess;

    /// <summary>(This, Port)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint*, EFI_STATUS> AllocateChannel;

    /// <summary>(This, Port)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> Notify;

    /// <summary>(This, Port)</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> CloseChannel;

    /// <summary>The class in xenstore: "vif". ASCII, ended by a zero byte, as the next two.</summary>
    public byte* Type;

    /// <summary>The device's directory: "device/vif/0".</summary>
    public byte* Node;

    /// <summary>The backend's directory: "/local/domain/0/backend/vif/1/0".</summary>
    public byte* Backend;

    /// <summary>The device's number within its class.</summary>
    public uint Index;

    /// <summary>What the store answered to the last member called that asked it: a <see cref="XenStoreError"/>.</summary>
    public uint StoreError;

    /// <summary>The domain that the backend is in.</summary>
    public ushort BackendDomain;
}
