using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A time of the Gregorian calendar, UTC, from the year 0 to 9999.</summary>
public readonly struct CalendarTime : ITextFormattable
{
    private const int SecondsOfDay = 86400;

    /// <summary>A time by the seconds since 1970; what is beyond the calendar becomes its first or last second.</summary>
    public CalendarTime(long unixTime)
    {
        long first = ToUnixTime(0, 1, 1, 0, 0, 0);
        long since = Math.Min(Math.Max(unixTime, first), ToUnixTime(10000, 1, 1, 0, 0, 0) - 1) - first;
        int days = (int)(since / SecondsOfDay);
        Year = days / 366; // Not behind the year that it is.
        while (Days(Year + 1, 1, 1) <= days)
        {
            Year++;
        }

        Month = 12;
        while (Days(Year, Month, 1) > days)
        {
            Month--;
        }

        Day = days - Days(Year, Month, 1) + 1;
        int second = (int)(since % SecondsOfDay);
        Hour = second / 3600;
        Minute = second / 60 % 60;
        Second = second % 60;
    }

    /// <summary>0 to 9999.</summary>
    public int Year { get; }

    /// <summary>1 to 12.</summary>
    public int Month { get; }

    /// <summary>1 to 31.</summary>
    public int Day { get; }

    /// <summary>0 to 23.</summary>
    public int Hour { get; }

    /// <summary>0 to 59.</summary>
    public int Minute { get; }

    /// <summary>0 to 59.</summary>
    public int Second { get; }

    /// <summary>Seconds from 1970 to a time, of the year 0 or later; a day beyond its month's end is one of the next.</summary>
    public static long ToUnixTime(int year, int month, int day, int hour, int minute, int second) =>
        (Days(year, month, day) - 719528L) * SecondsOfDay + hour * 3600 + minute * 60 + second;

    /// <summary>"2026-11-30 01:29 UTC".</summary>
    public void AppendTo(ref TextBuilder text) =>
        text.AppendFormatted(TextBuilder.Format($"{Year:d4}-{Month:d2}-{Day:d2} {Hour:d2}:{Minute:d2} UTC"));

    /// <summary>Days since the first of the year 0.</summary>
    private static int Days(int year, int month, int day)
    {
        int months = (month + 9) % 12; // Years count from March, so that a leap day is a year's last.
        int past = month > 2 ? year : year - 1;
        int leaps = past < 0 ? -1 : past / 4 - past / 100 + past / 400;
        return past * 365 + leaps + (153 * months + 2) / 5 + day + 59;
    }
}
