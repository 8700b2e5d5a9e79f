using System;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>One line of console text: an interpolated string in a buffer of its own, without allocation. What does not fit is cut.</summary>
[InterpolatedStringHandler]
public unsafe ref struct LineText
{
    private const int Capacity = 300;

    private fixed char _buffer[Capacity];
    private int _length;

    public LineText(int literalLength, int formattedCount)
    {
        _length = 0;
    }

    public void AppendLiteral(string value)
    {
        foreach (char c in value)
        {
            Append(c);
        }
    }

    public void AppendFormatted(string value) => AppendLiteral(value);

    public void AppendFormatted(scoped ReadOnlySpan<char> value)
    {
        foreach (char c in value)
        {
            Append(c);
        }
    }

    public void AppendFormatted(int value) => AppendFormatted((long)value);

    public void AppendFormatted(uint value) => AppendFormatted((ulong)value);

    public void AppendFormatted(long value)
    {
        if (value < 0)
        {
            Append('-');
            value = -value;
        }

        AppendFormatted((ulong)value);
    }

    public void AppendFormatted(ulong value)
    {
        if (value >= 10)
        {
            AppendFormatted(value / 10);
        }

        Append((char)('0' + (value % 10)));
    }

    public void Print(EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* console)
    {
        fixed (char* text = _buffer)
        {
            text[_length] = '\0';
            console->OutputString(console, text);
        }
    }

    private void Append(char c)
    {
        if (_length < Capacity - 1)
        {
            _buffer[_length++] = c;
        }
    }
}
