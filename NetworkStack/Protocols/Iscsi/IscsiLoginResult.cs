namespace NetBoot.NetworkStack.Protocols.Iscsi;

/// <summary>What a login has come to.</summary>
internal enum IscsiLoginResult
{
    /// <summary>To nothing; the reason is said.</summary>
    Failed,

    /// <summary>A PDU is to be sent, and the target's answer to be taken.</summary>
    Goes,

    /// <summary>The session is there.</summary>
    Done,

    /// <summary>The target is at another portal.</summary>
    Moved,
}
