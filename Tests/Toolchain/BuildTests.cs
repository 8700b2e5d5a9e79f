using System.IO;
using System.Reflection.PortableExecutable;
using System.Text;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>What the build targets make of a project, and what they say of one that cannot work in firmware.</summary>
public sealed class BuildTests(ImageBuilds builds) : IClassFixture<ImageBuilds>
{
    [Fact]
    public void Build_OfAForeignProject_MakesImagesThatFirmwareWithMemoryProtectionTakes()
    {
        Assert.Equal((true, ""), builds["here"]);
        foreach ((string name, Machine machine) in new[] { ("x64", Machine.Amd64), ("aa64", Machine.Arm64) })
        {
            using PEReader reader = new(new MemoryStream(builds.Here.Artifact($"{name}/hello.efi")));
            PEHeader header = reader.PEHeaders.PEHeader!;
            Assert.Equal(machine, reader.PEHeaders.CoffHeader.Machine);
            Assert.Equal(Subsystem.EfiApplication, header.Subsystem);
            Assert.Equal(4096, header.SectionAlignment);
            Assert.True(header.DllCharacteristics.HasFlag(DllCharacteristics.NxCompatible | DllCharacteristics.DynamicBase));
            Assert.NotEqual(0, header.BaseRelocationTableDirectory.Size);
            Assert.Equal(0, header.ImportTableDirectory.Size);
            foreach (SectionHeader section in reader.PEHeaders.SectionHeaders)
            {
                const SectionCharacteristics both = SectionCharacteristics.MemWrite | SectionCharacteristics.MemExecute;
                Assert.NotEqual(both, section.SectionCharacteristics & both);
            }

            Assert.Contains("EfiMain", Encoding.ASCII.GetString(builds.Here.Artifact($"{name}/hello.map")));
            Assert.NotEmpty(builds.Here.Artifact($"{name}/hello.pdb"));
        }
    }

    [Fact]
    public void Build_OfAVendorsProject_PutsItsLinesIntoTheSbatSection()
    {
        foreach (string name in new[] { "x64", "aa64" })
        {
            using PEReader reader = new(new MemoryStream(builds.Here.Artifact($"{name}/hello.efi")));
            string sbat = Encoding.ASCII.GetString(reader.GetSectionData(".sbat").GetContent().AsSpan()).TrimEnd('\0');
            Assert.Equal(
                """
                sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md
                hello,1,hello,hello,2.5,https://hello.invalid
                netboot.vendor,3,Vendor,netboot,2.5-1,https://vendor.example

                """,
                sbat);
        }
    }

    [Fact]
    public void Build_OfTheSameSourcesInAnotherFolder_MakesTheSameBytes()
    {
        Assert.Equal((true, ""), builds["there"]);
        foreach (string artifact in new[] { "x64/hello.efi", "aa64/hello.efi", "x64/hello.map", "aa64/hello.map" })
        {
            Assert.Equal(builds.Here.Artifact(artifact), builds.There.Artifact(artifact));
        }

        string image = Encoding.ASCII.GetString(builds.Here.Artifact("x64/hello.efi"));
        Assert.DoesNotContain(Path.GetDirectoryName(builds.Here.ProjectFile)!, image);
        Assert.DoesNotContain(ImageProject.RepositoryRoot, image);
    }

    /// <summary>
    /// A hello of one line, of the other shape that Main has besides (ordinary programs in firmware: OrdinaryTests). The largest part of it is what
    /// every image has: memory, faults and their report.
    /// </summary>
    [Fact]
    public void Build_OfAnOrdinaryProgram_MakesAnImageUnder16KiB()
    {
        Assert.Equal((true, ""), builds["ordinary"]);
        foreach (string name in new[] { "x64", "aa64" })
        {
            Assert.InRange(builds.Ordinary.Artifact($"{name}/hello.efi").Length, 1, 16 * 1024 - 1);
            Assert.Contains("hello_EfiMainOfMain__EfiMain", Encoding.ASCII.GetString(builds.Ordinary.Artifact($"{name}/hello.map")));
        }
    }

    [Theory]
    [InlineData("Image.cs(13,", "error CS0619: 'string.ToUpperInvariant()' is obsolete: 'There are no Unicode tables in firmware: use System.Text.Ascii.ToUpper")]
    [InlineData("Image.cs(14,", "error CS0234: The type or namespace name 'RegularExpressions' does not exist")]
    [InlineData("Image.cs(15,", "error CS0619: 'object.GetType()' is obsolete: 'Types are not known at run time in firmware")]
    [InlineData("Image.cs(16,", "error CS0619: 'Console.Error' is obsolete: 'The console has no streams here: use Console.Write")]
    [InlineData("Image.cs(19,", "error NB0010: lock: there are no threads.")]
    [InlineData("Image.cs(19,", "error NB0011: async: there is nothing that would go on with it later.")]
    public void Build_OfWhatCannotWorkInFirmware_SaysWhatAndWhere(string place, string expected)
    {
        Assert.False(builds["missing"].IsBuilt);
        Assert.Contains(builds["missing"].Errors.Split('\n'), error => error.Contains(place) && error.Contains(expected));
    }

    /// <summary>What the analyzers refuse, told by the build of a project anywhere (FreestandingAnalyzerTests has each spelling).</summary>
    [Fact]
    public void Build_OfWhatTheLanguageTakesButFirmwareCannot_SaysWhatAndWhere()
    {
        (bool isBuilt, string errors) = builds["refused"];
        Assert.False(isBuilt);
        Assert.Contains("Image.cs(13,42): error NB0001: catch: a fault goes straight to the boundary", errors);
        Assert.Contains("Image.cs(15,4): error NB0004: multi-dimensional array: ", errors);
        Assert.Contains("Image.cs(16,24): error NB0006: delegate: it captures nothing", errors);
        Assert.Contains("error NB0002: finalizer: there is no collector", errors);
        Assert.Contains("error NB0003: in or out type parameter: ", errors);
    }

    [Fact]
    public void Build_OfWhatOnlyTheAheadOfTimeCompilerRefuses_SaysWhatAndWhere()
    {
        (bool isBuilt, string errors) = builds["uncompiled"];
        Assert.False(isBuilt);
        Assert.Contains("Calls.Get<__Canon>(__Canon)", errors);
        Assert.Contains("generic virtual methods", errors);
    }

    [Theory]
    [InlineData("without analyzers", "RunAnalyzers is false: then nothing would refuse what cannot work in firmware.")]
    [InlineData("of another kind", "UefiImage is 'RuntimeDriver': a UEFI image is an Application or a BootServiceDriver.")]
    [InlineData("with a comma in its name", "The image's SBAT line 'hello,1,Vendor, Inc.,hello,2.5,https://hello.invalid' is not six ASCII fields")]
    [InlineData("without linker", "Debian and Ubuntu: apt-get install lld llvm")]
    public void Build_OfWhatCannotBecomeAnImage_SaysWhy(string build, string expected)
    {
        Assert.False(builds[build].IsBuilt);
        Assert.Contains(expected, builds[build].Errors);
    }
}
