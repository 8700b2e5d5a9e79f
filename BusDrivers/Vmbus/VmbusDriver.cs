using NetBoot.BusDrivers.Vmbus.Bus;
using NetBoot.BusDrivers.Vmbus.Host;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus;

/// <summary>
/// The driver of Hyper-V's VMBus, for firmware that has none: where the hypervisor offers its interface, it publishes the root of the bus
/// and drives it. A connection that somebody else has is left alone.
/// </summary>
public sealed unsafe class VmbusDriver : Driver<NETBOOT_VMBUS_ROOT_PROTOCOL>
{
    private Block* _root;
    private EFI_HANDLE _rootHandle;
    private string? _reason;
    private bool _isHopeless;

    /// <inheritdoc/>
    public override string Name => "NetBoot VMBus driver";

    /// <summary>Never: drivers of other images are on it, be it of the disk that somebody has booted from.</summary>
    public override bool TakesOver => false;

    /// <summary>What is published: in pool memory.</summary>
    private struct Block
    {
        public NETBOOT_VMBUS_ROOT_PROTOCOL Protocol;
        public RootPath Path;
    }

    /// <summary>
    /// Publishes the root, where the hypervisor has all that VMBus needs, nobody owns the connection, and no other image has published it.
    /// </summary>
    public override EFI_STATUS PublishRoots()
    {
        using PoolBuffer<EFI_HANDLE> roots = LocateControllers();
        if (roots.Count != 0)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        _reason = HypervisorAccess.Current.FindLack() ?? Ownership.FindOwner();
        if (_reason is not null)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        _root = Pool.Allocate<Block>();
        if (_root == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        _root->Protocol.Revision = NETBOOT_VMBUS_ROOT_PROTOCOL.NETBOOT_VMBUS_ROOT_PROTOCOL_REVISION;
        _root->Path = RootPath.Create();
        EFI_HANDLE handle = default;
        EFI_STATUS status = Firmware.Install(ref handle, (EFI_DEVICE_PATH_PROTOCOL*)&_root->Path);
        if (!status.IsError)
        {
            status = Firmware.Install(ref handle, &_root->Protocol);
            if (status.IsError)
            {
                Firmware.Uninstall(handle, (EFI_DEVICE_PATH_PROTOCOL*)&_root->Path);
            }
        }

        if (status.IsError)
        {
            Pool.Free(_root);
            _root = null;
            return status;
        }

        _rootHandle = handle;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <inheritdoc/>
    public override EFI_STATUS WithdrawRoots()
    {
        if (_root == null)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        EFI_STATUS status = Firmware.Uninstall(_rootHandle, &_root->Protocol);
        if (status.IsError)
        {
            return status;
        }

        status = Firmware.Uninstall(_rootHandle, (EFI_DEVICE_PATH_PROTOCOL*)&_root->Path);
        if (status.IsError)
        {
            Firmware.Install(ref _rootHandle, &_root->Protocol);
            return status;
        }

        Pool.Free(_root);
        _root = null;
        _rootHandle = default;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Tells also why there is no bus: of a root that was refused, and of the driver itself where there is no root.</summary>
    public override EFI_STATUS Diagnose(EFI_HANDLE controller, EFI_HANDLE child, ref TextBuilder text)
    {
        EFI_STATUS status = base.Diagnose(controller, child, ref text);
        bool isOurs = controller == Handle || Firmware.Has<NETBOOT_VMBUS_ROOT_PROTOCOL>(controller);
        if (status != EFI_STATUS.EFI_UNSUPPORTED || _reason is null || !isOurs)
        {
            return status;
        }

        text.Append("VMBus is not driven: ");
        text.Append(_reason);
        return EFI_STATUS.EFI_DEVICE_ERROR;
    }

    /// <inheritdoc/>
    protected override bool Matches(NETBOOT_VMBUS_ROOT_PROTOCOL* parent) => true;

    /// <inheritdoc/>
    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => ChannelHandle.IsNode(node);

    /// <inheritdoc/>
    protected override Device? CreateDevice(EFI_HANDLE controller, NETBOOT_VMBUS_ROOT_PROTOCOL* parent, out EFI_STATUS status)
    {
        status = EFI_STATUS.EFI_UNSUPPORTED;
        if (_isHopeless)
        {
            return null;
        }

        _reason = HypervisorAccess.Current.FindLack();
        if (_reason is not null)
        {
            return null;
        }

        _reason = Ownership.FindOwner();
        if (_reason is not null)
        {
            status = EFI_STATUS.EFI_ACCESS_DENIED;
            return null;
        }

        VmbusDevice? device = VmbusDevice.Create(this, controller, out status, out _reason);
        // The host will not change its mind, and each attempt may take seconds, at each connect of everything.
        _isHopeless = device is null && status != EFI_STATUS.EFI_OUT_OF_RESOURCES;
        return device;
    }
}
