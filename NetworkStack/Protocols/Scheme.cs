using NetBoot.NetworkStack.Streams;

namespace NetBoot.NetworkStack.Protocols;

/// <summary>A scheme of URIs that are fetched.</summary>
/// <param name="name">In small letters.</param>
/// <param name="port">Of a URI that names none.</param>
/// <param name="streams">What HTTP goes over; null for TFTP, which goes over no stream.</param>
public sealed class Scheme(string name, ushort port, StreamMaker? streams)
{
    /// <summary>In small letters.</summary>
    public string Name => name;

    /// <summary>The port of a URI that names none.</summary>
    public ushort Port => port;

    /// <summary>What HTTP goes over; null for TFTP, which goes over no stream.</summary>
    public StreamMaker? Streams { get; set; } = streams;
}
