namespace NetBoot.NetworkStack.Interfaces;

/// <summary>What became of a datagram that was to be sent.</summary>
internal enum SendStatus
{
    Sent,

    /// <summary>It waits for the neighbour's address, or for room on the link.</summary>
    Waiting,

    /// <summary>The link has no room, and too many wait already, or it was not to wait.</summary>
    NoRoom,

    /// <summary>It is larger than the link's MTU; this stack does not fragment.</summary>
    TooBig,

    /// <summary>Neither on the link nor behind a gateway.</summary>
    NoRoute,

    Closed,
}
