using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Trust;

/// <summary>
/// For which hosts and addresses an authority may issue (RFC 5280, 4.2.1.10). Names of other kinds are nobody's whom NetBoot asks for; one that is
/// constrained is refused.
/// </summary>
internal static class NameConstraints
{
    /// <summary>Finds the first name beside a certificate's subject that an authority must not issue for.</summary>
    /// <param name="authority">Above the certificate, anywhere in its chain.</param>
    /// <param name="own">The server's.</param>
    /// <param name="name">It, with its tag read; at its end when there is none.</param>
    /// <returns>Whether there is one.</returns>
    public static bool Forbid(in X509Certificate authority, in X509Certificate own, out DerReader name)
    {
        name = new DerReader(authority.NameConstraints.IsEmpty ? default : own.AlternativeNames);
        while (name.Read())
        {
            if (!Allow(authority.NameConstraints, name.Tag, name.Value))
            {
                return true;
            }
        }

        return name.IsDamaged;
    }

    private static bool Allow(ReadOnlySpan<byte> constraints, byte tag, ReadOnlySpan<byte> name)
    {
        bool isListed = false;
        bool isPermitted = false;
        DerReader lists = new(constraints);
        while (lists.Read())
        {
            bool isExclusion = lists.Tag == DerReader.ContextConstructed(1);
            DerReader subtrees = new(lists.Value);
            while (subtrees.Read())
            {
                DerReader subtree = new(subtrees.Value);
                if (!subtree.Read())
                {
                    return false;
                }

                if (subtree.Tag != tag)
                {
                    continue;
                }

                // Distances, the other parts of a subtree, are not used (RFC 5280, 4.2.1.10).
                if (!subtree.Rest.IsEmpty || subtree.IsDamaged || (tag != HostName.NameTag && tag != HostName.AddressTag))
                {
                    return false;
                }

                bool isWithin = tag == HostName.AddressTag ? HoldsAddress(subtree.Value, name) : HoldsName(subtree.Value, name);
                // A wildcard may stand for what is excluded; OpenSSL compares it as it is.
                if (isExclusion && (isWithin || (name.StartsWith("*."u8) && HoldsName(name.Slice(2), subtree.Value))))
                {
                    return false;
                }

                isListed |= !isExclusion;
                isPermitted |= !isExclusion && isWithin;
            }

            if (subtrees.IsDamaged)
            {
                return false;
            }
        }

        return !lists.IsDamaged && isListed == isPermitted;
    }

    /// <summary>A domain holds itself and what is below; one that begins with a dot what is below alone, as OpenSSL has it.</summary>
    private static bool HoldsName(ReadOnlySpan<byte> domain, ReadOnlySpan<byte> name)
    {
        int more = name.Length - domain.Length;
        bool isWithin = more >= 0 && (more == 0 || domain.IsEmpty || domain[0] == '.' || name[more - 1] == '.');
        for (int i = 0; isWithin && i < domain.Length; i++)
        {
            isWithin = AsciiText.ToLower(domain[i]) == AsciiText.ToLower(name[more + i]);
        }

        return isWithin;
    }

    /// <param name="range">An address and a mask of its length.</param>
    /// <param name="address">Of 4 or 16 bytes.</param>
    private static bool HoldsAddress(ReadOnlySpan<byte> range, ReadOnlySpan<byte> address)
    {
        bool isWithin = range.Length == 2 * address.Length;
        for (int i = 0; isWithin && i < address.Length; i++)
        {
            isWithin = ((range[i] ^ address[i]) & range[address.Length + i]) == 0;
        }

        return isWithin;
    }
}
