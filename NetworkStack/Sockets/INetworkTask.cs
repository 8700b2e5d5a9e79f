namespace NetBoot.NetworkStack.Sockets;

/// <summary>
/// What goes on beside whatever is waited for, such as a lease that is renewed while a file comes: it has its turn in each round of the
/// network, when no frame is being handled. Whoever adds one to a <see cref="Network"/> removes it.
/// </summary>
internal interface INetworkTask
{
    /// <summary>The network's own.</summary>
    INetworkTask? Next { get; set; }

    /// <summary>One turn; quick.</summary>
    /// <param name="now">Microseconds, as in <see cref="Network.Poll"/>.</param>
    void OnTurn(ulong now);
}
