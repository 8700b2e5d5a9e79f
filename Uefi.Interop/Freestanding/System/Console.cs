using System.Collections.Generic;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace System;

/// <summary>
/// The firmware's console (UEFI 2.10, 12): a screen of text and a keyboard, often a serial line besides. What it cannot show it leaves out or
/// shows in its own way; nothing here fails.
/// </summary>
public static unsafe class Console
{
    private const int ChunkLength = 128;

    private const string NoStreams = "The console has no streams here: use Console.Write, WriteLine, ReadLine and ReadKey.";

    private const string NoSize = "A firmware's console has the sizes of its modes: EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL.SetMode sets one.";

    /// <summary>The colours from before a program set any; 0 while it has not.</summary>
    private static nuint s_initialAttribute;

    private static EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* Screen => Firmware.SystemTable->ConOut;

    private static nuint Attribute
    {
        get => (nuint)(uint)Screen->Mode->Attribute & 0x7F;
        set
        {
            if (s_initialAttribute == 0)
            {
                s_initialAttribute = Attribute;
            }

            Screen->SetAttribute(Screen, value);
        }
    }

    /// <summary>The colour of what is written from now on.</summary>
    public static ConsoleColor ForegroundColor
    {
        get => (ConsoleColor)(Attribute & 0xF);
        set => Attribute = (Attribute & 0x70) | ((nuint)value & 0xF);
    }

    /// <summary>The colour behind what is written from now on. Firmware has the dark ones there: of a bright one it takes the dark one.</summary>
    public static ConsoleColor BackgroundColor
    {
        get => (ConsoleColor)(Attribute >> 4);
        set => Attribute = (Attribute & 0xF) | (((nuint)value & 7) << 4);
    }

    public static void ResetColor()
    {
        if (s_initialAttribute != 0)
        {
            Attribute = s_initialAttribute;
        }
    }

    public static void Clear() => Screen->ClearScreen(Screen);

    public static int CursorLeft
    {
        get => Screen->Mode->CursorColumn;
        set => SetCursorPosition(value, CursorTop);
    }

    public static int CursorTop
    {
        get => Screen->Mode->CursorRow;
        set => SetCursorPosition(CursorLeft, value);
    }

    public static bool CursorVisible
    {
        get => Screen->Mode->CursorVisible != 0;
        set => Screen->EnableCursor(Screen, value ? (byte)1 : (byte)0);
    }

    public static int WindowWidth => (int)Size(false);

    public static int WindowHeight => (int)Size(true);

    public static (int Left, int Top) GetCursorPosition() => (CursorLeft, CursorTop);

    /// <summary>Column and row from 0. Outside of the screen it is a fault.</summary>
    public static void SetCursorPosition(int left, int top)
    {
        if ((uint)left >= (uint)WindowWidth || (uint)top >= (uint)WindowHeight)
        {
            throw new ArgumentOutOfRangeException(null, "the cursor's position is outside of the console");
        }

        Screen->SetCursorPosition(Screen, (nuint)left, (nuint)top);
    }

    private static nuint Size(bool rows)
    {
        nuint columns = 80;
        nuint lines = 25;
        Screen->QueryMode(Screen, (nuint)Screen->Mode->Mode, &columns, &lines);
        return rows ? lines : columns;
    }

    public static void Write(string? value) => Write(value.AsSpan());

    /// <summary>A line end alone becomes the two characters that firmware wants.</summary>
    public static void Write(ReadOnlySpan<char> value)
    {
        char* chunk = stackalloc char[ChunkLength];
        int length = 0;
        foreach (char c in value)
        {
            if (length > ChunkLength - 3)
            {
                Output(chunk, ref length);
            }

            if (c == '\n')
            {
                chunk[length++] = '\r';
            }

            if (c != '\0') // It would end the text.
            {
                chunk[length++] = c;
            }
        }

        Output(chunk, ref length);
    }

    private static void Output(char* chunk, ref int length)
    {
        chunk[length] = '\0';
        length = 0;
        if (Screen != null && !Firmware.IsExitingBootServices)
        {
            Screen->OutputString(Screen, chunk);
        }
    }

    public static void Write(char value) => Write(new ReadOnlySpan<char>(in value));

    public static void Write(char[]? buffer) => Write(new ReadOnlySpan<char>(buffer));

    public static void Write(bool value) => Write(value.ToString());

    public static void Write(int value) => Write(value.ToString());

    public static void Write(uint value) => Write(value.ToString());

    public static void Write(long value) => Write(value.ToString());

    public static void Write(ulong value) => Write(value.ToString());

    public static void Write(object? value) => Write(value?.ToString());

    public static void Write(string format, object? arg0) => Write(string.Format(format, arg0));

    public static void Write(string format, object? arg0, object? arg1) => Write(string.Format(format, arg0, arg1));

    public static void Write(string format, params ReadOnlySpan<object?> arg) => Write(string.Format(format, arg));

    public static void WriteLine() => Write("\n".AsSpan());

    public static void WriteLine(string? value) => WriteLine(value.AsSpan());

    public static void WriteLine(ReadOnlySpan<char> value)
    {
        Write(value);
        WriteLine();
    }

    public static void WriteLine(char value) => WriteLine(new ReadOnlySpan<char>(in value));

    public static void WriteLine(char[]? buffer) => WriteLine(new ReadOnlySpan<char>(buffer));

    public static void WriteLine(bool value) => WriteLine(value.ToString());

    public static void WriteLine(int value) => WriteLine(value.ToString());

    public static void WriteLine(uint value) => WriteLine(value.ToString());

    public static void WriteLine(long value) => WriteLine(value.ToString());

    public static void WriteLine(ulong value) => WriteLine(value.ToString());

    public static void WriteLine(object? value) => WriteLine(value?.ToString());

    public static void WriteLine(string format, object? arg0) => WriteLine(string.Format(format, arg0));

    public static void WriteLine(string format, object? arg0, object? arg1) => WriteLine(string.Format(format, arg0, arg1));

    public static void WriteLine(string format, params ReadOnlySpan<object?> arg) => WriteLine(string.Format(format, arg));

    [Obsolete("A firmware's console has no title: write a line.", true)]
    public static string Title
    {
        get => "";
        set
        {
        }
    }

    [Obsolete(NoSize, true)]
    public static void SetWindowSize(int width, int height)
    {
    }

    [Obsolete(NoSize, true)]
    public static void SetBufferSize(int width, int height)
    {
    }

    [Obsolete(NoStreams, true)]
    public static object Out => null!;

    [Obsolete(NoStreams, true)]
    public static object Error => null!;

    [Obsolete(NoStreams, true)]
    public static object In => null!;

    /// <summary>Whether <see cref="ReadKey()"/> would return at once.</summary>
    public static bool KeyAvailable => Keyboard.IsKeyWaiting;

    public static ConsoleKeyInfo ReadKey() => ReadKey(false);

    /// <summary>Waits for a key, and shows its character unless <paramref name="intercept"/>.</summary>
    public static ConsoleKeyInfo ReadKey(bool intercept)
    {
        ConsoleKeyInfo key = Keyboard.Read();
        if (!intercept && key.KeyChar >= ' ')
        {
            Write(key.KeyChar);
        }

        return key;
    }

    /// <summary>A line as somebody types it, with Backspace and Escape (which takes all of it back). Never null: a keyboard has no end.</summary>
    public static string ReadLine()
    {
        List<char> line = new();
        while (true)
        {
            ConsoleKeyInfo key = Keyboard.Read();
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    WriteLine();
                    return new string(line.ToArray());
                case ConsoleKey.Backspace:
                    Erase(line, 1);
                    break;
                case ConsoleKey.Escape:
                    Erase(line, line.Count);
                    break;
                default:
                    if (key.KeyChar >= ' ')
                    {
                        line.Add(key.KeyChar);
                        Write(key.KeyChar);
                    }

                    break;
            }
        }
    }

    private static void Erase(List<char> line, int count)
    {
        for (; count > 0 && line.Count > 0; count--)
        {
            line.RemoveAt(line.Count - 1);
            Write("\b \b".AsSpan());
        }
    }
}
