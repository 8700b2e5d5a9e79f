namespace NetBoot.BusDrivers.Storvsc;

/// <summary>How far a channel's set-up is; each step but the last two is a packet whose completion leads to the next.</summary>
internal enum StorChannelState : byte
{
    Beginning,
    AskingVersion,
    AskingProperties,
    Ending,
    Ready,

    /// <summary>The host refuses, has gone mad, or has taken the device away.</summary>
    Failed,
}
