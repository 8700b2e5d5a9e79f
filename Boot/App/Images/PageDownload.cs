using System;
using NetworkStack;
using Uefi.Interop;

namespace Boot.App;

/// <summary>A download into pages.</summary>
public sealed class PageDownload(PageBuffer target) : Download
{
    protected override Error? Prepare(ulong? size) => target.Begin(size);

    protected override Error? Store(ulong offset, ReadOnlySpan<byte> data) => target.Write(offset, data);
}
