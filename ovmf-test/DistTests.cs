using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Dist;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.NetworkStack;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>What <c>./netboot dist</c> makes, used as others use it: unpacked, installed in a Debian that has nothing of ours, booted.</summary>
public sealed class DistTests(DistFixture dist) : FirmwareTest, IClassFixture<DistFixture>
{
    private static readonly string[] s_packages = ["netboot-efi", "netboot-qemu", "netboot-tools"];

    [Fact]
    public async Task MadeAgain_FromSourcesElsewhere_ItIsTheSameBytes()
    {
        string sources = Directory.CreateDirectory("sources");
        CopySources(Repository.Root, sources);
        string tool = System.IO.Directory.CreateDirectory(Path.Combine(sources, "Boot/Tool/bin/Debug/net10.0")).FullName;
        foreach (string file in System.IO.Directory.GetFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
        {
            File.Copy(file, Path.Combine(tool, Path.GetFileName(file)));
        }

        string made = Directory.CreateDirectory("made");
        await DistFixture.MakeAsync(Path.Combine(tool, "netboot.dll"), made, "umask 077; TZ=Asia/Tokyo; export TZ");
        Assert.Equal(await dist.ReadAsync("SHA256SUMS"), await File.ReadAllTextAsync(Path.Combine(made, "SHA256SUMS")));
        await ChildProcess.RunAsync("sh", ["-c", $"cd {made} && sha256sum --check --strict SHA256SUMS"], "coreutils");
    }

    [Fact]
    public async Task Archive_HasWhatItSays()
    {
        await ChildProcess.RunAsync("tar", ["-xzf", dist.PathOf($"{Distribution.Name}.tar.gz"), "-C", Directory.FullName], "tar");
        string root = Directory.Combine(Distribution.Name);
        await ChildProcess.RunAsync("sh", ["-c", $"cd {root} && sha256sum --check --strict --quiet SHA256SUMS"], "coreutils");
        string[] files = [.. System.IO.Directory.GetFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path))];
        Assert.Equal(files.Where(IsListed).Order(), SumsIn(root).Order());
        foreach (Architecture architecture in Architecture.All)
        {
            Assert.Equal(
                Distribution.ImageNames.Select(name => File.ReadAllBytes(Repository.Image(architecture, name + ".efi"))),
                Distribution.ImageNames.Select(name => File.ReadAllBytes(Path.Combine(root, architecture.Name, name + ".efi"))));
            Assert.Contains($"firmware-volumes/{architecture}/netboot.fv", files);
        }

        foreach (string device in CardCatalogue.Cards.Where(card => card.IsPci).Select(card => card.Device.Split(',')[0]))
        {
            Assert.All(new[] { "", "-x64", "-aa64" }, kind => Assert.Contains($"roms/{device}{kind}.rom", files));
        }

        Assert.Contains("netboot.iso", files);
        Assert.Contains("netboot.img", files);
        Assert.Contains("LICENSE", files);
        AssertLinksLead(root, files.Where(each => each.EndsWith(".md", StringComparison.Ordinal)));
        AssertBillIsTrue(root, files);

        // Links have no content of their own; the bill is made before the sums.
        bool IsListed(string path) => path != "SHA256SUMS" && new FileInfo(Path.Combine(root, path)).LinkTarget == null;
    }

    [Fact]
    public async Task Packages_PassLintian() =>
        Assert.Equal("", await ChildProcess.RunAsync("lintian", ["--allow-root", "--fail-on", "error,warning", .. s_packages.Select(dist.Package)], "lintian"));

    [RootTheory]
    [InlineData("bookworm", "libssl3", "x64")]
    [InlineData("trixie", "libssl3t64", "aa64")]
    public async Task Packages_InstallInACleanDebian_WorkAndBootThere_AndLeaveNothing(string suite, string ssl, string architecture)
    {
        CleanDebian debian = await CleanDebian.MakeAsync(Directory.Combine("debian"), suite, ["mtools", "xorriso", "xz-utils", "libstdc++6", ssl]);
        string[] before = await debian.FilesAsync();
        string temporary = Path.Combine(debian.Root, "tmp");
        foreach (string name in s_packages)
        {
            File.Copy(dist.Package(name), Path.Combine(temporary, Path.GetFileName(dist.Package(name))));
        }

        await debian.RunAsync("dpkg --install /tmp/*.deb"); // Whatever is not there that they depend on is an error.
        await ToolWorksAsync(debian);
        await BootAsync(debian, Architecture.Named(architecture));
        await debian.RunAsync($"rm -rf /tmp/*; dpkg --purge {string.Join(' ', s_packages)}");
        Assert.Equal(before, await debian.FilesAsync());
    }

    /// <summary>What the installed tool can do without sources it does; for the rest it says where they would be.</summary>
    private static async Task ToolWorksAsync(CleanDebian debian)
    {
        Assert.Equal(ProductVersion.Text, (await debian.RunAsync("netboot --version")).Trim());
        Assert.Contains("Examples:\n  netboot ", await debian.RunAsync("netboot --help"));
        string card = CardCatalogue.Get(CardRole.Undriven).Device;
        await debian.RunAsync(
            $"""
            cd /tmp
            printf '#!ipxe\necho script of the installed tool runs\npoweroff\n' > boot.ipxe
            netboot image app --script boot.ipxe --out app.efi
            netboot image disk --script boot.ipxe --out boot.img
            netboot image iso --script boot.ipxe --out boot.iso
            netboot image rom --nic {card} --out card.rom
            netboot image fv --out own.fv netboot-drivers.efi netboot-snponly.efi
            cmp card.rom /usr/share/qemu/netboot-{card}.rom
            test -s app.efi -a -s boot.img -a -s boot.iso -a -s own.fv
            """);
        Assert.Equal(
            "image", (await debian.RunAsync(
                "bash -c '. /usr/share/bash-completion/completions/netboot; COMP_LINE=\"netboot im\" COMP_POINT=10 COMP_WORDS=(netboot im) COMP_CWORD=1;" +
                " _netboot; echo ${COMPREPLY[@]}'")).Trim());
        Assert.Contains("netboot image rom", await debian.RunAsync("zcat /usr/share/man/man1/netboot.1.gz"));
        foreach (string verb in Program.CreateRoot().Subcommands.Select(each => each.Name).Where(Program.NeedsSources))
        {
            string said = await debian.RunAsync($"netboot {verb} 2>&1 || true");
            Assert.StartsWith("error: This needs NetBoot's sources, which the installed tool does not have.", said);
        }
    }

    /// <summary>
    /// A card that the firmware has no driver for brings PXE by the installed ROM, which QEMU finds by its name, and that the installed
    /// application. The installed tool runs what it made.
    /// </summary>
    private async Task BootAsync(CleanDebian debian, Architecture architecture)
    {
        const string folder = "usr/share/qemu";
        string searched = await ChildProcess.RunAsync(architecture.Program, ["-L", "help"], architecture.Packages);
        Assert.Contains("/" + folder, searched.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Path.GetFullPath));
        Card card = CardCatalogue.Get(CardRole.Undriven);
        string tftp = NewFolder("tftp", ("autoexec.ipxe", "#!ipxe\necho NetBoot ${version} booted on ${net0/chip}\n"));
        File.Copy(Path.Combine(debian.Root, "usr/lib/netboot", architecture.Name, "netboot-snponly.efi"), Path.Combine(tftp, "netboot.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = architecture,
            Nics =
            [
                new GuestNic
                {
                    Model = card.Device,
                    RomFile = $"netboot-{card}.rom",
                    BootIndex = 0,
                    Network = new UserNetwork { TftpRoot = tftp, BootFile = "netboot.efi" },
                },
            ],
            More = ["-L", Path.Combine(debian.Root, folder)],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully", TimeSpan.FromSeconds(90));
        await machine.Serial.WaitForAsync($"NetBoot {Regex.Escape(ProductVersion.Text)} booted on ");
        if (architecture == Architecture.X64)
        {
            string shown = await ChildProcess.RunAsync(Path.Combine(debian.Root, "usr/bin/netboot"), ["run", Path.Combine(debian.Root, "tmp/boot.ipxe")], "");
            Assert.Contains("script of the installed tool runs", shown);
        }
    }

    private static IEnumerable<string> SumsIn(string root) => File.ReadLines(Path.Combine(root, "SHA256SUMS")).Select(line => line[66..]);

    private static void AssertLinksLead(string root, IEnumerable<string> pages)
    {
        foreach (string page in pages)
        {
            string folder = Path.GetDirectoryName(Path.Combine(root, page))!;
            foreach (Match link in Regex.Matches(File.ReadAllText(Path.Combine(root, page)), @"\]\((?!https?:|#)([^)#\s]+)"))
            {
                Assert.True(File.Exists(Path.Combine(folder, link.Groups[1].Value)), $"{page} leads to {link.Groups[1].Value}");
            }
        }
    }

    /// <summary>SPDX 2.3: each file that others wrote nothing of is listed with its digest, and every element that a relation names is there.</summary>
    private static void AssertBillIsTrue(string root, string[] files)
    {
        using JsonDocument bill = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(root, Distribution.Name + ".spdx.json")));
        JsonElement document = bill.RootElement;
        Assert.Equal("SPDX-2.3", document.GetProperty("spdxVersion").GetString());
        Dictionary<string, string> digests = document.GetProperty("files").EnumerateArray().ToDictionary(
            file => file.GetProperty("fileName").GetString()![2..],
            file => file.GetProperty("checksums").EnumerateArray()
                .Single(each => each.GetProperty("algorithm").GetString() == "SHA256").GetProperty("checksumValue").GetString()!);
        Assert.All(digests, each => Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(root, each.Key)))), each.Value));
        Assert.All(files.Where(each => Path.GetExtension(each) is ".efi" or ".fv" or ".ffs" or ".iso" or ".img"), each => Assert.Contains(each, digests.Keys));
        HashSet<string> elements =
        [
            document.GetProperty("SPDXID").GetString()!,
            .. document.GetProperty("files").EnumerateArray().Concat(document.GetProperty("packages").EnumerateArray())
                .Select(each => each.GetProperty("SPDXID").GetString()!),
        ];
        Assert.All(document.GetProperty("relationships").EnumerateArray(), each =>
        {
            Assert.Contains(each.GetProperty("spdxElementId").GetString()!, elements);
            Assert.Contains(each.GetProperty("relatedSpdxElement").GetString()!, elements);
        });
    }

    /// <summary>Sources and images, without what builds leave beside them.</summary>
    private static void CopySources(string from, string to)
    {
        string[] left = ["bin", "obj", ".git", "TestResults", "dist", "packages", "fuzz"];
        foreach (string folder in System.IO.Directory.GetDirectories(from).Where(folder => !left.Contains(Path.GetFileName(folder))))
        {
            CopySources(folder, System.IO.Directory.CreateDirectory(Path.Combine(to, Path.GetFileName(folder))).FullName);
        }

        foreach (string file in System.IO.Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }
}
