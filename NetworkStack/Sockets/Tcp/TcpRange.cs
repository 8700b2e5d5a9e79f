namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>Sequence numbers from <see cref="Start"/> up to, not including, <see cref="End"/>.</summary>
internal struct TcpRange(uint start, uint end)
{
    public uint Start = start;
    public uint End = end;
}
