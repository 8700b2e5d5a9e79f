using System;
using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Reflection.Metadata;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Commands;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// The packages for C# developers, as somebody finds them who has nothing else: a folder outside of the repository, an empty package cache, and the
/// templates' projects, which are the samples.
/// </summary>
public sealed class PackageTests(PackageTests.Stranger stranger) : IClassFixture<PackageTests.Stranger>
{
    // Portable PDB v1.0, CustomDebugInformation table.
    private static readonly Guid s_sourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");
    private static readonly Guid s_embeddedSource = new("0E8A571B-6926-466E-B4AD-8AB04611F5FE");

    [Fact]
    public async Task UefiApp_BuildsForBothArchitectures_AndRunsToItsEnd()
    {
        string folder = await stranger.NewAsync("uefi-app", "Hello");
        await stranger.RunAsync(folder, ["build"]);
        CheckImages(folder, "Hello", 16);
        foreach (string architecture in new[] { "x64", "aa64" })
        {
            Assert.Equal("Hello from Hello.", (await stranger.RunAsync(folder, ["run", "--no-build", $"-p:UefiRunArchitecture={architecture}"])).Trim());
        }
    }

    [Fact]
    public async Task UefiApp_RunWithArguments_HasThem_AndWhatItAnswersIsTheExitCode()
    {
        string folder = await stranger.NewAsync("uefi-app", "Words");
        await File.WriteAllTextAsync(Path.Combine(folder, "Program.cs"), """
            System.Console.WriteLine($"words: {string.Join('|', args)}");
            return 3;
            """);
        await stranger.RunAsync(folder, ["build", "-p:UefiArchitectures=x64"]);
        ToolError answer = await Assert.ThrowsAsync<ToolError>(() => stranger.RunAsync(folder, ["run", "--no-build", "--", "one", "two three"]));
        Assert.Matches(@"^env failed \(3\): words: one\|two three\s*$", answer.Message);

        ToolError missing = await Assert.ThrowsAsync<ToolError>(() => stranger.RunAsync(folder, ["run", "--no-build"], path: "/nowhere"));
        Assert.Contains("qemu-system-x86_64 is not installed. Install it (Debian and Ubuntu: apt-get install qemu-system-x86;", missing.Message);
    }

    [Fact]
    public async Task UefiApp_WithoutLlvm_SaysWhatToInstall()
    {
        string folder = await stranger.NewAsync("uefi-app", "Unlinked");
        ToolError error = await Assert.ThrowsAsync<ToolError>(() => stranger.RunAsync(folder, ["build", "-p:LldLink=/nowhere/lld-link"]));
        Assert.Contains("Install LLVM and its linker (Debian and Ubuntu: apt-get install lld llvm;", error.Message);
    }

    [Fact]
    public async Task UefiApp_WithAPackageThatNeedsDotNet_SaysWhich()
    {
        string folder = await stranger.NewAsync("uefi-app", "Wrong");
        string project = Path.Combine(folder, "Wrong.csproj");
        string text = await File.ReadAllTextAsync(project);
        await File.WriteAllTextAsync(project, text.Replace(
            " />", $"><ItemGroup><PackageReference Include=\"NetBoot.Uefi.Testing\" Version=\"{stranger.Version}\" /></ItemGroup></Project>", StringComparison.Ordinal));
        ToolError error = await Assert.ThrowsAsync<ToolError>(() => stranger.RunAsync(folder, ["build"]));
        Assert.Contains("The package NetBoot.Uefi.Testing needs .NET", error.Message);
    }

    [Fact]
    public async Task UefiNicDriver_BuildsPassesItsTests_AndDrivesItsCardInQemu()
    {
        string folder = await stranger.NewAsync("uefi-nic-driver", "MyNic");
        await stranger.RunAsync(folder, ["build"]);
        CheckImages(Path.Combine(folder, "MyNic"), "MyNic", 64);
        string tests = await stranger.RunAsync(folder, ["test", "--no-build"]);
        Assert.Matches(@"Passed!  - Failed: +0, Passed: +7, Skipped: +0", tests);
        Assert.Matches(
            @"^network 52:54:00:12:34:56, link up: PciRoot\(0x0\)/Pci\(.*\)/MAC\(525400123456,0x1\)\s*$",
            await stranger.RunAsync(folder, ["run", "--no-build", "--project", "MyNic"]));
    }

    [Fact]
    public void Packages_HaveTheirPageLicenceDocumentationAndSymbols()
    {
        foreach (string package in stranger.Packages)
        {
            using ZipArchive archive = ZipFile.OpenRead(package);
            string[] names = [.. archive.Entries.Select(each => each.FullName)];
            Assert.Contains("README.md", names);
            Assert.Contains("LICENSE", names);
            Assert.All(names.Where(each => each.StartsWith("lib/", StringComparison.Ordinal) || each.StartsWith("freestanding/", StringComparison.Ordinal)), each =>
            {
                Assert.Contains(Path.ChangeExtension(each, ".dll"), names);
                Assert.Contains(Path.ChangeExtension(each, ".xml"), names);
                Assert.Contains(Path.ChangeExtension(each, ".pdb"), names);
            });
            foreach (ZipArchiveEntry each in archive.Entries.Where(each => each.Name.EndsWith(".pdb", StringComparison.Ordinal)))
            {
                CheckSymbols(each);
            }
        }
    }

    /// <summary>Each source is in them, seems to lie in the same folder everywhere, and has an address.</summary>
    private static void CheckSymbols(ZipArchiveEntry entry)
    {
        using MemoryStream stream = new();
        using (Stream packed = entry.Open())
        {
            packed.CopyTo(stream);
        }

        stream.Position = 0;
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(stream);
        MetadataReader reader = provider.GetMetadataReader();
        (Guid Kind, EntityHandle Of, byte[] Value)[] all =
        [
            .. from handle in reader.CustomDebugInformation
               let each = reader.GetCustomDebugInformation(handle)
               select (reader.GetGuid(each.Kind), each.Parent, reader.GetBlobBytes(each.Value)),
        ];
        Assert.StartsWith("{\"documents\":{\"/netboot/*\":\"https://", Encoding.UTF8.GetString(Assert.Single(all, each => each.Kind == s_sourceLink).Value));
        Assert.All(reader.Documents, each => Assert.StartsWith("/netboot/", reader.GetString(reader.GetDocument(each).Name)));
        Assert.Equal(reader.Documents.Count, all.Count(each => each.Kind == s_embeddedSource));
    }

    [Fact]
    public async Task Packages_OfTheSameSourcesInAnotherFolder_AreTheSameBytes()
    {
        using TemporaryDirectory other = new();
        string copy = other.CreateDirectory("copy");
        string files = await ChildProcess.RunAsync("git", ["-C", Repository.Root, "ls-files", "-co", "--exclude-standard"], "git");
        foreach (string file in files.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Path.Combine(Repository.Root, file))))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(copy, file))!);
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(copy, file));
        }

        IReadOnlyList<string> packages = await PackCommand.PackAsync(other.CreateDirectory("packages"), copy);
        Assert.Equal(stranger.Packages.Select(Path.GetFileName), packages.Select(Path.GetFileName));
        Assert.All(packages.Zip(stranger.Packages), each => Assert.True(
            StructuralComparisons.StructuralEqualityComparer.Equals(File.ReadAllBytes(each.First), File.ReadAllBytes(each.Second)), Path.GetFileName(each.First)));
    }

    /// <param name="folder">The project's.</param>
    /// <param name="name">Its name.</param>
    /// <param name="limit">In KiB.</param>
    private static void CheckImages(string folder, string name, int limit)
    {
        foreach (string architecture in new[] { "x64", "aa64" })
        {
            string path = Path.Combine(folder, "bin", "uefi", architecture, name + ".efi");
            Assert.Empty(new ImageCheck(path).Faults);
            Assert.InRange(new FileInfo(path).Length, 1, (limit * 1024) - 1);
            string sbat = Encoding.ASCII.GetString(new PortableExecutable(name, File.ReadAllBytes(path)).Content(".sbat")!);
            Assert.Equal($"{name},1,{name},{name},1.0.0,https://{name}.invalid", sbat.TrimEnd('\0', '\n').Split('\n')[^1]);
        }
    }

    /// <summary>A developer with the packages and nothing else of ours.</summary>
    public sealed class Stranger : IAsyncLifetime
    {
        private readonly TemporaryDirectory _directory = new();

        public IReadOnlyList<string> Packages { get; private set; } = [];

        public string Version => Path.GetFileNameWithoutExtension(Packages[0])["NetBoot.Uefi.Nics.".Length..];

        public async Task InitializeAsync()
        {
            string feed = _directory.CreateDirectory("feed");
            Packages = await PackCommand.PackAsync(feed, Repository.Root);

            // Beside what the machine has for the packages of others.
            await File.WriteAllTextAsync(_directory.Combine("nuget.config"), $"""
                <configuration><packageSources><add key="netboot" value="{feed}" /></packageSources></configuration>
                """);
            await RunAsync(_directory.FullName, ["new", "install", Packages.Single(each => each.Contains(".Templates.", StringComparison.Ordinal)), "--debug:custom-hive", Hive]);
        }

        public Task DisposeAsync()
        {
            _directory.Dispose();
            return Task.CompletedTask;
        }

        /// <summary>A new project of a template.</summary>
        /// <returns>Its folder.</returns>
        public async Task<string> NewAsync(string template, string name)
        {
            await RunAsync(_directory.FullName, ["new", template, "-o", name, "--debug:custom-hive", Hive]);
            return _directory.Combine(name);
        }

        private string Hive => _directory.Combine("hive");

        /// <summary>The <c>dotnet</c> command, in a folder, without what this process has from it.</summary>
        /// <param name="folder">Where.</param>
        /// <param name="arguments">The command's.</param>
        /// <param name="path">Where programs are looked for, if not where they are.</param>
        /// <returns>What it printed.</returns>
        /// <exception cref="ToolError">It failed; the message has what it printed.</exception>
        public Task<string> RunAsync(string folder, string[] arguments, string? path = null)
        {
            string dotnet = Path.Combine(Path.GetDirectoryName(Environment.ProcessPath)!, "dotnet");
            IEnumerable<string> inherited = Environment.GetEnvironmentVariables().Keys.Cast<string>()
                .Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("Uefi", StringComparison.Ordinal));

            // No server of a build outlives it: it would hold the output open.
            return ChildProcess.RunAsync(
                "env",
                [
                    "-C", folder, .. inherited.SelectMany(name => new[] { "-u", name }), $"NUGET_PACKAGES={_directory.Combine("cache")}", "MSBUILDDISABLENODEREUSE=1",
                    "UseSharedCompilation=false", "DOTNET_CLI_UI_LANGUAGE=en", "DOTNET_NOLOGO=1", .. path is null ? [] : new[] { $"PATH={path}" }, dotnet, .. arguments,
                ],
                "coreutils");
        }
    }
}
