namespace NetBoot.NetworkStack.Interfaces;

/// <summary>Lets so many answers out in a second: what hostile input can make us send is bounded (RFC 1122, 3.2.2; RFC 5961, 7).</summary>
internal struct RateLimit(int perSecond)
{
    private const ulong Second = 1_000_000;
    private readonly int _perSecond = perSecond;
    private int _left = perSecond;
    private ulong _refilled;

    public bool TryTake(ulong now)
    {
        if (now - _refilled >= Second)
        {
            _refilled = now;
            _left = _perSecond;
        }

        if (_left == 0)
        {
            return false;
        }

        _left--;
        return true;
    }
}
