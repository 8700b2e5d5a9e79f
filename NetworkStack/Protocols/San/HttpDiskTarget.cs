using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.San;

/// <summary>Where a part of an <see cref="HttpDisk"/> goes.</summary>
internal sealed unsafe class HttpDiskTarget : DownloadTarget
{
    private byte* _to;
    private ulong _room;

    /// <summary>Says where the next part goes.</summary>
    /// <param name="to">Stays where it is until the part has come.</param>
    /// <param name="room">In bytes.</param>
    public void GoTo(byte* to, ulong room)
    {
        _to = to;
        _room = room;
        Begin(null);
    }

    protected override Error? Prepare(ulong? size) => size > _room ? TooMuch() : null;

    protected override Error? Store(ReadOnlySpan<byte> data)
    {
        ulong at = Received;
        if ((ulong)data.Length > _room - at)
        {
            return TooMuch();
        }

        data.CopyTo(new Span<byte>(_to + at, data.Length));
        return null;
    }

    private static Error TooMuch() => new(EFI_STATUS.EFI_PROTOCOL_ERROR, "more came than was asked for");
}
