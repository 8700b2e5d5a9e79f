using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An address and a UDP or TCP port.</summary>
public readonly struct IPEndpoint(IPAddress address, ushort port) : ITextFormattable
{
    /// <summary>Of the host.</summary>
    public readonly IPAddress Address = address;

    /// <summary>Of TCP or UDP.</summary>
    public readonly ushort Port = port;

    /// <summary>The same address and port.</summary>
    public static bool operator ==(IPEndpoint a, IPEndpoint b) => a.Port == b.Port && a.Address == b.Address;

    /// <summary>Another address or port.</summary>
    public static bool operator !=(IPEndpoint a, IPEndpoint b) => !(a == b);

    /// <summary>Reads "192.0.2.1:80" and "[2001:db8::1]:80".</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPEndpoint endpoint)
    {
        endpoint = default;
        int colon = text.LastIndexOf(':');
        if (colon < 1 || !TryReadNumber(text.Slice(colon + 1), ushort.MaxValue, out int port))
        {
            return false;
        }

        ReadOnlySpan<char> host = text.Slice(0, colon);
        bool isBracketed = host.Length > 2 && host[0] == '[' && host[host.Length - 1] == ']';
        host = isBracketed ? host.Slice(1, host.Length - 2) : host;
        if (!IPAddress.TryParse(host, out IPAddress address) || isBracketed != (address.Family == AddressFamily.IPv6))
        {
            return false;
        }

        endpoint = new IPEndpoint(address, (ushort)port);
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IPEndpoint other && other == this;

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode() ^ (Port << 16);

    /// <summary>"192.0.2.1:80", "[2001:db8::1]:80" (RFC 5952, 6).</summary>
    public void AppendTo(ref TextBuilder text)
    {
        bool isBracketed = Address.Family == AddressFamily.IPv6;
        text.Append(isBracketed ? "[" : "");
        Address.AppendTo(ref text);
        text.Append(isBracketed ? "]:" : ":");
        text.AppendFormatted((uint)Port);
    }

    /// <summary>Decimal digits up to <paramref name="maximum"/>, without leading zeros.</summary>
    internal static bool TryReadNumber(ReadOnlySpan<char> text, int maximum, out int number)
    {
        number = 0;
        if (text.IsEmpty || text.Length > 5 || (text.Length > 1 && text[0] == '0'))
        {
            return false;
        }

        foreach (char digit in text)
        {
            if (digit is < '0' or > '9')
            {
                return false;
            }

            number = number * 10 + (digit - '0');
        }

        return number <= maximum;
    }
}
