namespace NetBoot.BusDrivers.Vmbus.Rings;

/// <summary>
/// The two rings of a channel in one run of memory, as a GPADL shows it to the host: control page and data of the outgoing ring, then
/// those of the incoming one. Behind it, for us alone, is room for the packet that was received last.
/// </summary>
internal sealed unsafe class RingPair
{
    public OutgoingRing Outgoing { get; } = new();
    public IncomingRing Incoming { get; } = new();

    /// <summary>How many pages the host sees, of how many that it takes in all.</summary>
    public static uint SharedPages(uint outgoingPages, uint incomingPages) => outgoingPages + incomingPages + 2;

    public static uint AllPages(uint outgoingPages, uint incomingPages) => SharedPages(outgoingPages, incomingPages) + incomingPages;

    /// <summary>The page of the shared ones at which the incoming ring begins.</summary>
    public static uint IncomingPage(uint outgoingPages) => outgoingPages + 1;

    /// <summary>Begins with empty rings, before the host is shown the memory.</summary>
    public void Reset(byte* memory, uint outgoingPages, uint incomingPages)
    {
        Outgoing.Reset(memory, outgoingPages * RingControl.PageSize);
        Incoming.Reset(
            memory + (ulong)IncomingPage(outgoingPages) * RingControl.PageSize, incomingPages * RingControl.PageSize,
            memory + (ulong)SharedPages(outgoingPages, incomingPages) * RingControl.PageSize);
    }
}
