using NetBoot.NetworkStack.Sockets;

namespace NetBoot.NetworkStack.Streams;

/// <summary>What the streams of a URI's scheme are.</summary>
public abstract class StreamMaker
{
    /// <summary>Makes a stream that is not open yet, in the current arena.</summary>
    /// <param name="host">Who the peer is to be, as the URI names it; lives as long as the stream.</param>
    /// <param name="handler">Gets what comes.</param>
    public abstract ByteStream Make(string host, StreamHandler handler);
}
