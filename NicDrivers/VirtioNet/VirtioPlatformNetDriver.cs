using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>
/// Drives virtio network devices that the firmware itself reaches: virtio-mmio under AAVMF, and on PCI those whose transport a driver of
/// edk2 holds.
/// </summary>
public unsafe class VirtioPlatformNetDriver : NicDriver<VIRTIO_DEVICE_PROTOCOL>
{
    /// <inheritdoc/>
    public override string Name => "NetBoot virtio network driver (on the firmware's transport)";

    /// <inheritdoc/>
    protected override bool Matches(VIRTIO_DEVICE_PROTOCOL* parent) =>
        parent->SubSystemDeviceId == VIRTIO_DEVICE_PROTOCOL.VIRTIO_SUBSYSTEM_NETWORK_CARD;

    /// <inheritdoc/>
    protected override Nic? CreateNic(EFI_HANDLE controller, VIRTIO_DEVICE_PROTOCOL* parent, out EFI_STATUS status) =>
        VirtioNetNic.Create(new VirtioPlatform(parent), out status);
}
