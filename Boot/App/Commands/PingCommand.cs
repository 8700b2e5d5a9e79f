using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Sockets;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Commands;

/// <summary>Asks a host again and again whether it is there. It succeeds when one answer came.</summary>
public sealed class PingCommand : Command
{
    private const ulong DefaultSize = 64;
    private const ulong DefaultTimeout = 1000;

    public override string Name => "ping";
    public override string Summary => "ask a host whether it is there";
    public override string Options => "s|size=BYTES t|timeout=MILLISECONDS c|count=NUMBER q|quiet";
    public override string Operands => "HOST";
    public override int MinimumOperands => 1;
    public override int MaximumOperands => 1;

    protected override Error? Run(Session session, Arguments arguments)
    {
        ulong timeout = 0;
        ulong count = 0;
        Error? error = arguments.Number('s', DefaultSize, out ulong size)
            ?? arguments.Time('t', DefaultTimeout, out timeout)
            ?? arguments.Number('c', 0, out count);
        Span<IPAddress> addresses = stackalloc IPAddress[FetchClient.MaximumAddresses];
        error ??= session.Resolve(arguments.Words[0], addresses, out _);
        if (error is not null)
        {
            return error;
        }

        int bytes = (int)Math.Min(size, ushort.MaxValue);
        bool isAnswered = false;
        using EchoSocket socket = new(session.Network);
        using Arena scratch = Arena.Create(); // for lines: it may go on for days
        for (ulong sequence = 1; count == 0 || sequence <= count; sequence++)
        {
            error = socket.Send(addresses[0], (ushort)sequence, bytes)
                ?? (WaitForAnswer(session, socket, timeout, isLast: sequence == count) ? null : new Error(EFI_STATUS.EFI_ABORTED, "interrupted"));
            if (error is not null)
            {
                return error;
            }

            isAnswered |= socket.IsAnswered;
            if (arguments.Has('q'))
            {
                continue;
            }

            scratch.Reset();
            using (scratch.Enter())
            {
                session.Terminal.WriteLine(socket.IsAnswered
                    ? TextBuilder.Format($"{bytes} bytes from {addresses[0]}: seq={(uint)(ushort)sequence}")
                    : TextBuilder.Format($"{bytes} bytes from <none>: seq={(uint)(ushort)sequence}: {Describe(socket.Unreachable)}"));
            }
        }

        return isAnswered ? null : new Error(EFI_STATUS.EFI_TIMEOUT, TextBuilder.Format($"{addresses[0]} does not answer"));
    }

    /// <summary>Until the next question's time has come, or after the last one until it is answered. False when the user stopped.</summary>
    private static bool WaitForAnswer(Session session, EchoSocket socket, ulong timeout, bool isLast)
    {
        ulong started = session.EventLoop.Now;
        do
        {
            if (!session.EventLoop.RunOnce())
            {
                return false;
            }
        }
        while (session.EventLoop.Now - started < timeout && !(isLast && socket.IsAnswered));
        return true;
    }

    private static string Describe(Unreachable? reason) => reason switch
    {
        null => "no answer",
        Unreachable.Neighbour => "no such neighbour",
        Unreachable.Prohibited => "forbidden on the way",
        Unreachable.Host => "host unreachable",
        _ => "network unreachable",
    };
}
