using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.App.Commands;
using NetBoot.Boot.App.Script;
using NetBoot.Tests.App;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A script that is checked, and run with a few files to fetch, a table of SMBIOS and a bounded number of turns.</summary>
internal sealed class ScriptTarget : FuzzTarget
{
    private const int MaximumTurns = 300;

    private static readonly byte[] s_table = SmbiosSample.Table;

    public override string Name => "script";

    public override string Subject => "the script language: lines, labels, operators, commands with their options, settings";

    public override IEnumerable<string> Words =>
    [
        .. CommandTable.Create().Select(each => each.Name + " "), "--name ", "--timeout ", " || ", " && ", " ; ", "${", "}", ":int8", ":hexhyp", ":ipv4", "net0/", "\\\n", "\n:", "goto ",
        "http://server/dir/file", "file", "x",
    ];

    public override IEnumerable<byte[]> Seeds =>
    [
        [.. "#!ipxe\ndhcp || goto l\nset x ${net0/mac:hexhyp}\n:l\necho ${x} ${uuid} && isset ${y} || iseq a b\nimgfetch --name k x ; kernel file a=b\nboot\n"u8],
        [.. "#!ipxe\nset i:int8 5\n:a\ninc i\niseq ${i} 9 || goto a\nimgargs x -- 1 2\nimgstat\nimgfree\nexit 1\n"u8],
        [.. "chain --autofree file \\\n x=y\nprompt --key 0x02 --timeout 1 t\nsleep 1\nifstat net0\nifopen\nifclose\ntime echo\n"u8],
        [.. "show net0/ip\nread n\nclear x\nset 43.116:uint8 3\nset user-class \xC3\nset a.b/c 1\nhelp set\nshell\n"u8],
        [.. "menu T\nitem --key e a A\nitem --gap G\nchoose --timeout 9 x && goto ${x} ||\nform\nitem --secret y Y\nitem z:int8\npresent\nlogin ||\n"u8],
        [.. "initrd x /dir/file mode=0755 mkdir=-1\nimgexec x\necho ${smbios/1.4.0} ${${x}} ${}\nreboot --warm\npoweroff\n"u8],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        ScriptCheck.Check(input, out int line);
        FuzzFinding.Unless(line >= 1, $"line {line}");
        TestSession session = new();
        session.Platform.SmbiosTable = s_table;
        session.Platform.AddFile("http://server/dir/file", "#!ipxe\necho in file\nnosuch\n");
        session.Platform.AddFile("http://server/dir/x", TestSession.Executable);
        session.EventLoop.MaximumTurns = MaximumTurns;
        session.Terminal.WhenIdle = "exit\r";
        session.RunBytes(input.ToArray());
        session.Dispose();
        FuzzFinding.Unless(session.Platform.PagesInUse == 0, $"{session.Platform.PagesInUse} pages are left behind");
        FuzzFinding.Unless(session.EventLoop.Turns <= 10 * MaximumTurns, "a script goes on that was interrupted");
    }
}
