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
    public const char ControlK = '\x0B';
    public const char ControlL = '\x0C';
    public const char Enter = '\r';
    public const char ControlN = '\x0E';
    public const char ControlP = '\x10';
    public const char ControlU = '\x15';
    public const char ControlW = '\x17';
    public const char Delete = '\x7F';

    public Key(char character) : this(KeyCode.Character, character)
    {
    }

    public readonly KeyCode Code = code;
    public readonly char Character = character;
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
    Delete,
    PageUp,
    PageDown,
    Escape,
    Other,
}
