using System;
using System.Linq;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Platforms;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Keyboard maps: what keys become, how a map is chosen, and what firmware tells of the keys that are held.</summary>
[Collection("Firmware")]
public sealed unsafe class KeymapTests : IDisposable
{
    private const string Names =
        "al be br by cf cz de dk dvorak es et fi fr gr hr hu il is it jp latam lt mk mt nl no pl pt ro ru se sf sg si sk sr-latin tr ua uk us";

    private readonly SimulatedFirmware _firmware = new();

    public static TheoryData<string> AllNames => [.. Names.Split(' ')];

    public void Dispose() => _firmware.Dispose();

    [Theory]
    [InlineData("de", "yz-[;", "zy\u00DF\u00FC\u00F6")]
    [InlineData("de", "&/?@\\", "/-_\"#")]
    [InlineData("fr", "qwazm1!;", "azqw,&1m")]
    [InlineData("uk", "\"@#\\|~", "@\"\u00A3#~\u00AC")]
    [InlineData("dvorak", "qwerty", "',.pyf")]
    [InlineData("ru", "qwerty", "qwerty")]
    public void Keys_BecomeWhatIsPrintedOnThem(string name, string typed, string expected)
    {
        Assert.Null(Keymap.Find(name, out Keymap map));

        Assert.Equal(expected, new string([.. typed.Select(c => map.Translate(new Key(c), false, false, false).Character)]));
    }

    [Theory]
    [InlineData("de", 'q', '@')]
    [InlineData("de", '7', '{')]
    [InlineData("de", '\\', '|')]
    [InlineData("de", '<', '<')]
    [InlineData("fr", '0', '@')]
    [InlineData("il", '/', '/')]
    [InlineData("us", 'q', 'q')]
    public void AltGr_HasTheNationalCharacter_ElseTheAmericanOne(string name, char typed, char expected)
    {
        Assert.Null(Keymap.Find(name, out Keymap map));

        Assert.Equal(expected, map.Translate(new Key(typed), isAltGr: true, false, false).Character);
    }

    [Fact]
    public void CapsLock_IsThatOfTheLettersOfTheMap()
    {
        Assert.Null(Keymap.Find("fr", out Keymap map));

        Assert.Equal('M', map.Translate(new Key(';'), false, false, isCapsLock: true).Character);
        Assert.Equal(',', map.Translate(new Key('M'), false, false, isCapsLock: true).Character);
        Assert.Equal('A', map.Translate(new Key('Q'), false, false, isCapsLock: true).Character);
        Assert.Equal('\x01', map.Translate(new Key('q'), false, isControl: true, false).Character);
    }

    [Theory]
    [MemberData(nameof(AllNames))]
    public void EveryMap_HasEveryCharacterOfAscii_AndLeavesOtherKeys(string name)
    {
        Assert.Null(Keymap.Find(name, out Keymap map));
        Key[] typed = [.. Enumerable.Range(33, 94).Select(c => new Key((char)c))];

        char[] found =
        [
            .. typed.Select(key => map.Translate(key, false, false, false).Character),
            .. typed.Select(key => map.Translate(key, true, false, false).Character),
        ];

        Assert.Empty(typed.Select(key => key.Character).Except(found));
        Assert.DoesNotContain(found, c => c is < ' ' or '\x7F' or > '\u07FF');
        Assert.Equal(KeyCode.Left, map.Translate(new Key(KeyCode.Left), true, true, true).Code);
        Assert.Equal('\r', map.Translate(new Key('\r'), true, true, true).Character);
        Assert.Equal('\u00E9', map.Translate(new Key('\u00E9'), true, true, true).Character);
    }

    [Fact]
    public void Setting_AndCommand_ChooseTheMap()
    {
        using TestSession session = new();
        Terminal terminal = session.Session.Terminal;

        Assert.True(session.Run("keymap de\necho ${keymap}").IsSuccess);
        Assert.Equal('z', Translate(terminal, 'y'));
        Assert.True(session.Run("set keymap us").IsSuccess);
        Assert.Equal('y', Translate(terminal, 'y'));
        Assert.True(session.Run("set keymap fr\nkeymap\nisset ${keymap} || echo none").IsSuccess);
        Assert.Equal('y', Translate(terminal, 'y'));
        Assert.Equal("de\nnone\n", session.Output);
    }

    [Fact]
    public void UnknownMap_IsRefused_WithTheNamesOfAll()
    {
        using TestSession session = new();

        Assert.True(session.Run("keymap de\nkeymap xx").IsError);

        Assert.Equal($"boot.ipxe:3: keymap: no keyboard map xx: there are {Names}\n", session.Output);
        Assert.Equal("de", session.Expand("${keymap}"));
    }

    [Fact]
    public void Map_ThatStays_IsThereAfterARestart()
    {
        using TestSession first = new();
        first.Run("set nvo/keymap de");
        using TestSession second = new(platform: first.Platform);

        Assert.Equal('z', Translate(second.Session.Terminal, 'y'));
    }

    [Fact]
    public void Firmware_TellsWhatIsHeld()
    {
        FirmwareTerminal terminal = new(_firmware.SystemTable);
        Assert.Null(Keymap.Find("de", out Keymap map));
        terminal.Keymap = map;
        const uint Valid = EFI_KEY_STATE.EFI_SHIFT_STATE_VALID;
        _firmware.Console.Type("y");
        _firmware.Console.Type('q', Valid | EFI_KEY_STATE.EFI_RIGHT_ALT_PRESSED);
        _firmware.Console.Type('q', EFI_KEY_STATE.EFI_RIGHT_ALT_PRESSED);
        _firmware.Console.Type('c', Valid | EFI_KEY_STATE.EFI_LEFT_CONTROL_PRESSED);
        _firmware.Console.Type('Y', Valid, EFI_KEY_STATE.EFI_TOGGLE_STATE_VALID | EFI_KEY_STATE.EFI_CAPS_LOCK_ACTIVE);
        _firmware.Console.Press(EFI_SCAN_CODE.SCAN_LEFT);

        Assert.Equal("z@q\x03Z", new string([.. Enumerable.Range(0, 5).Select(_ => terminal.TryReadKey(out Key key) ? key.Character : ' ')]));
        Assert.True(terminal.TryReadKey(out Key left));
        Assert.Equal(KeyCode.Left, left.Code);
        _firmware.Console.Press(0);
        Assert.False(terminal.TryReadKey(out _));
    }

    private static char Translate(Terminal terminal, char c) => terminal.Keymap.Translate(new Key(c), false, false, false).Character;
}
