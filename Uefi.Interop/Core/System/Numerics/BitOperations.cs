using System.Runtime.CompilerServices;

namespace System.Numerics;

public static class BitOperations
{
    public static bool IsPow2(uint value) => value != 0 && (value & (value - 1)) == 0;
    public static bool IsPow2(ulong value) => value != 0 && (value & (value - 1)) == 0;
    public static bool IsPow2(nuint value) => value != 0 && (value & (value - 1)) == 0;

    public static uint RoundUpToPowerOf2(uint value) => value == 0 ? 0 : (uint)(0x1_0000_0000UL >> LeadingZeroCount(value - 1));

    [Intrinsic]
    public static uint RotateLeft(uint value, int offset) => (value << offset) | (value >> (32 - offset));

    [Intrinsic]
    public static ulong RotateLeft(ulong value, int offset) => (value << offset) | (value >> (64 - offset));

    [Intrinsic]
    public static uint RotateRight(uint value, int offset) => (value >> offset) | (value << (32 - offset));

    [Intrinsic]
    public static ulong RotateRight(ulong value, int offset) => (value >> offset) | (value << (64 - offset));

    [Intrinsic]
    public static int LeadingZeroCount(uint value)
    {
        int count = 32;
        while (value != 0)
        {
            value >>= 1;
            count--;
        }

        return count;
    }

    [Intrinsic]
    public static int LeadingZeroCount(ulong value) =>
        value >> 32 == 0 ? 32 + LeadingZeroCount((uint)value) : LeadingZeroCount((uint)(value >> 32));

    [Intrinsic]
    public static int TrailingZeroCount(uint value) => value == 0 ? 32 : 31 - LeadingZeroCount(value & (0 - value));

    public static int TrailingZeroCount(int value) => TrailingZeroCount((uint)value);

    [Intrinsic]
    public static int TrailingZeroCount(ulong value) => value == 0 ? 64 : 63 - LeadingZeroCount(value & (0 - value));

    public static int Log2(uint value) => 31 - LeadingZeroCount(value | 1);

    public static int Log2(ulong value) => 63 - LeadingZeroCount(value | 1);

    // The baseline of x86-64 has no POPCNT.
    public static int PopCount(uint value)
    {
        value -= (value >> 1) & 0x5555_5555;
        value = (value & 0x3333_3333) + ((value >> 2) & 0x3333_3333);
        value = (value + (value >> 4)) & 0x0F0F_0F0F;
        return (int)((value * 0x0101_0101) >> 24);
    }

    public static int PopCount(ulong value) => PopCount((uint)value) + PopCount((uint)(value >> 32));
}
