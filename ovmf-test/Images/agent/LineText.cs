using System;
using System.Runtime.CompilerServices;
using Uefi.Interop.Raw;

namespace OvmfTest.Images;

/// <summary>One line of console text: an interpolated string in a buffer of its own, without allocation. What does not fit is cut.</summary>
[InterpolatedStringHandler]
public unsafe ref struct LineText
{
    private const int Capacity = 300;

    private fixed char buffer[Capacity];
    private int length;

    public LineText(int literalLength, int formattedCount)
    {
        length = 0;
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
        fixed (char* text = buffer)
        {
            text[length] = '\0';
            console->OutputString(console, text);
        }
    }

    private void Append(char c)
    {
        if (length < Capacity - 1)
        {
            buffer[length++] = c;
        }
    }
}
