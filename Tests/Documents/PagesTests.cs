using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using NetBoot.Boot.App.Commands;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Commands;
using NetBoot.Boot.Tool.Dist;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Streams;
using NetBoot.Tests.Toolchain;
using Xunit;
using Command = System.CommandLine.Command;

namespace NetBoot.Tests.Documents;

/// <summary>The pages for users say what is so: commands, schemes, cards, images, files, links, and the examples of the tool's help.</summary>
public sealed class PagesTests
{
    /// <summary>All commands of iPXE 2.0 that an EFI build can have.</summary>
    private const string CommandsOfIpxe =
        "autoboot boot certfree certstat certstore chain choose clear colour config console cpair cpuid dhcp echo exit fcels fcstat fdt form gdbstub goto help " +
        "ibstat ifclose ifconf iflinkwait ifopen ifstat imgargs imgdecrypt imgexec imgextract imgfetch imgfree imgload imgmem imgselect imgset imgstat imgtrust " +
        "imgverify inc initrd ipstat iseq isset item iwlist iwstat kernel login lotest md5sum menu module nslookup nstat ntp param params pciscan ping poweroff " +
        "present profstat prompt pxebs read reboot route sanboot sanhook sanunhook set sha1sum shell shim show sleep startpxe stoppxe sync time usbscan vcreate vdestroy";

    private static readonly string s_readme = Read("README.md");

    public static TheoryData<string> Pages =>
        ["README.md", .. Directory.GetFiles(PathOf("Boot/Docs"), "*.md").Select(path => Path.GetRelativePath(ImageProject.RepositoryRoot, path))];

    [Fact]
    public void TheTable_NamesTheCommandsThatOnlyOneHas()
    {
        string[] ours = [.. CommandTable.Create().Select(each => each.Name)];
        string[] theirs = CommandsOfIpxe.Split(' ');
        string[] certificates = Names(Row("HTTPS"));
        Assert.Equal(ours.Except(theirs).Order(StringComparer.Ordinal), Names(Row("commands that only one has")));
        Assert.Equal(theirs.Except(ours).Except(certificates).Order(StringComparer.Ordinal), Names(Row("other commands")));
    }

    [Fact]
    public void TheTable_NamesTheSchemes()
    {
        SchemeTable table = new();
        table.AddHttps(new TcpStreamMaker()); // As the application does, by TLS.
        string[] there = Names(Row("fetching"));
        Assert.All(there.Where(name => name != "file"), name => Assert.NotNull(table.Find(name)));
        Assert.All(Names(Row("fetching otherwise")), name => Assert.Null(table.Find(name)));
        Assert.All(new[] { "http", "https", "tftp", "ftp", "nfs", "iscsi" }.Where(name => table.Find(name) != null), name => Assert.Contains(name, there));
    }

    [Fact]
    public void TheListOfCards_IsTheCataloguesWithNothingElse()
    {
        string section = Section("NICs");
        string[] named = [.. Regex.Matches(section, @"^\|[^|]*\|([^|]*)\|", RegexOptions.Multiline).SelectMany(row => Names(row.Groups[1].Value)).Distinct()];
        string[] ours = [.. CardCatalogue.Cards.Select(card => card.Device)];
        Assert.Empty(ours.Except(named));
        Assert.Empty(named.Except(ours).Except(["xen-net-device"])); // of Xen's bus, which the tests' QEMU lacks
    }

    [Fact]
    public void TheListOfImages_IsWhatIsShipped() =>
        Assert.Empty(Distribution.ImageNames.Select(name => name + ".efi").Except(Names(Section("Images"))));

    [Fact]
    public void Readme_SpeaksOfDownloadingBeforeBuilding()
    {
        Assert.InRange(s_readme.IndexOf("## Download, boot", StringComparison.Ordinal), 0, s_readme.IndexOf("./netboot", StringComparison.Ordinal));
        Assert.Contains("./netboot demo", s_readme, StringComparison.Ordinal);
        Assert.Contains("./netboot test", s_readme, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Page_LeadsWhereThereIsSomething_NamesTheReleasesFiles_AndHasXmlThatIsWellFormed(string page)
    {
        string text = Read(page);
        string folder = Path.GetDirectoryName(PathOf(page))!;
        foreach (Match link in Regex.Matches(text, @"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)"))
        {
            string target = link.Groups[1].Value;
            Assert.True(target.Length == 0 || Path.Exists(Path.Combine(folder, target)), $"{page} leads to {target}");
            if (link.Groups[2].Success)
            {
                Assert.Contains(link.Groups[2].Value, Anchors(target.Length == 0 ? text : File.ReadAllText(Path.Combine(folder, target))));
            }
        }

        foreach (Match file in Regex.Matches(text, @"netboot-[0-9][^\s`]*?(?=\.tar\.gz|\.spdx)"))
        {
            Assert.Equal(Distribution.Name, file.Value);
        }

        foreach (Match file in Regex.Matches(text, @"netboot-(efi|qemu|tools)_([^_]*)_(all|amd64)\.deb"))
        {
            Assert.Equal(Distribution.DebianVersion, file.Groups[2].Value);
        }

        foreach (Match block in Regex.Matches(text, @"^```xml\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline))
        {
            XElement.Parse(block.Groups[1].Value);
        }
    }

    [Fact]
    public void EveryVerb_HasExamples_ThatItTakes()
    {
        RootCommand root = Boot.Tool.Program.CreateRoot();
        foreach (Command verb in Verbs(root).Prepend(root))
        {
            (string Line, string Meaning)[] examples = [.. Examples.Of(Examples.VerbOf(verb))];
            Assert.True(examples.Length != 0, $"netboot {Examples.VerbOf(verb)} --help has no example");
            Assert.All(examples, each => Assert.Empty(root.Parse(each.Line).Errors));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("image rom")]
    [InlineData("image app")]
    public void Help_BeginsWithExamples(string verb)
    {
        StringWriter output = new();
        int code = Boot.Tool.Program.CreateRoot().Parse(verb + " --help").Invoke(new InvocationConfiguration { Output = output });
        Assert.Equal(0, code);
        Assert.StartsWith($"Examples:{Environment.NewLine}  ./netboot {verb}", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Usage:", output.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The project's own version, wherever it is said.</summary>
    [Fact]
    public void TheVersion_IsThatOfTheProject() =>
        Assert.Equal(ProductVersion.Text, XDocument.Load(PathOf("Directory.Build.props")).Descendants("NetBootVersion").Single().Value);

    private static IEnumerable<Command> Verbs(Command command) =>
        command.Subcommands.SelectMany(each => Verbs(each).Prepend(each));

    /// <summary>The row of the table beside iPXE that begins with these words, without them.</summary>
    private static string Row(string name) => Assert.Single(
        Section("Beside iPXE").Split('\n'), line => line.StartsWith($"| {name} |", StringComparison.Ordinal))[(name.Length + 4)..];

    private static string Section(string title)
    {
        int start = s_readme.IndexOf($"## {title}\n", StringComparison.Ordinal);
        Assert.True(start >= 0, title);
        int end = s_readme.IndexOf("\n## ", start, StringComparison.Ordinal);
        return s_readme[start..end];
    }

    private static string[] Names(string text) => [.. Regex.Matches(text, "`([^`]+)`").Select(each => each.Groups[1].Value)];

    /// <summary>Of headings, as GitHub makes them.</summary>
    private static IEnumerable<string> Anchors(string text) => Regex.Matches(text, "^#+ (.*)$", RegexOptions.Multiline)
        .Select(each => Regex.Replace(each.Groups[1].Value.ToLowerInvariant(), @"[^\w\- ]", "").Replace(' ', '-'));

    private static string Read(string path) => File.ReadAllText(PathOf(path));

    private static string PathOf(string path) => Path.Combine(ImageProject.RepositoryRoot, path);
}
