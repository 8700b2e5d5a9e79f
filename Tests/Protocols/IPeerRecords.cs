using System;

namespace NetBoot.Tests.Protocols;

/// <summary>What a server's stream is wrapped in.</summary>
internal interface IPeerRecords
{
    /// <summary>What came, in clear; answers the handshake.</summary>
    byte[] Receive(PeerTcp connection, byte[] piece);

    /// <summary>Sends in records of sizes of all kinds, once the handshake is over.</summary>
    void Send(PeerTcp connection, ReadOnlySpan<byte> data);

    /// <summary>Says goodbye and finishes.</summary>
    void Finish(PeerTcp connection);
}
