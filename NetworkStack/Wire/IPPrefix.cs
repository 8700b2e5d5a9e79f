using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>A network: all addresses of one version that have the same first bits (RFC 4291, 2.3; RFC 4632, 3.1).</summary>
public readonly struct IPPrefix : ITextFormattable
{
    /// <summary>The network that an address is in.</summary>
    /// <param name="address">Of a host in it, or its own.</param>
    /// <param name="length">0 to 32 or 128; more is as much.</param>
    public IPPrefix(IPAddress address, int length)
    {
        Length = Math.Min(Math.Max(length, 0), address.Bits);
        Address = address.Masked(Length);
    }

    /// <summary>Its first address: the bits that all have, then zeros.</summary>
    public IPAddress Address { get; }

    /// <summary>How many bits all have.</summary>
    public int Length { get; }

    /// <summary>The same network.</summary>
    public static bool operator ==(IPPrefix a, IPPrefix b) => a.Length == b.Length && a.Address == b.Address;

    /// <summary>Another network.</summary>
    public static bool operator !=(IPPrefix a, IPPrefix b) => !(a == b);

    /// <summary>Reads "192.0.2.0/24" and "2001:db8::/32". False also when there is more than zeros behind the prefix: that is a host's address.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out IPPrefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        if (slash < 0 || !IPAddress.TryParse(text.Slice(0, slash), out IPAddress address) ||
            !IPEndpoint.TryReadNumber(text.Slice(slash + 1), address.Bits, out int length))
        {
            return false;
        }

        IPPrefix read = new(address, length);
        prefix = read.Address == address ? read : default;
        return read.Address == address;
    }

    /// <summary>True when the address is of the same version and in the network.</summary>
    public bool Contains(IPAddress address) => address.Family == Address.Family && address.Masked(Length) == Address;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IPPrefix other && other == this;

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode() ^ Length;

    /// <summary>"192.0.2.0/24", "2001:db8::/32".</summary>
    public void AppendTo(ref TextBuilder text)
    {
        Address.AppendTo(ref text);
        text.Append('/');
        text.AppendFormatted((uint)Length);
    }
}
