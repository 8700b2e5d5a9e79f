using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>An IPv4 address and a UDP or TCP port.</summary>
public readonly struct IPv4Endpoint(IPv4Address address, ushort port) : ITextFormattable
{
    /// <summary>Of the host.</summary>
    public readonly IPv4Address Address = address;

    /// <summary>Of TCP or UDP.</summary>
    public readonly ushort Port = port;

    /// <summary>The same address and port.</summary>
    public static bool operator ==(IPv4Endpoint a, IPv4Endpoint b) => a.Address == b.Address && a.Port == b.Port;

    /// <summary>Another address or port.</summary>
    public static bool operator !=(IPv4Endpoint a, IPv4Endpoint b) => !(a == b);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is IPv4Endpoint other && other == this;

    /// <inheritdoc/>
    public override int GetHashCode() => Address.GetHashCode() ^ (Port << 16);

    /// <summary>"192.0.2.1:80".</summary>
    public void AppendTo(ref TextBuilder text)
    {
        Address.AppendTo(ref text);
        text.Append(':');
        text.AppendFormatted((uint)Port);
    }
}
