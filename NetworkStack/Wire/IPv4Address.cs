using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An IPv4 address. <see cref="Value"/> is the number whose most significant byte is the first on the wire.</summary>
public readonly struct IPv4Address(uint value) : ITextFormattable
{
    /// <summary>The first byte is the highest: 192.0.2.1 is 0xC0000201.</summary>
    public readonly uint Value = value;

    /// <summary>The address a.b.c.d.</summary>
    public IPv4Address(byte a, byte b, byte c, byte d) : this(((uint)a << 24) | ((uint)b << 16) | ((uint)c << 8) | d)
    {
    }

    /// <summary>0.0.0.0: not configured.</summary>
    public static IPv4Address Any => default;

    /// <summary>255.255.255.255: every host on the link (RFC 919).</summary>
    public static IPv4Address Broadcast => new(0xFFFF_FFFF);

    /// <summary>0.0.0.0: none.</summary>
    public bool IsAny => Value == 0;

    /// <summary>255.255.255.255: all on the link.</summary>
    public bool IsBroadcast => Value == 0xFFFF_FFFF;

    /// <summary>224.0.0.0/4 (RFC 5771).</summary>
    public bool IsMulticast => Value >> 28 == 0xE;

    /// <summary>127.0.0.0/8 (RFC 1122, 3.2.1.3): never on a wire.</summary>
    public bool IsLoopback => Value >> 24 == 127;

    /// <summary>True for what may be a host's own address on a wire: not 0/8, loopback, multicast, reserved or broadcast.</summary>
    public bool IsUnicast => Value >> 24 is not 0 and not 127 and < 0xE0;

    /// <summary>True for a netmask: ones, then zeros.</summary>
    public bool IsNetmask => (~Value & (~Value + 1)) == 0;

    /// <summary>True when both lie in one network of this netmask.</summary>
    public static bool IsSameNetwork(IPv4Address a, IPv4Address b, IPv4Address netmask) => ((a.Value ^ b.Value) & netmask.Value) == 0;

    /// <summary>Reads "192.0.2.1": four decimal numbers up to 255, without leading zeros, and nothing else.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPv4Address address)
    {
        address = default;
        uint value = 0;
        int at = 0;
        for (int part = 0; part < 4; part++)
        {
            if (part > 0)
            {
                if (at >= text.Length || text[at] != '.')
                {
                    return false;
                }

                at++;
            }

            int start = at;
            uint number = 0;
            while (at < text.Length && at - start < 3 && text[at] is >= '0' and <= '9')
            {
                number = number * 10 + (uint)(text[at] - '0');
                at++;
            }

            if (at == start || number > 255 || (at - start > 1 && text[start] == '0'))
            {
                return false;
            }

            value = (value << 8) | number;
        }

        if (at != text.Length)
        {
            return false;
        }

        address = new IPv4Address(value);
        return true;
    }

    /// <summary>The same address.</summary>
    public static bool operator ==(IPv4Address a, IPv4Address b) => a.Value == b.Value;

    /// <summary>Another address.</summary>
    public static bool operator !=(IPv4Address a, IPv4Address b) => a.Value != b.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IPv4Address other && other.Value == Value;

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Value;

    /// <summary>"192.0.2.1".</summary>
    public void AppendTo(ref TextBuilder text)
    {
        text.AppendFormatted(Value >> 24);
        text.Append('.');
        text.AppendFormatted((Value >> 16) & 0xFF);
        text.Append('.');
        text.AppendFormatted((Value >> 8) & 0xFF);
        text.Append('.');
        text.AppendFormatted(Value & 0xFF);
    }
}
