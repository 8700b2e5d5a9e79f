using System.Runtime.InteropServices;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>More memory than the machine has: addresses that repeat the same 64 MiB.</summary>
internal static unsafe class AliasedMemory
{
    public const int Period = 64 << 20;

    private const int ReadWrite = 3;
    private const int Private = 2;
    private const int Shared = 1;
    private const int Fixed = 0x10;
    private const int Anonymous = 0x20;
    private const int NoReserve = 0x4000;

    public static byte* Map(ulong size)
    {
        int file = CreateFile("aliased", 0);
        Assert.Equal(0, SetLength(file, Period));
        byte* start = Map(null, (nuint)size, 0, Private | Anonymous | NoReserve, -1, 0);
        for (ulong at = 0; at < size; at += Period)
        {
            byte* mapped = Map(start + at, (nuint)ulong.Min(Period, size - at), ReadWrite, Shared | Fixed, file, 0);
            Assert.True(mapped == start + at);
        }

        Close(file);
        return start;
    }

    public static void Unmap(byte* start, ulong size) => Unmap(start, (nuint)size);

    [DllImport("libc", EntryPoint = "memfd_create")]
    private static extern int CreateFile(string name, uint flags);

    [DllImport("libc", EntryPoint = "ftruncate")]
    private static extern int SetLength(int file, long length);

    [DllImport("libc", EntryPoint = "mmap")]
    private static extern byte* Map(byte* address, nuint length, int protection, int flags, int file, long offset);

    [DllImport("libc", EntryPoint = "munmap")]
    private static extern int Unmap(byte* address, nuint length);

    [DllImport("libc", EntryPoint = "close")]
    private static extern int Close(int file);
}
