using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using NetBoot.Boot.Tool.Cards;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>
/// Each NIC once: adding one is its folder in NicDrivers, its simulated device, its tests and its image, all under its name, and a line in
/// <see cref="CardCatalogue"/> and in the list of all drivers.
/// </summary>
public sealed class NicPlacesTests
{
    private const string Catalogue = "Boot/Tool/Cards/CardCatalogue.cs";

    // Whatever is here may name any NIC: where in the repository, and why.
    private static readonly (string Path, string Why)[] s_allowed =
    [
        (Catalogue, "the catalogue of cards"),
        ("NicPlacesTests.cs", "this list"),
        ("Boot/Images/", "an image names its driver"),
        ("Boot/Packages/NetBoot.Uefi.Templates/", "a template is the driver of a card, whichever"),
        ("Boot/Tool/Commands/BenchCommand.cs", "NICs of hypervisors, which QEMU's list does not have, are measured by classes of their own"),
        ("Boot/Tool/Labs/LabRoot.cs", "names of Linux's modules, not of ours"),
        ("Tests/EndToEnd/", "a boot from end to end takes one NIC or the other for it"),
        ("Tests/Fuzz/PlantedFaultTests.cs", "a simulated card, whichever"),
        ("Tests/Nics/TwinTests.cs", "a twin is an emulated NIC, whichever"),
        ("Tests/Xen/NetfrontDriverTests.cs", "the same"),
        ("Tests/Xen/Edk2NetfrontDriverTests.cs", "the same"),
        ("Tests/App/NetworkSetupTests.cs", "the application takes a NIC from whoever has it, whichever"),
        ("SimulatedVirtioPlatform.cs", "the firmware's transport for virtio"),
        ("VirtioMmio", "the same"),
        ("Virtio10", "the same"),
        ("VirtioPlatformTests.cs", "the same"),
        ("Tests/Storvsc/", "disks are on the bus of a NIC, and beside it"),
        ("ovmf-test/HyperVTests.cs", "Hyper-V's only NIC in firmware"),
        ("ovmf-test/Images/agent/Agent.cs", "a task of the agent has the NIC's name"),
    ];

    private static readonly string[] s_generated = ["bin", "obj", "artifacts", "TestResults", ".git"];

    private static readonly Dictionary<string, string> s_sources = SourcesBelow(ImageProject.RepositoryRoot).ToDictionary(
        path => Path.GetRelativePath(ImageProject.RepositoryRoot, path), path => WithoutComments(File.ReadAllText(path)));

    // The folders of NicDrivers with a driver of their name.
    private static readonly string[] s_nics = [.. Directory.GetDirectories(Path.Combine(ImageProject.RepositoryRoot, "NicDrivers"))
        .Select(folder => Path.GetFileName(folder)).Where(nic => s_sources.ContainsKey($"NicDrivers/{nic}/{nic}Driver.cs"))];

    public static TheoryData<string> Nics => [.. s_nics];

    [Theory]
    [MemberData(nameof(Nics))]
    public void Nic_HasALineInTheCatalogue_AndAnImage(string nic)
    {
        CardFamily family = FamilyOf(nic);
        Assert.True(File.Exists(Path.Combine(ImageProject.RepositoryRoot, "Boot", "Images", family.Image, family.Image + ".csproj")));
        Assert.Equal(family.Driver is null, family.Cards.Count == 0);
    }

    [Theory]
    [MemberData(nameof(Nics))]
    public void Nic_IsNamedNowhereElse(string nic)
    {
        CardFamily family = FamilyOf(nic);
        string[] names = [nic, family.Image];
        IEnumerable<string> devices = family.Cards.Select(each => each.Device.Split(',')[0]);
        Regex named = new(
            $"({string.Join('|', names.Select(Regex.Escape))})(?!Dxe)|\\b({string.Join('|', devices.Append(nic).Select(Regex.Escape))})\\b", // edk2's drivers end in Dxe
            RegexOptions.IgnoreCase);
        string[] places = [.. s_sources.Where(each => named.IsMatch(each.Value)).Select(each => each.Key)
            .Where(path => !names.Any(name => path.Contains(name, StringComparison.OrdinalIgnoreCase)))
            .Where(path => !s_allowed.Any(each => path.Contains(each.Path, StringComparison.Ordinal)))
            .Except(ListsOfAll())];
        Assert.True(places.Length == 0, $"{nic} is named in {string.Join(", ", places)}: take it from {Catalogue}, or put it into a file of its own name.");
    }

    [Fact]
    public void Drivers_AreListedOnce() => Assert.InRange(ListsOfAll().Count(path => !path.StartsWith("Boot/Images/", StringComparison.Ordinal)), 0, 1);

    [Fact]
    public void Exceptions_AreAllNeeded() =>
        Assert.All(s_allowed, each => Assert.Contains(s_sources.Keys, path => path.Contains(each.Path, StringComparison.Ordinal)));

    private static CardFamily FamilyOf(string nic) =>
        Assert.Single(CardCatalogue.Families, each => each.Image.Replace("-", "").Equals(nic, StringComparison.OrdinalIgnoreCase));

    /// <summary>Files, besides the catalogue, that name the driver of every NIC.</summary>
    private static IEnumerable<string> ListsOfAll() => s_sources
        .Where(each => each.Key != Catalogue && s_nics.All(nic => each.Value.Contains($"new {nic}Driver(", StringComparison.Ordinal)))
        .Select(each => each.Key);

    /// <summary>Sources and build files; documents may name what they like.</summary>
    private static IEnumerable<string> SourcesBelow(string folder)
    {
        foreach (string path in Directory.GetFileSystemEntries(folder).Where(path => !s_generated.Contains(Path.GetFileName(path))))
        {
            if (Directory.Exists(path))
            {
                foreach (string inner in SourcesBelow(path))
                {
                    yield return inner;
                }
            }
            else if (Path.GetExtension(path) is ".cs" or ".csproj" or ".props" or ".targets" || Path.GetFileName(path) == "netboot")
            {
                yield return path;
            }
        }
    }

    private static string WithoutComments(string source) => Regex.Replace(source, @"^\s*//.*$| // .*$", "", RegexOptions.Multiline);
}
