using System;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Rtl8139;

/// <summary>Drives the Realtek RTL8139 family: 10EC:8139.</summary>
public sealed class Rtl8139Driver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "NetBoot Realtek RTL8139 driver";

    /// <inheritdoc/>
    public override ReadOnlySpan<uint> Identifiers => [0x10EC_8139];

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => Rtl8139Nic.Create(device, out status);
}
