namespace NetBoot.NetworkStack.Wire;

/// <summary>Where the walk along the extension headers of an IPv6 datagram ended.</summary>
internal enum IPv6ChainVerdict : byte
{
    /// <summary>At what TCP, UDP or ICMP takes.</summary>
    Payload,

    /// <summary>At a fragment header.</summary>
    Fragment,

    /// <summary>At what is to be dropped in silence.</summary>
    Malformed,

    /// <summary>At a field with a value that the sender is to hear of (RFC 4443, 3.4, code 0).</summary>
    BadField,

    /// <summary>At the number of a header that nobody here knows (code 1).</summary>
    UnknownHeader,

    /// <summary>At an option that nobody here knows (code 2), even if it was sent to many.</summary>
    UnknownOption,

    /// <summary>The same, of which the sender is to hear only if it was sent to one.</summary>
    UnknownOptionOfOne,
}
