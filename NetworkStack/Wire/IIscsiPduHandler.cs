using System;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Gets what <see cref="IscsiPduReader"/> reads.</summary>
internal interface IIscsiPduHandler
{
    /// <summary>A header, whose digest is right.</summary>
    void OnHeader(IscsiPdu pdu);

    /// <summary>The next piece of its data.</summary>
    void OnData(ReadOnlySpan<byte> piece);

    /// <summary>The PDU is whole, and its data's digest is right.</summary>
    void OnEnd(IscsiPdu pdu);
}
