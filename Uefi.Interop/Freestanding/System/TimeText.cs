using System.Runtime.CompilerServices;

namespace System;

/// <summary>
/// Times by a format of letters, as .NET reads them: a letter repeated is a part with so many digits, \c and 'text' stand for themselves. The
/// letters of a TimeSpan: d h m s f; of a DateTime: y M d H h m s f t, and MMM, MMMM, ddd, dddd for English names. F, g, K and z are absent.
/// </summary>
internal static class TimeText
{
    private static readonly string[] s_months =
        ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

    private static readonly string[] s_days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    /// <summary>The parts of a time; those that a TimeSpan has not are -1.</summary>
    private struct Parts
    {
        public int Year;
        public int Month;
        public int Day;
        public int DayOfWeek;
        public int Hour;
        public int Minute;
        public int Second;
        public int Fraction; // In ticks of 100 ns.
    }

    internal static string Format(TimeSpan time, string format)
    {
        ulong ticks = time.Ticks < 0 ? 0 - (ulong)time.Ticks : (ulong)time.Ticks;
        ulong seconds = ticks / TimeSpan.TicksPerSecond;
        return Format(
            new Parts
            {
                Year = -1,
                Month = -1,
                Day = (int)(seconds / 86_400),
                DayOfWeek = -1,
                Hour = (int)(seconds / 3600 % 24),
                Minute = (int)(seconds / 60 % 60),
                Second = (int)(seconds % 60),
                Fraction = (int)(ticks % TimeSpan.TicksPerSecond),
            },
            format);
    }

    internal static string Format(int year, int month, int day, int dayOfWeek, long ticksOfDay, string format) => Format(
        new Parts
        {
            Year = year,
            Month = month,
            Day = day,
            DayOfWeek = dayOfWeek,
            Hour = (int)(ticksOfDay / TimeSpan.TicksPerHour),
            Minute = (int)(ticksOfDay / TimeSpan.TicksPerMinute % 60),
            Second = (int)(ticksOfDay / TimeSpan.TicksPerSecond % 60),
            Fraction = (int)(ticksOfDay % TimeSpan.TicksPerSecond),
        },
        format);

    private static string Format(in Parts parts, string format)
    {
        bool isSpan = parts.Year < 0;
        DefaultInterpolatedStringHandler text = new(format.Length * 2, 0);
        for (int i = format[0] == '%' ? 1 : 0; i < format.Length;)
        {
            char c = format[i];
            int count = 1;
            while (i + count < format.Length && format[i + count] == c)
            {
                count++;
            }

            switch (c)
            {
                case 'y' when !isSpan:
                    AppendNumber(ref text, count > 2 ? parts.Year : parts.Year % 100, count);
                    break;
                case 'M' when !isSpan && count > 2:
                    AppendName(ref text, s_months[parts.Month - 1], count);
                    break;
                case 'M' when !isSpan:
                    AppendNumber(ref text, parts.Month, count);
                    break;
                case 'd' when !isSpan && count > 2:
                    AppendName(ref text, s_days[parts.DayOfWeek], count);
                    break;
                case 'd':
                    AppendNumber(ref text, parts.Day, count);
                    break;
                case 'h':
                    AppendNumber(ref text, isSpan ? parts.Hour : (parts.Hour + 11) % 12 + 1, count);
                    break;
                case 'H' when !isSpan:
                    AppendNumber(ref text, parts.Hour, count);
                    break;
                case 't' when !isSpan:
                    text.AppendFormatted((parts.Hour < 12 ? "AM" : "PM").AsSpan(0, Math.Min(count, 2)));
                    break;
                case 'm':
                    AppendNumber(ref text, parts.Minute, count);
                    break;
                case 's':
                    AppendNumber(ref text, parts.Second, count);
                    break;
                case 'f' when count <= 7:
                    AppendFraction(ref text, parts.Fraction, count);
                    break;
                case '\\' when i + 1 < format.Length:
                    text.AppendFormatted(format[i + 1]);
                    count = 2;
                    break;
                case '\'' when format.IndexOf('\'', i + 1) is > 0 and int end:
                    text.AppendFormatted(format.AsSpan(i + 1, end - i - 1));
                    count = end + 1 - i;
                    break;
                case 'd' or 'f' or 'F' or 'g' or 'h' or 'H' or 'K' or 'm' or 'M' or 's' or 't' or 'y' or 'z' or '%' or '"' or '\'' or '\\':
                case var _ when isSpan:
                    throw new FormatException($"'{format}' is no format of times here, from '{c}' on");
                default:
                    text.AppendFormatted(format.AsSpan(i, count));
                    break;
            }

            i += count;
        }

        return text.ToString();
    }

    private static void AppendNumber(ref DefaultInterpolatedStringHandler text, int value, int digits)
    {
        for (int limit = 10, missing = digits - 1; missing > 0; missing--, limit *= 10)
        {
            if (value < limit)
            {
                text.AppendFormatted("0000000".AsSpan(0, missing));
                break;
            }
        }

        text.AppendFormatted(value);
    }

    private static void AppendName(ref DefaultInterpolatedStringHandler text, string name, int letters) =>
        text.AppendFormatted(letters == 3 ? name.AsSpan(0, 3) : name);

    private static void AppendFraction(ref DefaultInterpolatedStringHandler text, int fraction, int digits)
    {
        Span<char> all = stackalloc char[7];
        for (int i = 6; i >= 0; i--, fraction /= 10)
        {
            all[i] = (char)('0' + (fraction % 10));
        }

        text.AppendFormatted(all.Slice(0, digits));
    }
}
