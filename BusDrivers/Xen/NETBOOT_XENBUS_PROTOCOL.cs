using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen;

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

    /// <summary><see cref="NETBOOT_XENBUS_PROTOCOL_REVISION"/>, or a later one.</summary>
    public ulong Revision;

    /// <summary>
    /// (This, Transaction, End, Name, Size in and out, Value): reads a node. EFI_BUFFER_TOO_SMALL sets Size to what is needed; what there
    /// is room for is filled in.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint, byte*, nuint*, void*, EFI_STATUS> Read;

    /// <summary>
    /// (This, Transaction, Name, Size, Value): writes a node of the device, and makes it and the directories above it when they are not
    /// there.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte*, nuint, void*, EFI_STATUS> Write;

    /// <summary>(This, Transaction, Name): removes a node of the device with all that is below it.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte*, EFI_STATUS> Remove;

    /// <summary>
    /// (This, Transaction, End, Name or null for the end's own directory, Size in and out, Names): the names in a directory, as Read; each
    /// ends with a zero byte.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint, byte*, nuint*, void*, EFI_STATUS> List;

    /// <summary>(This, Transaction): begins a transaction, which has to be ended, also after an operation in it failed.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint*, EFI_STATUS> BeginTransaction;

    /// <summary>
    /// (This, Transaction, Commit): ends a transaction, whatever the status. EFI_ABORTED: nothing of it happened, begin again.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte, EFI_STATUS> EndTransaction;

    /// <summary>
    /// (This, End, Name, Watch): begins to watch a node and all below it, also one that is not there. EFI_OUT_OF_RESOURCES when too many
    /// are watched.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, byte*, uint*, EFI_STATUS> Watch;

    /// <summary>
    /// (This, Watch): EFI_SUCCESS when what is watched changed since the last time, and the first time; EFI_NOT_READY otherwise;
    /// EFI_INVALID_PARAMETER when there is no such watch. Asks nobody.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> CheckWatch;

    /// <summary>(This, Watch): ends a watch.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> Unwatch;

    /// <summary>(This, End, State): what the state node of an end says, a <see cref="XenBusState"/>; 0 when it holds no number.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint*, EFI_STATUS> GetState;

    /// <summary>(This, State): writes the device's own state node.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> SetState;

    /// <summary>
    /// (This, States: bit n is state n, Microseconds, State): waits until the backend is in one of the States, or EFI_TIMEOUT. State is
    /// where it is in the end.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, uint, uint*, EFI_STATUS> WaitForBackend;

    /// <summary>
    /// (This, Page, ReadOnly, Reference): lets the backend's domain use 4 KiB on a page boundary below 16 TiB. EFI_OUT_OF_RESOURCES when
    /// the grant table is full.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, void*, byte, uint*, EFI_STATUS> GrantAccess;

    /// <summary>
    /// (This, Reference): takes the page back, and ends the number, whatever the status. EFI_ACCESS_DENIED when the backend still uses the
    /// page: it is the backend's for good, and must stay allocated.
    /// </summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> EndAccess;

    /// <summary>(This, Port): makes an event channel that the backend's domain may bind to. Nothing interrupts through it.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint*, EFI_STATUS> AllocateChannel;

    /// <summary>(This, Port): tells the backend that there is something to do.</summary>
    public delegate* unmanaged<NETBOOT_XENBUS_PROTOCOL*, uint, EFI_STATUS> Notify;

    /// <summary>(This, Port): closes an event channel of AllocateChannel.</summary>
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
