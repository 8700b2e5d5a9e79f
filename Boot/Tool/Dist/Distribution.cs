using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging.FirmwareVolumes;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Commands;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.NetworkStack;

namespace NetBoot.Boot.Tool.Dist;

/// <summary>
/// What leaves the repository for those who only want to boot machines: an archive and Debian packages, made of the built images. The same
/// sources and time make the same bytes.
/// </summary>
/// <param name="time">The time of all that is made: when the sources last changed.</param>
public sealed class Distribution(DateTimeOffset time)
{
    /// <summary>How many steps there are.</summary>
    public const int Steps = 8;

    // Where QEMU looks for romfile= and libvirt lets it read.
    private const string QemuFolder = "usr/share/qemu";
    private const string RootsLicence = "MPL-2.0";
    private static readonly string s_texts = Path.Combine(Repository.Root, "Boot/Tool/Dist/Debian");
    private readonly List<DistFile> _images = [];
    private readonly List<DistFile> _symbols = [];
    private readonly List<DistFile> _roms = [];
    private readonly List<DistFile> _volumes = [];
    private readonly List<DistFile> _media = [];
    private Component? _roots;

    /// <summary>The archive's name without its ending: <c>netboot-1.0</c>.</summary>
    public static string Name => "netboot-" + ProductVersion.Text;

    /// <summary>The version of the Debian packages.</summary>
    public static string DebianVersion => ProductVersion.Text + "-1";

    /// <summary>The images that are shipped, by their names without <c>.efi</c>: each folder of Boot/Images.</summary>
    public static IReadOnlyList<string> ImageNames { get; } =
    [
        .. Directory.GetDirectories(Path.Combine(Repository.Root, "Boot/Images")).Select(folder => Path.GetFileName(folder))
            .Where(name => File.Exists(Path.Combine(Repository.Root, "Boot/Images", name, name + ".csproj"))).Order(StringComparer.Ordinal),
    ];

    /// <summary>When the sources last changed: SOURCE_DATE_EPOCH if it is set, else the last commit's time.</summary>
    /// <exception cref="ToolError">Neither is there.</exception>
    public static async Task<DateTimeOffset> TimeOfSourcesAsync()
    {
        string? given = Environment.GetEnvironmentVariable("SOURCE_DATE_EPOCH");
        if (string.IsNullOrEmpty(given))
        {
            try
            {
                given = await ChildProcess.RunAsync("git", ["-C", Repository.Root, "log", "-1", "--format=%ct"], "git");
            }
            catch (ToolError error)
            {
                throw new ToolError($"When the sources last changed is not known: {error.Message}", "Set SOURCE_DATE_EPOCH to a time in seconds since 1970.");
            }
        }

        return long.TryParse(given, out long seconds) && seconds >= 0
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : throw new ToolError($"SOURCE_DATE_EPOCH is '{given}'.", "It is a number of seconds since 1970.");
    }

    /// <summary>Makes all of it out of the built images.</summary>
    /// <param name="folder">Where to.</param>
    /// <param name="say">Is told of each of the <see cref="Steps"/> when it begins.</param>
    /// <returns>What was made.</returns>
    /// <exception cref="ToolError">An image or a program is missing.</exception>
    public async Task<IReadOnlyList<string>> MakeAsync(string folder, Action<string> say)
    {
        Directory.CreateDirectory(folder);
        Environment.SetEnvironmentVariable("SOURCE_DATE_EPOCH", time.ToUnixTimeSeconds().ToString());
        say("Images");
        _roots = new("ca-certificates", await DebianRoots.ReadVersionAsync(), RootsLicence, "Mozilla contributors", "Debian", "deb/debian");
        await ReadImagesAsync();
        say("Option ROMs");
        await MakeRomsAsync();
        say("Firmware volumes");
        await MakeVolumesAsync();
        say("Disk and CD");
        foreach (bool isIso in new[] { false, true })
        {
            (byte[] medium, _) = await ImageDiskCommand.MakeAsync([], "both", null, isIso);
            _media.Add(new(isIso ? "netboot.iso" : "netboot.img", medium));
        }

        say("The tool");
        ShippedTool tool = await ShippedTool.BuildAsync();
        say("Archive");
        List<string> made = [await WriteArchiveAsync(folder)];
        say("Bill of materials");
        string bill = Path.Combine(folder, Name + ".spdx.json");
        await File.WriteAllBytesAsync(bill, BillOf(tool, [.. Content(), Installed(tool)]));
        made.Add(bill);
        say("Debian packages");
        foreach (DebianPackage package in (DebianPackage[])[EfiPackage(), QemuPackage(), ToolsPackage(tool)])
        {
            made.Add(await package.WriteAsync(folder));
        }

        string sums = Path.Combine(folder, "SHA256SUMS");
        await File.WriteAllTextAsync(sums, SumsOf(made.Select(path => new DistFile(Path.GetFileName(path), File.ReadAllBytes(path)))));
        made.Add(sums);
        return made;
    }

    private async Task ReadImagesAsync()
    {
        foreach (Architecture architecture in Architecture.All)
        {
            foreach (string name in ImageNames)
            {
                string path = Repository.Image(architecture, name + ".efi");
                _images.Add(new($"{architecture}/{name}.efi", await File.ReadAllBytesAsync(path)));
                foreach (string kind in new[] { ".map", ".pdb" })
                {
                    _symbols.Add(new($"symbols/{architecture}/{name}{kind}", await File.ReadAllBytesAsync(Path.ChangeExtension(path, kind))));
                }
            }
        }
    }

    /// <summary>For each driver a ROM for either processor and one for both; and QEMU's other names of its cards.</summary>
    private async Task MakeRomsAsync()
    {
        foreach (CardFamily family in CardCatalogue.Emulated)
        {
            (string Suffix, string[] Architectures)[] kinds = [("", ["x64", "aa64"]), ("-x64", ["x64"]), ("-aa64", ["aa64"])];
            foreach ((string suffix, string[] architectures) in kinds)
            {
                _roms.Add(new($"{family}{suffix}.rom", await ImageRomCommand.MakeAsync(family, architectures, null, null, null)));
                _roms.AddRange(family.Cards.Where(card => card.IsPci).Select(card => card.Device.Split(',')[0]).Distinct()
                    .Where(device => device != family.Image).Select(device => DistFile.Link($"{device}{suffix}.rom", $"{family}{suffix}.rom")));
            }
        }
    }

    /// <summary>For each processor a volume with all drivers and the application, and every image as a file for a volume.</summary>
    private async Task MakeVolumesAsync()
    {
        using TemporaryDirectory directory = new();
        foreach (Architecture architecture in Architecture.All)
        {
            string folder = directory.CreateDirectory(architecture.Name);
            string volume = Path.Combine(folder, "netboot.fv");
            IEnumerable<string> others = ImageNames.Where(name => name != FirmwareImage.BootOptionsName).Select(name => name + ".efi");
            await ImageFvCommand.MakeAsync([.. others], null, volume, architecture.Name); // for its .ffs files
            await ImageFvCommand.MakeAsync(["netboot-drivers.efi", "netboot-snponly.efi"], null, volume, architecture.Name);
            _volumes.AddRange(Directory.GetFiles(folder)
                .Select(file => new DistFile($"firmware-volumes/{architecture}/{Path.GetFileName(file)}", File.ReadAllBytes(file))));
        }
    }

    /// <summary>What is in the archive but for documents.</summary>
    private IEnumerable<DistFile> Content() => [.. _images, .. _symbols, .. _roms.Select(each => each.In("roms")), .. _volumes, .. _media];

    private async Task<string> WriteArchiveAsync(string folder)
    {
        List<DistFile> files = [.. Content(), .. Documents.ForArchive()];
        files.Add(new($"{Name}.spdx.json", BillOf(null, Content())));
        files.Add(new("SHA256SUMS", SumsOf(files)));
        string path = Path.Combine(folder, Name + ".tar.gz");
        await File.WriteAllBytesAsync(path, Archive.Make(files.Select(each => each.In(Name)), time));
        return path;
    }

    private byte[] BillOf(ShippedTool? tool, IEnumerable<DistFile> files) =>
        SoftwareBill.Make(Name, ProductVersion.Text, time, files, [.. tool?.Components ?? [], .. files.Any(file => file.HasRoots) ? [_roots!] : Array.Empty<Component>()]);

    private DebianPackage EfiPackage()
    {
        DebianPackage package = new("netboot-efi", DebianVersion, time)
        {
            Section = "net",
            Relations = [("Suggests", "netboot-tools, netboot-qemu, dnsmasq-base | dnsmasq")],
            Synopsis = "network boot for UEFI, as images for servers and disks",
            Description =
            [
                "NetBoot boots machines from the network: a boot application that runs the",
                "scripts that iPXE runs, and drivers of network cards that give the firmware",
                "a network where it has none.",
                "",
                "This package has the images for x86-64 and AArch64, to be served by TFTP or",
                "HTTP or copied to an EFI system partition, and a disk and a CD that boot the",
                "application.",
            ],
            Copyright = Text("copyright") + Text("copyright-roots"),
        };
        package.Add(_images.Concat(_media).Select(each => each.In("usr/lib/netboot")));
        package.Add(Documents.ForPackage().Select(each => each.In("usr/share/doc/netboot-efi")));
        return package;
    }

    private DebianPackage QemuPackage()
    {
        Card card = CardCatalogue.Get(CardRole.Undriven);
        DebianPackage package = new("netboot-qemu", DebianVersion, time)
        {
            Section = "net",
            Relations = [("Enhances", "qemu-system-x86, qemu-system-arm")],
            Synopsis = "network boot for UEFI, as option ROMs of QEMU's network cards",
            Description =
            [
                "NetBoot's drivers as option ROMs for each of QEMU's network cards, so that the",
                "firmware of a virtual machine has a network on cards for which it brings no",
                "driver. QEMU finds them by name:",
                "",
                $"  -device {card},romfile=netboot-{card}.rom",
                "",
                "Each is there for x86-64, for AArch64, and for both in one file.",
            ],
            Copyright = Text("copyright"),
        };
        package.Add(_roms.Select(each => each with
        {
            Path = $"{QemuFolder}/netboot-{each.Path}",
            Target = each.Target == null ? null : "netboot-" + each.Target,
        }));
        return package;
    }

    private DebianPackage ToolsPackage(ShippedTool tool)
    {
        DebianPackage package = new("netboot-tools", DebianVersion, time)
        {
            Architecture = "amd64",
            Section = "admin",
            Relations =
            [
                // .NET loads OpenSSL when it needs it; everything else of it is inside.
                (
                    "Depends",
                    $"libc6 (>= 2.34), libgcc-s1, libstdc++6, libssl3t64 | libssl3, mtools, xorriso, xz-utils, netboot-efi (= {DebianVersion})"
                ),
                ("Recommends", "sbsigntool"),
                ("Suggests", "qemu-system-x86, qemu-system-arm, ovmf, qemu-efi-aarch64, netboot-qemu"),
            ],
            Synopsis = "network boot for UEFI, the tool that prepares and tries images",
            Description =
            [
                "The command netboot puts a script into NetBoot's boot application, makes disks",
                "and CDs, option ROMs of network cards and firmware volumes, signs images for",
                "Secure Boot, and tries them in QEMU.",
            ],
            Copyright = Text("copyright-tools")
                .Replace("@COPYRIGHTS@", Lines(tool.Components.Select(each => each.Copyright).Distinct()), StringComparison.Ordinal)
                .Replace("@COMPONENTS@", Lines(tool.Components.Select(each => $"{each.Name} {each.Version}")), StringComparison.Ordinal),
            Overrides =
            [
                ("A .NET program brings its run time along, in the same file: zlib and others are part of it.", "embedded-library"),
            ],
        };
        string page = ManPage.Make(Tool.Program.CreateRoot(), ProductVersion.Text, time);
        package.Add(
        [
            Installed(tool),
            new("usr/share/man/man1/netboot.1.gz", Archive.Compress(Encoding.UTF8.GetBytes(page))),
            new("usr/share/bash-completion/completions/netboot", Text("netboot.bash")),
            new("usr/share/zsh/vendor-completions/_netboot", Text("netboot.zsh")),
            new("usr/share/fish/vendor_completions.d/netboot.fish", Text("netboot.fish")),
            new("usr/share/doc/netboot-tools/THIRD-PARTY-NOTICES.gz", Archive.Compress(Encoding.UTF8.GetBytes(tool.Notices))),
            new($"usr/share/doc/netboot-tools/{Name}.spdx.json.gz", Archive.Compress(BillOf(tool, [Installed(tool)]))),
        ]);
        return package;
    }

    private static DistFile Installed(ShippedTool tool) => new("usr/bin/netboot", tool.Program) { IsProgram = true };

    /// <summary>Further lines of a field (Debian Policy, 5.1).</summary>
    private static string Lines(IEnumerable<string> lines) => string.Join('\n', lines.Select(line => " " + line));

    private static string Text(string name) => File.ReadAllText(Path.Combine(s_texts, name));

    /// <summary>What <c>sha256sum --check</c> reads.</summary>
    private static string SumsOf(IEnumerable<DistFile> files) => string.Concat(files.Where(each => each.Target == null)
        .OrderBy(each => each.Path, StringComparer.Ordinal).Select(each => $"{Convert.ToHexStringLower(SHA256.HashData(each.Content))}  {each.Path}\n"));
}
