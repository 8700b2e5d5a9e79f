using System;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Ne2k;

/// <summary>Drives the Realtek RTL8029AS: an NE2000 on PCI.</summary>
public sealed class Ne2kDriver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "NetBoot NE2000 PCI Ethernet driver";

    /// <inheritdoc/>
    public override ReadOnlySpan<uint> Identifiers => [0x10EC_8029];

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => Ne2kNic.Create(device, out status);
}
