using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Commands;

/// <summary>Prints what interfaces have moved, and what they have dropped and why.</summary>
public sealed class IPStatisticsCommand : Command
{
    public override string Name => "ipstat";
    public override string Summary => "print what was received, sent and dropped";

    protected override Error? Run(Session session, Arguments arguments)
    {
        foreach (BootInterface bootInterface in session.Interfaces)
        {
            InterfaceCounters counters = bootInterface.Interface.Counters;
            session.Terminal.WriteLine(TextBuilder.Format(
                $"{bootInterface.Interface.Name}: received {counters.ReceivedFrames} frames of {counters.ReceivedBytes} bytes, sent {counters.SentFrames} of {counters.SentBytes}"));
            Write(session, counters.SendFailures, "not sent: no room");
            Write(session, counters.AddressConflicts, "address claimed by another station");
            for (DropReason reason = 0; reason < DropReason.Count; reason++)
            {
                Write(session, counters.Dropped(reason), DropReasons.Describe(reason));
            }
        }

        return null;
    }

    private static void Write(Session session, ulong count, string what)
    {
        if (count > 0)
        {
            session.Terminal.WriteLine(TextBuilder.Format($"  {count} x {what}"));
        }
    }
}
