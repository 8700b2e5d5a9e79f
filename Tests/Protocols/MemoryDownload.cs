using System;
using System.IO;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Protocols;

/// <summary>A download into an array.</summary>
internal sealed class MemoryDownload : DownloadTarget
{
    private MemoryStream _bytes = new();

    public byte[] Bytes => _bytes.ToArray();
    public int Begins { get; private set; }

    /// <summary>Bytes that there is room for.</summary>
    public ulong Room { get; set; } = ulong.MaxValue;

    protected override Error? Prepare(ulong? size)
    {
        Begins++;
        _bytes = new MemoryStream();
        return size > Room ? new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, $"no memory for {size} bytes") : null;
    }

    protected override Error? Store(ReadOnlySpan<byte> data)
    {
        _bytes.Write(data);
        return Received + (ulong)data.Length > Room ? new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "no memory") : null;
    }
}
