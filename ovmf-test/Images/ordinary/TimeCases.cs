using System;

namespace NetBoot.OvmfTest.Images.ordinary;

internal static class TimeCases
{
    private static readonly string[] s_dateFormats =
        ["", "G", "g", "d", "t", "T", "s", "u", "o", "yyyy-MM-dd", "yy/M/d H:m:s", "dddd, dd MMMM yyyy", "ddd d MMM", "hh:mm:ss.fff tt", "h t", "'at' HH\\hmm", "yyyyMMddTHHmmssZ", "%d", "fffffff"];

    private static readonly string[] s_spanFormats = ["", "c", @"hh\:mm\:ss", @"d\.hh\:mm", "mm'min'ss", "%s", @"s\.fff", "%d", "ddd", @"h\:m"];

    internal static void Run(Cases cases)
    {
        DateTime[] dates =
        [
            new(1, 1, 1), new(2026, 11, 30, 1, 2, 3), new(2024, 2, 29, 23, 59, 59, 999), new(1900, 3, 1), new(2000, 12, 31, 12, 0, 0, DateTimeKind.Utc),
            new(9999, 12, 31, 23, 59, 59), new(638_000_000_123_456_789), DateTime.UnixEpoch, DateTime.MaxValue, new(1600, 12, 31),
        ];
        foreach (DateTime date in dates)
        {
            cases.Add($"{date.Year} {date.Month} {date.Day} {date.Hour} {date.Minute} {date.Second} {date.Millisecond} {date.DayOfYear} {(int)date.DayOfWeek} {date.Ticks}");
            cases.Add($"{date} {date:yyyy} {date.Date} {date.TimeOfDay} {(int)date.Kind} {date - DateTime.UnixEpoch} {date < DateTime.UnixEpoch}");
            foreach (string format in s_dateFormats)
            {
                cases.Add(date.ToString(format));
            }

            if (date.Year is > 1 and < 9999)
            {
                cases.Add($"{date.AddDays(-1)} {date.AddDays(400)} {date.AddMonths(1)} {date.AddMonths(-13)} {date.AddYears(4)} {date.AddSeconds(86_401)} {date + new TimeSpan(1, 2, 3)}");
            }
        }

        TimeSpan[] spans =
        [
            TimeSpan.Zero, new(1, 2, 3), new(1, 2, 3, 4, 5), new(-1), -new TimeSpan(30, 0, 0), TimeSpan.FromMilliseconds(1234567L), TimeSpan.MaxValue, TimeSpan.MinValue, TimeSpan.FromSeconds(59L),
        ];
        foreach (TimeSpan span in spans)
        {
            cases.Add($"{span} {span.Days} {span.Hours} {span.Minutes} {span.Seconds} {span.Milliseconds} {span.Microseconds} {(long)span.TotalMinutes} {(long)span.TotalMilliseconds} {span > TimeSpan.Zero}");
            foreach (string format in s_spanFormats)
            {
                cases.Add(span.ToString(format));
            }
        }

        int checksum = 0;
        for (int day = 0; day < 146_097 * 2; day += 61)
        {
            DateTime date = new(day * TimeSpan.TicksPerDay);
            checksum = (checksum * 31) + date.Year + (date.Month * 100) + (date.Day * 10_000);
        }

        cases.Add(checksum.ToString());
        Guids(cases);
        Randoms(cases);
    }

    private static void Guids(Cases cases)
    {
        Guid guid = new(0x8BE4DF61, 0x93CA, 0x11D2, 0xAA, 0x0D, 0x00, 0xE0, 0x98, 0x03, 0x2B, 0x8C);
        cases.Add($"{guid} {guid:N} {guid:B} {guid:P} {Guid.Empty} {guid.ToByteArray()[0]} {guid == new Guid(guid.ToByteArray())} {guid.CompareTo(Guid.Empty)}");
        string[] texts =
        [
            "8be4df61-93ca-11d2-aa0d-00e098032b8c", "{8BE4DF61-93CA-11D2-AA0D-00E098032B8C}", "(8be4df61-93ca-11d2-aa0d-00e098032b8c)", "8be4df6193ca11d2aa0d00e098032b8c",
            " 8be4df61-93ca-11d2-aa0d-00e098032b8c\t", "8be4df61-93ca-11d2-aa0d-00e098032b8", "8be4df61-93ca-11d2-aa0d-00e098032b8g", "{8be4df61-93ca-11d2-aa0d-00e098032b8c", "", "-",
            "8be4df61x93ca-11d2-aa0d-00e098032b8c",
        ];
        foreach (string text in texts)
        {
            cases.Add($"{Guid.TryParse(text, out Guid parsed)} {parsed}");
        }

        Guid made = Guid.NewGuid();
        cases.Add($"{made.ToString()[14]} {made != Guid.NewGuid()}");
    }

    private static void Randoms(Cases cases)
    {
        foreach (int seed in new[] { 0, 1, 42, -7, int.MinValue, int.MaxValue })
        {
            Random random = new(seed);
            cases.Add($"{random.Next()} {random.Next(10)} {random.Next(-5, 5)} {random.Next(int.MinValue, int.MaxValue)} {random.Next(0, 1)} {(int)(random.NextDouble() * 1_000_000)}");
            byte[] bytes = new byte[5];
            random.NextBytes(bytes);
            cases.Add(Convert.ToHexString(bytes));
        }
    }
}
