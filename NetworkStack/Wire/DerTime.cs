using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>The times of certificates (RFC 5280, 4.1.2.5), as seconds since 1970, UTC.</summary>
public static class DerTime
{
    private const int SecondsOfDay = 86400;

    /// <summary>Reads a UTCTime or GeneralizedTime as certificates have them: with seconds, without fractions, "Z" at its end.</summary>
    /// <param name="tag">Which of the two it is.</param>
    /// <param name="text">The value's content.</param>
    /// <param name="seconds">From the year 0 on, so it may be negative; 0 with false.</param>
    public static bool TryRead(byte tag, ReadOnlySpan<byte> text, out long seconds)
    {
        seconds = 0;
        int yearDigits = tag == DerReader.UtcTime ? 2 : tag == DerReader.GeneralizedTime ? 4 : 0;
        if (yearDigits == 0 || text.Length != yearDigits + 11 || text[text.Length - 1] != (byte)'Z')
        {
            return false;
        }

        foreach (byte digit in text.Slice(0, text.Length - 1))
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }
        }

        int year = Pair(text, 0);
        year = yearDigits == 4 ? year * 100 + Pair(text, 2) : year >= 50 ? 1900 + year : 2000 + year;
        text = text.Slice(yearDigits);
        int month = Pair(text, 0);
        int day = Pair(text, 2);
        int hour = Pair(text, 4);
        int minute = Pair(text, 6);
        int second = Pair(text, 8);
        if (month is 0 or > 12 || day is 0 or > 31 || hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        seconds = Days(year, month, day) * SecondsOfDay + hour * 3600 + minute * 60 + second;
        return true;
    }

    /// <summary>"2026-11-30 01:29 UTC".</summary>
    /// <param name="text">Gets it.</param>
    /// <param name="seconds">Since 1970, from the year 0 to 9999; others show as the nearest of those.</param>
    public static void AppendTo(ref TextBuilder text, long seconds)
    {
        long first = Days(0, 1, 1) * SecondsOfDay;
        long last = Days(10000, 1, 1) * SecondsOfDay - 1;
        ulong since = (ulong)(Math.Min(Math.Max(seconds, first), last) - first);
        long days = (long)(since / SecondsOfDay);
        ulong second = since % SecondsOfDay;
        int year = (int)(days / 366); // Not behind the year that it is.
        while (Days(year + 1, 1, 1) - Days(0, 1, 1) <= days)
        {
            year++;
        }

        int month = 12;
        while (Days(year, month, 1) - Days(0, 1, 1) > days)
        {
            month--;
        }

        int day = (int)(days - (Days(year, month, 1) - Days(0, 1, 1))) + 1;
        text.AppendFormatted(TextBuilder.Format($"{year:d4}-{month:d2}-{day:d2} {second / 3600:d2}:{second / 60 % 60:d2} UTC"));
    }

    private static int Pair(ReadOnlySpan<byte> text, int at) => (text[at] - '0') * 10 + (text[at + 1] - '0');

    /// <summary>Days from 1970-01-01 in the Gregorian calendar; a day beyond its month's end is one of the next.</summary>
    private static long Days(int year, int month, int day)
    {
        int past = month > 2 ? year : year - 1; // Years count from March, so that a leap day is a year's last.
        int centuries = past < 0 ? -1 : past / 100;
        int fours = past < 0 ? -1 : past / 4;
        int quarters = past < 0 ? -1 : past / 400;
        int months = (month + 9) % 12;
        return past * 365L + fours - centuries + quarters + (153 * months + 2) / 5 + day - 1 - 719468;
    }
}
