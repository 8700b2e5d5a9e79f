using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DevicePaths;

/// <summary>One node of a device path, whose length has been checked. UEFI 2.10, 10.3.</summary>
public readonly ref struct DevicePathNode
{
    private readonly ReadOnlySpan<byte> _bytes;

    internal DevicePathNode(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
    }

    /// <summary>As in <see cref="EFI_DEVICE_PATH_PROTOCOL.Type"/>.</summary>
    public byte Type => _bytes[0];

    /// <summary>What it is, within its type.</summary>
    public byte SubType => _bytes[1];

    /// <summary>In bytes, the 4-byte header included.</summary>
    public int Size => _bytes.Length;

    /// <summary>The whole node.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>What follows the header.</summary>
    public ReadOnlySpan<byte> Data => _bytes.Slice(DevicePath.HeaderSize);

    /// <summary>Whether it is of this type and has at least <paramref name="dataSize"/> bytes behind its header.</summary>
    public bool Is(byte type, byte subType, int dataSize = 0) =>
        Type == type && SubType == subType && _bytes.Length - DevicePath.HeaderSize >= dataSize;

    internal bool IsEndOfInstance =>
        Type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE && SubType == EFI_DEVICE_PATH_PROTOCOL.END_INSTANCE_DEVICE_PATH_SUBTYPE;

    internal ushort UInt16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(Data.Slice(offset));
    internal uint UInt32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(Data.Slice(offset));
    internal ulong UInt64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(Data.Slice(offset));
}
