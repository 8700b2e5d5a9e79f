using System;
using NicDrivers.Pci;
using Uefi.Interop.Pci;
using Uefi.Interop.Raw;

namespace NicDrivers.Vmxnet3;

/// <summary>Drives VMware's paravirtual NIC.</summary>
public sealed class Vmxnet3Driver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "NetBoot VMware vmxnet3 driver";

    /// <inheritdoc/>
    public override ReadOnlySpan<uint> Identifiers => [0x15AD_07B0];

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => Vmxnet3Nic.Create(device, out status);
}
