using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.App.Language;

/// <summary>The script language, case by case, as cases.txt has it.</summary>
public sealed unsafe class LanguageTests
{
    public static IEnumerable<object[]> Names => LanguageCase.All.Select(each => new object[] { each.Name });

    [Theory]
    [MemberData(nameof(Names))]
    public void Script_PrintsWhatTheTableSays(string name)
    {
        LanguageCase wanted = LanguageCase.All.Single(each => each.Name == name);
        using TestSession session = CreateSession(wanted.Nics);
        session.Terminal.Type(wanted.Keys);

        session.Run(wanted.Script);

        Assert.Equal(wanted.Output, string.Join('\n', session.Terminal.Screen.Split('\n').Select(line => line.TrimEnd())));
    }

    private static TestSession CreateSession(string[] nics)
    {
        TestSession session = new(columns: 1000); // what a line breaks into is the terminal's
        TestPlatform platform = session.Platform;
        const string Script = "#!ipxe\necho in ${cwuri}\n";
        platform.SmbiosTable = SmbiosSample.Table;
        platform.AddFile("http://server/dir/linux", TestSession.Executable);
        platform.AddFile("http://server//vmlinuz", TestSession.Executable);
        platform.AddFile("http://server/dir/data", "data\n");
        platform.AddFile("http://server/dir/a1:b", "x");
        platform.AddFile("http://server/dir/page.html", "<!DOCTYPE html>\n<html>");
        platform.AddFile("http://server/dir/bom.ipxe", "\u00EF\u00BB\u00BF" + Script);
        platform.AddFile("http://server/dir/s.ipxe", Script);
        platform.AddFile("http://server/dir/fails.ipxe", "#!ipxe\nnosuch\n");
        platform.AddFile("http://server/dir/exit3.ipxe", "#!ipxe\nexit 3\n");
        platform.AddFile("http://other/there/s.ipxe", Script);
        platform.Moves["http://server/dir/moved.ipxe"] = "http://other/there/s.ipxe";
        platform.OnStart = (image, images) => Describe(session, image, images);
        for (int i = 0; i < nics.Length; i++)
        {
            TestLink link = new((byte)(i + 1)) { Works = nics[i] != "dead" };
            if (nics[i] == "served")
            {
                link.Peer = new PeerHost(link, new IPv4Address(192, 0, 2, 1));
                _ = new DhcpServer(link.Peer) { File = "boot" };
            }

            session.Session.Add(new BootInterface(new NetworkInterface($"net{i}", link), "test NIC"));
        }

        session.EventLoop.Network = session.Session.Network;
        return session;
    }

    /// <summary>What was started: its name, its arguments, and the files of its initrd, or their text where they have no name.</summary>
    private static Error? Describe(TestSession session, Image image, ImageRegistry images)
    {
        string arguments = image.CommandLine.Value.Length > 0 ? " " + image.CommandLine.Value : "";
        session.Terminal.WriteLine($"started {image.Name}{arguments}");
        List<string> parts = [];
        Initrd initrd = new(images, isForLinux: true);
        for (Image? part = images.First; part is not null; part = ImageRegistry.After(part))
        {
            if (initrd.IsPart(part))
            {
                parts.Add(part.CommandLine.Value.Length > 0 ? part.CommandLine.Value : Encoding.ASCII.GetString(part.Content.Span).Trim());
            }
        }

        if (parts.Count > 0)
        {
            session.Terminal.WriteLine($"  initrd: {string.Join(", ", parts)}");
        }

        return null;
    }
}
