using NetBoot.BusDrivers.Xen;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Edk2;

/// <summary>
/// The child protocol of edk2's XenBusDxe, which OvmfXen has inside. It carries no version; its header calls it internal to edk2.
/// edk2, OvmfPkg/Include/Protocol/XenBus.h.
/// </summary>
/// <remarks>Store members answer a XENSTORE_STATUS, whose numbers <see cref="XenStoreError"/> keeps. A Transaction may be null.</remarks>
public unsafe struct XENBUS_PROTOCOL : IProtocol
{
    /// <summary>XENBUS_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x3D3CA290, 0xB9A5, 0x11E3, 0xB7, 0x5D, 0xB8, 0xAC, 0x6F, 0x7D, 0x65, 0xE6);

    /// <summary>(This, Transaction, Node, Result: ended by a zero byte, in pool memory that the caller frees)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint*, byte*, void**, uint> XsRead;

    /// <summary>(This, Transaction, Node, Result)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint*, byte*, void**, uint> XsBackendRead;

    /// <summary>
    /// (This, Transaction, Directory, Node, Format), and in C more arguments after these: with a format that needs none, the call is that
    /// of a function with five parameters.
    /// </summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint*, byte*, byte*, byte*, uint> XsPrintf;

    /// <summary>(This, Transaction, Node)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint*, byte*, uint> XsRemove;

    /// <summary>(This, Transaction)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint*, uint> XsTransactionStart;

    /// <summary>(This, Transaction, Abort)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint*, byte, uint> XsTransactionEnd;

    /// <summary>(This, Transaction, State)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint*, uint, uint> SetState;

    /// <summary>(This, DomainId, Frame, ReadOnly, Reference)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, ushort, nuint, byte, uint*, EFI_STATUS> GrantAccess;

    /// <summary>(This, Reference): EFI_NOT_READY while it is in use.</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint, EFI_STATUS> GrantEndAccess;

    /// <summary>(This, DomainId, Port): a hypercall's result, as the next two.</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, ushort, uint*, uint> EventChannelAllocate;

    /// <summary>(This, Port)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint, uint> EventChannelNotify;

    /// <summary>(This, Port)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, uint, uint> EventChannelClose;

    /// <summary>(This, Node, Token)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, byte*, void**, uint> RegisterWatch;

    /// <summary>(This, Node, Token)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, byte*, void**, uint> RegisterWatchBackend;

    /// <summary>(This, Token)</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, void*, void> UnregisterWatch;

    /// <summary>(This, Token): blocks until the node changes.</summary>
    public delegate* unmanaged<XENBUS_PROTOCOL*, void*, uint> WaitForWatch;

    /// <summary>"vif"; ASCII, ended by a zero byte, as the next two.</summary>
    public byte* Type;

    /// <summary>The device's number within its class.</summary>
    public ushort DeviceId;

    /// <summary>"device/vif/0"</summary>
    public byte* Node;

    /// <summary>The backend's directory: "/local/domain/0/backend/vif/1/0".</summary>
    public byte* Backend;
}
