using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DriverModel;

/// <summary>
/// A controller that a driver has started, from Start to Stop. It lives in an arena of its own. The protocols that it publishes take
/// it as the service of their entries; a fault in one resets the hardware and takes only this device out of service.
/// </summary>
public abstract unsafe class Device(EFI_HANDLE controller) : FaultDomain, IDisposable
{
    /// <summary>The controller's handle, which carries the protocol that the driver consumes.</summary>
    public EFI_HANDLE Controller { get; } = controller;

    /// <summary>What Component Name 2 says of the controller; constant.</summary>
    public abstract string ControllerName { get; }

    /// <summary>What Component Name 2 says of a child that has no name of its own; constant.</summary>
    public abstract string ChildName { get; }

    /// <summary>What Component Name 2 says of this child, for as long as it is there; null: <see cref="ChildName"/>.</summary>
    public virtual char* NameOfChild(EFI_HANDLE child) => null;

    /// <summary>See <see cref="Driver.Diagnose"/>; the device is in service, and the child is null or one of its own.</summary>
    public virtual EFI_STATUS Diagnose(EFI_HANDLE child, ref TextBuilder text)
    {
        text.Append("Works");
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// When ExitBootServices makes the device quiet: the devices on a bus before the bus, and all of them before the firmware's own
    /// handlers at TPL_CALLBACK, which may turn the IOMMU off.
    /// </summary>
    public virtual nuint ExitBootServicesTpl => EFI_TPL.TPL_NOTIFY;

    /// <summary>Whether the handle is a child that this device has made.</summary>
    public abstract bool HasChild(EFI_HANDLE child);

    /// <summary>
    /// Whether there is a child left to make that <paramref name="remaining"/> asks for: null for any, or the node of one child
    /// (never the end node).
    /// </summary>
    public abstract bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining);

    /// <summary>Makes the children that <paramref name="remaining"/> asks for (as above). Leaves nothing behind when it fails.</summary>
    /// <returns>EFI_UNSUPPORTED when the node is of no child of this device.</returns>
    public abstract EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining);

    /// <summary>Takes a child away that <see cref="HasChild"/> knows; on failure it is there as it was.</summary>
    public abstract EFI_STATUS StopChild(EFI_HANDLE child);

    /// <summary>Takes all children away; those that would not go are there as they were.</summary>
    public abstract EFI_STATUS StopChildren();

    /// <summary>Resets the hardware and gives everything back. There are no children left.</summary>
    public abstract void Dispose();

    /// <summary>Boot services end: the device is made quiet, once.</summary>
    internal void OnExitBootServices()
    {
        Firmware.IsExitingBootServices = true;
        if (!IsOutOfService)
        {
            TakeOutOfService();
        }
    }
}
