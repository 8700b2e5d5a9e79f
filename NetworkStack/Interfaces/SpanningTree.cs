using System;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.NetworkStack.Interfaces;

/// <summary>
/// What a switch says of the port that an interface is at. A port that has just come up forwards nothing until its spanning tree has listened and
/// learned (IEEE 802.1D-2004, 17.5: up to 2 x 30 s), but it sends what a bridge sends.
/// </summary>
internal sealed class SpanningTree
{
    private const ulong Second = 1_000_000;

    /// <summary>IEEE 802.1D-2004, 17.14: the longest maximum age; what was heard so long ago means nothing any more.</summary>
    private const ulong MaximumAge = 40 * Second;

    /// <summary>IEEE 802.1D-2004, 17.14.</summary>
    private const ulong LongestDelay = 30 * Second;

    private bool _isRapid;
    private bool _isForwarding;
    private ulong _firstAt;
    private ulong _lastAt;
    private ulong _delay;

    public void OnPdu(BridgePdu pdu, ulong now)
    {
        _firstAt = IsKnown(now) ? _firstAt : now;
        _lastAt = now;
        _isRapid = pdu.IsRapid;
        _isForwarding = pdu.IsForwarding;
        _delay = Math.Min((ulong)pdu.ForwardDelay * Second / 256, LongestDelay);
    }

    /// <summary>
    /// Whether the port may not forward yet: a rapid spanning tree says so; of others, which do not, it is believed as long as it may take since
    /// they were first heard.
    /// </summary>
    public bool MayBeBlocked(ulong now) => IsKnown(now) && (_isRapid ? !_isForwarding : now - _firstAt < 2 * _delay);

    private bool IsKnown(ulong now) => _lastAt != 0 && now - _lastAt < MaximumAge;
}
