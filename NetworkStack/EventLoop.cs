namespace NetBoot.NetworkStack;

/// <summary>
/// What turns while something is waited for: blocking code is a plain loop over <see cref="RunOnce"/>. The app implements it
/// over the real clock and console, tests over a simulated network with virtual time.
/// </summary>
public abstract class EventLoop
{
    /// <summary>Microseconds since some fixed moment; never goes back.</summary>
    public abstract ulong Now { get; }

    /// <summary>One round: polls the network and its timers, and lets the user interfere.</summary>
    /// <returns>False when the user asked to stop.</returns>
    public abstract bool RunOnce();
}
