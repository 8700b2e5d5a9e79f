namespace NetBoot.NetworkStack;

/// <summary>The time of day, which the stack has none of its own; who uses it lends it.</summary>
public interface IWallClock
{
    /// <summary>Seconds since 1970, UTC; 0 when there is no clock.</summary>
    long UnixTime { get; }

    /// <summary>When this program was made: a clock that says less is wrong.</summary>
    long Earliest { get; }
}
