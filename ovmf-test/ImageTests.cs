using System.Collections.Generic;
using System.IO;
using System.Linq;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>What firmware demands of the files themselves, and the sizes that we promise.</summary>
public sealed class ImageTests
{
    private static readonly string[] s_others =
        ["netboot.efi", "netboot-snponly.efi", "netboot-drivers.efi", "vmbus.efi", "xenbus.efi", "boot-options.efi"];

    public static IEnumerable<object[]> Images() =>
        from architecture in Architecture.All
        from name in s_others.Concat(CardCatalogue.Families.Select(each => each.Image + ".efi"))
        select new object[] { architecture.Name, name };

    public static IEnumerable<object[]> Limits() =>
        [.. CardCatalogue.Families.Select(each => new object[] { each.Image + ".efi", each.SizeLimit }), ["netboot.efi", 600]];

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
    [MemberData(nameof(Limits))]
    public void Image_IsSmallerThan(string name, int kibibytes) =>
        Assert.All(Architecture.All, architecture => Assert.InRange(new FileInfo(PathOf(architecture.Name, name)).Length, 1, kibibytes * 1024));

    private static string PathOf(string architecture, string name) =>
        Repository.Image(Architecture.Named(architecture), name);
}
