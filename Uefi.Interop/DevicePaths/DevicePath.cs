using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.DevicePaths;

/// <summary>
/// Device paths as bytes: nodes one behind the other, ended by an End node. What comes from firmware, variables and option ROMs is
/// measured here once, and is spans from then on. UEFI 2.10, 10.2.
/// </summary>
public static unsafe class DevicePath
{
    /// <summary>What a path may measure, its End node included; a longer one counts as malformed (its end is missing).</summary>
    public const int MaximumSize = 64 * 1024;

    internal const int HeaderSize = 4;

    /// <summary>A path in memory of which only the start is known: all its nodes, the End node included.</summary>
    /// <returns>Empty for null, for a node that is shorter than its header, and where no end is found.</returns>
    public static ReadOnlySpan<byte> Measure(EFI_DEVICE_PATH_PROTOCOL* path)
    {
        if (path == null)
        {
            return default;
        }

        byte* start = (byte*)path;
        int size = 0;
        while (size <= MaximumSize - HeaderSize)
        {
            int length = start[size + 2] | (start[size + 3] << 8);
            if (length < HeaderSize || length > MaximumSize - size)
            {
                return default;
            }

            bool isEnd = IsEnd(start[size], start[size + 1]);
            size += length;
            if (isEnd)
            {
                return new ReadOnlySpan<byte>(start, size);
            }
        }

        return default;
    }

    /// <summary>Whether two paths name the same: the same nodes, to the byte.</summary>
    public static bool AreEqual(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => a.SequenceEqual(b);

    /// <summary>Whether <paramref name="path"/> begins with all nodes of <paramref name="prefix"/> but its End node.</summary>
    public static bool StartsWith(ReadOnlySpan<byte> path, ReadOnlySpan<byte> prefix)
    {
        ReadOnlySpan<byte> nodes = WithoutEnd(prefix);
        return path.Length >= nodes.Length && path.Slice(0, nodes.Length).SequenceEqual(nodes);
    }

    /// <summary>The nodes before the End node that ends the whole path.</summary>
    public static ReadOnlySpan<byte> WithoutEnd(ReadOnlySpan<byte> path)
    {
        int size = 0;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            size += node.Size;
        }

        return path.Slice(0, size);
    }

    internal static bool IsEnd(byte type, byte subType) =>
        type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE && subType == EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE;
}
