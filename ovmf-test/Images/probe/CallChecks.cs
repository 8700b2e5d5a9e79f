using System;
using System.Runtime.CompilerServices;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

/// <summary>Virtual and interface calls, generics, delegates, casts, boxes.</summary>
internal static class CallChecks
{
    private static readonly Func<int, int> s_open = Twice;

    internal static void Run()
    {
        Shape[] shapes = [new Square(3), new Circle(2), new UnitSquare()];
        INamed[] named = [new Square(1), new Circle(1), new UnitSquare(), (Tag)7];
        Calls(shapes, named);
        Delegates(shapes[0], named[1]);
        Objects(shapes[1]);
    }

    private static void Calls(Shape[] shapes, INamed[] named)
    {
        long sum = 0;
        for (int i = 0; i < 30; i++)
        {
            sum = sum * 7 % 1000003 + shapes[i % 3].Area();
        }

        CheckEqual(sum, Expected(), "virtual calls");
        CheckEqual(shapes[2].Name, "unit square", "overridden property");

        // One call site, many receivers; then many call sites with one.
        string all = "";
        for (int i = 0; i < 12; i++)
        {
            all += NameOf(named[i % 4]);
        }

        CheckEqual(all, "scutscutscut", "interface calls of many receivers");
        for (int i = 0; i < 1000; i++)
        {
            sum += NameOf(named[0]).Length;
        }

        CheckEqual(new Circle(5).AsNamed().Describe(), "I am c", "default interface method");
        CheckEqual(((INamed)new UnitSquare()).Describe(), "unit", "default interface method, implemented");
        CheckEqual(((IHolder<string>)new Both()).Held() + ((IHolder<int[]>)new Both()).Held().Length, "text3", "generic interface, twice in one class");
        CheckEqual(Many(new Both(), 1, 2, 3, 4, 5, 6, 7, 8), 36, "interface call with arguments on the stack");
        CheckEqual(SumOf<Adder>(5) + SumOf<Doubler>(5), 16, "static abstract members");
        CheckEqual(Apply(new Tag(4), 3), 7, "generic over a struct with an interface");
    }

    private static void Delegates(Shape square, INamed circle)
    {
        int captured = 5;
        Func<int, int> closure = x => x + captured;
        captured = 6;
        CheckEqual(closure(1), 7, "closure");
        CheckEqual(s_open(4), 8, "delegate to a static method");
        Func<long> closed = square.Area;
        CheckEqual(closed(), 9, "delegate to a virtual method");
        Func<string> toInterface = circle.Letter;
        CheckEqual(toInterface(), "c", "delegate to an interface method");
        Action increment = () => captured++;
        increment();
        increment();
        CheckEqual(captured, 8, "action");
    }

    private static void Objects(object circle)
    {
        object box = 42;
        Check(box is int number && number == 42, "unboxing");
        Check(box is not long, "a box of another type");
        Check(box.Equals(42) && !box.Equals(43), "equality of boxes");
        int? some = 3;
        int? none = null;
        object? boxedSome = some;
        object? boxedNone = none;
        Check(boxedSome is 3 && boxedNone is null && (some ?? 0) + (none ?? 5) == 8, "nullables");
        Check(circle is Shape and not Square && circle is INamed && circle as Square is null, "is and as");
        object array = new string[] { "a" };
        Check(array is object[] and not Shape[] && array is Array, "arrays of references");
        object ints = new int[1];
        Check(ints is int[] && ints is not long[] && ints is not object[], "arrays of values");
        object[] row = new string[2];
        row[0] = "fits";
        Check((string)row[0] == "fits", "store into an array of a derived type");
        (int a, string b) pair = (1, "two");
        (pair.a, _) = (5, 0);
        Check(pair is { a: 5, b: "two" }, "tuples and patterns");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static string NameOf(INamed named) => named.Letter();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Many(INumbers numbers, int a, int b, int c, int d, int e, int f, int g, long h) => numbers.Add(a, b, c, d, e, f, g, h);

    private static int Twice(int x) => x * 2;

    private static long Expected()
    {
        long sum = 0;
        for (int i = 0; i < 30; i++)
        {
            sum = sum * 7 % 1000003 + (i % 3 == 0 ? 9 : i % 3 == 1 ? 12 : 1);
        }

        return sum;
    }

    private static int SumOf<T>(int x) where T : IOperation => T.Apply(x);

    private static int Apply<T>(T addend, int x) where T : struct, IAddend => addend.AddTo(x);

    private interface INamed
    {
        string Letter();
        string Describe() => "I am " + Letter();
    }

    private interface IHolder<T>
    {
        T Held();
    }

    private interface INumbers
    {
        long Add(int a, int b, int c, int d, int e, int f, int g, long h);
    }

    private interface IOperation
    {
        static abstract int Apply(int x);
    }

    private interface IAddend
    {
        int AddTo(int x);
    }

    private abstract class Shape
    {
        public virtual string Name => "shape";
        public abstract long Area();
    }

    private class Square(int side) : Shape, INamed
    {
        public override long Area() => side * side;
        public virtual string Letter() => "s";
    }

    private sealed class UnitSquare() : Square(1), INamed
    {
        public override string Name => "unit square";
        public override string Letter() => "u";
        string INamed.Describe() => "unit";
    }

    private sealed class Circle(int radius) : Shape, INamed
    {
        public override long Area() => 3 * radius * radius;
        string INamed.Letter() => "c";
        public INamed AsNamed() => this;
    }

    private readonly struct Tag(int value) : INamed, IAddend
    {
        public string Letter() => value == 7 ? "t" : "?";
        public int AddTo(int x) => x + value;
        public static explicit operator Tag(int value) => new(value);
    }

    private sealed class Both : IHolder<string>, IHolder<int[]>, INumbers
    {
        string IHolder<string>.Held() => "text";
        int[] IHolder<int[]>.Held() => [1, 2, 3];
        public long Add(int a, int b, int c, int d, int e, int f, int g, long h) => a + b + c + d + e + f + g + h;
    }

    private readonly struct Adder : IOperation
    {
        public static int Apply(int x) => x + 1;
    }

    private readonly struct Doubler : IOperation
    {
        public static int Apply(int x) => x * 2;
    }
}
