using System;
using Uefi.Interop;
using Uefi.Interop.Raw;

namespace Boot.App;

/// <summary>What the app does with device paths (UEFI 2.10, 10.2). Paths come from firmware: lengths below a header's end a path.</summary>
public static unsafe class DevicePaths
{
    public const int HeaderSize = 4;

    public static int Length(EFI_DEVICE_PATH_PROTOCOL* node) => node->Length[0] | (node->Length[1] << 8);

    /// <summary>True at the end of a path, and for a node that no walk gets past.</summary>
    public static bool IsEnd(EFI_DEVICE_PATH_PROTOCOL* node) =>
        node == null || node->Type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE || Length(node) < HeaderSize;

    public static EFI_DEVICE_PATH_PROTOCOL* Next(EFI_DEVICE_PATH_PROTOCOL* node) => (EFI_DEVICE_PATH_PROTOCOL*)((byte*)node + Length(node));

    /// <summary>The last node of a type and subtype that is at least so long, or null.</summary>
    public static EFI_DEVICE_PATH_PROTOCOL* FindLast(EFI_DEVICE_PATH_PROTOCOL* path, byte type, byte subType, int minimumLength)
    {
        EFI_DEVICE_PATH_PROTOCOL* found = null;
        for (EFI_DEVICE_PATH_PROTOCOL* node = path; !IsEnd(node); node = Next(node))
        {
            if (node->Type == type && node->SubType == subType && Length(node) >= minimumLength)
            {
                found = node;
            }
        }
        return found;
    }

    /// <summary>Bytes of all nodes before the end.</summary>
    public static int Size(EFI_DEVICE_PATH_PROTOCOL* path)
    {
        int size = 0;
        for (EFI_DEVICE_PATH_PROTOCOL* node = path; !IsEnd(node); node = Next(node))
        {
            size += Length(node);
        }
        return size;
    }

    /// <summary>A path (or none) and one more node, in pool memory that the caller frees; null when there is none left.</summary>
    public static EFI_DEVICE_PATH_PROTOCOL* Append(EFI_DEVICE_PATH_PROTOCOL* path, byte type, byte subType, ReadOnlySpan<byte> data)
    {
        int size = Size(path);
        int nodeSize = HeaderSize + data.Length;
        byte* copy = (byte*)Pool.Allocate((nuint)(size + nodeSize + HeaderSize));
        if (copy == null)
        {
            return null;
        }
        new ReadOnlySpan<byte>(path, size).CopyTo(new Span<byte>(copy, size));
        WriteHeader(copy + size, type, subType, nodeSize);
        data.CopyTo(new Span<byte>(copy + size + HeaderSize, data.Length));
        WriteHeader(
            copy + size + nodeSize, EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE,
            EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE, HeaderSize);
        return (EFI_DEVICE_PATH_PROTOCOL*)copy;
    }

    /// <summary>A node's bytes after its header.</summary>
    public static ReadOnlySpan<byte> Data(EFI_DEVICE_PATH_PROTOCOL* node) =>
        new((byte*)node + HeaderSize, Math.Max(0, Length(node) - HeaderSize));

    /// <summary>The MAC address of the last network node; false when there is none.</summary>
    public static bool TryGetMac(EFI_DEVICE_PATH_PROTOCOL* path, out MacAddress mac)
    {
        EFI_DEVICE_PATH_PROTOCOL* node = FindLast(
            path, EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP, HeaderSize + MacAddress.Size);
        mac = node == null ? default : new MacAddress(Data(node));
        return node != null;
    }

    private static void WriteHeader(byte* node, byte type, byte subType, int length)
    {
        node[0] = type;
        node[1] = subType;
        node[2] = (byte)length;
        node[3] = (byte)(length >> 8);
    }
}
