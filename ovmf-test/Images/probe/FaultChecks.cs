using System;
using System.Runtime.CompilerServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

/// <summary>Every kind of programming fault ends at the innermost boundary, says what it is and where, and leaves the caller intact.</summary>
/// <remarks>
/// A null reference is not among them: compiled code leaves it to the processor, and page 0 may be readable (OVMF) or not (AAVMF). Nullable
/// annotations, whose warnings are errors, keep it from happening.
/// </remarks>
internal static unsafe class FaultChecks
{
    private static int s_afterFault;

    internal static void Run()
    {
        Expect(&Index, "index out of range");
        Expect(&SpanIndex, "index out of range");
        Expect(&Slice, "argument out of range");
        Expect(&Overflow, "arithmetic overflow");
        Expect(&Conversion, "arithmetic overflow");
        Expect(&Cast, "invalid cast");
        Expect(&InterfaceCast, "invalid cast");
        Expect(&Unbox, "invalid cast");
        Expect(&Store, "array element of a wrong type");
        Expect(&Throw, "thrown on purpose");
        Expect(&ThrowWithoutArena, "thrown without an arena");
        Expect(&AllocateWithoutArena, "allocation outside of an arena");
        Expect(&ArrayWithoutArena, "allocation outside of an arena");
        Expect(&NegativeLength, "array length out of range");
        Expect(&TooMuch, "out of memory");
        if (Machine.CounterFrequency() != 0)
        {
            Expect(&Divide, "division by zero"); // On x64 this is a fault of the processor, which the firmware reports.
        }

        CheckEqual(s_afterFault, 0, "code after a fault");
        Nest();
        KeepsRegisters();
    }

    private static void Expect(delegate*<int, int> body, string kind)
    {
        Call call = new() { Body = body, Argument = 5 };
        bool completed = Machine.TryCall(ref call, &Invoke, out EFI_STATUS status, out Fault fault);
        Arena.OfImage.Enter(); // Some of the bodies leave without restoring the arena that was current.
        Check(!completed && status == (kind == Fault.OutOfMemory ? EFI_STATUS.EFI_OUT_OF_RESOURCES : EFI_STATUS.EFI_DEVICE_ERROR), TextBuilder.Format($"{kind}: did not end the call"));
        CheckEqual(fault.Kind ?? "", kind, "kind of fault");
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(Firmware.ImageHandle);
        Check(fault.Address - (nuint)loaded->ImageBase < loaded->ImageSize, TextBuilder.Format($"{kind}: 0x{fault.Address:x} is not in the image"));
    }

    private static EFI_STATUS Invoke(ref Call call)
    {
        s_afterFault += call.Body(call.Argument) == 12345 ? 1 : 0;
        s_afterFault++;
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static int Index(int x) => Numbers(x)[x];

    private static int[] Numbers(int count) => new int[count];

    private static int SpanIndex(int x)
    {
        Span<int> five = stackalloc int[5];
        return five[x];
    }

    private static int Slice(int x) => new int[4].AsSpan(0, x).Length;

    private static int Overflow(int x) => checked(x * int.MaxValue);

    private static int Conversion(int x) => checked((byte)(x * 100));

    private static int Cast(int x) => ((string)(object)new Node(x)).Length;

    private static int InterfaceCast(int x) => ((IThing)(object)new Node(x)).Value();

    private static int Unbox(int x)
    {
        object box = (long)x;
        return (int)box;
    }

    private static int Store(int x)
    {
        object[] row = new string[x];
        row[0] = new Node(x);
        return row.Length;
    }

    private static int Throw(int x) => x == 5 ? throw new InvalidOperationException("thrown on purpose") : 0;

    private static int ThrowWithoutArena(int x)
    {
        using ArenaScope scope = Arena.EnterNone();
        return x == 5 ? throw new ArgumentException("thrown without an arena") : 0;
    }

    private static int AllocateWithoutArena(int x)
    {
        using ArenaScope scope = Arena.EnterNone();
        return Keep(new Node(x));
    }

    private static int ArrayWithoutArena(int x)
    {
        using ArenaScope scope = Arena.EnterNone();
        return Keep(new int[x]);
    }

    private static int NegativeLength(int x) => Keep(new int[x - 6]);

    private static int TooMuch(int x) => Keep(new long[x * 50_000_000]);

    private static int Divide(int x) => 100 / (x - 5);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Keep(object kept) => kept.GetHashCode();

    private static void Nest()
    {
        Call inner = new() { Body = &Index, Argument = 5 };
        Call outer = new() { Body = &FaultInside, Argument = 5 };
        Check(Machine.TryCall(ref outer, &Invoke, out _, out _), "the outer call goes on after a fault in an inner one");
        s_afterFault = 0;
        Check(!Machine.TryCall(ref inner, &Invoke, out _, out _), "the inner call");
    }

    private static int FaultInside(int x)
    {
        Call call = new() { Body = &Cast, Argument = x };
        return Machine.TryCall(ref call, &Invoke, out _, out Fault fault) ? 0 : fault.Kind.Length;
    }

    /// <summary>Many values live across a call that ends in a fault: those in preserved registers must come back.</summary>
    private static void KeepsRegisters()
    {
        long a = s_afterFault + 1, b = a * 3, c = b * 5, d = c * 7, e = d * 11, f = e * 13, g = f * 17, h = g * 19;
        for (int i = 0; i < 3; i++)
        {
            Call call = new() { Body = &Index, Argument = 5 };
            Machine.TryCall(ref call, &Invoke, out _, out _);
            a += b;
            b += c;
            c += d;
            d += e;
            e += f;
            f += g;
            g += h;
        }

        CheckEqual(a + b + c + d + e + f + g + h, Sum(), "values across a fault");
    }

    private static long Sum()
    {
        long[] v = [1, 3, 15, 105, 1155, 15015, 255255, 4849845];
        for (int i = 0; i < 3; i++)
        {
            for (int k = 0; k < 7; k++)
            {
                v[k] += v[k + 1];
            }
        }

        long sum = 0;
        foreach (long each in v)
        {
            sum += each;
        }

        return sum;
    }

    private struct Call
    {
        public delegate*<int, int> Body;
        public int Argument;
    }

    private interface IThing
    {
        int Value();
    }

    private sealed class Node(int value)
    {
        public int Value { get; } = value;
    }
}
