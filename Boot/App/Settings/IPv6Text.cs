using System;
using Uefi.Interop;

namespace Boot.App;

/// <summary>IPv6 addresses as text: read as RFC 4291, 2.2 says, written as RFC 5952 does.</summary>
public static class IPv6Text
{
    public static bool TryParse(ReadOnlySpan<char> text, out byte[] value)
    {
        value = new byte[16];
        int group = 0;
        int gap = -1;
        int at = 0;
        if (text.Length >= 2 && text[0] == ':' && text[1] == ':')
        {
            gap = 0;
            at = 2;
        }
        while (at < text.Length)
        {
            int start = at;
            uint number = 0;
            while (at < text.Length && at - start < 4 && Number.DigitValue(text[at]) < 16)
            {
                number = number * 16 + Number.DigitValue(text[at++]);
            }
            if (at < text.Length && text[at] == '.' && group <= 6)
            {
                if (!NetworkStack.IPv4Address.TryParse(text.Slice(start), out NetworkStack.IPv4Address tail))
                {
                    return false;
                }
                PutGroup(value, group++, tail.Value >> 16);
                PutGroup(value, group++, tail.Value & 0xFFFF);
                at = text.Length;
                break;
            }
            if (at == start || group == 8)
            {
                return false;
            }
            PutGroup(value, group++, number);
            if (at == text.Length)
            {
                break;
            }
            if (text[at++] != ':' || at == text.Length)
            {
                return false;
            }
            if (text[at] == ':')
            {
                if (gap >= 0)
                {
                    return false;
                }
                gap = group;
                at++;
            }
        }
        if (gap < 0)
        {
            return group == 8;
        }
        if (group > 7)
        {
            return false;
        }
        Span<byte> tailGroups = new Span<byte>(value, gap * 2, (group - gap) * 2);
        tailGroups.CopyTo(new Span<byte>(value, 16 - tailGroups.Length, tailGroups.Length));
        new Span<byte>(value, gap * 2, (8 - group) * 2).Clear();
        return true;
    }

    /// <param name="value">At least 16 bytes.</param>
    public static string Format(ReadOnlySpan<byte> value)
    {
        FindLongestZeros(value, out int gapStart, out int gapLength);
        Text text = new(40, 0);
        for (int group = 0; group < 8; group++)
        {
            if (group == gapStart && gapLength > 1)
            {
                text.Append("::");
                group += gapLength - 1;
                continue;
            }
            if (group > 0 && !(gapLength > 1 && group == gapStart + gapLength))
            {
                text.Append(':');
            }
            text.AppendFormatted(Group(value, group), "x");
        }
        return text.ToString();
    }

    private static uint Group(ReadOnlySpan<byte> value, int group) => (uint)(value[group * 2] << 8) | value[group * 2 + 1];

    private static void PutGroup(byte[] value, int group, uint number)
    {
        value[group * 2] = (byte)(number >> 8);
        value[group * 2 + 1] = (byte)number;
    }

    private static void FindLongestZeros(ReadOnlySpan<byte> value, out int start, out int length)
    {
        start = 0;
        length = 0;
        int run = 0;
        for (int group = 0; group < 8; group++)
        {
            run = Group(value, group) == 0 ? run + 1 : 0;
            if (run > length)
            {
                length = run;
                start = group + 1 - run;
            }
        }
    }
}
