using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Streams.Tls;

/// <summary>
/// TLS of one connection as a state machine of the client's end, whoever does it: whole records go in and out, and <see cref="TlsConnection"/> carries
/// them. What is given out is valid until the next call.
/// </summary>
internal abstract class TlsSession : IDisposable
{
    /// <summary>The handshake is over.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>The version that is spoken, such as 0x0303 for TLS 1.2; known once <see cref="IsOpen"/>.</summary>
    public abstract ushort Version { get; }

    /// <summary>Why the client's own certificate cannot be used; null when it can, or there is none.</summary>
    public abstract Error? ClientCertificateError { get; }

    /// <summary>Begins the handshake.</summary>
    /// <param name="hello">The record to be sent: in it the ClientHello.</param>
    public abstract Error? Begin(out ReadOnlySpan<byte> hello);

    /// <summary>Adds to what the server's certificates may lead to, before the record that ends them is given to <see cref="TryAnswer"/>.</summary>
    /// <param name="root">A certificate in DER.</param>
    public abstract Error? Trust(ReadOnlySpan<byte> root);

    /// <summary>Takes a record of the handshake.</summary>
    /// <param name="record">Whole, with its header.</param>
    /// <param name="answer">The records to be sent, if any; when it refuses, the alert.</param>
    /// <returns>False when it refuses: the connection is at its end.</returns>
    public abstract bool TryAnswer(Span<byte> record, out ReadOnlySpan<byte> answer);

    /// <summary>Deciphers a record of application data, once it <see cref="IsOpen"/>.</summary>
    /// <param name="record">Whole, with its header.</param>
    /// <param name="data">In clear. Empty for an empty record, and for what TLS 1.3 says to TLS itself.</param>
    /// <param name="answer">The records to be sent, if any; when it refuses, the alert.</param>
    /// <returns>False for a record that is not what the server sent.</returns>
    public abstract bool TryDecrypt(Span<byte> record, out ReadOnlySpan<byte> data, out ReadOnlySpan<byte> answer);

    /// <summary>Enciphers a record of application data, once it <see cref="IsOpen"/>.</summary>
    /// <param name="record">Room for a header, and behind it at least a byte and at most 16384.</param>
    /// <param name="answer">The records to be sent.</param>
    /// <returns>False when it cannot.</returns>
    public abstract bool TryEncrypt(Span<byte> record, out ReadOnlySpan<byte> answer);

    /// <summary>Takes an alert record, once it <see cref="IsOpen"/>.</summary>
    /// <param name="record">Whole, with its header.</param>
    /// <param name="answer">Our own goodbye; when it refuses, the alert, if any.</param>
    /// <returns>
    /// Whether the server has ended the stream with it. False for a record that is not what the server sent, and for what is worse than an end.
    /// </returns>
    public abstract bool TryEnd(Span<byte> record, out ReadOnlySpan<byte> answer);

    /// <summary>
    /// Whether the server had ended the stream before, in a record whose type did not show it (TLS 1.3); asked when nothing more comes.
    /// </summary>
    public abstract bool HasEnded();

    /// <summary>Ends our direction: close_notify, or nothing when it cannot.</summary>
    public abstract ReadOnlySpan<byte> Close();

    /// <summary>Gives everything back, in whatever state it is.</summary>
    public abstract void Dispose();
}
