using System;
using System.Globalization;
using System.Text;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>What a machine's screen shows, as QEMU dumps it: a binary PPM picture.</summary>
public sealed class Screenshot
{
    private readonly byte[] _file;
    private int _start;

    /// <param name="file">"P6", width, height and maximum with white space behind each, then red, green and blue of each pixel.</param>
    /// <exception cref="ToolError">It is no such file.</exception>
    public Screenshot(byte[] file)
    {
        _file = file;
        if (ReadWord() != "P6")
        {
            throw new ToolError("QEMU's screendump is no PPM picture.");
        }

        Width = int.Parse(ReadWord(), CultureInfo.InvariantCulture);
        Height = int.Parse(ReadWord(), CultureInfo.InvariantCulture);
        ReadWord();

        string ReadWord()
        {
            int end = _file.AsSpan(_start).IndexOfAny((byte)' ', (byte)'\n');
            string word = Encoding.ASCII.GetString(_file, _start, end);
            _start += end + 1;
            return word;
        }
    }

    public int Width { get; }
    public int Height { get; }

    /// <summary>0xRRGGBB.</summary>
    public uint this[int x, int y]
    {
        get
        {
            int at = _start + 3 * (y * Width + x);
            return (uint)(_file[at] << 16 | _file[at + 1] << 8 | _file[at + 2]);
        }
    }
}
