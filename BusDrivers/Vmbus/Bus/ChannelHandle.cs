using System;
using System.Runtime.InteropServices;
using NetBoot.BusDrivers.Vmbus.Host;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>
/// The handle of a channel: its device path, laid out as Microsoft's firmware does (mu_msvm, VmbusDxe), so that saved boot entries hold for
/// both, and NETBOOT_VMBUS_PROTOCOL. What firmware sees is in pool memory.
/// </summary>
internal unsafe struct ChannelHandle
{
    /// <summary>EFI_VMBUS_CHANNEL_DEVICE_PATH_GUID of mu_msvm.</summary>
    public static EFI_GUID NodeVendor => new(0x9B17E5A2, 0x0891, 0x42DD, 0xB6, 0x53, 0x80, 0xB5, 0xC2, 0x28, 0x09, 0xBA);

    private const int NameRoom = 80;

    private Block* _block;
    private EFI_DEVICE_PATH_PROTOCOL* _path;

    public EFI_HANDLE Handle { get; private set; }

    public readonly bool IsInstalled => _block != null;
    public readonly char* Name => _block == null ? null : _block->Name;

    private struct Block
    {
        public ProtocolInstance<NETBOOT_VMBUS_PROTOCOL> Protocol;
        public fixed char Name[NameRoom];
    }

    /// <summary>The node behind the bus's own: a vendor's hardware node with class and instance.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Node
    {
        public VENDOR_DEVICE_PATH Vendor;
        public EFI_GUID InterfaceType;
        public EFI_GUID InstanceId;
    }

    /// <summary>Whether the node could be one of a channel.</summary>
    public static bool IsNode(EFI_DEVICE_PATH_PROTOCOL* node) =>
        node->Type == EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH && node->SubType == VENDOR_DEVICE_PATH.HW_VENDOR_DP &&
        (node->Length[0] | (node->Length[1] << 8)) == sizeof(Node) && ((Node*)node)->Vendor.Guid == NodeVendor;

    /// <summary>Whether the node is the one of this channel.</summary>
    public static bool IsNodeOf(EFI_DEVICE_PATH_PROTOCOL* node, in ChannelOffer offer) =>
        IsNode(node) && ((Node*)node)->InterfaceType == offer.InterfaceType && ((Node*)node)->InstanceId == offer.InstanceId;

    /// <summary>Makes the handle. On failure nothing is left.</summary>
    public EFI_STATUS Install(Channel channel, ReadOnlySpan<byte> parentPath)
    {
        _block = Pool.Allocate<Block>();
        _path = CreatePath(parentPath, channel.Offer);
        if (_block == null || _path == null)
        {
            Free();
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        TextBuilder name = new(new Span<char>(_block->Name, NameRoom - 1));
        name.Append("VMBus ");
        name.Append(ChannelName.Of(channel.Offer.InterfaceType));
        name.Append(' ');
        channel.Offer.InstanceId.AppendTo(ref name);
        NETBOOT_VMBUS_PROTOCOL* protocol = &_block->Protocol.Protocol;
        ChannelEntries.Fill(protocol);
        protocol->InterfaceType = channel.Offer.InterfaceType;
        protocol->InstanceId = channel.Offer.InstanceId;
        protocol->OfferFlags = channel.Offer.Flags;
        protocol->MmioMegabytes = channel.Offer.MmioMegabytes;
        protocol->SubChannelIndex = channel.Offer.SubChannelIndex;
        fixed (byte* user = channel.Offer.UserDefined)
        {
            new ReadOnlySpan<byte>(user, ChannelOffer.UserDefinedSize).CopyTo(
                new Span<byte>(protocol->UserDefined, ChannelOffer.UserDefinedSize));
        }

        _block->Protocol.Owner = ObjectReference.To(channel);
        EFI_HANDLE handle = default;
        EFI_STATUS status = Firmware.Install(ref handle, _path);
        if (!status.IsError)
        {
            status = Firmware.Install(ref handle, protocol);
            if (status.IsError)
            {
                Firmware.Uninstall(handle, _path);
            }
        }

        if (status.IsError)
        {
            _block->Protocol.Owner.Free();
            Free();
            return status;
        }

        Handle = handle;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Takes the handle away; firmware disconnects the drivers on it. On failure it is as it was.</summary>
    public EFI_STATUS Uninstall()
    {
        NETBOOT_VMBUS_PROTOCOL* protocol = &_block->Protocol.Protocol;
        EFI_STATUS status = Firmware.Uninstall(Handle, protocol);
        if (status.IsError)
        {
            return status;
        }

        status = Firmware.Uninstall(Handle, _path);
        if (status.IsError)
        {
            EFI_HANDLE handle = Handle;
            Firmware.Install(ref handle, protocol);
            return status;
        }

        _block->Protocol.Owner.Free();
        Free();
        Handle = default;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>The driver is told, by the generation, that the channel is a new one underneath.</summary>
    public readonly void Renew()
    {
        if (_block != null)
        {
            _block->Protocol.Protocol.Generation++;
        }
    }

    private void Free()
    {
        Pool.Free(_path);
        Pool.Free(_block);
        _path = null;
        _block = null;
    }

    private static EFI_DEVICE_PATH_PROTOCOL* CreatePath(ReadOnlySpan<byte> parentPath, in ChannelOffer offer)
    {
        ReadOnlySpan<byte> parent = DevicePath.WithoutEnd(parentPath);
        byte* path = (byte*)Pool.Allocate((nuint)(parent.Length + sizeof(Node) + sizeof(EFI_DEVICE_PATH_PROTOCOL)));
        if (path == null)
        {
            return null;
        }

        parent.CopyTo(new Span<byte>(path, parent.Length));
        Node* node = (Node*)(path + parent.Length);
        SetHeader(&node->Vendor.Header, EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, VENDOR_DEVICE_PATH.HW_VENDOR_DP, sizeof(Node));
        node->Vendor.Guid = NodeVendor;
        node->InterfaceType = offer.InterfaceType;
        node->InstanceId = offer.InstanceId;
        SetHeader(
            (EFI_DEVICE_PATH_PROTOCOL*)(node + 1), EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE,
            EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE, sizeof(EFI_DEVICE_PATH_PROTOCOL));
        return (EFI_DEVICE_PATH_PROTOCOL*)path;
    }

    private static void SetHeader(EFI_DEVICE_PATH_PROTOCOL* header, byte type, byte subType, int length)
    {
        header->Type = type;
        header->SubType = subType;
        header->Length[0] = (byte)length;
        header->Length[1] = (byte)(length >> 8);
    }
}
