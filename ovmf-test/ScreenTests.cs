using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using NetBoot.Tests.App;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// The screen that a script has set up, as QEMU sees it: text in the firmware's font before a picture, while the serial line has the same text.
/// The script first writes all characters, so that the test can read whatever font the firmware has.
/// </summary>
public sealed class ScreenTests : FirmwareTest
{
    private const int Width = 800;
    private const int Height = 600;
    private const int GlyphWidth = 8;
    private const int GlyphHeight = 19;
    private const uint Red = 0xAA0000;
    private const uint Cyan = 0x00AAAA;
    private const char NoCharacter = '\uFFFD';
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Others = "0123456789!%&()*+,-./:;<=>?@[]_{}";

    private readonly Dictionary<string, char> _font = [];
    private Screenshot? _screen;
    private int _left;
    private int _top;
    private int _columns;
    private int _rows;

    /// <summary>Where the pictures of the pages for users go (Boot/Docs/screens), when they are to be made anew.</summary>
    private static string? DocumentFolder => Environment.GetEnvironmentVariable("NETBOOT_SCREENSHOTS");

    [Theory]
    [InlineData("x64", "VGA")]
    [InlineData("aa64", "virtio-gpu-pci")] // Its screen has no memory that could be written to.
    public async Task Screen_ShowsAMenuAFormADownloadAndAnError_BeforeAPicture(string architecture, string adapter)
    {
        Architecture kind = Architecture.Named(architecture);
        string web = NewFolder("web");
        File.WriteAllBytes(Path.Combine(web, "installer.img"), new byte[4 << 20]);
        NginxServer server = await ServeAsync(web, "limit_rate 500k;");
        SystemPartition partition = NewPartition(kind);
        partition.SetApplication(Repository.Image(kind, "netboot.efi"));
        File.WriteAllBytes(
            partition["EFI/BOOT/back.png"], PngSample.File(Width, Height, 8, 2, (x, y, channel) => (int)(Back(x, y) >> (16 - 8 * channel) & 0xFF)));
        partition.Write("EFI/BOOT/autoexec.ipxe", $$"""
            #!ipxe
            dhcp || goto failed
            console --x {{Width}} --y {{Height}} --picture back.png || goto failed
            echo {{Letters}}
            echo {{Others}}
            prompt all characters
            menu Boot from the network
            item --gap Systems
            item debian   Debian 13, installer
            item rescue   Debian 13, rescue system
            item memtest  Memory test
            item --gap Tools
            item shell    Command line
            choose target || goto failed
            form Where is the mirror of ${target}?
            item host Host name
            item folder Folder
            present || goto failed
            imgfetch http://{{UserNetwork.Host}}:{{server.Port}}/installer.img || goto failed
            imgfetch http://{{UserNetwork.Host}}:{{server.Port}}/${folder}/missing.img || prompt end of the script
            exit 0
            :failed
            echo script failed
            """ + "\n");
        VirtualMachine machine = Own(await VirtualMachine.StartAsync(new()
        {
            Architecture = kind,
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
            More = ["-device", $"{adapter},addr=0x7,romfile="],
        }));

        await machine.Serial.WaitForAsync("all characters|script failed", TimeSpan.FromMinutes(3));
        _screen = await machine.TakeScreenshotAsync();
        LearnFont();

        await PressAsync(machine, "spc", " ");
        await machine.Serial.WaitForAsync("/: search");
        await PressAsync(machine, "down", "\e[B");
        await machine.Serial.WaitForAsync("rescue system[^A-Z]*$");
        string[] text = await ReadAsync(machine, "menu", Red);
        Assert.Equal("Boot from the network", text[1].Trim());
        Assert.Equal(["Systems", "Debian 13, installer", "Debian 13, rescue system", "Memory test", "Tools", "Command line"], text[3..9].Select(Unframed));
        Assert.Equal("Enter: choose   Esc: cancel   /: search", text[^1].Trim());
        Assert.Equal(Red, Pixel(2, 5, 0, 0));
        Assert.Equal(Back(_left + 2 * GlyphWidth, _top + 4 * GlyphHeight), Pixel(2, 4, 0, 0));
        Assert.All(Enumerable.Range(1, _columns - 3), column => Assert.Equal(Cell(2, column), Cell(2, column + 1)));
        Assert.NotEqual(Cell(2, 0), Cell(2, 1));
        Assert.All(Enumerable.Range(3, _rows - 6), row => Assert.Equal(Cell(3, _columns - 1), Cell(row, _columns - 1)));

        await PressAsync(machine, "ret", "\r");
        await machine.Serial.WaitForAsync("Ctrl-X: save");
        await machine.Serial.SendAsync("deb.example.org\td");
        await machine.Serial.WaitForAsync("org.*d$");
        text = await ReadAsync(machine, "form", Cyan);
        Assert.Equal("Where is the mirror of rescue?", text[1].Trim());
        Assert.Contains(text, line => Unframed(line) == "deb.example.org");
        Assert.Contains(text, line => Unframed(line).StartsWith('d') && Unframed(line).Length <= 2);

        await machine.Serial.SendAsync("\r");
        await machine.Serial.WaitForAsync(@"[1-9]\d% of 4\.0 MiB");
        text = await ReadAsync(machine, "download", Red);
        Assert.Matches(@"installer\.img: \d+% of 4\.0 MiB, \d+\.\d [KM]iB/s", text[0]);

        await machine.Serial.WaitForAsync("end of the script", TimeSpan.FromMinutes(2));
        text = await ReadAsync(machine, "error", Red);
        Assert.Contains(text, line => line.StartsWith("autoexec.ipxe:20: imgfetch: ") && line.Contains("404"));
        Assert.Equal(Back(1, 1), _screen[1, 1]);

        await machine.Serial.SendAsync(" ");
        await machine.Serial.WaitForAsync("BdsDxe: failed to start .*Not Found"); // and the next boot option is tried
        Assert.NotEqual(Back(1, 1), (await machine.TakeScreenshotAsync())[1, 1]);
    }

    private static uint Back(int x, int y) => (uint)((8 + x * 24 / Width) << 16 | (24 + y * 40 / Height) << 8 | (56 + y * 72 / Height));

    /// <summary>Presses a key: on the keyboard where the machine has one, else on the serial line.</summary>
    private static async Task PressAsync(VirtualMachine machine, string key, string characters)
    {
        if (machine.CommandLine.Contains("q35"))
        {
            await machine.Monitor.ExecuteHumanAsync($"sendkey {key}");
        }
        else
        {
            await machine.Serial.SendAsync(characters);
        }
    }

    private static string Unframed(string line) => line.Trim(' ', NoCharacter);

    /// <summary>Finds where the text is (the screen has as many characters as the serial console), and what each character looks like.</summary>
    private void LearnFont()
    {
        Assert.Equal((Width, Height), (_screen!.Width, _screen.Height));
        foreach ((int columns, int rows) in new[] { (100, 31), (80, 25), (80, 31), (100, 25) })
        {
            (_columns, _rows) = (columns, rows);
            _left = (Width - columns * GlyphWidth) / 2;
            _top = (Height - rows * GlyphHeight) / 2;
            string[] letters = [.. Enumerable.Range(0, columns).Select(column => Cell(0, column))];
            string[] others = [.. Enumerable.Range(0, columns).Select(column => Cell(1, column))];
            string[] all = [.. letters[..Letters.Length], .. others[..Others.Length]];
            if (all.Distinct().Count() == all.Length && letters[Letters.Length..].Concat(others[Others.Length..]).All(cell => !cell.Contains('#')))
            {
                foreach ((string cell, char character) in all.Zip(Letters + Others))
                {
                    _font[cell] = character;
                }

                return;
            }
        }

        Assert.Fail("The characters are not where they should be on the screen.");
    }

    /// <summary>Takes a screenshot and reads it.</summary>
    /// <param name="machine">Whose screen.</param>
    /// <param name="name">The picture's in the pages for users.</param>
    /// <param name="background">A colour behind text, beside the picture.</param>
    private async Task<string[]> ReadAsync(VirtualMachine machine, string name, uint background)
    {
        if (DocumentFolder is string folder && machine.CommandLine.Contains("q35"))
        {
            await machine.SaveScreenshotAsync(Path.Combine(folder, name + ".png"));
        }

        _screen = await machine.TakeScreenshotAsync();
        return
        [
            .. Enumerable.Range(0, _rows).Select(row => string.Concat(Enumerable.Range(0, _columns).Select(column =>
            {
                string cell = Cell(row, column, background);
                return _font.GetValueOrDefault(cell, cell.Contains('#') ? NoCharacter : ' ');
            }))),
        ];
    }

    /// <summary>Which pixels of a character's place are not its background.</summary>
    private string Cell(int row, int column, uint background = uint.MaxValue)
    {
        StringBuilder cell = new();
        for (int i = 0; i < GlyphWidth * GlyphHeight; i++)
        {
            (int y, int x) = Math.DivRem(i, GlyphWidth);
            uint pixel = Pixel(column, row, x, y);
            bool isBack = pixel == Back(_left + column * GlyphWidth + x, _top + row * GlyphHeight + y) || pixel == background;
            cell.Append(isBack ? '.' : '#');
        }

        return cell.ToString();
    }

    private uint Pixel(int column, int row, int x, int y) => _screen![_left + column * GlyphWidth + x, _top + row * GlyphHeight + y];
}
