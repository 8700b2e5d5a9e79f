using System;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A file on its way into a caller's buffer, or one whose size alone is asked for: what does not fit is counted.</summary>
/// <param name="buffer">Where to; null to store nothing.</param>
/// <param name="room">Bytes of the buffer.</param>
internal sealed unsafe class PxeDownload(byte* buffer, ulong room) : DownloadTarget
{
    /// <summary>Whoever sends it has said that it does not fit: it was not fetched.</summary>
    public bool IsRefused { get; private set; }

    /// <summary>Bytes that fit.</summary>
    public ulong Room => room;

    /// <summary>Bytes of the file, as far as they are known.</summary>
    public ulong Length { get; private set; }

    /// <inheritdoc/>
    protected override Error? Prepare(ulong? size)
    {
        Length = size ?? 0;
        IsRefused = size > room;
        return IsRefused ? new Error(EFI_STATUS.EFI_BUFFER_TOO_SMALL, "too large") : null;
    }

    /// <inheritdoc/>
    protected override Error? Store(ReadOnlySpan<byte> data)
    {
        ulong end = Received + (ulong)data.Length;
        if (buffer != null && end <= room)
        {
            data.CopyTo(new Span<byte>(buffer + Received, data.Length));
        }

        Length = Math.Max(Length, end);
        return null;
    }
}
