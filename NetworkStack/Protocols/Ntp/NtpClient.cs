using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.Ntp;

/// <summary>Asks servers for the time, good to a second (RFC 4330).</summary>
public sealed class NtpClient : IUdpHandler
{
    /// <summary>In microseconds; twice as long with each further try.</summary>
    private const ulong FirstTimeout = 1_000_000;
    private const int Tries = 3;

    private IPAddress _server;
    private ulong _number;
    private NtpVerdict _verdict;
    private long _unixTime;
    private string _code = "";
    private bool _isUnreachable;

    private NtpClient()
    {
    }

    /// <summary>Gets the time from the first of a name's addresses that has it.</summary>
    /// <param name="network">Where it asks from.</param>
    /// <param name="loop">Turns meanwhile.</param>
    /// <param name="servers">In the order to ask them; at least one.</param>
    /// <param name="unixTime">Seconds since 1970.</param>
    public static Error? GetTime(Network network, EventLoop loop, ReadOnlySpan<IPAddress> servers, out long unixTime)
    {
        NtpClient client = new();
        unixTime = 0;
        Error? error = null;
        foreach (IPAddress server in servers)
        {
            UdpSocket? socket = UdpSocket.Open(network, client, 0, out error);
            if (socket is null)
            {
                return error;
            }

            error = client.Ask(network, loop, socket, server);
            socket.Dispose();
            if (error is null)
            {
                unixTime = client._unixTime;
                return null;
            }

            if (error.Status == EFI_STATUS.EFI_ABORTED)
            {
                break;
            }
        }

        return error;
    }

    void IUdpHandler.OnDatagram(in UdpDatagram datagram)
    {
        if (datagram.Source == new IPEndpoint(_server, NtpPacket.Port) && _verdict == NtpVerdict.Ignored)
        {
            _verdict = NtpPacket.Read(datagram.Payload, _number, out _unixTime, out ReadOnlySpan<byte> code);
            _code = _verdict == NtpVerdict.KissOfDeath ? TextBuilder.Format($"{code}") : "";
        }
    }

    void IUdpHandler.OnUnreachable(IPEndpoint destination, Unreachable reason) => _isUnreachable |= destination.Address == _server;

    private Error? Ask(Network network, EventLoop loop, UdpSocket socket, IPAddress server)
    {
        Span<byte> packet = stackalloc byte[NtpPacket.Size];
        _server = server;
        _verdict = NtpVerdict.Ignored;
        _isUnreachable = false;
        for (int i = 0; i < Tries; i++)
        {
            _number = ((ulong)network.Random.Next32() << 32) | network.Random.Next32();
            NtpPacket.WriteRequest(packet, _number);
            Error? error = socket.Send(new IPEndpoint(server, NtpPacket.Port), packet);
            if (error is not null)
            {
                return new Error(error.Status, TextBuilder.Format($"NTP {server}: {error.Message}"));
            }

            ulong until = loop.Now + (FirstTimeout << i);
            while (loop.Now < until && _verdict == NtpVerdict.Ignored && !_isUnreachable)
            {
                if (!loop.RunOnce())
                {
                    return Failure(EFI_STATUS.EFI_ABORTED, "stopped by the user");
                }
            }

            switch (_verdict)
            {
                case NtpVerdict.Time:
                    return null;
                case NtpVerdict.KissOfDeath:
                    return Failure(EFI_STATUS.EFI_ACCESS_DENIED, TextBuilder.Format($"the server refuses ({_code})"));
                case NtpVerdict.Unsynchronized:
                    return Failure(EFI_STATUS.EFI_NOT_READY, "the server does not know the time");
            }
        }

        return _isUnreachable ? Failure(EFI_STATUS.EFI_NO_RESPONSE, "nobody is there") : Failure(EFI_STATUS.EFI_TIMEOUT, "no answer");
    }

    private Error Failure(EFI_STATUS status, string what) => new(status, TextBuilder.Format($"NTP {_server}: {what}"));
}
