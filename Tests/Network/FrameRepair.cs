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
        bool isIPv6 = frame[12] == 0x86 && frame[13] == 0xDD;
        if (!isIPv6 && (frame[12] != 8 || (frame[13] & ~6) != 0))
        {
            frame[12] = 8;
            frame[13] = 0;
        }
    }

    /// <summary>The checksums of an IP packet and of what is in it, where the lengths allow.</summary>
    public static void Checksums(byte[] frame)
    {
        if (frame.Length >= 54 && frame[12] == 0x86 && frame[13] == 0xDD)
        {
            ChecksumsOfIPv6(frame);
            return;
        }

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

    // Behind one extension header at most, as the seeds have them.
    private static void ChecksumsOfIPv6(byte[] frame)
    {
        byte protocol = frame[20];
        int start = 54;
        if (protocol is 0 or 43 or 44 or 60 && frame.Length >= 62)
        {
            start += protocol == 44 ? 8 : (frame[55] + 1) * 8;
            protocol = frame[54];
        }

        int length = Math.Min(54 + ((frame[18] << 8) | frame[19]), frame.Length) - start;
        int at = protocol switch { 6 => 16, 17 => 6, 58 => 2, _ => -1 };
        if (at < 0 || length < at + 2)
        {
            return;
        }

        Span<byte> payload = frame.AsSpan(start, length);
        byte[] pseudo = [.. frame.AsSpan(22, 32), 0, 0, (byte)(length >> 8), (byte)length, 0, 0, 0, protocol];
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
