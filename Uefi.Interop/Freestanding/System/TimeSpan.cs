namespace System;

/// <summary>A length of time, in ticks of 100 ns.</summary>
public readonly struct TimeSpan(long ticks) : IEquatable<TimeSpan>, IComparable<TimeSpan>, ISpanFormattable
{
    public const long TicksPerMicrosecond = 10;
    public const long TicksPerMillisecond = 10_000;
    public const long TicksPerSecond = 10_000_000;
    public const long TicksPerMinute = 600_000_000;
    public const long TicksPerHour = 36_000_000_000;
    public const long TicksPerDay = 864_000_000_000;

    public static readonly TimeSpan Zero = new(0);
    public static readonly TimeSpan MaxValue = new(long.MaxValue);
    public static readonly TimeSpan MinValue = new(long.MinValue);

    public TimeSpan(int hours, int minutes, int seconds)
        : this((hours * TicksPerHour) + (minutes * TicksPerMinute) + (seconds * TicksPerSecond))
    {
    }

    public TimeSpan(int days, int hours, int minutes, int seconds)
        : this(days, hours, minutes, seconds, 0)
    {
    }

    public TimeSpan(int days, int hours, int minutes, int seconds, int milliseconds)
        : this(
            (days * TicksPerDay) + (hours * TicksPerHour) + (minutes * TicksPerMinute) + (seconds * TicksPerSecond) +
            (milliseconds * TicksPerMillisecond))
    {
    }

    public long Ticks { get; } = ticks;

    public int Days => (int)(Ticks / TicksPerDay);

    public int Hours => (int)(Ticks / TicksPerHour % 24);

    public int Minutes => (int)(Ticks / TicksPerMinute % 60);

    public int Seconds => (int)(Ticks / TicksPerSecond % 60);

    public int Milliseconds => (int)(Ticks / TicksPerMillisecond % 1000);

    public int Microseconds => (int)(Ticks / TicksPerMicrosecond % 1000);

    public double TotalDays => (double)Ticks / TicksPerDay;

    public double TotalHours => (double)Ticks / TicksPerHour;

    public double TotalMinutes => (double)Ticks / TicksPerMinute;

    public double TotalSeconds => (double)Ticks / TicksPerSecond;

    public double TotalMilliseconds => (double)Ticks / TicksPerMillisecond;

    public double TotalMicroseconds => (double)Ticks / TicksPerMicrosecond;

    public static TimeSpan FromTicks(long value) => new(value);

    public static TimeSpan FromDays(int days) => new(checked(days * TicksPerDay));

    public static TimeSpan FromHours(int hours) => new(checked(hours * TicksPerHour));

    public static TimeSpan FromMinutes(long minutes) => new(checked(minutes * TicksPerMinute));

    public static TimeSpan FromSeconds(long seconds) => new(checked(seconds * TicksPerSecond));

    public static TimeSpan FromMilliseconds(long milliseconds) => new(checked(milliseconds * TicksPerMillisecond));

    public static TimeSpan FromMicroseconds(long microseconds) => new(checked(microseconds * TicksPerMicrosecond));

    public TimeSpan Add(TimeSpan ts) => this + ts;

    public TimeSpan Subtract(TimeSpan ts) => this - ts;

    public TimeSpan Negate() => -this;

    public TimeSpan Duration() => Ticks < 0 ? -this : this;

    public static TimeSpan operator +(TimeSpan a, TimeSpan b) => new(checked(a.Ticks + b.Ticks));

    public static TimeSpan operator -(TimeSpan a, TimeSpan b) => new(checked(a.Ticks - b.Ticks));

    public static TimeSpan operator -(TimeSpan t) => new(checked(-t.Ticks));

    public static bool operator ==(TimeSpan a, TimeSpan b) => a.Ticks == b.Ticks;

    public static bool operator !=(TimeSpan a, TimeSpan b) => a.Ticks != b.Ticks;

    public static bool operator <(TimeSpan a, TimeSpan b) => a.Ticks < b.Ticks;

    public static bool operator <=(TimeSpan a, TimeSpan b) => a.Ticks <= b.Ticks;

    public static bool operator >(TimeSpan a, TimeSpan b) => a.Ticks > b.Ticks;

    public static bool operator >=(TimeSpan a, TimeSpan b) => a.Ticks >= b.Ticks;

    public bool Equals(TimeSpan other) => Ticks == other.Ticks;

    public override bool Equals(object? obj) => obj is TimeSpan other && Equals(other);

    public override int GetHashCode() => Ticks.GetHashCode();

    public int CompareTo(TimeSpan other) => Ticks.CompareTo(other.Ticks);

    /// <summary>[-][d.]hh:mm:ss[.fffffff], which is .NET's format c.</summary>
    public override string ToString()
    {
        ulong left = Ticks < 0 ? 0 - (ulong)Ticks : (ulong)Ticks;
        ulong fraction = left % TicksPerSecond;
        ulong days = left / TicksPerDay;
        ulong seconds = left / TicksPerSecond;
        string text = $"{(Ticks < 0 ? "-" : "")}{(days == 0 ? "" : $"{days}.")}{seconds / 3600 % 24:D2}:{seconds / 60 % 60:D2}:{seconds % 60:D2}";
        return fraction == 0 ? text : $"{text}.{fraction:D7}";
    }

    /// <summary>The format c; or letters that stand for parts, as in mm\:ss and d\.hh (see <see cref="TimeText"/>).</summary>
    public string ToString(string? format) => format is null or "" or "c" or "t" or "T" ? ToString() : TimeText.Format(this, format);

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        string text = ToString(new string(format));
        bool fits = text.TryCopyTo(destination);
        charsWritten = fits ? text.Length : 0;
        return fits;
    }
}
