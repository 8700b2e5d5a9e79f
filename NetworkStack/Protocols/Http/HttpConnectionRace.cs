using System;
using NetBoot.NetworkStack.Protocols.Dns;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Http;

/// <summary>
/// Connects to the first of several addresses that answers (RFC 8305, 5): each is tried a moment after the one before it, or at once when that
/// failed, and those that are slower are given up; it is over before any handshake on the connection is. So an address, or a whole version of
/// IP, that leads nowhere costs a quarter of a second.
/// </summary>
internal sealed class HttpConnectionRace(Network network, EventLoop loop, Scheme scheme, string host)
{
    /// <summary>RFC 8305, 8: Connection Attempt Delay.</summary>
    private const ulong AttemptDelay = 250_000;

    private readonly HttpConnection?[] _attempts = new HttpConnection?[DnsCache.MaximumAddresses];
    private readonly Error?[] _errors = new Error?[DnsCache.MaximumAddresses];
    private int _started;
    private int _winner;
    private ulong _nextAt;

    /// <summary>Begins. <see cref="TryFinish"/> then goes on, round by round.</summary>
    public void Begin() => _nextAt = loop.Now;

    /// <summary>Starts what is due, and looks whether the race is over.</summary>
    /// <param name="addresses">At most <see cref="DnsCache.MaximumAddresses"/>, in the order to try them.</param>
    /// <param name="port">The same for all.</param>
    /// <param name="winner">The connection, which is the caller's; null when there is none.</param>
    /// <param name="error">Why the first did not connect, when none did.</param>
    /// <returns>True when it is over.</returns>
    public bool TryFinish(ReadOnlySpan<IPAddress> addresses, ushort port, out HttpConnection? winner, out Error? error)
    {
        winner = null;
        error = null;
        bool isAnyLeft = false;
        for (int i = 0; i < _started; i++)
        {
            if (_attempts[i] is not HttpConnection attempt)
            {
                continue;
            }

            if (attempt.IsReached)
            {
                _attempts[i] = null;
                _winner = i;
                winner = attempt;
                Stop();
                return true;
            }

            if (attempt.IsClosed)
            {
                _errors[i] = attempt.CloseError ?? new Error(EFI_STATUS.EFI_END_OF_FILE, TextBuilder.Format($"TCP {attempt.Server}: connection closed"));
                attempt.Dispose();
                _attempts[i] = null;
                _nextAt = loop.Now;
                continue;
            }

            isAnyLeft = true;
        }

        if (_started < addresses.Length && (!isAnyLeft || loop.Now >= _nextAt))
        {
            _attempts[_started] = HttpConnection.Open(network, scheme, host, new IPEndpoint(addresses[_started], port), out _errors[_started]);
            _started++;
            _nextAt = loop.Now + AttemptDelay;
            return false;
        }

        error = isAnyLeft ? null : _errors[0];
        return !isAnyLeft;
    }

    /// <summary>True for an address that was tried before the winner, and had not connected when that had.</summary>
    public bool HasLost(int index) => index < _winner;

    /// <summary>Gives up what is left.</summary>
    public void Stop()
    {
        for (int i = 0; i < _started; i++)
        {
            _attempts[i]?.Dispose();
            _attempts[i] = null;
        }
    }
}
