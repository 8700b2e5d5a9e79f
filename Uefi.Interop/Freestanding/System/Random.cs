using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace System;

/// <summary>
/// Numbers that look random, and are no secrets. With a seed they are those that .NET makes of it: Knuth's subtractive generator (The Art of
/// Computer Programming, volume 2), with .NET's constants.
/// </summary>
public unsafe class Random
{
    private readonly int[] _numbers = new int[56];
    private int _next;
    private int _nextP = 21;

    /// <summary>Seeded by the firmware's EFI_RNG_PROTOCOL, or by the processor's counter where there is none.</summary>
    public Random()
        : this(NewSeed())
    {
    }

    public Random(int seed)
    {
        int subtraction = seed == int.MinValue ? int.MaxValue : Math.Abs(seed);
        int mj = 161803398 - subtraction;
        _numbers[55] = mj;
        int mk = 1;
        for (int i = 1, ii = 0; i < 55; i++)
        {
            ii = ii + 21 >= 55 ? ii + 21 - 55 : ii + 21;
            _numbers[ii] = mk;
            mk = mj - mk;
            mk = mk < 0 ? mk + int.MaxValue : mk;
            mj = _numbers[ii];
        }

        for (int k = 1; k < 5; k++)
        {
            for (int i = 1; i < 56; i++)
            {
                int n = i + 30 >= 55 ? i + 30 - 55 : i + 30;
                _numbers[i] -= _numbers[1 + n];
                _numbers[i] = _numbers[i] < 0 ? _numbers[i] + int.MaxValue : _numbers[i];
            }
        }
    }

    /// <summary>One for all.</summary>
    public static Random Shared { get; } = new();

    public virtual int Next() => Sample();

    public virtual int Next(int maxValue) => Next(0, maxValue);

    public virtual int Next(int minValue, int maxValue)
    {
        if (minValue > maxValue)
        {
            ThrowOutOfRange();
        }

        long range = (long)maxValue - minValue;
        return (int)((long)((range <= int.MaxValue ? NextDouble() : LargeSample()) * range) + minValue);
    }

    public virtual void NextBytes(Span<byte> buffer)
    {
        foreach (ref byte each in buffer)
        {
            each = (byte)Sample();
        }
    }

    public virtual void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    /// <summary>From 0 to less than 1.</summary>
    public virtual double NextDouble() => Sample() * (1.0 / int.MaxValue);

    private double LargeSample()
    {
        int sample = Sample();
        double signed = Sample() % 2 == 0 ? -sample : sample;
        return (signed + (int.MaxValue - 1)) / (2 * (uint)int.MaxValue - 1);
    }

    private int Sample()
    {
        _next = _next == 55 ? 1 : _next + 1;
        _nextP = _nextP == 55 ? 1 : _nextP + 1;
        int sample = _numbers[_next] - _numbers[_nextP];
        sample = sample == int.MaxValue ? sample - 1 : sample;
        sample = sample < 0 ? sample + int.MaxValue : sample;
        _numbers[_next] = sample;
        return sample;
    }

    private static void ThrowOutOfRange() => throw new ArgumentOutOfRangeException(null, "the least number is greater than the greatest");

    private static int NewSeed()
    {
        int seed = 0;
        return TryFill(new Span<byte>(&seed, sizeof(int))) ? seed : (int)Machine.ReadCounter();
    }

    /// <summary>By the firmware's source of random numbers; false when it has none.</summary>
    internal static bool TryFill(Span<byte> bytes)
    {
        EFI_RNG_PROTOCOL* source = Firmware.Locate<EFI_RNG_PROTOCOL>();
        fixed (byte* first = bytes)
        {
            return source != null && source->GetRNG(source, null, (nuint)bytes.Length, first).IsSuccess;
        }
    }
}
