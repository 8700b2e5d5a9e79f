using System;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Network;

/// <summary>Sets right in a frame of random bytes what would keep the stack from looking at the rest.</summary>
internal static class FrameRepair
{
    /// <summary>The destination, and, where the type is one that nobody knows, IPv4 for it.</summary>
    public static void Address(Span<byte> frame, MacAddress destination)
    {
        if (frame.Length < 14)
        {
            return;
        }

        destination.CopyTo(frame);
        if (frame[12] != 8 || (frame[13] & ~6) != 0)
        {
            frame[12] = 8;
            frame[13] = 0;
        }
    }

    /// <summary>The checksums of an IPv4 packet and of what is in it, where the lengths allow.</summary>
    public static void Checksums(byte[] frame)
    {
        if (frame.Length < 34 || frame[12] != 8 || frame[13] != 0 || frame[14] >> 4 != 4)
        {
            return;
        }

        int headerSize = (frame[14] & 15) * 4;
        int total = Math.Min((frame[16] << 8) | frame[17], frame.Length - 14);
        if (headerSize < 20 || headerSize > total)
        {
            return;
        }

        Span<byte> header = frame.AsSpan(14, headerSize);
        Set(header, 10, Reference.Checksum(Zeroed(header, 10)));
        Span<byte> payload = frame.AsSpan(14 + headerSize, total - headerSize);
        int at = frame[23] switch { 1 => 2, 6 => 16, 17 => 6, _ => -1 };
        if (at < 0 || payload.Length < at + 2)
        {
            return;
        }

        byte[] pseudo = frame[23] == 1
            ? []
            : [.. frame.AsSpan(26, 8), 0, frame[23], (byte)(payload.Length >> 8), (byte)payload.Length];
        Set(payload, at, Reference.Checksum([.. pseudo, .. Zeroed(payload, at)]));
    }

    private static byte[] Zeroed(ReadOnlySpan<byte> bytes, int at)
    {
        byte[] copy = bytes.ToArray();
        copy[at] = 0;
        copy[at + 1] = 0;
        return copy;
    }

    private static void Set(Span<byte> bytes, int at, ushort value)
    {
        bytes[at] = (byte)(value >> 8);
        bytes[at + 1] = (byte)value;
    }
}
