using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>Reads capture files as QEMU's filter-dump writes them: classic pcap, little endian, Ethernet.</summary>
public static class PacketCapture
{
    /// <summary>All whole frames in a file that may still be written to.</summary>
    public static IReadOnlyList<byte[]> ReadFrames(string path)
    {
        List<byte[]> frames = [];
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using MemoryStream memory = new();
        stream.CopyTo(memory);
        byte[] bytes = memory.ToArray();
        for (int at = 24; at + 16 <= bytes.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8));
            at += 16;
            if (length < 0 || at + length > bytes.Length)
            {
                break;
            }

            frames.Add(bytes.AsSpan(at, length).ToArray());
            at += length;
        }

        return frames;
    }
}
