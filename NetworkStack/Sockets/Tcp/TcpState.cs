namespace NetBoot.NetworkStack.Sockets.Tcp;

/// <summary>The states of a connection (RFC 9293, 3.3.2). LISTEN is missing: this stack only opens connections.</summary>
internal enum TcpState
{
    Closed,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    CloseWait,
    Closing,
    LastAck,
    TimeWait,
}
