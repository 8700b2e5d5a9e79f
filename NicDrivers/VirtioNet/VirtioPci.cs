using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>Virtio over PCI: by the capabilities of 1.0 (<see cref="VirtioModern"/>) or as before it (<see cref="VirtioLegacy"/>).</summary>
internal abstract class VirtioPci(PciDevice device) : VirtioTransport
{
    /// <summary>Modern where the device offers it, legacy otherwise; null when it offers neither.</summary>
    internal static VirtioPci? Open(PciDevice device) => (VirtioPci?)VirtioModern.Open(device) ?? VirtioLegacy.Open(device);

    internal override VirtioMemory? Allocate(nuint size, out EFI_STATUS status)
    {
        DmaBuffer? buffer = device.AllocateDma(size, out status);
        return buffer is null ? null : new Memory(buffer);
    }

    /// <summary>Bus mastering goes off.</summary>
    internal override bool Release() => device.RestoreAttributes();

    private sealed unsafe class Memory(DmaBuffer buffer) : VirtioMemory(buffer.Host, buffer.DeviceAddress)
    {
        public override void Dispose() => buffer.Dispose();
    }
}
