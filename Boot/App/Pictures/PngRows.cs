using System;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Pictures;

/// <summary>Takes the decompressed data of a PNG picture and draws it, row by row: never more than two rows of it are there.</summary>
/// <param name="file">The picture that the data is of.</param>
/// <param name="to">Gets the pixels.</param>
internal sealed class PngRows(PngFile file, Picture to) : DownloadTarget
{
    /// <summary>The only pass of a picture that is not interlaced.</summary>
    private const int WholePass = 7;

    private readonly int _channels = file.Colours switch
    {
        PngColours.Rgb => 3,
        PngColours.GreyAlpha => 2,
        PngColours.RgbAlpha => 4,
        _ => 1,
    };

    // A filter's type, then the row's bytes.
    private byte[] _row = [];
    private byte[] _above = [];
    private int _filled;
    private int _rowSize;
    private int _pass;
    private int _y;

    /// <summary>Whether all rows have come.</summary>
    public bool IsComplete => _pass > WholePass || (_pass == WholePass && file.IsInterlaced);

    // Where each pass begins, and how far its pixels are apart (RFC 2083, 2.6).
    private static ReadOnlySpan<byte> FirstColumns => [0, 4, 0, 2, 0, 1, 0, 0];
    private static ReadOnlySpan<byte> FirstRows => [0, 0, 4, 0, 2, 0, 1, 0];
    private static ReadOnlySpan<byte> ColumnSteps => [8, 8, 4, 4, 2, 2, 1, 1];
    private static ReadOnlySpan<byte> RowSteps => [8, 8, 8, 4, 4, 2, 2, 1];

    /// <summary>Bytes from a sample to the same one of the next pixel; 1 when several pixels share one.</summary>
    private int PixelSize => Math.Max(1, _channels * file.Depth / 8);

    /// <summary>How many pixels there are in a row of the present pass.</summary>
    private int PassWidth => (file.Width - FirstColumns[_pass] + ColumnSteps[_pass] - 1) / ColumnSteps[_pass];

    /// <inheritdoc/>
    protected override Error? Prepare(ulong? size)
    {
        _row = new byte[RowSize(file.Width)];
        _above = new byte[_row.Length];
        StartPass(file.IsInterlaced ? 0 : WholePass);
        return null;
    }

    /// <inheritdoc/>
    protected override Error? Store(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            if (IsComplete)
            {
                return Bad("more pixels than its size says");
            }

            int count = Math.Min(data.Length, _rowSize - _filled);
            data.Slice(0, count).CopyTo(new Span<byte>(_row, _filled, count));
            data = data.Slice(count);
            _filled += count;
            if (_filled == _rowSize && !TryFinishRow())
            {
                return Bad("a row with a filter of no known type");
            }
        }

        return null;
    }

    private static Error Bad(string what) => new(EFI_STATUS.EFI_COMPROMISED_DATA, what);

    /// <summary>Begins a pass, or the next that has any pixels (RFC 2083, 2.6).</summary>
    private void StartPass(int pass)
    {
        _pass = pass;
        while (!IsComplete && (file.Width <= FirstColumns[_pass] || file.Height <= FirstRows[_pass]))
        {
            _pass++;
        }

        if (!IsComplete)
        {
            _y = FirstRows[_pass];
            _rowSize = RowSize(PassWidth);
            _filled = 0;
            Array.Clear(_above);
        }
    }

    private int RowSize(int width) => 1 + (int)(((long)width * _channels * file.Depth + 7) / 8);

    private bool TryFinishRow()
    {
        if (!TryUnfilter(new Span<byte>(_row, 0, _rowSize), _above, PixelSize))
        {
            return false;
        }

        int width = PassWidth;
        int first = FirstColumns[_pass];
        int step = ColumnSteps[_pass];
        for (int x = 0; x < width; x++)
        {
            to.Set(first + x * step, _y, Pixel(x));
        }

        (_row, _above) = (_above, _row);
        _filled = 0;
        _y += RowSteps[_pass];
        if (_y >= file.Height)
        {
            StartPass(_pass + 1);
        }

        return true;
    }

    /// <summary>Adds to each byte what its filter predicts (RFC 2083, 6).</summary>
    /// <param name="row">The filter's type, then the row's bytes.</param>
    /// <param name="above">The row above, at least as long.</param>
    /// <param name="pixelSize">How far back the byte to the left is.</param>
    private static bool TryUnfilter(Span<byte> row, ReadOnlySpan<byte> above, int pixelSize)
    {
        byte filter = row[0];
        for (int i = 1; i < row.Length && filter is > 0 and <= 4; i++)
        {
            int left = i > pixelSize ? row[i - pixelSize] : 0;
            int aboveLeft = i > pixelSize ? above[i - pixelSize] : 0;
            row[i] += (byte)(filter switch
            {
                1 => left,
                2 => above[i],
                3 => (left + above[i]) / 2,
                _ => Paeth(left, above[i], aboveLeft),
            });
        }

        return filter <= 4;
    }

    /// <summary>Which of its neighbours a byte is likely to be (RFC 2083, 6.6).</summary>
    private static int Paeth(int left, int above, int aboveLeft)
    {
        int toLeft = Math.Abs(above - aboveLeft);
        int toAbove = Math.Abs(left - aboveLeft);
        int toAboveLeft = Math.Abs(left + above - 2 * aboveLeft);
        return toLeft <= toAbove && toLeft <= toAboveLeft ? left : toAbove <= toAboveLeft ? above : aboveLeft;
    }

    private uint Pixel(int x)
    {
        int first = x * _channels;
        switch (file.Colours)
        {
            case PngColours.Palette:
                return file.PaletteColour(Sample(first));
            case PngColours.Grey or PngColours.GreyAlpha:
                byte grey = Scale(Sample(first));
                return PngFile.Blend(grey, grey, grey, _channels == 2 ? Sample(first + 1) : (byte)0xFF);
            default:
                return PngFile.Blend(Sample(first), Sample(first + 1), Sample(first + 2), _channels == 4 ? Sample(first + 3) : (byte)0xFF);
        }
    }

    /// <summary>A sample of the row; of 16 bits the upper eight.</summary>
    private byte Sample(int index)
    {
        int depth = file.Depth;
        if (depth >= 8)
        {
            return _row[1 + index * (depth / 8)];
        }

        int bit = index * depth;
        return (byte)(_row[1 + bit / 8] >> (8 - depth - bit % 8) & ((1 << depth) - 1));
    }

    /// <summary>A sample of any depth as one of eight bits.</summary>
    private byte Scale(byte sample) => file.Depth >= 8 ? sample : (byte)(sample * 255 / ((1 << file.Depth) - 1));
}
