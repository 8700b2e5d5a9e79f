using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Xunit;

namespace OvmfTest;

/// <summary>Firmware's PXE and HTTP boot, iPXE and GRUB on the SNP of e1000.efi.</summary>
public sealed class E1000ClientTests : NativeClients
{
    [Theory]
    [InlineData("e1000")]
    [InlineData("e1000e")]
    public Task Ipxe_BootsByPxe(string nic) => BootIpxeByPxeAsync(Architecture.X64, nic, "e1000.efi");

    [Fact]
    public Task Grub_BootsByPxe() => BootGrubByPxeAsync(Architecture.X64, "e1000", "e1000.efi");

    [Fact]
    public Task HttpBoot_StartsAnImage() => BootIpxeByHttpAsync(Architecture.X64, "e1000", "e1000.efi");
}

/// <summary>The same on the SNP of ne2k.efi.</summary>
public sealed class Ne2kClientTests : NativeClients
{
    [Fact]
    public Task Ipxe_BootsByPxe() => BootIpxeByPxeAsync(Architecture.X64, "ne2k_pci", "ne2k.efi");

    [Fact]
    public Task Grub_BootsByPxe() => BootGrubByPxeAsync(Architecture.X64, "ne2k_pci", "ne2k.efi");

    [Fact]
    public Task HttpBoot_StartsAnImage() => BootIpxeByHttpAsync(Architecture.X64, "ne2k_pci", "ne2k.efi");
}

/// <summary>The same on the SNP of virtio-net.efi, which takes the card before the firmware's own driver does.</summary>
public sealed class VirtioClientTests : NativeClients
{
    [Theory]
    [InlineData("virtio-net-pci,disable-legacy=on")]
    [InlineData("virtio-net-pci,disable-modern=on")]
    public Task Ipxe_BootsByPxe(string nic) => BootIpxeByPxeAsync(Architecture.X64, nic, "virtio-net.efi");

    [Fact]
    public Task Grub_BootsByPxe() => BootGrubByPxeAsync(Architecture.X64, "virtio-net-pci,disable-legacy=on", "virtio-net.efi");

    [Fact]
    public Task HttpBoot_StartsAnImage() => BootIpxeByHttpAsync(Architecture.X64, "virtio-net-pci,disable-legacy=on", "virtio-net.efi");
}

/// <summary>The same on the SNP of rtl8139.efi.</summary>
public sealed class Rtl8139ClientTests : NativeClients
{
    [Fact]
    public Task Ipxe_BootsByPxe() => BootIpxeByPxeAsync(Architecture.X64, "rtl8139", "rtl8139.efi");

    [Fact]
    public Task Grub_BootsByPxe() => BootGrubByPxeAsync(Architecture.X64, "rtl8139", "rtl8139.efi");

    [Fact]
    public Task HttpBoot_StartsAnImage() => BootIpxeByHttpAsync(Architecture.X64, "rtl8139", "rtl8139.efi");
}

/// <summary>The same on the SNP of vmxnet3.efi.</summary>
public sealed class Vmxnet3ClientTests : NativeClients
{
    [Fact]
    public Task Ipxe_BootsByPxe() => BootIpxeByPxeAsync(Architecture.X64, "vmxnet3", "vmxnet3.efi");

    [Fact]
    public Task Grub_BootsByPxe() => BootGrubByPxeAsync(Architecture.X64, "vmxnet3", "vmxnet3.efi");

    [Fact]
    public Task HttpBoot_StartsAnImage() => BootIpxeByHttpAsync(Architecture.X64, "vmxnet3", "vmxnet3.efi");
}

/// <summary>The same on the SNP of pcnet.efi.</summary>
public sealed class PcnetClientTests : NativeClients
{
    [Fact]
    public Task Ipxe_BootsByPxe() => BootIpxeByPxeAsync(Architecture.X64, "pcnet", "pcnet.efi");

    [Fact]
    public Task Grub_BootsByPxe() => BootGrubByPxeAsync(Architecture.X64, "pcnet", "pcnet.efi");

    [Fact]
    public Task HttpBoot_StartsAnImage() => BootIpxeByHttpAsync(Architecture.X64, "pcnet", "pcnet.efi");
}
