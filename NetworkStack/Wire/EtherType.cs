namespace NetBoot.NetworkStack.Wire;

/// <summary>What an Ethernet frame carries (IEEE 802 EtherTypes, IANA "IEEE 802 numbers").</summary>
internal enum EtherType : ushort
{
    IPv4 = 0x0800,
    Arp = 0x0806,
    Vlan = 0x8100,
    IPv6 = 0x86DD,
    Lldp = 0x88CC,
}
