using System;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Vmxnet3;

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
