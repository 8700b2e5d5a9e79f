using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// Big-endian numbers at an offset of a view whose length was checked when the view was made. Nothing here checks again:
/// only the views of this namespace use it, at offsets below the minimum that their TryParse demands.
/// </summary>
internal static class WireBytes
{
    public static byte Read8(ReadOnlySpan<byte> bytes, int offset) => Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Read16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReverseEndianness(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset)));

    public static IPv4Address ReadIPv4(ReadOnlySpan<byte> bytes, int offset) => new(Read32(bytes, offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MacAddress ReadMac(ReadOnlySpan<byte> bytes, int offset)
    {
        ref byte at = ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset);
        return new MacAddress(Unsafe.ReadUnaligned<uint>(ref at) | ((ulong)Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref at, 4)) << 32));
    }

    public static void Write8(Span<byte> bytes, int offset, byte value) => Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset) = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write16(Span<byte> bytes, int offset, ushort value) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset), BinaryPrimitives.ReverseEndianness(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write32(Span<byte> bytes, int offset, uint value) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset), BinaryPrimitives.ReverseEndianness(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteMac(Span<byte> bytes, int offset, MacAddress value)
    {
        ref byte at = ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset);
        Unsafe.WriteUnaligned(ref at, (uint)value.Value);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref at, 4), (ushort)(value.Value >> 32));
    }

    /// <summary>Stores what <see cref="InternetChecksum"/> returns: already in the order of the wire.</summary>
    public static void WriteChecksum(Span<byte> bytes, int offset, ushort value) =>
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref MemoryMarshal.GetReference(bytes), offset), value);
}
