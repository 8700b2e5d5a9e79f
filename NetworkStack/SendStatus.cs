namespace NetBoot.NetworkStack;

/// <summary>What became of a datagram that was to be sent.</summary>
internal enum SendStatus
{
    Sent,

    /// <summary>It waits for the neighbour's address.</summary>
    Waiting,

    /// <summary>The link had no room: it is lost.</summary>
    NoRoom,

    /// <summary>It is larger than the link's MTU; this stack does not fragment.</summary>
    TooBig,

    /// <summary>Neither on the link nor behind a gateway.</summary>
    NoRoute,

    Closed,
}
