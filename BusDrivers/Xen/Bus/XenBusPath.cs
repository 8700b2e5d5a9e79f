using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen.Bus;

/// <summary>
/// The device path node of a device on XenBus: a vendor's hardware node with <see cref="Vendor"/>, the device's number in 32 bits, and its
/// class in xenstore in 16 bytes, filled up with zeros (NETBOOT_XENBUS_DEVICE_PATH in BusDrivers/Include/NetBootXenbus.h).
/// </summary>
internal static unsafe class XenBusPath
{
    /// <summary>The longest class that fits, in bytes.</summary>
    public const int MaximumType = 15;

    private const int IndexOffset = 16;
    private const int TypeOffset = 20;
    private const int DataSize = 36;

    /// <summary>NETBOOT_XENBUS_DEVICE_PATH_GUID</summary>
    public static EFI_GUID Vendor => new(0x1F0C86D9, 0x5A42, 0x4E3B, 0x8D, 0x77, 0x61, 0xB5, 0x0E, 0x9A, 0x23, 0xCC);

    /// <summary>The path of a device below its bus's, in pool memory; null when there is none left.</summary>
    public static EFI_DEVICE_PATH_PROTOCOL* ToPool(ReadOnlySpan<byte> bus, ReadOnlySpan<byte> type, uint index)
    {
        Span<byte> data = stackalloc byte[DataSize - IndexOffset];
        data.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(data, index);
        type.CopyTo(data.Slice(TypeOffset - IndexOffset));
        return new DevicePathBuilder().Path(bus).Vendor(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, Vendor, data).ToPool();
    }

    /// <summary>Whether a node is of a device on XenBus, and of which.</summary>
    public static bool TryParse(EFI_DEVICE_PATH_PROTOCOL* node, out ReadOnlySpan<byte> type, out uint index)
    {
        type = default;
        index = 0;
        int size = node->Length[0] | (node->Length[1] << 8);
        ReadOnlySpan<byte> data = new((byte*)node + sizeof(EFI_DEVICE_PATH_PROTOCOL), DataSize);
        if (node->Type != EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH || node->SubType != VENDOR_DEVICE_PATH.HW_VENDOR_DP ||
            size != sizeof(EFI_DEVICE_PATH_PROTOCOL) + DataSize || ((VENDOR_DEVICE_PATH*)node)->Guid != Vendor)
        {
            return false;
        }

        index = BinaryPrimitives.ReadUInt32LittleEndian(data.Slice(IndexOffset));
        type = XenText.Until(data.Slice(TypeOffset, MaximumType));
        return true;
    }
}
