using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>The times of certificates (RFC 5280, 4.1.2.5).</summary>
public static class DerTime
{
    /// <summary>Reads a UTCTime or GeneralizedTime as certificates have them: with seconds, without fractions, "Z" at its end.</summary>
    /// <param name="tag">Which of the two it is.</param>
    /// <param name="text">The value's content.</param>
    /// <param name="unixTime">Seconds since 1970, from the year 0 on, so it may be negative; 0 with false.</param>
    public static bool TryRead(byte tag, ReadOnlySpan<byte> text, out long unixTime)
    {
        unixTime = 0;
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

        unixTime = CalendarTime.ToUnixTime(year, month, day, hour, minute, second);
        return true;
    }

    private static int Pair(ReadOnlySpan<byte> text, int at) => (text[at] - '0') * 10 + (text[at + 1] - '0');
}
