using System;
using System.Buffers.Binary;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App;

/// <summary>An image as a disk, in memory that the operating system leaves alone.</summary>
public sealed unsafe class RamDisk : SanDevice
{
    /// <summary>In bytes; an image smaller than one is no disk.</summary>
    public const int DiskBlockSize = 512;

    private const int CdBlockSize = 2048;

    /// <summary>ECMA-119, 8.1: the standard identifier of the first volume descriptor.</summary>
    private const int CdIdentifierAt = 16 * CdBlockSize + 1;

    private readonly Image _image;

    /// <summary>Of reserved pages, and not empty; goes with this.</summary>
    public RamDisk(Image image)
    {
        _image = image;
        ReadOnlySpan<byte> content = image.Content.Span;
        IsCd = content.Length >= CdIdentifierAt + 5 && content.Slice(CdIdentifierAt, 5).SequenceEqual("CD001"u8);
        BlockSize = IsCd ? CdBlockSize : DiskBlockSize;
        BlockCount = (image.Content.Length + (ulong)BlockSize - 1) / (ulong)BlockSize;
        ulong length = image.Content.Length;
        new Span<byte>(image.Content.Pointer + length, (int)(Size - length)).Clear(); // Pages are whole blocks.
    }

    /// <summary>It is a CD's image (ISO 9660).</summary>
    public bool IsCd { get; }

    /// <summary>Where it is in memory.</summary>
    public ulong Address => (ulong)_image.Content.Pointer;

    /// <summary>In bytes: whole blocks.</summary>
    public ulong Size => BlockCount * (ulong)BlockSize;

    /// <summary>What it is to the firmware.</summary>
    public EFI_GUID Kind => IsCd ? EFI_RAM_DISK_PROTOCOL.VirtualCd : EFI_RAM_DISK_PROTOCOL.VirtualDisk;

    /// <inheritdoc/>
    public override bool IsReadOnly => IsCd;

    /// <inheritdoc/>
    public override EFI_STATUS Read(ulong block, Span<byte> to)
    {
        new ReadOnlySpan<byte>(At(block), to.Length).CopyTo(to);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <inheritdoc/>
    public override EFI_STATUS Write(ulong block, ReadOnlySpan<byte> from)
    {
        from.CopyTo(new Span<byte>(At(block), from.Length));
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <inheritdoc/>
    public override bool Uses(NetworkInterface netif) => false;

    /// <inheritdoc/>
    public override void AppendTo(DevicePathBuilder path)
    {
        Span<byte> node = stackalloc byte[sizeof(MEDIA_RAM_DISK_DEVICE_PATH) - sizeof(EFI_DEVICE_PATH_PROTOCOL)];
        node.Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(node, Address);
        BinaryPrimitives.WriteUInt64LittleEndian(node.Slice(8), Address + Size - 1);
        EFI_GUID kind = Kind;
        new ReadOnlySpan<byte>(&kind, sizeof(EFI_GUID)).CopyTo(node.Slice(16));
        path.Node(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, MEDIA_RAM_DISK_DEVICE_PATH.MEDIA_RAM_DISK_DP, node);
    }

    /// <inheritdoc/>
    public override void Dispose() => _image.Dispose();

    private byte* At(ulong block) => _image.Content.Pointer + block * (ulong)BlockSize;
}
