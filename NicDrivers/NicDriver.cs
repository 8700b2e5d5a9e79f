using NetBoot.NicDrivers.Twins;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers;

/// <summary>
/// The driver of a family of NICs that are reached through protocol <typeparamref name="T"/>: what is theirs is which controllers
/// they are, and how to make a <see cref="Nic"/> of one. Each gets one child, with the SNP that all NICs share.
/// </summary>
/// <remarks>
/// To add a NIC: derive from <see cref="Nic"/> (the hardware) and from this, or from a driver of its bus (PciNicDriver), and put the
/// driver on the list of an image. Everything that firmware sees is then there: driver binding, names, SNP, adapter information, device
/// path, unloading, ExitBootServices.
/// </remarks>
/// <param name="twins">For paravirtual NICs: who keeps the emulated cards with the same addresses from being driven.</param>
public abstract unsafe class NicDriver<T>(TwinDriver? twins = null) : Driver<T> where T : unmanaged, IProtocol
{
    /// <summary>
    /// Makes the NIC of a controller that the driver knows, closed, in the device's arena. The NIC gives back all that it holds when it
    /// is disposed; <paramref name="parent"/> is open BY_DRIVER until then.
    /// </summary>
    /// <param name="controller">The controller.</param>
    /// <param name="parent">Its protocol.</param>
    /// <param name="status">Why there is no NIC: an error, with nothing left behind.</param>
    protected abstract Nic? CreateNic(EFI_HANDLE controller, T* parent, out EFI_STATUS status);

    /// <inheritdoc/>
    protected override bool IsChildNode(EFI_DEVICE_PATH_PROTOCOL* node) => NicDevice.IsMacNode(node);

    /// <summary>Adds what a device has besides its network: for now nothing is started.</summary>
    private protected virtual void Complete(NicDevice device, T* parent)
    {
    }

    /// <inheritdoc/>
    protected sealed override Device? CreateDevice(EFI_HANDLE controller, T* parent, out EFI_STATUS status)
    {
        Nic? nic = CreateNic(controller, parent, out status);
        if (nic is null)
        {
            return null;
        }

        NicDevice device = new(this, controller, nic);
        status = device.Initialize(twins);
        if (status.IsError)
        {
            device.Dispose();
            return null;
        }

        Complete(device, parent);
        return device;
    }
}
