using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// A domain name as it stands on the wire (RFC 1035, 3.1): length-prefixed labels, ended by an empty one. Written out in
/// lower case, so that equal names have equal bytes (RFC 1035, 2.3.3).
/// </summary>
internal static class DnsName
{
    /// <summary>RFC 1035, 2.3.4: with all length bytes.</summary>
    public const int MaximumSize = 255;

    public const int MaximumLabel = 63;

    /// <summary>Writes a dotted name; a dot at its end changes nothing.</summary>
    /// <param name="output">At least <see cref="MaximumSize"/> bytes.</param>
    /// <param name="name">In ASCII.</param>
    /// <param name="suffix">A further name to follow it, or empty.</param>
    /// <returns>Bytes written, or -1 when it is no domain name: an empty or too long label, too long, or not ASCII.</returns>
    public static int Write(Span<byte> output, ReadOnlySpan<char> name, ReadOnlySpan<char> suffix)
    {
        int length = 0;
        if (!AppendLabels(output, ref length, name) || (!suffix.IsEmpty && !AppendLabels(output, ref length, suffix)) || length == 0)
        {
            return -1;
        }

        output[length++] = 0;
        return length;
    }

    /// <summary>Reads a name out of a message, following compression pointers (RFC 1035, 4.1.4), each of which must lead back.</summary>
    /// <param name="message">The whole message: pointers count from its start.</param>
    /// <param name="at">Where the name begins; afterwards, where what follows it begins.</param>
    /// <param name="output">At least <see cref="MaximumSize"/> bytes.</param>
    /// <returns>Bytes written, or -1 when the name is not whole, not lawful, or turns in a circle.</returns>
    public static int Read(ReadOnlySpan<byte> message, ref int at, Span<byte> output)
    {
        int length = 0;
        int position = at;
        int lowest = at;
        bool hasJumped = false;
        while ((uint)position < (uint)message.Length)
        {
            int label = message[position];
            if (label >= 0xC0)
            {
                if (position + 1 >= message.Length)
                {
                    return -1;
                }

                int target = ((label & 0x3F) << 8) | message[position + 1];
                at = hasJumped ? at : position + 2;
                if (target >= lowest)
                {
                    return -1; // only ever backwards: ends by itself
                }

                hasJumped = true;
                lowest = target;
                position = target;
                continue;
            }

            if (label > MaximumLabel || label + 1 > message.Length - position || length + label + 1 > MaximumSize)
            {
                return -1;
            }

            output[length++] = (byte)label;
            for (int i = 1; i <= label; i++)
            {
                output[length++] = AsciiText.ToLower(message[position + i]);
            }

            position += label + 1;
            if (label == 0)
            {
                at = hasJumped ? at : position;
                return length;
            }
        }

        return -1;
    }

    private static bool AppendLabels(Span<byte> output, ref int length, ReadOnlySpan<char> name)
    {
        if (name.Length > 0 && name[name.Length - 1] == '.')
        {
            name = name.Slice(0, name.Length - 1);
        }

        while (true)
        {
            int dot = name.IndexOf('.');
            ReadOnlySpan<char> label = dot < 0 ? name : name.Slice(0, dot);
            if (label.IsEmpty || label.Length > MaximumLabel || length + label.Length + 2 > Math.Min(MaximumSize, output.Length))
            {
                return false;
            }

            output[length++] = (byte)label.Length;
            foreach (char c in label)
            {
                if (c is <= ' ' or > '~')
                {
                    return false;
                }

                output[length++] = AsciiText.ToLower((byte)c);
            }

            if (dot < 0)
            {
                return true;
            }

            name = name.Slice(dot + 1);
        }
    }
}
