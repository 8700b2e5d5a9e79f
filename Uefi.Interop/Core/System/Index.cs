namespace System;

/// <summary>A position counted from the start (`2`) or the end (`^2`).</summary>
public readonly struct Index(int value, bool fromEnd = false)
{
    private readonly int _value = fromEnd ? ~value : value;

    public int Value => _value < 0 ? ~_value : _value;
    public bool IsFromEnd => _value < 0;

    public static Index Start => new(0);
    public static Index End => new(0, true);
    public static Index FromStart(int value) => new(value);
    public static Index FromEnd(int value) => new(value, true);

    public int GetOffset(int length) => _value < 0 ? length + 1 + _value : _value;

    public static implicit operator Index(int value) => new(value);
}

/// <summary>From a position to a position: `a..b`.</summary>
public readonly struct Range(Index start, Index end)
{
    public Index Start { get; } = start;
    public Index End { get; } = end;

    public static Range StartAt(Index start) => new(start, Index.End);
    public static Range EndAt(Index end) => new(Index.Start, end);
    public static Range All => new(Index.Start, Index.End);

    public (int Offset, int Length) GetOffsetAndLength(int length)
    {
        int start = Start.GetOffset(length);
        int end = End.GetOffset(length);
        if ((uint)end > (uint)length || (uint)start > (uint)end)
        {
            throw new ArgumentOutOfRangeException();
        }

        return (start, end - start);
    }
}
