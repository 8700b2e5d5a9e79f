using System;
using NetBoot.NicDrivers;
using NetBoot.NicDrivers.Pci;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace UefiNicDriver;

/// <summary>Which cards the driver knows, and how to make a NIC of one. All that firmware sees of a driver is in the base class.</summary>
public sealed class Rtl8139Driver : PciNicDriver
{
    /// <inheritdoc/>
    public override string Name => "UefiNicDriver";

    /// <summary>PCI vendor and device.</summary>
    public override ReadOnlySpan<uint> Identifiers => [0x10EC_8139];

    /// <inheritdoc/>
    protected override Nic? CreateNic(PciDevice device, out EFI_STATUS status) => Rtl8139Nic.Create(device, out status);
}
