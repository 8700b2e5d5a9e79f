using NetBoot.NetworkStack.Sockets;

namespace NetBoot.NetworkStack.Streams;

/// <summary>Streams that are TCP's, as they are.</summary>
public sealed class TcpStreamMaker : StreamMaker
{
    /// <inheritdoc/>
    public override ByteStream Make(string host, StreamHandler handler) => new TcpStream(handler);
}
