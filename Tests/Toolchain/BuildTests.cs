using System.IO;
using System.Reflection.PortableExecutable;
using System.Text;
using Xunit;

namespace NetBoot.Tests.Toolchain;

/// <summary>What the build targets make of a project, and what they say of one that cannot work in firmware.</summary>
public sealed class BuildTests
{
    private static string Source(string body) => $$"""
        using System;
        using System.Runtime.InteropServices;
        using NetBoot.Uefi.Interop;
        using NetBoot.Uefi.Interop.Raw;

        internal static unsafe class Image
        {
            [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
            private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("hello", image, table, &Main);

            private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
            {
                {{body}}
                return EFI_STATUS.EFI_SUCCESS;
            }
        }
        """;

    [Fact]
    public void Build_OfAForeignProject_MakesImagesThatFirmwareWithMemoryProtectionTakes()
    {
        using ImageProject project = new(Source("int[] numbers = new int[3]; numbers[(int)image.Value & 1] = 1;"));
        Assert.Equal((0, ""), project.Build());
        foreach ((string name, Machine machine) in new[] { ("x64", Machine.Amd64), ("aa64", Machine.Arm64) })
        {
            using PEReader reader = new(new MemoryStream(project.Artifact($"{name}/hello.efi")));
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

            Assert.Contains("EfiMain", Encoding.ASCII.GetString(project.Artifact($"{name}/hello.map")));
            Assert.NotEmpty(project.Artifact($"{name}/hello.pdb"));
        }
    }

    [Fact]
    public void Build_OfAVendorsProject_PutsItsLinesIntoTheSbatSection()
    {
        using ImageProject project = new(
            Source(""), more: "<PropertyGroup><UefiVersion>2.5</UefiVersion></PropertyGroup><ItemGroup><UefiSbat Include=\"netboot.vendor,3,Vendor,netboot,2.5-1,https://vendor.example\" /></ItemGroup>");
        Assert.Equal((0, ""), project.Build());
        foreach (string name in new[] { "x64", "aa64" })
        {
            using PEReader reader = new(new MemoryStream(project.Artifact($"{name}/hello.efi")));
            string sbat = Encoding.ASCII.GetString(reader.GetSectionData(".sbat").GetContent().AsSpan()).TrimEnd('\0');
            Assert.Equal(
                """
                sbat,1,SBAT Version,sbat,1,https://github.com/rhboot/shim/blob/main/SBAT.md
                netboot,1,NetBoot,netboot,2.5,https://netboot.invalid
                netboot.vendor,3,Vendor,netboot,2.5-1,https://vendor.example

                """,
                sbat);
        }
    }

    [Fact]
    public void Build_OfTheSameSourcesInAnotherFolder_MakesTheSameBytes()
    {
        string source = Source("TextBuilder.Format($\"{image.Value}\");");
        using ImageProject here = new(source, "BootServiceDriver");
        using ImageProject there = new(source, "BootServiceDriver");
        Assert.Equal((0, ""), here.Build());
        Assert.Equal((0, ""), there.Build());
        foreach (string artifact in new[] { "x64/hello.efi", "aa64/hello.efi", "x64/hello.map", "aa64/hello.map" })
        {
            Assert.Equal(here.Artifact(artifact), there.Artifact(artifact));
        }

        byte[] image = here.Artifact("x64/hello.efi");
        Assert.DoesNotContain(here.Folder, Encoding.ASCII.GetString(image));
        Assert.DoesNotContain(ImageProject.RepositoryRoot, Encoding.ASCII.GetString(image));
    }

    [Theory]
    [InlineData("lock (TextBuilder.Format($\"\")) { }", "error CS0656: Missing compiler required member 'System.Threading.Monitor.Enter'")]
    [InlineData("string text = $\"{image.Value}\";", "error CS0117: 'string' does not contain a definition for 'Format'")]
    [InlineData("new System.Collections.Generic.Dictionary<int, int>();", "error CS0234: The type or namespace name 'Dictionary<,>' does not exist")]
    [InlineData("image.GetType();", "error CS1061: 'EFI_HANDLE' does not contain a definition for 'GetType'")]
    public void Build_OfWhatCannotWorkInFirmware_SaysWhatAndWhere(string body, string expected)
    {
        using ImageProject project = new(Source(body));
        (int exitCode, string errors) = project.Build();
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Image.cs(13,", errors);
        Assert.Contains(expected, errors);
    }

    /// <summary>What the analyzers refuse, told by the build of a project anywhere (FreestandingAnalyzerTests has each spelling).</summary>
    [Fact]
    public void Build_OfWhatTheLanguageTakesButFirmwareCannot_SaysWhatAndWhere()
    {
        using ImageProject project = new(Source("""
            try { TextBuilder.Format($""); } catch (Exception) { }
            #pragma warning disable
            int[,] square = new int[2, (int)image.Value];
            Func<int, int> twice = x => x * 2; twice(square[0, 1]);
            """) + "internal interface IVariant<in T> { } internal class Finalized { ~Finalized() { } }");
        (int exitCode, string errors) = project.Build("-p:NoWarn=NB0001%3BNB0002", "-p:RunAnalyzersDuringBuild=false");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Image.cs(13,42): error NB0001: catch: a fault goes straight to the boundary", errors);
        Assert.Contains("Image.cs(15,4): error NB0004: multi-dimensional array: ", errors);
        Assert.Contains("Image.cs(16,24): error NB0006: delegate: it captures nothing", errors);
        Assert.Contains("error NB0002: finalizer: there is no collector", errors);
        Assert.Contains("error NB0003: in or out type parameter: ", errors);
    }

    [Fact]
    public void Build_WithoutTheAnalyzers_IsRefused()
    {
        using ImageProject project = new(Source(""));
        (int exitCode, string errors) = project.Build("-p:RunAnalyzers=false");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("RunAnalyzers is false: then nothing would refuse what cannot work in firmware.", errors);
    }

    [Fact]
    public void Build_OfWhatOnlyTheAheadOfTimeCompilerRefuses_SaysWhatAndWhere()
    {
        using ImageProject project = new(Source("table->Hdr.CRC32 = Calls.Get(new Sealed());") + """

            internal interface IGeneric { uint Get<T>(T value); }
            internal sealed class Sealed : IGeneric { public uint Get<T>(T value) => 1; }
            internal static class Calls { public static uint Get<T>(T on) where T : IGeneric => on.Get(1); }
            """);
        (int exitCode, string errors) = project.Build("-p:UefiArchitectures=x64");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Calls.Get<__Canon>(__Canon)", errors);
        Assert.Contains("generic virtual methods", errors);
    }

    [Fact]
    public void Build_OfAnUnknownKindOfImage_NamesTheKinds()
    {
        using ImageProject project = new(Source(""), "RuntimeDriver");
        (int exitCode, string errors) = project.Build();
        Assert.NotEqual(0, exitCode);
        Assert.Contains("UefiImage is 'RuntimeDriver': a UEFI image is an Application or a BootServiceDriver.", errors);
    }

    [Fact]
    public void Build_WithoutTheLinker_NamesTheDebianPackage()
    {
        using ImageProject project = new(Source(""));
        (int exitCode, string errors) = project.Build("-p:LldLink=/nowhere/lld-link");
        Assert.NotEqual(0, exitCode);
        Assert.Contains("Install the Debian package lld", errors);
    }
}
