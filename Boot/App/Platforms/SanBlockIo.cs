using System;
using System.Runtime.InteropServices;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.NetworkStack.Sockets;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Shows a disk over the network to the firmware: EFI_BLOCK_IO_PROTOCOL and EFI_BLOCK_IO2_PROTOCOL on a handle of its own, with a device path behind that
/// of the NIC (UEFI 2.10, 13.9, 13.10 and 10.3). The firmware's own drivers make partitions and volumes of it. Calls wait, those of the second protocol too:
/// their event is signalled before they return.
/// </summary>
public sealed unsafe class SanBlockIo : ShownDisk
{
    private const uint MediaId = 1;

    /// <summary>The most that is read at once, in bytes; whole blocks of any size.</summary>
    private const nuint LongestTransfer = 1 << 28;

    private readonly SanDevice _device;
    private readonly Network _network;
    private readonly NetworkKeeper _keeper;
    private readonly FaultDomain _domain;
    private readonly ProtocolSet _protocols = new(3);
    private ProtocolInstance<EFI_BLOCK_IO_PROTOCOL>* _block;
    private ProtocolInstance<EFI_BLOCK_IO2_PROTOCOL>* _block2;
    private EFI_BLOCK_IO_MEDIA* _media;
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private bool _isInstalled;
    private bool _isBusy;

    private SanBlockIo(SanDevice device, Network network, NetworkKeeper keeper, FaultDomain domain)
    {
        _device = device;
        _network = network;
        _keeper = keeper;
        _domain = domain;
    }

    /// <inheritdoc/>
    public override EFI_HANDLE Handle => _protocols.Handle;

    /// <summary>Installs the protocols, in the current arena; null with an error when that fails, with nothing left.</summary>
    /// <param name="device">Open.</param>
    /// <param name="parent">The device path of the NIC; empty for none.</param>
    /// <param name="network">What the device is reached over.</param>
    /// <param name="keeper">Says when all is over.</param>
    /// <param name="domain">Whose code answers.</param>
    /// <param name="status">Why not.</param>
    public static SanBlockIo? Install(
        SanDevice device, ReadOnlySpan<byte> parent, Network network, NetworkKeeper keeper, FaultDomain domain, out EFI_STATUS status)
    {
        SanBlockIo shown = new(device, network, keeper, domain);
        DevicePathBuilder path = new();
        if (!parent.IsEmpty)
        {
            path.Path(parent);
        }

        device.AppendTo(path);
        shown._path = path.ToPool();
        shown._media = Pool.Allocate<EFI_BLOCK_IO_MEDIA>();
        shown._block = Pool.Allocate<ProtocolInstance<EFI_BLOCK_IO_PROTOCOL>>();
        shown._block2 = Pool.Allocate<ProtocolInstance<EFI_BLOCK_IO2_PROTOCOL>>();
        status = shown._path == null || shown._media == null || shown._block == null || shown._block2 == null
            ? EFI_STATUS.EFI_OUT_OF_RESOURCES
            : shown.Install();
        if (status.IsError)
        {
            shown.Dispose();
            return null;
        }

        return shown;
    }

    /// <summary>Takes the protocols away. Where a driver of the firmware's does not let go, they stay and answer with errors.</summary>
    public override void Dispose()
    {
        bool isStuck = _isInstalled && _protocols.Uninstall().IsError;
        if (_block != null && _block->Owner.Value != 0)
        {
            _block->Owner.Free();
            _block->Owner = default;
        }

        if (_block2 != null)
        {
            _block2->Owner = default;
        }

        if (!isStuck)
        {
            Pool.Free(_path);
            Pool.Free(_media);
            Pool.Free(_block);
            Pool.Free(_block2);
        }

        _path = null;
        _media = null;
        _block = null;
        _block2 = null;
        _isInstalled = false;
    }

    private EFI_STATUS Install()
    {
        _media->MediaId = MediaId;
        _media->MediaPresent = 1;
        _media->ReadOnly = _device.IsReadOnly ? (byte)1 : (byte)0;
        _media->BlockSize = (uint)_device.BlockSize;
        _media->LastBlock = _device.BlockCount - 1;
        _block->Owner = ObjectReference.To(this);
        _block->Protocol.Revision = EFI_BLOCK_IO_PROTOCOL.EFI_BLOCK_IO_PROTOCOL_REVISION3;
        _block->Protocol.Media = _media;
        _block->Protocol.Reset = &Reset;
        _block->Protocol.ReadBlocks = &ReadBlocks;
        _block->Protocol.WriteBlocks = &WriteBlocks;
        _block->Protocol.FlushBlocks = &FlushBlocks;
        _block2->Owner = _block->Owner;
        _block2->Protocol.Media = _media;
        _block2->Protocol.Reset = &Reset2;
        _block2->Protocol.ReadBlocksEx = &ReadBlocksEx;
        _block2->Protocol.WriteBlocksEx = &WriteBlocksEx;
        _block2->Protocol.FlushBlocksEx = &FlushBlocksEx;
        _protocols.Add(_path);
        _protocols.Add(&_block->Protocol);
        _protocols.Add(&_block2->Protocol);
        EFI_STATUS status = _protocols.Install(default);
        _isInstalled = !status.IsError;
        return status;
    }

    private enum Operation
    {
        Read,
        Write,
        Flush,
    }

    private struct Call
    {
        public ObjectReference Owner;
        public Operation Operation;
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
    private static EFI_STATUS ReadBlocks(EFI_BLOCK_IO_PROTOCOL* self, uint mediaId, ulong block, nuint size, void* buffer) =>
        Enter(self, new Call { Operation = Operation.Read, MediaId = mediaId, Block = block, Size = size, Buffer = buffer });

    /// <summary>EFI_BLOCK_IO_PROTOCOL.WriteBlocks (UEFI 2.10, 13.9.4).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS WriteBlocks(EFI_BLOCK_IO_PROTOCOL* self, uint mediaId, ulong block, nuint size, void* buffer) =>
        Enter(self, new Call { Operation = Operation.Write, MediaId = mediaId, Block = block, Size = size, Buffer = buffer });

    /// <summary>EFI_BLOCK_IO_PROTOCOL.FlushBlocks (UEFI 2.10, 13.9.5).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS FlushBlocks(EFI_BLOCK_IO_PROTOCOL* self) => Enter(self, new Call { Operation = Operation.Flush, MediaId = MediaId });

    /// <summary>EFI_BLOCK_IO2_PROTOCOL.Reset (UEFI 2.10, 13.10.2).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS Reset2(EFI_BLOCK_IO2_PROTOCOL* self, byte isExtended) => EFI_STATUS.EFI_SUCCESS;

    /// <summary>EFI_BLOCK_IO2_PROTOCOL.ReadBlocksEx (UEFI 2.10, 13.10.3).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS ReadBlocksEx(
        EFI_BLOCK_IO2_PROTOCOL* self, uint mediaId, ulong block, EFI_BLOCK_IO2_TOKEN* token, nuint size, void* buffer) =>
        Enter(self, token, new Call { Operation = Operation.Read, MediaId = mediaId, Block = block, Size = size, Buffer = buffer });

    /// <summary>EFI_BLOCK_IO2_PROTOCOL.WriteBlocksEx (UEFI 2.10, 13.10.4).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS WriteBlocksEx(
        EFI_BLOCK_IO2_PROTOCOL* self, uint mediaId, ulong block, EFI_BLOCK_IO2_TOKEN* token, nuint size, void* buffer) =>
        Enter(self, token, new Call { Operation = Operation.Write, MediaId = mediaId, Block = block, Size = size, Buffer = buffer });

    /// <summary>EFI_BLOCK_IO2_PROTOCOL.FlushBlocksEx (UEFI 2.10, 13.10.5).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS FlushBlocksEx(EFI_BLOCK_IO2_PROTOCOL* self, EFI_BLOCK_IO2_TOKEN* token) =>
        Enter(self, token, new Call { Operation = Operation.Flush, MediaId = MediaId });

    private static EFI_STATUS Enter(EFI_BLOCK_IO_PROTOCOL* self, Call call)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        call.Owner = ((ProtocolInstance<EFI_BLOCK_IO_PROTOCOL>*)self)->Owner;
        return Enter(ref call);
    }

    /// <summary>With an event, how it went is in the token; what makes no sense is refused at once.</summary>
    private static EFI_STATUS Enter(EFI_BLOCK_IO2_PROTOCOL* self, EFI_BLOCK_IO2_TOKEN* token, Call call)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        call.Owner = ((ProtocolInstance<EFI_BLOCK_IO2_PROTOCOL>*)self)->Owner;
        EFI_STATUS status = Enter(ref call);
        if (token == null || token->Event.IsNull || (status.IsError && status != EFI_STATUS.EFI_DEVICE_ERROR) || Firmware.IsExitingBootServices)
        {
            return status;
        }

        token->TransactionStatus = status;
        Firmware.BootServices->SignalEvent(token->Event);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Enter(ref Call call)
    {
        if (call.Owner.Value == 0 || Firmware.IsExitingBootServices)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        SanBlockIo owner = call.Owner.Get<SanBlockIo>();
        EFI_STATUS status = NetworkCall.Run(owner._domain, ref call, &Run, &Abandon);
        return status == EFI_STATUS.EFI_OUT_OF_RESOURCES ? EFI_STATUS.EFI_DEVICE_ERROR : status;
    }

    /// <summary>This disk is out of use; the network goes on, for the others.</summary>
    private static EFI_STATUS Abandon(ref Call call)
    {
        SanBlockIo owner = call.Owner.Get<SanBlockIo>();
        owner._network.AbandonPoll();
        owner._device.Abandon();
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Run(ref Call call) => call.Owner.Get<SanBlockIo>().Transfer(call);

    private EFI_STATUS Transfer(Call call)
    {
        nuint blockSize = (nuint)_device.BlockSize;
        if (call.MediaId != MediaId)
        {
            return EFI_STATUS.EFI_MEDIA_CHANGED;
        }

        if (call.Operation == Operation.Write && _device.IsReadOnly)
        {
            return EFI_STATUS.EFI_WRITE_PROTECTED;
        }

        if (call.Size == 0 && call.Operation != Operation.Flush)
        {
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (call.Size % blockSize != 0)
        {
            return EFI_STATUS.EFI_BAD_BUFFER_SIZE;
        }

        if (call.Operation != Operation.Flush &&
            (call.Buffer == null || call.Block >= _device.BlockCount || call.Size / blockSize > _device.BlockCount - call.Block))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (_isBusy || _device.IsAbandoned || _keeper.IsOver || _network.IsBusy)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR; // From where nobody may call; or too late.
        }

        _isBusy = true;
        EFI_STATUS status = call.Operation == Operation.Flush ? _device.Flush() : Transfer(call, blockSize);
        _isBusy = false;
        return status.IsError ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;
    }

    private EFI_STATUS Transfer(Call call, nuint blockSize)
    {
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        byte* at = (byte*)call.Buffer;
        ulong block = call.Block;
        for (nuint left = call.Size; left > 0 && !status.IsError;)
        {
            int size = (int)Math.Min(left, LongestTransfer);
            status = call.Operation == Operation.Write
                ? _device.Write(block, new ReadOnlySpan<byte>(at, size))
                : _device.Read(block, new Span<byte>(at, size));
            at += size;
            left -= (nuint)size;
            block += (nuint)size / blockSize;
        }

        return status;
    }
}
