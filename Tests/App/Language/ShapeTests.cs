using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.App.Language;

/// <summary>Whole scripts to their end, as shapes.txt has them.</summary>
public sealed class ShapeTests
{
    private static readonly Dictionary<string, string[]> s_shapes =
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "App", "Language", "shapes.txt")).Split("\n=== ").Skip(1)
            .Select(each => each.Split('\n')).ToDictionary(lines => lines[0], lines => lines[1..]);

    public static TheoryData<string> Names => [.. s_shapes.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Script_DoesWhatItIsFor(string name)
    {
        using TestSession session = new();
        TestLink link = new(1);
        link.Peer = new PeerHost(link, new IPv4Address(192, 0, 2, 1));
        _ = new DhcpServer(link.Peer) { File = "boot" };
        session.Session.Add(new BootInterface(new NetworkInterface("net0", link), "NIC"));
        session.EventLoop.Network = session.Session.Network;
        string script = "#!ipxe\n";
        List<string> started = [];
        List<string> local = [];
        List<(string Kind, string Text)> wanted = [];
        uint exit = 0;
        string file = "";
        foreach (string line in s_shapes[name])
        {
            (string verb, string rest) = line.StartsWith('@') ? (line.Split(' ')[0], line[(line.Split(' ')[0].Length)..].TrimStart()) : ("", line);
            switch (verb)
            {
                case "@file":
                    file = rest.Split(' ')[0];
                    session.Platform.AddFile(file, rest == file ? "" : TestSession.Executable);
                    break;
                case "@set":
                    string setting = rest.Split(' ')[0];
                    session.Run($"set {rest}");
                    Assert.NotEqual("", session.Expand($"${{{setting.Split(':')[0]}}}"));
                    break;
                case "@keys":
                    session.Terminal.Press(rest.Replace("\\r", "\r"));
                    break;
                case "@script":
                    file = "@script";
                    break;
                case "@started":
                    started.Add(rest);
                    break;
                case "@local":
                    local.Add(rest);
                    break;
                case "@exit":
                    exit = uint.Parse(rest);
                    break;
                case "@fetched" or "@prints":
                    wanted.Add((verb, rest));
                    break;
                case "" when file == "@script":
                    script += line + "\n";
                    break;
                case "" when file.Length > 0 && line.Length > 0:
                    session.Platform.AddFile(file, Encoding.Latin1.GetString(session.Platform.Files[file]) + line + "\n");
                    break;
                case "":
                    break;
                default:
                    throw new InvalidDataException($"{name}: {line}");
            }
        }

        session.Platform.AddFile("http://boot.test/boot.ipxe", script);

        Assert.Equal(exit, ExitStatus.ToCode(session.Run("chain http://boot.test/boot.ipxe")));

        Assert.Equal(started, session.Platform.Started);
        Assert.Equal(local, session.Platform.LocalBoots);
        Assert.All(wanted, each =>
        {
            if (each.Kind == "@fetched")
            {
                Assert.Contains(each.Text, session.Platform.Fetched);
            }
            else
            {
                Assert.Contains(each.Text, session.Output);
            }
        });
        Assert.Empty(session.Terminal.ScreenKeys);
    }
}
