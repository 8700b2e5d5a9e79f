using NetBoot.Boot.App;
using NetBoot.Boot.App.Commands;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.App.TestSession;

namespace NetBoot.Tests.App;

/// <summary>The other commands, options, idioms of real scripts.</summary>
public class CommandTests
{
    [Theory]
    [InlineData("echo", "\n")]
    [InlineData("echo -n a", "a")]
    [InlineData("echo --n a", "a")]
    [InlineData("echo -- -n", "-n\n")]
    [InlineData("echo a -n", "a -n\n")]
    [InlineData("echo ${undefined}", "\n")]
    [InlineData("isset 1 && echo yes", "yes\n")]
    [InlineData("iseq a a && echo yes || echo no", "yes\n")]
    [InlineData("iseq a A && echo yes || echo no", "no\n")]
    [InlineData("iseq ${x} ${y} && echo yes", "yes\n")]
    [InlineData("iseq a b", "boot.ipxe:2: iseq: not equal: a, b\n")]
    [InlineData("sync && sync --timeout 1000 && echo yes", "yes\n")]
    [InlineData("sync -t x", "boot.ipxe:2: sync: not a number: x\n")]
    [InlineData("autoboot", "boot.ipxe:2: autoboot: there is no network interface\n")]
    [InlineData("autoboot net0 || echo no", "boot.ipxe:2: autoboot: no such interface: net0\nno\n")]
    [InlineData("time echo x", "x\necho: 0.0 s\n")]
    [InlineData("time nosuch", "boot.ipxe:2: time: command not found: nosuch\n")]
    [InlineData("help nosuch", "boot.ipxe:2: help: no such command: nosuch\n")]
    [InlineData(
        "help echo",
        "Usage: echo [-n|--n] [TEXT...]\necho: print text\n  -n, --n                   stay in the line\nExample: echo My address is ${net0/ip}\n")]
    [InlineData("sleep x", "boot.ipxe:2: sleep: not a number: x\n")]
    [InlineData("sleep -- -1", "boot.ipxe:2: sleep: not a number: -1\n")]
    [InlineData("exit x", "boot.ipxe:2: exit: not a number: x\n")]
    [InlineData("ifopen nosuch", "boot.ipxe:2: ifopen: no such interface: nosuch\n")]
    [InlineData("dhcp", "boot.ipxe:2: dhcp: there is no network interface\n")]
    [InlineData("ifconf --configurator ipx", "boot.ipxe:2: ifconf: no such configurator: ipx (dhcp and ipv6 are)\n")]
    public void Command_DoesWhatItSays(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));

    [Theory]
    [InlineData("isset a b", "unexpected argument: b")]
    [InlineData("iseq a", "too few arguments")]
    [InlineData("echo --nosuch", "unknown option: --nosuch")]
    [InlineData("echo -x", "unknown option: -x")]
    [InlineData("echo - x", "unknown option: -")]
    [InlineData("imgfetch -n -x y", "option needs a value: -n")]
    [InlineData("goto", "too few arguments")]
    [InlineData("imgfetch --name", "option needs a value: --name")]
    [InlineData("imgfetch -n", "option needs a value: -n")]
    [InlineData("imgfetch --quiet=x y", "option takes no value: --quiet")]
    [InlineData("echo --help", "help was shown")]
    public void BadUsage_PrintsUsageAndFails(string line, string message)
    {
        string command = line.Substring(0, line.IndexOf(' ') is int at && at > 0 ? at : line.Length);
        string output = OutputOf(line);

        Assert.StartsWith($"Usage: {command}", output);
        Assert.EndsWith($"boot.ipxe:2: {command}: {message}\n", output);
    }

    [Theory]
    [InlineData("imgfetch -q -n name file")]
    [InlineData("imgfetch -qn name file")]
    [InlineData("imgfetch -qnname file")]
    [InlineData("imgfetch --quiet --name name file")]
    [InlineData("imgfetch --quiet --name=name -- file")]
    [InlineData("imgfetch -q -n other --name name file")]
    public void Options_AreShortOrLong(string line)
    {
        using TestSession session = new();
        session.Platform.AddFile("http://server/dir/file", "x");

        Assert.True(session.Run(line).IsSuccess);
        Assert.NotNull(session.Session.Images.Find("name"));
        Assert.Equal("", session.Output);
    }

    [Fact]
    public void Help_ListsEveryCommand()
    {
        string output = OutputOf("help");

        foreach (Command command in CommandTable.Create())
        {
            Assert.Contains($"  {command.Name} ", output);
        }
    }

    [Theory]
    [InlineData("prompt x", true)]
    [InlineData("prompt --key 0x03 x", true)]
    [InlineData("prompt --key m x", false)]
    public void Prompt_TakesControlCForAKey(string line, bool succeeds)
    {
        using TestSession session = new();
        session.Terminal.Type("\x03");

        Assert.Equal(succeeds, CommandTable.Find(session.Session.Commands, "prompt")!.Execute(session.Session, line.Split(' ')) is null);
        Assert.Equal("", session.Terminal.Screen.Trim());
    }

    [Theory]
    [InlineData("x", "x")]
    [InlineData("\u00C3\u00A9", "\u00E9")] // UTF-8
    [InlineData("0x41", "A")]
    [InlineData("13", "\r")]
    [InlineData("0", "0")]
    [InlineData("0x0", "\0")]
    public void Key_IsACharacter_OrItsNumber(string text, string expected)
    {
        Assert.True(Key.TryParse(text, out Key key));
        Assert.True(key.Is(expected[0]));
    }

    [Theory]
    [InlineData("0x147e", KeyCode.F8)]
    [InlineData("0x11147e", KeyCode.F8)]
    [InlineData("0x141", KeyCode.Up)]
    [InlineData("0x167e", KeyCode.F10)]
    [InlineData("0x77e", KeyCode.PageDown)]
    [InlineData("0x80", KeyCode.Unknown)]
    [InlineData("99999999", KeyCode.Unknown)]
    public void Key_OfASpecialNumber_IsNamed(string text, KeyCode expected)
    {
        Assert.True(Key.TryParse(text, out Key key));
        Assert.Equal(expected, key.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("F8")]
    [InlineData("-1")]
    [InlineData("ab")]
    public void Key_OfOtherTexts_IsNone(string text) => Assert.False(Key.TryParse(text, out _));

    [Fact]
    public void Help_OfEachCommand_HasAnExample_AndSaysWhatEachOptionDoes()
    {
        foreach (Command command in CommandTable.Create())
        {
            string output = OutputOf($"help {command.Name}");

            Assert.StartsWith($"Usage: {command.Name}", output);
            Assert.Matches($@"\nExample: .*\b{command.Name}\b", output);
            Assert.DoesNotMatch(@"(?m)^ +-\w, --[\w-]+( [A-Z]+)? *$", output);
            Assert.All(output.Split('\n'), line => Assert.InRange(line.Length, 0, 200));
        }
    }

    [Theory]
    [InlineData("prompt --timeout 18446744073709552 Wait")]
    [InlineData("prompt --timeout 9223372036854775807 Wait")]
    public void Timeout_OfAges_IsNotOver(string command)
    {
        using TestSession session = new();
        session.EventLoop.MaximumTurns = 1000;

        Assert.True(session.Run(command).IsSuccess);

        Assert.Equal(1000, session.EventLoop.Turns);
    }

    [Fact]
    public void Sleep_Waits_AndControlCEndsIt()
    {
        using TestSession session = new();
        ulong before = session.EventLoop.Now;
        session.Run("sleep 3");
        Assert.InRange(session.EventLoop.Now - before, 3_000_000UL, 3_100_000UL);

        session.Terminal.Type("x");
        session.EventLoop.MaximumTurns = session.EventLoop.Turns + 100;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, session.Run("sleep 1000000"));
        Assert.EndsWith("boot.ipxe:2: sleep: interrupted\n", session.Output);
    }

    [Theory]
    [InlineData("m", "prompt --key m text && echo yes || echo no", "yes\n")]
    [InlineData("x", "prompt --key m text && echo yes || echo no", "no\n")]
    [InlineData("x", "prompt text && echo yes || echo no", "yes\n")]
    [InlineData("m", "prompt --key 0x6d text && echo yes || echo no", "yes\n")]
    [InlineData("", "prompt --key m --timeout 4000 text && echo yes || echo no", "no\n")]
    public void Prompt_WaitsForAKey_AndErasesItsText(string keys, string line, string expected)
    {
        using TestSession session = new();
        session.Terminal.Type(keys);

        session.Run(line);

        Assert.StartsWith("text", session.Output);
        Assert.Equal(expected.TrimEnd(), session.Terminal.Screen.TrimEnd());
    }

    [Fact]
    public void Read_EditsASetting()
    {
        using TestSession session = new();
        session.Terminal.Type("\bX\r");

        session.Run("set v abc\nread v\necho <${v}>");

        Assert.EndsWith("<abX>\n", session.Output);
    }

    [Fact]
    public void Pciscan_GoesFromFunctionToFunction()
    {
        using TestSession session = new();
        foreach (uint function in new uint[] { 0x10008, 0xF8, 0x00, 0x08 })
        {
            session.Platform.PciFunctions[function] = [];
        }

        session.Run(":next\npciscan pci || goto done\necho ${pci} ${pci:busdevfn}\ngoto next\n:done\npciscan pci");

        Assert.Equal(
            "0x0 0000:00:00.0\n0x8 0000:00:01.0\n0xf8 0000:00:1f.0\n0x10008 0001:00:01.0\nboot.ipxe:7: pciscan: there is no further PCI function\n",
            session.Output);
    }

    [Fact]
    public void Fdt_TakesWholeDeviceTrees()
    {
        using TestSession session = new();
        string tree = "\xD0\x0D\xFE\xED\0\0\0\x29" + new string('\0', 33);
        session.Platform.AddFile("http://server/dir/a.dtb", tree + "and more");
        session.Platform.AddFile("http://server/dir/cut.dtb", tree[..^1]);

        session.Run("fdt -q a.dtb");
        Assert.Equal("a.dtb", session.Session.Images.DeviceTree?.Name);

        session.Run("fdt -q cut.dtb");
        Assert.Null(session.Session.Images.DeviceTree);
        Assert.Equal("boot.ipxe:2: fdt: cut.dtb: not a whole device tree\n", session.Output);

        session.Run("fdt a.dtb\nimgfree a.dtb");
        Assert.Null(session.Session.Images.DeviceTree);

        session.Run("fdt -q a.dtb\nfdt");
        Assert.Null(session.Session.Images.DeviceTree);
    }

    [Fact]
    public void Shim_IsFetchedOnlyForWhatTheFirmwareRefuses()
    {
        using TestSession session = new();
        session.Platform.AddFile("http://server/dir/linux", Executable);

        Assert.True(session.Run("shim shim.efi\nkernel -q linux\nshim --allow-sbat shim.efi\nshim").IsSuccess);
        Assert.Equal(["http://server/dir/linux"], session.Platform.Fetched);

        session.Platform.Refused.Add("linux");
        session.Platform.AddFile("http://server/dir/shim.efi", Executable);
        session.Platform.AddFile("http://server/dir/text", "text");
        Assert.True(session.Run("shim -q shim.efi").IsSuccess);
        Assert.Equal(("shim.efi", ShimOptions.None), (session.Session.Images.Shim!.Name, session.Session.Images.ShimOptions));
        Assert.True(session.Run("shim -q --require-loader --allow-pxe --allow-sbat shim.efi").IsSuccess);
        Assert.Equal(ShimOptions.RequireLoader | ShimOptions.AllowPxe | ShimOptions.AllowSbat, session.Session.Images.ShimOptions);
        Assert.Equal(["http://server/dir/linux", "http://server/dir/shim.efi"], session.Platform.Fetched);

        Assert.True(session.Run("shim -q text").IsError);
        Assert.EndsWith("shim: text: not an EFI executable\n", session.Output);
        Assert.NotNull(session.Session.Images.Shim);
        session.Run("shim");
        Assert.Null(session.Session.Images.Shim);
        session.Run("shim -q shim.efi\nimgfree shim.efi");
        Assert.Null(session.Session.Images.Shim);
    }

    [Fact]
    public void RebootAndPoweroff_ResetTheMachine()
    {
        using TestSession session = new();

        session.Run("reboot\nreboot --warm\nreboot -s\npoweroff");

        Assert.Equal([PlatformReset.Cold, PlatformReset.Warm, PlatformReset.ToSetup, PlatformReset.Off], session.Platform.Resets);
    }

    // Idioms of scripts that people use.
    [Theory]
    [InlineData("set space:hex 20:20\nset space ${space:string}\necho ${space}Title", "  Title\n")]
    [InlineData("set esc:hex 1b\necho ${esc:string}[1mbold${esc:string}[0m", "\x1B[1mbold\x1B[0m\n")]
    [InlineData("isset ${x} || set x y\nisset ${x} || set x z\necho ${x}", "y\n")]
    [InlineData("set target a\ngoto ${target}\n:b\necho b\nexit\n:a\necho a", "a\n")]
    [InlineData("iseq ${platform} efi && goto a || goto b\n:a\necho efi\nexit\n:b\necho bios", "efi\n")]
    [InlineData("iseq ${buildarch} arm64 && goto a || goto b\n:a\necho arm\nexit\n:b\necho x86", "x86\n")]
    [InlineData("chain --autofree http://nowhere/x || goto err\necho no\n:err\necho err", "boot.ipxe:2: chain: http://nowhere/x: file not found\nerr\n")]
    [InlineData("set net0/mac 52:54:00:00:00:01\nset i:int32 0\n:loop\nisset ${net${i}/mac} || goto done\necho ${net${i}/mac:hexhyp}\ninc i\ngoto loop\n:done", "52-54-00-00-00-01\n")]
    [InlineData("echo hello # a comment at the end", "hello\n")]
    [InlineData("set os\nset os_arch amd64\necho ${os}${}${os_arch}", "amd64\n")]
    [InlineData("set a  b   c\necho ${a}", "b c\n")]
    [InlineData("iseq ${a} ${b} && set c yes ||\necho ${c}", "yes\n")]
    [InlineData("set params console=ttyS0 a=b\necho http://x/${os}/linux ${params} ip=${net0/ip}", "http://x//linux console=ttyS0 a=b ip=\n")]
    [InlineData("goto ${menu} ||\necho start\n:start_menu", "start\n")]
    public void Idiom_Works(string lines, string expected) => Assert.Equal(expected, OutputOf(lines));
}
