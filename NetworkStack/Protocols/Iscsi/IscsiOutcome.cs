namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>How a command ended.</summary>
internal enum IscsiOutcome
{
    /// <summary>Not yet, or there was none.</summary>
    None,

    /// <summary>With a status.</summary>
    Answered,

    /// <summary>The target took too long, and does not work at it any more.</summary>
    Aborted,

    /// <summary>The session was lost before.</summary>
    Lost,
}
