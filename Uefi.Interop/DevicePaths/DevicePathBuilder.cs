using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DevicePaths;

/// <summary>Puts a device path together node by node, in the current arena; <see cref="ToPool"/> hands it to firmware.</summary>
public sealed unsafe class DevicePathBuilder
{
    private byte[] _nodes = new byte[128];
    private int _size;

    /// <summary>The nodes so far, without an End node.</summary>
    public ReadOnlySpan<byte> Nodes => new(_nodes, 0, _size);

    /// <summary>All nodes of another path but its End node.</summary>
    public DevicePathBuilder Path(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> nodes = DevicePath.WithoutEnd(path);
        nodes.CopyTo(Reserve(nodes.Length));
        return this;
    }

    /// <summary>Any node.</summary>
    /// <param name="type">Its type, as in <see cref="EFI_DEVICE_PATH_PROTOCOL.Type"/>.</param>
    /// <param name="subType">What it is, within its type.</param>
    /// <param name="data">What follows the header: at most 65531 bytes.</param>
    public DevicePathBuilder Node(byte type, byte subType, ReadOnlySpan<byte> data)
    {
        data.CopyTo(Header(type, subType, data.Length));
        return this;
    }

    /// <summary>A network interface. UEFI 2.10, 10.3.4.11.</summary>
    /// <param name="address">The interface's address.</param>
    /// <param name="ifType">RFC 3232's number of the interface type: 1 for Ethernet.</param>
    public DevicePathBuilder Mac(MacAddress address, byte ifType)
    {
        Span<byte> data = Header(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP, 33);
        address.CopyTo(data);
        data[32] = ifType;
        return this;
    }

    /// <summary>A URI; what is not ASCII becomes '?'. UEFI 2.10, 10.3.4.23.</summary>
    public DevicePathBuilder Uri(ReadOnlySpan<char> uri)
    {
        Span<byte> data = Header(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, URI_DEVICE_PATH.MSG_URI_DP, uri.Length);
        for (int i = 0; i < uri.Length; i++)
        {
            data[i] = uri[i] < 0x80 ? (byte)uri[i] : (byte)'?';
        }

        return this;
    }

    /// <summary>A logical unit of an iSCSI target. UEFI 2.10, 10.3.4.21.</summary>
    /// <param name="target">Its name; what is not ASCII becomes '?'.</param>
    /// <param name="portalGroup">Its group of portals.</param>
    /// <param name="lun">The first byte on the wire is the highest.</param>
    /// <param name="options">As in <see cref="ISCSI_DEVICE_PATH.LoginOption"/>.</param>
    public DevicePathBuilder Iscsi(ReadOnlySpan<char> target, ushort portalGroup, ulong lun, ushort options)
    {
        const int NameAt = 14;
        Span<byte> data = Header(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, ISCSI_DEVICE_PATH.MSG_ISCSI_DP, NameAt + target.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(data.Slice(2), options);
        BinaryPrimitives.WriteUInt64BigEndian(data.Slice(4), lun);
        BinaryPrimitives.WriteUInt16LittleEndian(data.Slice(12), portalGroup);
        for (int i = 0; i < target.Length; i++)
        {
            data[NameAt + i] = target[i] < 0x80 ? (byte)target[i] : (byte)'?';
        }

        return this;
    }

    /// <summary>A file, with backslashes. UEFI 2.10, 10.3.5.4.</summary>
    public DevicePathBuilder FilePath(ReadOnlySpan<char> path)
    {
        Span<byte> data = Header(
            EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, FILEPATH_DEVICE_PATH.MEDIA_FILEPATH_DP, (path.Length + 1) * sizeof(char));
        for (int i = 0; i < path.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data.Slice(i * sizeof(char)), path[i]);
        }

        return this;
    }

    /// <summary>A vendor's own hardware, messaging or media node. UEFI 2.10, 10.3.2.4, 10.3.4.17 and 10.3.5.3.</summary>
    /// <param name="type">HARDWARE_DEVICE_PATH, MESSAGING_DEVICE_PATH or MEDIA_DEVICE_PATH.</param>
    /// <param name="vendor">Whose node it is, and what the data means.</param>
    /// <param name="data">The vendor's data, which may be empty.</param>
    public DevicePathBuilder Vendor(byte type, EFI_GUID vendor, ReadOnlySpan<byte> data)
    {
        Span<byte> node = Header(type, VendorSubType(type), sizeof(EFI_GUID) + data.Length);
        MemoryMarshal.Write(node, in vendor);
        data.CopyTo(node.Slice(sizeof(EFI_GUID)));
        return this;
    }

    /// <summary>The path, with its End node, as an object of the current arena.</summary>
    public byte[] ToArray()
    {
        byte[] path = new byte[_size + DevicePath.HeaderSize];
        WriteTo(path);
        return path;
    }

    /// <summary>The path, with its End node, in pool memory that the caller frees; null when there is none left.</summary>
    public EFI_DEVICE_PATH_PROTOCOL* ToPool()
    {
        int size = _size + DevicePath.HeaderSize;
        byte* path = (byte*)Pool.Allocate((nuint)size);
        if (path != null)
        {
            WriteTo(new Span<byte>(path, size));
        }

        return (EFI_DEVICE_PATH_PROTOCOL*)path;
    }

    internal static byte VendorSubType(byte type) => type switch
    {
        EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH => VENDOR_DEVICE_PATH.HW_VENDOR_DP,
        EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH => VENDOR_DEVICE_PATH.MSG_VENDOR_DP,
        _ => VENDOR_DEVICE_PATH.MEDIA_VENDOR_DP,
    };

    private void WriteTo(Span<byte> path)
    {
        Nodes.CopyTo(path);
        Span<byte> end = path.Slice(_size);
        end[0] = EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE;
        end[1] = EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE;
        end[2] = DevicePath.HeaderSize;
        end[3] = 0;
    }

    /// <summary>Appends a node and returns its zeroed data.</summary>
    private Span<byte> Header(byte type, byte subType, int dataSize)
    {
        Span<byte> node = Reserve(DevicePath.HeaderSize + dataSize);
        node[0] = type;
        node[1] = subType;
        BinaryPrimitives.WriteUInt16LittleEndian(node.Slice(2), checked((ushort)node.Length));
        return node.Slice(DevicePath.HeaderSize);
    }

    private Span<byte> Reserve(int size)
    {
        if (_nodes.Length - _size < size)
        {
            byte[] larger = new byte[Math.Max(_nodes.Length * 2, _size + size)];
            Nodes.CopyTo(larger);
            _nodes = larger;
        }

        Span<byte> reserved = new(_nodes, _size, size);
        _size += size;
        return reserved;
    }
}
