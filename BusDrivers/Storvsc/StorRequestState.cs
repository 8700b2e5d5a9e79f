namespace NetBoot.BusDrivers.Storvsc;

/// <summary>Where a request is.</summary>
internal enum StorRequestState : byte
{
    /// <summary>There is none in this place.</summary>
    Free,

    /// <summary>It is to be sent, for the first time or again.</summary>
    Waiting,

    /// <summary>The host has it.</summary>
    Sent,

    /// <summary>It is over, and the caller who waits has not seen that yet.</summary>
    Over,
}
