using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols;

/// <summary>
/// Where a transfer puts what it fetches: pages in the application, an array in a test. A protocol calls <see cref="Begin"/>, then
/// <see cref="Write"/> with each piece straight from the frame that brought it; whoever watches reads <see cref="Received"/> and
/// <see cref="Size"/>. What an implementation writes on must be there by the end of <see cref="Begin"/> or grow by whole pages:
/// <see cref="Store"/> is on a frame's way and makes no objects.
/// </summary>
public abstract class DownloadTarget
{
    /// <summary>Bytes received so far, which is also where the next piece goes.</summary>
    public ulong Received { get; private set; }

    /// <summary>Bytes in the whole, or null while nobody has said.</summary>
    public ulong? Size { get; private set; }

    /// <summary>Where a server sent the transfer on to, the last of them; null when none did.</summary>
    public ResourceUri? MovedTo { get; set; }

    /// <summary>Starts, or starts again from nothing (a server that cannot resume).</summary>
    /// <param name="size">Bytes to come, or null when the server does not say.</param>
    public Error? Begin(ulong? size)
    {
        Received = 0;
        Size = size;
        return Prepare(size);
    }

    /// <summary>Stores the next piece, at <see cref="Received"/>.</summary>
    /// <returns>An error when there is no room, or more comes than was announced.</returns>
    public Error? Write(ReadOnlySpan<byte> data)
    {
        ulong end = Received + (ulong)data.Length;
        if (end > Size)
        {
            return new Error(EFI_STATUS.EFI_PROTOCOL_ERROR, TextBuilder.Format($"{data.Length} bytes at {Received} do not fit the size announced"));
        }

        Error? error = Store(data);
        if (error is null)
        {
            Received = end;
        }

        return error;
    }

    /// <summary>More comes than was announced, by who only gave a hint: the size is unknown from now on. What was stored stays.</summary>
    public void ForgetSize() => Size = null;

    /// <summary>The transfer is complete: what was received is the whole.</summary>
    public void Complete() => Size = Received;

    /// <summary>Makes room for <paramref name="size"/> bytes (null: unknown); what was stored before is void.</summary>
    protected abstract Error? Prepare(ulong? size);

    /// <summary>Copies <paramref name="data"/>, which is valid during the call only, to <see cref="Received"/>.</summary>
    protected abstract Error? Store(ReadOnlySpan<byte> data);
}
