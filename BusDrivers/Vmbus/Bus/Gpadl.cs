namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>Memory that the host has been shown on behalf of a channel's driver.</summary>
internal unsafe struct Gpadl
{
    /// <summary>The host's number for it; 0: this entry is free.</summary>
    public uint Number;

    public Channel? Owner;

    /// <summary>The pages when they are the bus's.</summary>
    public byte* Pages;
    public nuint PageCount;
}
