using System;
using System.Runtime.InteropServices;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Shows what an <see cref="ImageFolder"/> lists as a read-only volume to loaders that read disks and not the firmware's files, as GRUB:
/// EFI_BLOCK_IO_PROTOCOL (UEFI 2.10, 13.9). Is there while the image runs.
/// </summary>
public sealed unsafe class ImageDisk : IDisposable
{
    private const uint MediaId = 1;

    /// <summary>
    /// The last node of its path (UEFI 2.10, 10.3.5.3). GRUB sorts disks by the kind of that node, and this kind behind those of real ones: their
    /// numbers stay.
    /// </summary>
    public static EFI_GUID Vendor => new(0x6D2C1F5B, 0x8E0A, 0x4C57, 0x9B, 0x3E, 0x52, 0xA7, 0x10, 0xD4, 0xC8, 0x6F);

    private readonly FatView _view;
    private readonly FaultDomain _domain;
    private readonly ProtocolSet _protocols = new(2);
    private ProtocolInstance<EFI_BLOCK_IO_PROTOCOL>* _block;
    private EFI_BLOCK_IO_MEDIA* _media;
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private bool _isInstalled;

    private ImageDisk(ImageFolder folder, FaultDomain domain)
    {
        _view = new FatView(folder);
        _domain = domain;
    }

    /// <summary>Installs the protocol; null where nothing is listed, or when that fails.</summary>
    /// <param name="folder">What is on it.</param>
    /// <param name="device">Where; null for a handle of its own.</param>
    /// <param name="domain">Whose code answers.</param>
    public static ImageDisk? Install(ImageFolder folder, EFI_HANDLE device, FaultDomain domain)
    {
        if (!folder.ListsAny)
        {
            return null;
        }

        ImageDisk disk = new(folder, domain)
        {
            _media = Pool.Allocate<EFI_BLOCK_IO_MEDIA>(),
            _block = Pool.Allocate<ProtocolInstance<EFI_BLOCK_IO_PROTOCOL>>(),
            _path = device.IsNull ? new DevicePathBuilder().Vendor(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, Vendor, default).ToPool() : null,
        };
        if (disk._media == null || disk._block == null || (device.IsNull && disk._path == null) || disk.InstallOn(device).IsError)
        {
            disk.Dispose();
            return null;
        }

        return disk;
    }

    /// <summary>Takes the protocol away. Where a driver of the firmware's does not let go, it stays and answers with errors.</summary>
    public void Dispose()
    {
        bool isStuck = _isInstalled && _protocols.Uninstall().IsError;
        if (_block != null && _block->Owner.Value != 0)
        {
            _block->Owner.Free();
            _block->Owner = default;
        }

        if (!isStuck)
        {
            Pool.Free(_path);
            Pool.Free(_media);
            Pool.Free(_block);
        }

        _path = null;
        _media = null;
        _block = null;
        _isInstalled = false;
    }

    private EFI_STATUS InstallOn(EFI_HANDLE device)
    {
        _media->MediaId = MediaId;
        _media->MediaPresent = 1;
        _media->LogicalPartition = 1; // A volume, without a table of partitions.
        _media->ReadOnly = 1;
        _media->BlockSize = FatView.SectorSize;
        _media->LastBlock = _view.Length - 1;
        _block->Owner = ObjectReference.To(this);
        _block->Protocol.Revision = EFI_BLOCK_IO_PROTOCOL.EFI_BLOCK_IO_PROTOCOL_REVISION3;
        _block->Protocol.Media = _media;
        _block->Protocol.Reset = &Reset;
        _block->Protocol.ReadBlocks = &ReadBlocks;
        _block->Protocol.WriteBlocks = &WriteBlocks;
        _block->Protocol.FlushBlocks = &FlushBlocks;
        if (_path != null)
        {
            _protocols.Add(_path);
        }

        _protocols.Add(&_block->Protocol);
        EFI_STATUS status = _protocols.Install(device);
        _isInstalled = !status.IsError;
        return status;
    }

    private struct Call
    {
        public ObjectReference Owner;
        public uint MediaId;
        public ulong Block;
        public nuint Size;
        public void* Buffer;
    }

    /// <summary>EFI_BLOCK_IO_PROTOCOL.Reset (UEFI 2.10, 13.9.2): there is nothing that a reset would change.</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Reset(EFI_BLOCK_IO_PROTOCOL* self, byte isExtended) => EFI_STATUS.EFI_SUCCESS;

    /// <summary>EFI_BLOCK_IO_PROTOCOL.ReadBlocks (UEFI 2.10, 13.9.3).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS ReadBlocks(EFI_BLOCK_IO_PROTOCOL* self, uint mediaId, ulong block, nuint size, void* buffer)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ObjectReference owner = ((ProtocolInstance<EFI_BLOCK_IO_PROTOCOL>*)self)->Owner;
        Call call = new() { Owner = owner, MediaId = mediaId, Block = block, Size = size, Buffer = buffer };
        return owner.Value == 0
            ? EFI_STATUS.EFI_DEVICE_ERROR
            : FirmwareEntry.Run(owner.Get<ImageDisk>()._domain, EFI_TPL.TPL_CALLBACK, ref call, &Read);
    }

    /// <summary>EFI_BLOCK_IO_PROTOCOL.WriteBlocks (UEFI 2.10, 13.9.4).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS WriteBlocks(EFI_BLOCK_IO_PROTOCOL* self, uint mediaId, ulong block, nuint size, void* buffer) =>
        mediaId == MediaId ? EFI_STATUS.EFI_WRITE_PROTECTED : EFI_STATUS.EFI_MEDIA_CHANGED;

    /// <summary>EFI_BLOCK_IO_PROTOCOL.FlushBlocks (UEFI 2.10, 13.9.5).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS FlushBlocks(EFI_BLOCK_IO_PROTOCOL* self) => EFI_STATUS.EFI_SUCCESS;

    private static EFI_STATUS Read(ref Call call)
    {
        FatView view = call.Owner.Get<ImageDisk>()._view;
        ulong count = call.Size / FatView.SectorSize;
        if (call.MediaId != MediaId)
        {
            return EFI_STATUS.EFI_MEDIA_CHANGED;
        }

        if (call.Size % FatView.SectorSize != 0)
        {
            return EFI_STATUS.EFI_BAD_BUFFER_SIZE;
        }

        if (call.Buffer == null || call.Block >= view.Length || count > view.Length - call.Block)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        view.Read(call.Block, (byte*)call.Buffer, count);
        return EFI_STATUS.EFI_SUCCESS;
    }
}
