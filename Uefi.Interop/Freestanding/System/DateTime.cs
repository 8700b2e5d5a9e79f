using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace System;

public enum DayOfWeek
{
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

public enum DateTimeKind
{
    Unspecified,
    Utc,
    Local,
}

/// <summary>A date of the Gregorian calendar and a time of day, in ticks of 100 ns since 0001-01-01.</summary>
public readonly unsafe struct DateTime : IEquatable<DateTime>, IComparable<DateTime>, ISpanFormattable
{
    private const int DaysTo1970 = 719_162;
    private const long LastTick = 3_155_378_975_999_999_999;

    public static readonly DateTime MinValue;
    public static readonly DateTime MaxValue = new(LastTick);
    public static readonly DateTime UnixEpoch = new(DaysTo1970 * TimeSpan.TicksPerDay, DateTimeKind.Utc);

    public DateTime(long ticks)
        : this(ticks, DateTimeKind.Unspecified)
    {
    }

    public DateTime(long ticks, DateTimeKind kind)
    {
        if ((ulong)ticks > LastTick)
        {
            ThrowOutOfRange();
        }

        Ticks = ticks;
        Kind = kind;
    }

    public DateTime(int year, int month, int day)
        : this(year, month, day, 0, 0, 0)
    {
    }

    public DateTime(int year, int month, int day, int hour, int minute, int second)
        : this(year, month, day, hour, minute, second, 0)
    {
    }

    public DateTime(int year, int month, int day, int hour, int minute, int second, DateTimeKind kind)
        : this(year, month, day, hour, minute, second, 0, kind)
    {
    }

    public DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond)
        : this(year, month, day, hour, minute, second, millisecond, DateTimeKind.Unspecified)
    {
    }

    public DateTime(int year, int month, int day, int hour, int minute, int second, int millisecond, DateTimeKind kind)
    {
        if (year is < 1 or > 9999 || month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month) ||
            (uint)hour > 23 || (uint)minute > 59 || (uint)second > 59 || (uint)millisecond > 999)
        {
            ThrowOutOfRange();
        }

        Ticks = (DaysTo(year, month) + day - 1) * TimeSpan.TicksPerDay + hour * TimeSpan.TicksPerHour + minute * TimeSpan.TicksPerMinute +
            second * TimeSpan.TicksPerSecond + millisecond * TimeSpan.TicksPerMillisecond;
        Kind = kind;
    }

    /// <summary>
    /// The firmware's clock (UEFI 2.10, 8.3.1). One that says nothing of its zone is taken for UTC, as firmware and Linux set it. Without a clock
    /// it is a fault.
    /// </summary>
    public static DateTime UtcNow
    {
        get
        {
            DateTime read = Read(out int minutesToUtc);
            return new DateTime(read.Ticks + (minutesToUtc * TimeSpan.TicksPerMinute), DateTimeKind.Utc);
        }
    }

    /// <summary>The same in the zone that the clock says it is in.</summary>
    public static DateTime Now => new(Read(out _).Ticks, DateTimeKind.Local);

    public static DateTime Today => Now.Date;

    public long Ticks { get; }

    public DateTimeKind Kind { get; }

    public int Year => Find().Year;

    public int Month => Find().Month;

    public int Day => Find().Day;

    public int DayOfYear => (int)(Ticks / TimeSpan.TicksPerDay - DaysTo(Year, 1)) + 1;

    public DayOfWeek DayOfWeek => (DayOfWeek)((Ticks / TimeSpan.TicksPerDay + 1) % 7);

    public int Hour => TimeOfDay.Hours;

    public int Minute => TimeOfDay.Minutes;

    public int Second => TimeOfDay.Seconds;

    public int Millisecond => TimeOfDay.Milliseconds;

    public DateTime Date => new(Ticks - Ticks % TimeSpan.TicksPerDay, Kind);

    public TimeSpan TimeOfDay => new(Ticks % TimeSpan.TicksPerDay);

    public static bool IsLeapYear(int year) => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(int year, int month) => month switch
    {
        2 => IsLeapYear(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    public static DateTime SpecifyKind(DateTime value, DateTimeKind kind) => new(value.Ticks, kind);

    public DateTime Add(TimeSpan value) => this + value;

    public DateTime AddTicks(long value) => new(checked(Ticks + value), Kind);

    public DateTime AddDays(int value) => AddTicks(value * TimeSpan.TicksPerDay);

    public DateTime AddHours(int value) => AddTicks(value * TimeSpan.TicksPerHour);

    public DateTime AddMinutes(int value) => AddTicks(value * TimeSpan.TicksPerMinute);

    public DateTime AddSeconds(int value) => AddTicks(value * TimeSpan.TicksPerSecond);

    public DateTime AddMilliseconds(int value) => AddTicks(value * TimeSpan.TicksPerMillisecond);

    public DateTime AddYears(int value) => AddMonths(checked(value * 12));

    /// <summary>To the same day of another month, or to its last.</summary>
    public DateTime AddMonths(int months)
    {
        (int year, int month, int day) = Find();
        int all = checked(year * 12 + month - 1 + months);
        if (all is < 12 or >= 120_000)
        {
            ThrowOutOfRange();
        }

        year = all / 12;
        month = all % 12 + 1;
        day = Math.Min(day, DaysInMonth(year, month));
        return new DateTime((DaysTo(year, month) + day - 1) * TimeSpan.TicksPerDay + Ticks % TimeSpan.TicksPerDay, Kind);
    }

    public TimeSpan Subtract(DateTime value) => this - value;

    public static DateTime operator +(DateTime d, TimeSpan t) => d.AddTicks(t.Ticks);

    public static DateTime operator -(DateTime d, TimeSpan t) => d.AddTicks(-t.Ticks);

    public static TimeSpan operator -(DateTime a, DateTime b) => new(a.Ticks - b.Ticks);

    public static bool operator ==(DateTime a, DateTime b) => a.Ticks == b.Ticks;

    public static bool operator !=(DateTime a, DateTime b) => a.Ticks != b.Ticks;

    public static bool operator <(DateTime a, DateTime b) => a.Ticks < b.Ticks;

    public static bool operator <=(DateTime a, DateTime b) => a.Ticks <= b.Ticks;

    public static bool operator >(DateTime a, DateTime b) => a.Ticks > b.Ticks;

    public static bool operator >=(DateTime a, DateTime b) => a.Ticks >= b.Ticks;

    public bool Equals(DateTime value) => Ticks == value.Ticks;

    public override bool Equals(object? value) => value is DateTime other && Equals(other);

    public override int GetHashCode() => Ticks.GetHashCode();

    public int CompareTo(DateTime value) => Ticks.CompareTo(value.Ticks);

    public override string ToString() => ToString("G");

    /// <summary>The formats s, u, d, t, T, o, G (the default) and g; or letters that stand for parts, as in yyyy-MM-dd HH:mm.</summary>
    public string ToString(string? format)
    {
        string letters = format switch
        {
            null or "" or "G" => "MM/dd/yyyy HH:mm:ss",
            "g" => "MM/dd/yyyy HH:mm",
            "d" => "MM/dd/yyyy",
            "t" => "HH:mm",
            "T" => "HH:mm:ss",
            "s" => "yyyy-MM-ddTHH:mm:ss",
            "u" => "yyyy-MM-dd HH:mm:ssZ",
            "o" or "O" => "yyyy-MM-ddTHH:mm:ss.fffffff",
            { Length: 1 } => throw new FormatException($"'{format}' is no format of dates here"),
            _ => format,
        };
        (int year, int month, int day) = Find();
        string text = TimeText.Format(year, month, day, (int)DayOfWeek, TimeOfDay.Ticks, letters);
        return format is "o" or "O" && Kind == DateTimeKind.Utc ? text + "Z" : text;
    }

    public string ToString(string? format, IFormatProvider? provider) => ToString(format);

    public string ToString(IFormatProvider? provider) => ToString();

    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        string text = ToString(new string(format));
        bool fits = text.TryCopyTo(destination);
        charsWritten = fits ? text.Length : 0;
        return fits;
    }

    private static DateTime Read(out int minutesToUtc)
    {
        EFI_TIME time = default;
        if (Firmware.RuntimeServices->GetTime(&time, null).IsError)
        {
            throw new InvalidOperationException("the firmware has no clock");
        }

        minutesToUtc = time.TimeZone == EFI_TIME.EFI_UNSPECIFIED_TIMEZONE ? 0 : time.TimeZone;
        return new DateTime(time.Year, time.Month, time.Day, time.Hour, time.Minute, time.Second).AddTicks(time.Nanosecond / 100);
    }

    /// <summary>Days from 0001-01-01 to the first of a month.</summary>
    private static long DaysTo(int year, int month)
    {
        long before = year - 1;
        long days = before * 365 + before / 4 - before / 100 + before / 400;
        for (int each = 1; each < month; each++)
        {
            days += DaysInMonth(year, each);
        }

        return days;
    }

    private (int Year, int Month, int Day) Find()
    {
        int days = (int)(Ticks / TimeSpan.TicksPerDay);
        int year = Math.Min((int)(days * 400L / 146_097) + 1, 9999);
        while (DaysTo(year, 1) > days)
        {
            year--;
        }

        while (year < 9999 && DaysTo(year + 1, 1) <= days)
        {
            year++;
        }

        int left = days - (int)DaysTo(year, 1);
        int month = 1;
        while (left >= DaysInMonth(year, month))
        {
            left -= DaysInMonth(year, month++);
        }

        return (year, month, left + 1);
    }

    private static void ThrowOutOfRange() => throw new ArgumentOutOfRangeException(null, "no date from 0001-01-01 to 9999-12-31");
}
