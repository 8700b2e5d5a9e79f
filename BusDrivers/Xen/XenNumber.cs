using System;

namespace NetBoot.BusDrivers.Xen;

/// <summary>Numbers as xenstore has them: decimal digits.</summary>
public static class XenNumber
{
    /// <summary>As many as 64 bits can take.</summary>
    public const int MaximumDigits = 20;

    /// <summary>Reads digits, of which there must be at least one and nothing else; at most 64 bits. A zero byte may end them.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ulong value)
    {
        value = 0;
        if (!text.IsEmpty && text[text.Length - 1] == 0)
        {
            text = text.Slice(0, text.Length - 1);
        }

        if (text.IsEmpty)
        {
            return false;
        }

        foreach (byte character in text)
        {
            uint digit = (uint)(character - '0');
            if (digit > 9 || value > (ulong.MaxValue - digit) / 10)
            {
                value = 0;
                return false;
            }

            value = value * 10 + digit;
        }

        return true;
    }

    /// <summary>The state that a `state` node holds; Unknown for what is none.</summary>
    public static XenBusState ToState(ReadOnlySpan<byte> text) =>
        TryParse(text, out ulong number) && number <= (ulong)XenBusState.Reconfigured ? (XenBusState)number : XenBusState.Unknown;

    /// <summary>Writes a number without leading zeros.</summary>
    /// <param name="value">The number.</param>
    /// <param name="text">Room for at least <see cref="MaximumDigits"/>.</param>
    /// <returns>How many digits were written.</returns>
    public static int Format(ulong value, Span<byte> text)
    {
        int count = 1;
        for (ulong rest = value / 10; rest != 0; rest /= 10)
        {
            count++;
        }

        for (int i = count; i-- > 0; value /= 10)
        {
            text[i] = (byte)('0' + value % 10);
        }

        return count;
    }
}
