using NetBoot.Boot.App.Script;

namespace NetBoot.Boot.App.Consoles;

/// <summary>A key that was pressed: a character (control characters are 1 to 31, with backspace 8, tab 9, enter 13), or a named key.</summary>
public readonly struct Key(KeyCode code, char character)
{
    public const char ControlA = '\x01';
    public const char ControlB = '\x02';
    public const char ControlC = '\x03';
    public const char ControlD = '\x04';
    public const char ControlE = '\x05';
    public const char ControlF = '\x06';
    public const char Backspace = '\b';
    public const char Tab = '\t';
    public const char LineFeed = '\n';
    public const char ControlK = '\x0B';
    public const char ControlL = '\x0C';
    public const char Enter = '\r';
    public const char ControlN = '\x0E';
    public const char ControlP = '\x10';
    public const char ControlU = '\x15';
    public const char ControlW = '\x17';
    public const char ControlX = '\x18';
    public const char EscapeCharacter = '\x1B';
    public const char Delete = '\x7F';

    /// <summary>Where iPXE's numbers of keys without a character begin; scripts leave it out.</summary>
    private const long FirstSpecial = 0x110000;

    public Key(char character) : this(KeyCode.Character, character)
    {
    }

    public Key(KeyCode code) : this(code, '\0')
    {
    }

    public readonly KeyCode Code = code;
    public readonly char Character = character;

    /// <summary>No key at all.</summary>
    public bool IsNone => Code == KeyCode.Character && Character == '\0';

    /// <summary>Whether it is that character.</summary>
    public bool Is(char character) => Code == KeyCode.Character && Character == character;

    public bool Is(Key other) => Code == other.Code && Character == other.Character;

    /// <summary>Reads a key as scripts write it: one character, its number, or the number of a special key (0x147e is F8).</summary>
    /// <param name="text">The number 0 stands for no key.</param>
    /// <param name="key">One that is never pressed when the number is that of no key.</param>
    public static bool TryParse(string text, out Key key)
    {
        key = default;
        int at = 0;
        char first = text.Length > 0 ? ByteText.NextUcs2(text, ref at) : '\0';
        if (text.Length > 0 && at == text.Length)
        {
            key = new Key(first);
            return true;
        }

        if (!Number.TryParse(text, out long number) || number < 0)
        {
            return false;
        }

        key = number < 0x80 ? new Key((char)number) : new Key(FromNumber(number >= FirstSpecial ? number - FirstSpecial : number));
        return true;
    }

    /// <summary>
    /// iPXE's numbers of special keys are made of what a terminal sends: ESC [ N T is (N + 1) &lt;&lt; 8 | T, N 0 where there is none.
    /// </summary>
    private static KeyCode FromNumber(long number) => number switch
    {
        0x100 | 'A' => KeyCode.Up,
        0x100 | 'B' => KeyCode.Down,
        0x100 | 'C' => KeyCode.Right,
        0x100 | 'D' => KeyCode.Left,
        0x100 | 'F' => KeyCode.End,
        0x100 | 'H' => KeyCode.Home,
        0x300 | '~' => KeyCode.Insert,
        0x400 | '~' => KeyCode.Delete,
        0x600 | '~' => KeyCode.PageUp,
        0x700 | '~' => KeyCode.PageDown,
        0x1000 | '~' => KeyCode.F5,
        0x1200 | '~' => KeyCode.F6,
        0x1300 | '~' => KeyCode.F7,
        0x1400 | '~' => KeyCode.F8,
        0x1500 | '~' => KeyCode.F9,
        0x1600 | '~' => KeyCode.F10,
        0x1800 | '~' => KeyCode.F11,
        0x1900 | '~' => KeyCode.F12,
        _ => KeyCode.Unknown,
    };
}

/// <summary>Keys that are no characters.</summary>
public enum KeyCode : byte
{
    Character,
    Up,
    Down,
    Right,
    Left,
    Home,
    End,
    Insert,
    Delete,
    PageUp,
    PageDown,
    Escape,
    F5,
    F6,
    F7,
    F8,
    F9,
    F10,
    F11,
    F12,

    /// <summary>A key that was pressed and means nothing here.</summary>
    Other,

    /// <summary>A key that a script names and no keyboard has.</summary>
    Unknown,
}
