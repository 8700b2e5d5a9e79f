using System;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NetBoot.NetworkStack.Wire;

/// <summary>
/// The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words. The words are added in
/// memory order, whatever the processor's, so the results are stored as they are (RFC 1071, 2 (B)).
/// </summary>
internal static class InternetChecksum
{
    private const ushort Correct = 0xFFFF;

    /// <summary>
    /// The sum so far of several pieces, of which only the last may have an odd length. It fits 33 bits and a few more; pieces are simply added.
    /// </summary>
    /// <remarks>
    /// Every byte received passes here once, so it takes eight bytes with one load and three additions or shifts: what is
    /// summed is x modulo 2^64 and the upper half of x exactly, and the lower half follows from both at the end.
    /// </remarks>
    public static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        ref byte at = ref MemoryMarshal.GetReference(bytes);
        int left = bytes.Length;
        ulong all = 0;
        ulong upper = 0;
        while (left >= 128)
        {
            Add(ref at, ref all, ref upper);
            Add(ref Unsafe.Add(ref at, 32), ref all, ref upper);
            Add(ref Unsafe.Add(ref at, 64), ref all, ref upper);
            Add(ref Unsafe.Add(ref at, 96), ref all, ref upper);
            at = ref Unsafe.Add(ref at, 128);
            left -= 128;
        }

        while (left >= 8)
        {
            ulong word = Unsafe.ReadUnaligned<ulong>(ref at);
            all += word;
            upper += word >> 32;
            at = ref Unsafe.Add(ref at, 8);
            left -= 8;
        }

        if (left >= 4)
        {
            all += Unsafe.ReadUnaligned<uint>(ref at);
            at = ref Unsafe.Add(ref at, 4);
            left -= 4;
        }

        ulong sum = unchecked(all - (upper << 32)) + upper;
        if (left >= 2)
        {
            sum += Unsafe.ReadUnaligned<ushort>(ref at);
            at = ref Unsafe.Add(ref at, 2);
            left -= 2;
        }

        if (left != 0)
        {
            sum += at;
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add(ref byte at, ref ulong all, ref ulong upper)
    {
        ulong a = Unsafe.ReadUnaligned<ulong>(ref at);
        ulong b = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 8));
        ulong c = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 16));
        ulong d = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref at, 24));
        all += a;
        upper += a >> 32;
        all += b;
        upper += b >> 32;
        all += c;
        upper += c >> 32;
        all += d;
        upper += d >> 32;
    }

    /// <summary>
    /// The sum of a pseudo-header of either version (RFC 9293, 3.1; RFC 8200, 8.1): where its fields lie in their words makes no difference.
    /// </summary>
    /// <param name="addresses">The sum of both addresses.</param>
    /// <param name="protocol">Of the layer above.</param>
    /// <param name="length">Of the packet of that layer.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PseudoHeader(ulong addresses, IPProtocol protocol, int length) =>
        addresses + ((ulong)protocol << 8) + BinaryPrimitives.ReverseEndianness((uint)length);

    /// <summary>The checksum to store, in wire order, for the sum of everything with the checksum field zero.</summary>
    public static ushort Finish(ulong sum) => (ushort)~Fold(sum);

    /// <summary>True for the sum of everything with the received checksum in place.</summary>
    public static bool IsCorrect(ulong sum) => Fold(sum) == Correct;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }
}
