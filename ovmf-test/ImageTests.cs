using System.Collections.Generic;
using System.IO;
using System.Linq;
using Boot.Tool;
using Boot.Tool.Qemu;
using Xunit;

namespace OvmfTest;

/// <summary>What firmware demands of the files themselves, and the sizes that we promise.</summary>
public sealed class ImageTests
{
    public static IEnumerable<object[]> Images() =>
        from architecture in Architecture.All
        from name in new[] { "netboot.efi", "netboot-snponly.efi", "netboot-drivers.efi", "e1000.efi", "ne2k.efi", "pcnet.efi", "virtio-net.efi", "rtl8139.efi", "vmxnet3.efi", "netvsc.efi", "vmbus.efi", "xenbus.efi", "netfront.efi", "boot-options.efi" }
        select new object[] { architecture.Name, name };

    [Theory]
    [MemberData(nameof(Images))]
    public void Image_IsPageAlignedRelocatableAndNeverWritableAndExecutable(string architecture, string name) =>
        Assert.Empty(new ImageCheck(PathOf(architecture, name)).Faults);

    [Theory]
    [MemberData(nameof(Images))]
    public void Image_HasItsMapAndSymbolsBesideIt(string architecture, string name)
    {
        string path = PathOf(architecture, name);
        Assert.True(File.Exists(Path.ChangeExtension(path, ".map")));
        Assert.True(File.Exists(Path.ChangeExtension(path, ".pdb")));
    }

    [Theory]
    [InlineData("e1000.efi", 72)]
    [InlineData("pcnet.efi", 72)]
    [InlineData("ne2k.efi", 72)]
    [InlineData("virtio-net.efi", 80)]
    [InlineData("rtl8139.efi", 72)]
    [InlineData("netvsc.efi", 96)]
    [InlineData("netfront.efi", 80)]
    [InlineData("netboot.efi", 600)]
    public void Image_IsSmallerThan(string name, int kibibytes) =>
        Assert.All(Architecture.All, architecture => Assert.InRange(new FileInfo(PathOf(architecture.Name, name)).Length, 1, kibibytes * 1024));

    private static string PathOf(string architecture, string name) =>
        Repository.Image(Architecture.All.Single(each => each.Name == architecture), name);
}
