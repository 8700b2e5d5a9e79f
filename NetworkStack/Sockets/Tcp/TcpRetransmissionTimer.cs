using System;

namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>The retransmission time-out (RFC 6298), in microseconds.</summary>
internal struct TcpRetransmissionTimer
{
    // RFC 6298 says 1 s as the minimum, for clocks of half a second; a quarter is above every common delayed acknowledgement.
    public const ulong Minimum = 250_000;
    public const ulong Initial = 1_000_000;
    public const ulong Maximum = 60_000_000;

    private ulong _timeout;
    private ulong _smoothed;
    private ulong _variation;

    public TcpRetransmissionTimer() => _timeout = Initial;

    /// <summary>How long to wait for an acknowledgement, with what <see cref="BackOff"/> added.</summary>
    public readonly ulong Timeout => _timeout;

    /// <summary>The smoothed round-trip time; 0 before the first sample.</summary>
    public readonly ulong RoundTrip => _smoothed;

    public void Sample(ulong roundTrip)
    {
        if (_smoothed == 0)
        {
            _smoothed = Math.Max(roundTrip, 1);
            _variation = roundTrip / 2;
        }
        else
        {
            ulong difference = roundTrip > _smoothed ? roundTrip - _smoothed : _smoothed - roundTrip;
            _variation = (3 * _variation + difference) / 4;
            _smoothed = Math.Max((7 * _smoothed + roundTrip) / 8, 1);
        }

        _timeout = Math.Min(Math.Max(_smoothed + 4 * _variation, Minimum), Maximum);
    }

    public void BackOff() => _timeout = Math.Min(_timeout * 2, Maximum);
}
