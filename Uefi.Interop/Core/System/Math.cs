using System.Runtime.CompilerServices;

namespace System;

public static class Math
{
    public static sbyte Min(sbyte val1, sbyte val2) => val1 <= val2 ? val1 : val2;
    public static sbyte Max(sbyte val1, sbyte val2) => val1 >= val2 ? val1 : val2;
    public static sbyte Clamp(sbyte value, sbyte min, sbyte max) => value < min ? min : value > max ? max : value;
    public static byte Min(byte val1, byte val2) => val1 <= val2 ? val1 : val2;
    public static byte Max(byte val1, byte val2) => val1 >= val2 ? val1 : val2;
    public static byte Clamp(byte value, byte min, byte max) => value < min ? min : value > max ? max : value;
    public static short Min(short val1, short val2) => val1 <= val2 ? val1 : val2;
    public static short Max(short val1, short val2) => val1 >= val2 ? val1 : val2;
    public static short Clamp(short value, short min, short max) => value < min ? min : value > max ? max : value;
    public static ushort Min(ushort val1, ushort val2) => val1 <= val2 ? val1 : val2;
    public static ushort Max(ushort val1, ushort val2) => val1 >= val2 ? val1 : val2;
    public static ushort Clamp(ushort value, ushort min, ushort max) => value < min ? min : value > max ? max : value;
    public static int Min(int val1, int val2) => val1 <= val2 ? val1 : val2;
    public static int Max(int val1, int val2) => val1 >= val2 ? val1 : val2;
    public static int Clamp(int value, int min, int max) => value < min ? min : value > max ? max : value;
    public static uint Min(uint val1, uint val2) => val1 <= val2 ? val1 : val2;
    public static uint Max(uint val1, uint val2) => val1 >= val2 ? val1 : val2;
    public static uint Clamp(uint value, uint min, uint max) => value < min ? min : value > max ? max : value;
    public static long Min(long val1, long val2) => val1 <= val2 ? val1 : val2;
    public static long Max(long val1, long val2) => val1 >= val2 ? val1 : val2;
    public static long Clamp(long value, long min, long max) => value < min ? min : value > max ? max : value;
    public static ulong Min(ulong val1, ulong val2) => val1 <= val2 ? val1 : val2;
    public static ulong Max(ulong val1, ulong val2) => val1 >= val2 ? val1 : val2;
    public static ulong Clamp(ulong value, ulong min, ulong max) => value < min ? min : value > max ? max : value;
    public static nint Min(nint val1, nint val2) => val1 <= val2 ? val1 : val2;
    public static nint Max(nint val1, nint val2) => val1 >= val2 ? val1 : val2;
    public static nint Clamp(nint value, nint min, nint max) => value < min ? min : value > max ? max : value;
    public static nuint Min(nuint val1, nuint val2) => val1 <= val2 ? val1 : val2;
    public static nuint Max(nuint val1, nuint val2) => val1 >= val2 ? val1 : val2;
    public static nuint Clamp(nuint value, nuint min, nuint max) => value < min ? min : value > max ? max : value;
    public static int Abs(int value) => value < 0 ? checked(-value) : value;
    public static long Abs(long value) => value < 0 ? checked(-value) : value;

    public static int Sign(int value) => (value >> 31) | (int)((uint)-value >> 31);

    public static int Sign(long value) => (int)((value >> 63) | (long)((ulong)-value >> 63));

    public static (int Quotient, int Remainder) DivRem(int left, int right) => (left / right, left % right);

    public static (uint Quotient, uint Remainder) DivRem(uint left, uint right) => (left / right, left % right);

    public static (ulong Quotient, ulong Remainder) DivRem(ulong left, ulong right) => (left / right, left % right);

    /// <summary>The 128-bit product of <paramref name="a"/> and <paramref name="b"/>.</summary>
    public static ulong BigMul(ulong a, ulong b, out ulong low)
    {
        ulong al = (uint)a;
        ulong ah = a >> 32;
        ulong bl = (uint)b;
        ulong bh = b >> 32;
        ulong t = al * bl;
        ulong middle = ah * bl + (t >> 32);
        ulong middle2 = al * bh + (uint)middle;
        low = (middle2 << 32) | (uint)t;
        return ah * bh + (middle >> 32) + (middle2 >> 32);
    }

    // The compiler looks these up as soon as any conversion is checked; firmware code has no floating point to convert.
    private static int ConvertToInt32Checked(double value) => throw new OverflowException();
    private static uint ConvertToUInt32Checked(double value) => throw new OverflowException();
    private static long ConvertToInt64Checked(double value) => throw new OverflowException();
    private static ulong ConvertToUInt64Checked(double value) => throw new OverflowException();
}
