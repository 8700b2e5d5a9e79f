using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Images;

/// <summary>Flattened device trees (Devicetree Specification 0.4, 5.2).</summary>
public static class DeviceTree
{
    private const uint Magic = 0xD00DFEED;
    private const int HeaderSize = 40;
    private const int TotalSizeAt = 4;

    /// <summary>Refuses what is none, or is cut.</summary>
    public static Error? Check(Image image) => Size(image.Content.Span) > 0
        ? null
        : new Error(EFI_STATUS.EFI_LOAD_ERROR, TextBuilder.Format($"{image.Name}: not a whole device tree"));

    /// <summary>Bytes of a tree by its own header; 0 for what is none, or is cut.</summary>
    public static int Size(ReadOnlySpan<byte> content)
    {
        if (content.Length < HeaderSize || BinaryPrimitives.ReadUInt32BigEndian(content) != Magic)
        {
            return 0;
        }

        uint size = BinaryPrimitives.ReadUInt32BigEndian(content.Slice(TotalSizeAt));
        return size < HeaderSize || size > (uint)content.Length ? 0 : (int)size;
    }
}
