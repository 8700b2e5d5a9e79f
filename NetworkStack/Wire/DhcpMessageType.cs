namespace NetBoot.NetworkStack.Wire;

/// <summary>The values of option 53 (RFC 2132, 9.6).</summary>
public enum DhcpMessageType : byte
{
    /// <summary>No option 53: a BOOTP reply (RFC 951).</summary>
    None = 0,

    /// <summary>A client looks for servers.</summary>
    Discover = 1,

    /// <summary>A server offers an address.</summary>
    Offer = 2,

    /// <summary>A client wants what it was offered, or has.</summary>
    Request = 3,

    /// <summary>A client found the address in use.</summary>
    Decline = 4,

    /// <summary>A server gives an address.</summary>
    Ack = 5,

    /// <summary>A server refuses it.</summary>
    Nak = 6,

    /// <summary>A client gives its address back.</summary>
    Release = 7,

    /// <summary>A client that has an address asks for the rest.</summary>
    Inform = 8,
}
