using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Trust;

/// <summary>Whether a certificate is for a host (RFC 9525, 6): by its subjectAltName alone.</summary>
public static class HostName
{
    /// <summary>A dNSName's tag (RFC 5280, 4.2.1.6).</summary>
    public static byte NameTag => DerReader.Context(2);

    /// <summary>An iPAddress' tag.</summary>
    public static byte AddressTag => DerReader.Context(7);

    /// <summary>Whether a certificate is for a host.</summary>
    /// <param name="host">A name, or an address as text; a zone behind one of IPv6 does not count.</param>
    /// <param name="certificate">The server's.</param>
    public static bool Matches(ReadOnlySpan<char> host, in X509Certificate certificate)
    {
        int zone = host.IndexOf(':') < 0 ? -1 : host.IndexOf('%');
        host = zone < 0 ? host : host.Slice(0, zone);
        bool isAddress = IPAddress.TryParse(host, out IPAddress address);
        host = host.EndsWith('.') ? host.Slice(0, host.Length - 1) : host;
        DerReader names = new(certificate.AlternativeNames);
        while (names.Read())
        {
            if (isAddress ? names.Tag == AddressTag && ReadAddress(names.Value) == address : names.Tag == NameTag && MatchesName(host, names.Value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The address of 4 or 16 bytes; none for other lengths.</summary>
    public static IPAddress ReadAddress(ReadOnlySpan<byte> bytes) =>
        bytes.Length == 4 ? WireBytes.ReadIPv4(bytes, 0) : bytes.Length == IPAddress.IPv6Size ? new IPAddress(bytes) : default;

    /// <summary>Compares without regard to case. "*" stands for the whole first label of a name of at least three (RFC 9525, 6.3).</summary>
    private static bool MatchesName(ReadOnlySpan<char> host, ReadOnlySpan<byte> name)
    {
        if (name.StartsWith("*."u8))
        {
            int dot = host.IndexOf('.');
            name = name.Slice(1);
            if (dot <= 0 || name.Slice(1).IndexOf((byte)'.') < 0)
            {
                return false;
            }

            host = host.Slice(dot);
        }

        bool isSame = host.Length == name.Length && !host.IsEmpty;
        for (int i = 0; isSame && i < host.Length; i++)
        {
            isSame = host[i] < 0x80 && AsciiText.ToLower((byte)host[i]) == AsciiText.ToLower(name[i]);
        }

        return isSame;
    }
}
