using System;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Script;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Whole scripts of the shapes that people have, driven by keys to their end; and random ones.</summary>
public sealed class MenuScriptTests : IDisposable
{
    private const string Distributions = """
        set base http://mirror.test/linux
        set space:hex 20:20
        set space ${space:string}
        :start
        menu Distributions (${platform}, ${buildarch})
        item --gap Installers
        item --key d debian ${space}Debian
        item --key f fedora ${space}Fedora
        item --gap
        item --gap Tools
        item shell ${space}Command line
        item --key q quit ${space}Back to the firmware
        choose --default debian --timeout 60000 distribution || goto quit
        iseq ${distribution} shell && shell ||
        iseq ${distribution} shell && goto start ||
        iseq ${distribution} quit && goto quit ||
        chain --autofree ${base}/${distribution}.ipxe || goto failed
        goto start
        :failed
        prompt --timeout 5000 ${distribution} failed, press any key ||
        goto start
        :quit
        exit 0
        """;

    private const string DebianReleases = """
        #!ipxe
        :releases
        menu Debian
        item trixie ${space}13 trixie
        item bookworm ${space}12 bookworm
        item back ${space}Back
        choose release || exit 0
        iseq ${release} back && exit 0 ||
        :variants
        menu Debian ${release}
        item install ${space}Text installer
        item rescue ${space}Rescue
        item --default gtk ${space}Graphical installer
        choose --timeout 5000 --retimeout 30000 variant || goto releases
        set dir ${base}/debian/${release}
        set gtk ${} && iseq ${variant} gtk && set gtk gtk/ ||
        set args && iseq ${variant} rescue && set args rescue/enable=true ||
        imgfree
        kernel ${dir}/${gtk}linux ${args} initrd=initrd.gz console=ttyS0
        initrd ${dir}/${gtk}initrd.gz
        boot || goto variants
        """;

    private const string Imaging = """
        set server-ip 192.0.2.10
        set boot-url http://${server-ip}/imaging
        colour --rgb 0x00567a 1 ||
        cpair --foreground 7 --background 2 2 ||
        console --picture ${boot-url}/bg.png --left 100 --right 80 ||
        :MENU
        menu
        item --gap Host is NOT registered!
        item --gap -- -------------------------------------
        item local Boot from the hard disk
        item memtest Memory test
        item --key i deploy Deploy an image
        choose --default local --timeout 3000 target && goto ${target}
        :local
        echo Booting from the disk
        exit 3
        :memtest
        kernel memtest.efi
        boot || goto MENU
        :deploy
        login || goto MENU
        set credentials user=${username:uristring}&pass=${password:uristring}
        chain -ar ${boot-url}/boot.php?${credentials}&mac=${net0/mac} || goto MENU
        """;

    private const string Windows = """
        :start
        menu Windows
        item --gap Setup
        item win11 Windows 11
        item win10 Windows 10
        item --gap -- -----------
        item pe Rescue system
        choose --keep os || exit 1
        goto ${os}
        :win11
        :win10
        set args pause ||
        isset ${extra} && set args gui ||
        goto load
        :pe
        set args quiet
        :load
        form --name options Options for ${os}
        item --form options --gap Where the sources are
        item --form options share Share
        item --form options --secret password Password
        present --form options || goto again
        kernel http://srv/wimboot ${args}
        initrd -n install.bat http://srv/${os}/install.bat install.bat
        initrd -n BCD http://srv/${os}/boot/bcd BCD
        initrd -n boot.wim http://srv/${os}/sources/boot.wim boot.wim
        boot && exit 0 || goto failed
        :again
        choose os || exit 2
        goto ${os}
        :failed
        """;

    private const string Tree = """
        :start
        isset ${arch} || set arch ${buildarch}
        iseq ${arch} x86_64 && set os_arch amd64 ||
        iseq ${arch} arm64 && set os_arch arm64 ||
        set boot_domain boot.test/v2
        set version 2.0
        isset ${menu} && goto ${menu} || set menu main
        prompt --key m --timeout 200 Press m for the failsafe menu ... && goto failsafe ||
        :main
        clear menu
        set space:hex 20:20
        set space ${space:string}
        set esc:hex 1b
        set bold ${esc:string}[1m
        set plain ${esc:string}[0m
        menu boot.test ${version} - ${bold}next-server${plain}: ${next-server}
        item --gap Default:
        item local ${space} Boot from the local disk
        item --gap Systems:
        item linux ${space} Linux (${os_arch})
        iseq ${platform} efi || item dos ${space} DOS
        item --gap Tools:
        item --key s shell ${space} Shell
        item about ${space} About
        isset ${menu} && set timeout 0 || set timeout 300000
        choose --timeout ${timeout} --default ${menu} menu || goto local
        echo ${plain}
        goto ${menu} ||
        iseq ${sigs} true && goto signed || goto unsigned
        :unsigned
        chain http://${boot_domain}/${menu}.ipxe || goto error
        goto main
        :error
        echo Error occurred, press any key to return to the menu ...
        prompt --timeout 1000 ||
        goto main
        :local
        exit 0
        :failsafe
        menu Failsafe
        item main Back
        choose menu && goto ${menu}
        :shell
        shell
        goto main
        """;

    private readonly TestSession _session = new();

    private TestTerminal Terminal => _session.Terminal;

    public void Dispose() => _session.Dispose();

    [Theory]
    [InlineData("d<D>\r\r", "bookworm/gtk/", "")] // The default variant.
    [InlineData("\r\r<H>\r", "trixie/", "")]
    [InlineData("\r1\rr\r", "bookworm/", "rescue/enable=true ")]
    [InlineData("d<X>d\r<X><D>\r\r", "bookworm/gtk/", "")] // Up two floors, and down again.
    public void DistributionTree_OfThreeFloors_BootsWhatIsChosen(string keys, string folder, string arguments)
    {
        Terminal.Press(keys + "q");
        AddDistributions();

        Assert.True(_session.Run(Distributions).IsSuccess);

        string expected = $"linux {arguments}initrd=initrd.gz console=ttyS0";
        Assert.Equal([expected.Replace("linux initrd", arguments.Length == 0 ? "linux  initrd" : "linux initrd")], _session.Platform.Started);
        Assert.Contains($"http://mirror.test/linux/debian/{folder}initrd.gz", _session.Platform.Fetched);
    }

    [Fact]
    public void DistributionTree_SaysWhatFailed_AndGoesOn()
    {
        Terminal.Press("f" + "q");
        AddDistributions();

        Assert.True(_session.Run(Distributions).IsSuccess);

        Assert.Contains("boot.ipxe:18: chain: http://mirror.test/linux/fedora.ipxe: file not found\n", _session.Output);
        Assert.Contains("fedora failed, press any key", _session.Output);
        Assert.Empty(Terminal.ScreenKeys);
    }

    [Fact]
    public void ImagingMenu_DeploysWithALogin()
    {
        Terminal.Press("i" + "fog user\rpass&word\r");
        _session.Platform.AddFile(
            "http://192.0.2.10/imaging/boot.php?user=fog%20user&pass=pass%26word&mac=", "#!ipxe\necho deploying as ${username}\n");

        Assert.True(_session.Run(Imaging).IsSuccess);

        Assert.EndsWith("deploying as fog user\n", _session.Output);
        Assert.DoesNotContain("pass&word", _session.Output);
    }

    [Fact]
    public void ImagingMenu_LeftAlone_BootsTheDisk()
    {
        Assert.Equal(3u, ExitStatus.ToCode(_session.Run(Imaging)));
        Assert.Contains("Booting from the disk\n", _session.Output);
    }

    [Fact]
    public void WindowsMenu_StartsItsLoader_WithTheFilesOfTheChoice()
    {
        Terminal.Press("<D>\r<X>" + "r" + "\rsources\rsecret\r");
        foreach (string file in new[] { "install.bat", "boot/bcd", "sources/boot.wim" })
        {
            _session.Platform.AddFile($"http://srv/pe/{file}", file);
        }

        _session.Platform.AddFile("http://srv/wimboot", TestSession.Executable);

        Assert.True(_session.Run(Windows).IsSuccess);

        Assert.Equal(["wimboot quiet"], _session.Platform.Started);
        Assert.Equal("sources secret", _session.Expand("${share} ${password}"));
        Assert.NotNull(_session.Session.Images.Find("BCD"));
    }

    [Fact]
    public void MenuTree_GoesThroughItsMenus_AndComesBackFromErrors()
    {
        _session.Platform.AddFile("http://boot.test/v2/linux.ipxe", "#!ipxe\nmenu Linux\nitem a A\nchoose x && echo chosen ${x}\n");
        Terminal.Press("l\r" + "\r" + "a\r" + "<X>");

        Assert.True(_session.Run(Tree).IsSuccess);

        Assert.Contains("chosen a\n", _session.Output);
        Assert.Contains("http://boot.test/v2/about.ipxe: file not found\n", _session.Output);
    }

    /// <summary>Whatever is in menus and forms, and whatever keys are pressed: nothing faults, and the terminal is left as it was.</summary>
    [Fact]
    public void RandomMenusAndKeys_NeverFault()
    {
        string[] pieces =
        [
            "menu ", "menu --name m ", "form ", "item ", "item --gap ", "item --key x ", "item --default ", "item --secret ", "item --menu m ", "item --form m ",
            "choose x", "choose --keep x", "choose --timeout 30 x", "choose --retimeout 9 --default a x", "choose --menu m x", "present", "present --keep",
            "present --form m", "login", "read --timeout 40 x", "prompt --timeout 9 p", "\n", "\n", "\n", " || ", "a", "b ", "x:int8 ", "\u00C3\u00A9", "\u00E4\u00B8\u00AD", "\x1B[31m", "\x1B[",
            "\t", "${x}", "${nl}", "1 one ", new string('w', 200), " ",
        ];
        string keys = "abx1/\r\r\n\t\b\x15\x18\x03\x1B\u00E9\u4E2D ";
        KeyCode[] codes = Enum.GetValues<KeyCode>();
        Gen<Key> anyKey = Gen.OneOf(
            Gen.Elements(keys.ToCharArray()).Select(c => new Key(c)),
            Gen.Elements(codes).Select(code => new Key(code)));
        Gen<(string Script, Key[] Keys, int Columns, int Rows)> cases =
            from script in Gen.Elements(pieces).ListOf(40)
            from pressed in anyKey.ArrayOf(60)
            from columns in Gen.Choose(40, 120)
            from rows in Gen.Choose(10, 40)
            select (string.Concat(script), pressed, columns, rows);
        Prop.ForAll(cases.ToArbitrary(), each =>
        {
            using TestSession session = new(each.Columns, each.Rows);
            session.EventLoop.MaximumTurns = 3000;
            session.Run("set nl:hex 0a:1b:5b\nset nl ${nl:string}");
            foreach (Key key in each.Keys)
            {
                session.Terminal.ScreenKeys.Enqueue(key);
            }

            session.Run(each.Script);
            Assert.Equal(TextColours.Usual.Background, session.Terminal.Colours.Background);
            Assert.True(session.Terminal.IsCursorVisible);
        }).QuickCheckThrowOnFailure();
    }

    private void AddDistributions()
    {
        _session.Platform.AddFile("http://mirror.test/linux/debian.ipxe", DebianReleases);
        foreach (string folder in new[] { "trixie/", "trixie/gtk/", "bookworm/", "bookworm/gtk/" })
        {
            _session.Platform.AddFile($"http://mirror.test/linux/debian/{folder}linux", TestSession.Executable);
            _session.Platform.AddFile($"http://mirror.test/linux/debian/{folder}initrd.gz", "initrd");
        }
    }
}
