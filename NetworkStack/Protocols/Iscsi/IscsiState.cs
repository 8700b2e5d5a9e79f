namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>Where a session is.</summary>
internal enum IscsiState
{
    /// <summary>Nothing is open.</summary>
    Closed,

    /// <summary>TCP connects.</summary>
    Connecting,

    /// <summary>We log in.</summary>
    Login,

    /// <summary>Full feature phase.</summary>
    Ready,

    /// <summary>We have asked for the session's end.</summary>
    Leaving,
}
