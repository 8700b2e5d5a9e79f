using System;
using System.Text;

namespace NetBoot.Tests.Models.Xen;

/// <summary>What the guest asks of xenstore: one message of its ring (public/io/xs_wire.h).</summary>
/// <param name="Type">XS_*</param>
/// <param name="Id">Repeated in the answer.</param>
/// <param name="Transaction">0 is none.</param>
/// <param name="Payload">What follows the header.</param>
public sealed record StoreRequest(uint Type, uint Id, uint Transaction, byte[] Payload)
{
    /// <summary>The first text, up to its zero byte.</summary>
    public string First => Encoding.ASCII.GetString(Payload, 0, FirstLength);

    /// <summary>What comes after the first text's zero byte.</summary>
    public ReadOnlySpan<byte> Rest => FirstLength == Payload.Length ? default : Payload.AsSpan(FirstLength + 1);

    /// <summary>Whether the first text is ended by a zero byte.</summary>
    public bool IsTerminated => FirstLength < Payload.Length;

    private int FirstLength => Payload.AsSpan().IndexOf((byte)0) is >= 0 and var at ? at : Payload.Length;
}
