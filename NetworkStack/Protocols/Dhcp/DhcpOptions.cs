namespace NetBoot.NetworkStack.Protocols.Dhcp;

/// <summary>What a client tells DHCP servers about itself, and how patient it is (microseconds of <see cref="EventLoop.Now"/>).</summary>
public sealed class DhcpOptions
{
    /// <summary>Client architecture, option 93 (IANA's "Processor Architecture Types"): 7 for x64 UEFI, 11 for 64-bit ARM UEFI.</summary>
    public ushort ClientArchitecture { get; set; } = 7;

    /// <summary>The machine's UUID, option 97: 16 bytes in the order of its text form (RFC 4122); null leaves the option out.</summary>
    public byte[]? Uuid { get; set; }

    /// <summary>Whether there is https, which servers that look for it see among the features.</summary>
    public bool HasTls { get; set; }

    /// <summary>
    /// User class, option 77. "iPXE" is what DHCP servers everywhere key on to hand out a script instead of the boot loader again; without
    /// it a server configured for chain-loading sends this very program for ever.
    /// </summary>
    public string UserClass { get; set; } = "iPXE";

    /// <summary>Vendor class, option 60; null or empty for PXE's, by which servers know the architecture (PXE 2.1, 2.2.3).</summary>
    public string? VendorClass { get; set; }

    /// <summary>Client identifier, option 61; null for the MAC address, empty leaves the option out.</summary>
    public byte[]? ClientIdentifier { get; set; }

    /// <summary>Host name to ask for, option 12; null leaves the option out.</summary>
    public string? HostName { get; set; }

    /// <summary>
    /// True waits for who says what to boot, and prefers servers that do. False waits for the address alone; what boot servers say comes later.
    /// </summary>
    public bool WantsBootFile { get; set; } = true;

    /// <summary>How long to wait for a link.</summary>
    public ulong LinkTimeout { get; set; } = 15_000_000;

    /// <summary>How long to wait for an offer and its acknowledgement: a switch may take 30 s until it forwards (IEEE 802.1D, 8.10.2).</summary>
    public ulong Timeout { get; set; } = 45_000_000;

    /// <summary>
    /// Waits longer where the switch says that its port does not forward yet. False when <see cref="Timeout"/> is what somebody wants.
    /// </summary>
    public bool OutwaitsSpanningTree { get; set; } = true;

    /// <summary>Is told of such a port, once and before there is a lease; lives as long as the client. Null for nobody.</summary>
    public IDhcpObserver? Observer { get; set; }

    /// <summary>
    /// How long after the first request a ProxyDHCP answer is waited for, when the offers so far name no boot file. Offers are
    /// collected for up to 2 s (PXE 2.1, 2.2.3).
    /// </summary>
    public ulong ProxyTimeout { get; set; } = 2_000_000;

    /// <summary>
    /// How long other stations have to say that an address is theirs, before it is ours. Not the seconds of RFC 5227, 1.1: in a network where an
    /// answer to ARP takes longer than this nothing else works either. 0 for no question.
    /// </summary>
    public ulong ProbeTime { get; set; } = 50_000;

    /// <summary>How long a boot server on port 4011 may take to answer.</summary>
    public ulong BootServerTimeout { get; set; } = 3_000_000;
}
