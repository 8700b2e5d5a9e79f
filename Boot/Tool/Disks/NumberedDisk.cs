using System;
using System.IO;
using System.Runtime.InteropServices;

namespace NetBoot.Boot.Tool.Disks;

/// <summary>A disk of which each byte says where it is: what the tests' agent expects of one (its task <c>disk</c>).</summary>
public static class NumberedDisk
{
    /// <summary>Writes it: each word of 64 bits is its number, from 1 on, times a constant.</summary>
    public static void Write(string path, int mebibytes)
    {
        using FileStream stream = File.Create(path);
        Span<ulong> words = new ulong[(1 << 20) / sizeof(ulong)];
        ulong value = 0;
        for (int i = 0; i < mebibytes; i++)
        {
            foreach (ref ulong word in words)
            {
                word = value += 0x9E37_79B9_7F4A_7C15;
            }

            stream.Write(MemoryMarshal.AsBytes(words));
        }
    }
}
