using System;
using System.Globalization;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Settings;

/// <summary>IPv6 addresses as text: read as RFC 4291, 2.2 says, written as RFC 5952 does.</summary>
public static class IPv6Text
{
    public static bool TryParse(ReadOnlySpan<char> text, out byte[] value)
    {
        value = new byte[16];
        int group = 0;
        int gap = -1;
        int at = 0;
        if (text.StartsWith("::"))
        {
            gap = 0;
            at = 2;
        }

        while (at < text.Length)
        {
            if (group <= 6 && NetBoot.NetworkStack.Wire.IPv4Address.TryParse(text.Slice(at), out NetBoot.NetworkStack.Wire.IPv4Address tail))
            {
                PutGroup(value, group++, tail.Value >> 16);
                PutGroup(value, group++, tail.Value & 0xFFFF);
                break;
            }

            if (group == 8 || !TryReadGroup(text, ref at, out ulong number))
            {
                return false;
            }

            PutGroup(value, group++, (uint)number);
            if (at < text.Length && !TryReadColons(text, ref at, group, ref gap))
            {
                return false;
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

        OpenGap(value, gap, group);
        return true;
    }

    /// <param name="value">At least 16 bytes.</param>
    public static string Format(ReadOnlySpan<byte> value)
    {
        FindLongestZeros(value, out int gapStart, out int gapLength);
        TextBuilder text = new(40, 0);
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadGroup(ReadOnlySpan<char> text, ref int at, out ulong number)
    {
        int start = at;
        while (at < text.Length && at - start < 4 && char.IsAsciiHexDigit(text[at]))
        {
            at++;
        }

        return ulong.TryParse(text.Slice(start, at - start), NumberStyles.AllowHexSpecifier, null, out number);
    }

    /// <summary>Reads ":" or, once in a text, "::"; another group must follow the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryReadColons(ReadOnlySpan<char> text, ref int at, int group, ref int gap)
    {
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

        return true;
    }

    /// <summary>Moves the groups behind the "::" to the end, with zeros before them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OpenGap(byte[] value, int gap, int groups)
    {
        for (int i = 1; i <= (groups - gap) * 2; i++)
        {
            value[16 - i] = value[groups * 2 - i];
            value[groups * 2 - i] = 0;
        }
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
