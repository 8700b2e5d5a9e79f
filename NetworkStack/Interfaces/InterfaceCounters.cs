namespace NetBoot.NetworkStack.Interfaces;

/// <summary>What an interface has moved and dropped since it was made.</summary>
public sealed class InterfaceCounters
{
    private readonly ulong[] _drops = new ulong[(int)DropReason.Count];

    /// <summary>Frames that the link gave.</summary>
    public ulong ReceivedFrames { get; internal set; }

    /// <summary>Their bytes, Ethernet headers included.</summary>
    public ulong ReceivedBytes { get; internal set; }

    /// <summary>Frames that the link took.</summary>
    public ulong SentFrames { get; internal set; }

    /// <summary>Their bytes, Ethernet headers included.</summary>
    public ulong SentBytes { get; internal set; }

    /// <summary>Frames that found no room on the link, nor among those that wait for it.</summary>
    public ulong SendFailures { get; internal set; }

    /// <summary>ARP packets in which another station claims this interface's address.</summary>
    public ulong AddressConflicts { get; internal set; }

    /// <summary>Frames and packets that were dropped for a reason.</summary>
    public ulong Dropped(DropReason reason) => _drops[(int)reason];

    /// <summary>Those of all reasons.</summary>
    public ulong TotalDropped
    {
        get
        {
            ulong total = 0;
            foreach (ulong count in _drops)
            {
                total += count;
            }

            return total;
        }
    }

    internal void Drop(DropReason reason) => _drops[(int)reason]++;
}
