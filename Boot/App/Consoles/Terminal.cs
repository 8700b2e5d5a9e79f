using System;
using System.Runtime.CompilerServices;
using NetBoot.NetworkStack;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Consoles;

/// <summary>Where the app writes to and reads keys from: a screen and keyboard, a serial line, a test.</summary>
public abstract class Terminal
{
    private const int QueueSize = 32;
    private readonly Key[] _queue = new Key[QueueSize];
    private int _queueStart;
    private int _queueCount;

    /// <summary>The colours that scripts may define, for what screens draw.</summary>
    public Palette Palette { get; } = new();

    /// <summary>The last of what was written, menus and forms left out.</summary>
    public ConsoleLog Log { get; } = new();

    /// <summary>Characters in a line; at least 40.</summary>
    public abstract int Columns { get; }

    /// <summary>Lines on the screen; at least 10.</summary>
    public abstract int Rows { get; }

    /// <summary>What is printed on the keys.</summary>
    public Keymap Keymap { get; set; }

    /// <summary>
    /// Writes text as it is: '\n' starts a new line, '\r' goes back to the start of this one, '\b' one character back. Escape sequences that
    /// select colours are honoured, others dropped.
    /// </summary>
    public abstract void Write(ReadOnlySpan<char> text);

    /// <inheritdoc cref="Write(ReadOnlySpan{char})"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Write(string text) => Write(text.AsSpan());

    /// <summary>Moves the cursor.</summary>
    /// <param name="column">From 0, the leftmost.</param>
    /// <param name="row">From 0, the topmost.</param>
    public abstract void MoveTo(int column, int row);

    /// <summary>Sets the colours of what is written next; escape sequences that reset colours go back to these.</summary>
    public abstract void SetColours(TextColours colours);

    /// <summary>Fills the screen with the background, the cursor at the top left.</summary>
    public abstract void Clear();

    public abstract void ShowCursor(bool isVisible);

    /// <summary>
    /// Sets the screen up as a script wants it, and empties it. Where there is none that could be, all is accepted, and text stays as it is.
    /// </summary>
    /// <param name="request">What the script wants.</param>
    /// <param name="platform">Has the memory.</param>
    /// <param name="loop">Turns while a picture is decoded, and stops that when the user does.</param>
    /// <returns>What of it the screen cannot do, or what is wrong with the picture.</returns>
    public virtual Error? Configure(ScreenRequest request, Platform platform, EventLoop loop) => null;

    /// <summary>Draws a frame as wide as the screen around what a menu or form shows, where the terminal has lines for it; nothing written is covered.</summary>
    /// <param name="top">The row of its upper line.</param>
    /// <param name="bottom">The row of its lower line.</param>
    /// <param name="colours">Those of the lines.</param>
    public virtual void DrawFrame(int top, int bottom, TextColours colours)
    {
    }

    /// <summary>Leaves the console to others as it was found: the firmware, or an image that is started.</summary>
    public virtual void Restore()
    {
    }

    /// <summary>Writes text and a new line.</summary>
    public void WriteLine(ReadOnlySpan<char> text)
    {
        Write(text);
        Write("\n");
    }

    /// <summary>Writes text and a new line.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void WriteLine(string text) => WriteLine(text.AsSpan());

    /// <summary>The next key pressed, in order; false when there is none.</summary>
    public bool TryReadKey(out Key key)
    {
        if (_queueCount == 0)
        {
            return TryReadDevice(out key);
        }

        key = _queue[_queueStart];
        _queueStart = (_queueStart + 1) % QueueSize;
        _queueCount--;
        return true;
    }

    /// <summary>
    /// Reads what was typed, keeps it for later (up to 32 keys), and says whether Ctrl-C was among it, which also drops what was typed before it.
    /// </summary>
    public bool WasInterrupted()
    {
        bool interrupted = false;
        while (_queueCount < QueueSize && TryReadDevice(out Key key))
        {
            if (key.Code == KeyCode.Character && key.Character == Key.ControlC)
            {
                interrupted = true;
                _queueCount = 0;
                continue;
            }

            _queue[(_queueStart + _queueCount) % QueueSize] = key;
            _queueCount++;
        }

        return interrupted;
    }

    /// <summary>Forgets what was typed ahead.</summary>
    public void DropKeys()
    {
        WasInterrupted();
        _queueCount = 0;
    }

    /// <summary>Asks the device for a key.</summary>
    protected abstract bool TryReadDevice(out Key key);
}
