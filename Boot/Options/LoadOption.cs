using System;
using System.Buffers.Binary;

namespace NetBoot.Boot.Options;

/// <summary>A boot option's content, EFI_LOAD_OPTION (UEFI 2.10, 3.1.3): a view, whose lengths were checked.</summary>
public readonly ref struct LoadOption
{
    /// <summary>The boot manager tries the option (LOAD_OPTION_ACTIVE).</summary>
    public const uint Active = 1;

    /// <summary>Where the description begins: behind Attributes and FilePathListLength.</summary>
    public const int DescriptionOffset = 6;

    private LoadOption(ReadOnlySpan<byte> option, int pathAt, int pathLength)
    {
        IsActive = (BinaryPrimitives.ReadUInt32LittleEndian(option) & Active) != 0;
        Description = option.Slice(DescriptionOffset, pathAt - sizeof(char) - DescriptionOffset);
        Path = option.Slice(pathAt, pathLength);
        Data = option.Slice(pathAt + pathLength);
    }

    /// <summary>Whether the boot manager tries it.</summary>
    public readonly bool IsActive;

    /// <summary>What menus show: UCS-2, without the zero at its end.</summary>
    public readonly ReadOnlySpan<byte> Description;

    /// <summary>The device path, or several, each with its End node.</summary>
    public readonly ReadOnlySpan<byte> Path;

    /// <summary>What the image gets as its LoadOptions.</summary>
    public readonly ReadOnlySpan<byte> Data;

    /// <summary>Reads a variable's content; false when it makes no sense.</summary>
    public static bool TryParse(ReadOnlySpan<byte> option, out LoadOption parsed)
    {
        parsed = default;
        int at = DescriptionOffset;
        while (option.Length >= at + sizeof(char))
        {
            bool isEnd = BinaryPrimitives.ReadUInt16LittleEndian(option.Slice(at)) == 0;
            at += sizeof(char);
            if (!isEnd)
            {
                continue;
            }

            int length = BinaryPrimitives.ReadUInt16LittleEndian(option.Slice(4));
            if (length > option.Length - at)
            {
                return false;
            }

            parsed = new LoadOption(option, at, length);
            return true;
        }

        return false;
    }
}
