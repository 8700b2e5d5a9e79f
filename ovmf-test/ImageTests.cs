using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Commands;
using Xunit;
using Architecture = NetBoot.Boot.Tool.Qemu.Architecture;

namespace NetBoot.OvmfTest;

/// <summary>What firmware demands of the files themselves, and the sizes that we promise.</summary>
public sealed class ImageTests
{
    private static readonly string[] s_others =
        ["netboot.efi", "netboot-snponly.efi", "netboot-drivers.efi", "vmbus.efi", "storvsc.efi", "xenbus.efi", "boot-options.efi"];

    public static IEnumerable<object[]> Images() =>
        from architecture in Architecture.All
        from name in s_others.Concat(CardCatalogue.Families.Select(each => each.Image + ".efi"))
        select new object[] { architecture.Name, name };

    public static TheoryData<string> OfAArch64 => [.. Images().Where(each => each[0].Equals(Architecture.Aa64.Name)).Select(each => (string)each[1])];

    public static IEnumerable<object[]> Limits() =>
        [.. CardCatalogue.Families.Select(each => new object[] { each.Image + ".efi", each.SizeLimit }), ["storvsc.efi", 68], ["netboot-snponly.efi", 796], ["netboot.efi", 1176]];

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

    /// <summary>HVC and SMC are undefined instructions where nobody handles them: they stand in two functions, between the same two others.</summary>
    [Theory]
    [MemberData(nameof(OfAArch64))]
    public void Image_OfAArch64_CallsItsHypervisorAndFirmware_InOnePlaceEach(string name)
    {
        const uint load = 0xA9400660;  // ldp x0, x1, [x19]
        const uint store = 0xA9000660; // stp x0, x1, [x19]
        const uint hvc = 0xD4000002;   // HVC #0; the immediate is in bits 5 to 20
        const uint smc = 0xD4000003;
        PortableExecutable image = new(name, File.ReadAllBytes(PathOf(Architecture.Aa64.Name, name)));
        uint[] code = MemoryMarshal.Cast<byte, uint>(image.Content(".text")).ToArray();
        (uint Before, uint Instruction, uint After)[] calls =
        [
            .. from at in Enumerable.Range(1, code.Length - 2)
               where (code[at] & 0xFFE0_001F) is hvc or smc
               select (code[at - 1], code[at], code[at + 1]),
        ];
        Assert.Equal(calls.Length == 0 ? [] : [(load, hvc, store), (load, smc, store)], calls);
        Assert.True(calls.Length != 0 || name is not ("vmbus.efi" or "netboot.efi" or "netboot-drivers.efi"));
    }

    [Theory]
    [MemberData(nameof(Limits))]
    public void Image_IsSmallerThan(string name, int kibibytes) =>
        Assert.All(Architecture.All, architecture => Assert.InRange(new FileInfo(PathOf(architecture.Name, name)).Length, 1, kibibytes * 1024));

    /// <summary>151 KiB, which are too many where the smaller one goes: into ROMs and firmware volumes.</summary>
    [Fact]
    public void WholeApplication_HasDebiansRoots_AndTheSmallerOneHasNone() => Assert.All(Architecture.All, architecture =>
    {
        Assert.Equal(DebianRoots.Read(), RootsOf("netboot.efi"));
        Assert.Null(RootsOf("netboot-snponly.efi"));

        byte[]? RootsOf(string name) => new PortableExecutable(name, File.ReadAllBytes(PathOf(architecture.Name, name))).Content(EmbeddedSection.Roots);
    });

    /// <summary>
    /// DMB ISH, which is what .NET's barriers are, orders for processors alone: a device may be outside of their shareability domain (Arm DDI 0487,
    /// B2.3.12).
    /// </summary>
    [Theory]
    [MemberData(nameof(CardRows.Images), MemberType = typeof(CardRows))]
    public void Driver_OnAArch64_OrdersForDevices(string image)
    {
        const uint AnyBarrier = 0xD503_30BF;
        const uint Domain = 0xF00;
        const uint FullSystem = 0xF00;
        const uint FullSystemLoads = 0xD00;
        MachineCode code = new(PathOf(Architecture.Aa64.Name, image + ".efi"));
        Assert.Equal(AnyBarrier | FullSystem, code.Of("NetBootDeviceBarrier").First().Instruction);
        Assert.Equal(AnyBarrier | FullSystemLoads, code.Of("NetBootDeviceReadBarrier").First().Instruction);
        (uint Instruction, string? Callee)[] driver = [.. code.Of("NetBoot_NicDrivers_")];
        Assert.DoesNotContain(driver, each => (each.Instruction & ~Domain) == AnyBarrier);
        bool sharesMemory = code.Of("_DmaBuffer__").Any();
        Assert.Equal(sharesMemory, driver.Any(each => each.Callee == "NetBootDeviceBarrier"));
    }

    private static string PathOf(string architecture, string name) =>
        Repository.Image(Architecture.Named(architecture), name);
}
