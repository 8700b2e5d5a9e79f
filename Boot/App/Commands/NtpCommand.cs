using System;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Ntp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>
/// Gets the time from a server. The machine's own clock stays as it is where it may be right; else it is set, for the firmware's TLS asks it.
/// </summary>
public sealed class NtpCommand : Command
{
    public override string Name => "ntp";
    public override string Summary => "get the time from a server, for ${unixtime}";
    public override string Operands => "SERVER";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        Span<IPAddress> servers = stackalloc IPAddress[FetchClient.MaximumAddresses];
        Error? error = session.Resolve(arguments.Words[0], servers, out int count);
        if (error is not null)
        {
            return error;
        }

        error = NtpClient.GetTime(session.Network, session.EventLoop, servers.Slice(0, count), out long time);
        if (error is null)
        {
            bool isClockWrong = (long)session.Platform.UnixTime < session.Earliest && time >= session.Earliest;
            if (isClockWrong && session.Platform.SetUnixTime((ulong)time) is Error refusal)
            {
                session.Terminal.WriteLine(refusal.Message); // Ours is right all the same.
            }

            session.ClockOffset = time - (long)session.Platform.UnixTime;
        }

        return error;
    }
}
