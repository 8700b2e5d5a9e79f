using NetBoot.BusDrivers.Xen.Bus;
using NetBoot.BusDrivers.Xen.Host;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen;

/// <summary>
/// Drives the bus of a Xen guest's paravirtual devices, by the PCI function that every such guest has, the Xen platform device. Where
/// firmware has a XenBus of its own (OvmfXen), that one has the device, and keeps it.
/// </summary>
public sealed unsafe class XenBusDriver : Driver<EFI_PCI_IO_PROTOCOL>
{
    private const ushort XenVendorId = 0x5853;
    private const ushort PlatformDeviceId = 0x0001;

    private XenBus? _running;
    private EFI_HANDLE _refused;
    private XenStartFailure _failure;

    /// <inheritdoc/>
    public override string Name => "NetBoot XenBus driver";

    /// <summary>Below the 0x10 of firmware's own drivers: a firmware that knows Xen has its disks on that bus too.</summary>
    public override uint Version => 0x0F;

    /// <inheritdoc/>
    public override bool TakesOver => false;

    /// <summary>Why a controller that we know could not be started, when that is so.</summary>
    public override EFI_STATUS Diagnose(EFI_HANDLE controller, EFI_HANDLE child, ref TextBuilder text)
    {
        EFI_STATUS status = base.Diagnose(controller, child, ref text);
        if (status != EFI_STATUS.EFI_UNSUPPORTED || controller != _refused || !child.IsNull)
        {
            return status;
        }

        _failure.AppendTo(ref text);
        return EFI_STATUS.EFI_DEVICE_ERROR;
    }

    internal void OnStopped(XenBus bus)
    {
        if (_running == bus)
        {
            _running = null;
        }
    }

    /// <summary>Whether a PCI function is the one that a XenBus, ours or another, is started on.</summary>
    public static bool IsPlatformDevice(EFI_PCI_IO_PROTOCOL* io)
    {
        PciDevice.ReadIds(io, out ushort vendorId, out ushort deviceId);
        return vendorId == XenVendorId && deviceId == PlatformDeviceId;
    }

    /// <inheritdoc/>
    protected override bool Matches(EFI_PCI_IO_PROTOCOL* parent) => IsPlatformDevice(parent);

    /// <inheritdoc/>
    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => XenBusPath.TryParse(node, out _, out _);

    /// <inheritdoc/>
    protected override Device? CreateDevice(EFI_HANDLE controller, EFI_PCI_IO_PROTOCOL* parent, out EFI_STATUS status)
    {
        XenBus bus = new(this, controller, new PciDevice(parent));
        _failure = _running is null ? bus.Initialize() : new XenStartFailure(XenStartFailureKind.AlreadyRunning);
        status = _failure.Status;
        if (_failure.Kind != XenStartFailureKind.None)
        {
            _refused = controller;
            bus.Dispose();
            return null;
        }

        _refused = default;
        _running = bus;
        return bus;
    }
}
