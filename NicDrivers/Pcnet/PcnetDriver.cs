using System;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Pcnet;

/// <summary>Drives AMD's PCnet-PCI II and the later chips that share its PCI identifiers.</summary>
public sealed class PcnetDriver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "NetBoot AMD PCnet driver";

    /// <inheritdoc/>
    public override ReadOnlySpan<uint> Identifiers => [0x1022_2000];

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => PcnetNic.Create(device, out status);
}
