using System;
using System.Buffers.Binary;

namespace NetBoot.Boot.App.Images;

/// <summary>Tells EFI executables and Linux kernels by their first bytes.</summary>
public static class ExecutableFile
{
    private const int PeOffsetAt = 0x3C;
    private const int SetupHeaderAt = 0x202;
    private const int Arm64MagicAt = 56;

    /// <summary>A PE image for any processor: "MZ", and "PE\0\0" where offset 0x3C says (PE/COFF, 4.1.1).</summary>
    public static bool IsExecutable(ReadOnlySpan<byte> content)
    {
        if (content.Length < PeOffsetAt + 4 || !content.StartsWith("MZ"u8))
        {
            return false;
        }

        uint header = BinaryPrimitives.ReadUInt32LittleEndian(content.Slice(PeOffsetAt));
        return header <= (uint)content.Length - 4 && content.Slice((int)header).StartsWith("PE\0\0"u8);
    }

    /// <summary>The processor that a PE image is for (PE/COFF, 3.3.1), or 0.</summary>
    public static ushort Machine(ReadOnlySpan<byte> content)
    {
        if (!IsExecutable(content))
        {
            return 0;
        }

        ReadOnlySpan<byte> header = content.Slice((int)BinaryPrimitives.ReadUInt32LittleEndian(content.Slice(PeOffsetAt)));
        return header.Length < 6 ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(header.Slice(4));
    }

    /// <summary>
    /// A Linux kernel with an EFI stub: "HdrS" of the x86 boot protocol, the arm64 image header, or a compressed "zimg" with "linux" (EFI
    /// zboot). Such a kernel takes its whole LoadOptions for its command line.
    /// </summary>
    public static bool IsLinux(ReadOnlySpan<byte> content) => IsExecutable(content) &&
        ((content.Length >= SetupHeaderAt + 4 && content.Slice(SetupHeaderAt).StartsWith("HdrS"u8)) ||
         content.Slice(Arm64MagicAt).StartsWith("ARM\x64"u8) || content.Slice(4).StartsWith("zimg"u8));
}
