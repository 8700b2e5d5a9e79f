using System;
using System.Runtime.InteropServices;

namespace NetBoot.Tests.Models.Xen;

/// <summary>Memory below 4 GiB of the process, for what a machine has at such addresses and firmware does not allocate.</summary>
internal sealed unsafe partial class LowMemory : IDisposable
{
    private const uint Step = 0x0800_0000;
    private const int ReadWrite = 0x1 | 0x2;
    private const int PrivateAnonymous = 0x02 | 0x20;

    public LowMemory(uint size)
    {
        Size = size;
        for (ulong hint = Step; hint < uint.MaxValue - Step; hint += Step)
        {
            byte* found = (byte*)Map((nint)hint, size, ReadWrite, PrivateAnonymous, -1, 0);
            if ((ulong)found + size <= uint.MaxValue)
            {
                Address = found;
                return;
            }

            Unmap((nint)found, size); // The kernel takes another place when the one it is asked for is not free.
        }

        throw new OutOfMemoryException("There is no memory below 4 GiB.");
    }

    public byte* Address { get; }

    /// <summary>In bytes.</summary>
    public uint Size { get; }

    public bool Contains(ulong address) => address >= (ulong)Address && address < (ulong)Address + Size;

    public void Dispose() => Unmap((nint)Address, Size);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint size, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint size);
}
