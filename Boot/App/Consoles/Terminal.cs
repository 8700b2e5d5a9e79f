using System;

namespace NetBoot.Boot.App.Consoles;

/// <summary>Where the app writes to and reads keys from: a screen and keyboard, a serial line, a test.</summary>
public abstract class Terminal
{
    private const int QueueSize = 32;
    private readonly Key[] _queue = new Key[QueueSize];
    private int _queueStart;
    private int _queueCount;

    /// <summary>Characters in a line; at least 40.</summary>
    public abstract int Columns { get; }

    /// <summary>Lines on the screen; at least 10.</summary>
    public abstract int Rows { get; }

    /// <summary>What is printed on the keys.</summary>
    public virtual Keymap Keymap { get; set; }

    /// <summary>
    /// Writes text as it is: '\n' starts a new line, '\r' goes back to the start of this one, '\b' one character back. Escape sequences that
    /// select colours are honoured, others dropped.
    /// </summary>
    public abstract void Write(ReadOnlySpan<char> text);

    /// <summary>Moves the cursor.</summary>
    /// <param name="column">From 0, the leftmost.</param>
    /// <param name="row">From 0, the topmost.</param>
    public abstract void MoveTo(int column, int row);

    /// <summary>Sets the colours of what is written next; escape sequences that reset colours go back to these.</summary>
    public abstract void SetColours(TextColours colours);

    /// <summary>Fills the screen with the background, the cursor at the top left.</summary>
    public abstract void Clear();

    public abstract void ShowCursor(bool isVisible);

    /// <summary>Writes text and a new line.</summary>
    public void WriteLine(ReadOnlySpan<char> text)
    {
        Write(text);
        Write("\n");
    }

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

    /// <summary>The last of what was written, menus and forms left out, in the current arena; empty where nobody keeps it.</summary>
    public virtual byte[] ReadLog() => [];

    /// <summary>Asks the device for a key.</summary>
    protected abstract bool TryReadDevice(out Key key);
}
