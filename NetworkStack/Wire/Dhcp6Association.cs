using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// What a server says of an association of addresses (IA_NA; RFC 8415, 21.4 and 21.6). Times are seconds, <see cref="uint.MaxValue"/> for ever.
/// </summary>
public readonly struct Dhcp6Association
{
    /// <param name="value">Of an option of a <see cref="Dhcp6Message"/>, which has checked it.</param>
    internal Dhcp6Association(ReadOnlySpan<byte> value)
    {
        RenewalTime = WireBytes.Read32(value, 4);
        RebindingTime = WireBytes.Read32(value, 8);
        ReadOnlySpan<byte> options = value.Slice(Dhcp6Message.AssociationSize);
        Status = Dhcp6Message.StatusOf(options);
        Dhcp6OptionReader reader = new(options);
        while (Address.IsAny && reader.Read())
        {
            if (reader.Tag == Dhcp6Tag.Address)
            {
                ReadOnlySpan<byte> entry = reader.Value;
                IPAddress address = new(entry);
                uint preferred = WireBytes.Read32(entry, IPAddress.IPv6Size);
                uint valid = WireBytes.Read32(entry, IPAddress.IPv6Size + 4);
                bool isUsable = address.IsUnicast && !address.IsLinkLocal && valid != 0 && preferred <= valid;
                Dhcp6Status status = Dhcp6Message.StatusOf(entry.Slice(Dhcp6Message.AddressSize));
                Status = Status == Dhcp6Status.Success && !isUsable ? status : Status;
                if (isUsable && status == Dhcp6Status.Success)
                {
                    Address = address;
                    PreferredTime = preferred;
                    ValidTime = valid;
                }
            }
        }
    }

    /// <summary>Why there is no address.</summary>
    public Dhcp6Status Status { get; }

    /// <summary>T1; 0 leaves it to the client.</summary>
    public uint RenewalTime { get; }

    /// <summary>T2; 0 leaves it to the client.</summary>
    public uint RebindingTime { get; }

    /// <summary>The first that a host may have, with a lifetime; of no version when there is none.</summary>
    public IPAddress Address { get; }

    /// <summary>How long the address is to be used first.</summary>
    public uint PreferredTime { get; }

    /// <summary>How long the address may be used.</summary>
    public uint ValidTime { get; }
}
