using System;
using System.Buffers.Binary;
using NetBoot.Boot.Packaging;

namespace NetBoot.Tests.Packaging;

/// <summary>A small PE32+ file with the fields that matter: one section of code.</summary>
internal static class SampleImage
{
    public const int HeadersSize = 0x400;
    public const int Optional = 0x58;
    public const int SectionTable = Optional + 240;

    public static byte[] Make(ushort machine = PortableExecutable.X64, ushort subsystem = PortableExecutable.BootServiceDriver, int codeSize = 0x200)
    {
        byte[] image = new byte[HeadersSize + codeSize];
        new Random(codeSize).NextBytes(image.AsSpan(HeadersSize));
        Set16(image, 0, 0x5A4D);
        Set32(image, 0x3C, 0x40);
        Set32(image, 0x40, 0x4550);
        Set16(image, 0x44, machine);
        Set16(image, 0x46, 1);
        Set16(image, 0x54, 240);
        Set16(image, Optional, 0x20B);
        Set32(image, Optional + 32, 0x1000);
        Set32(image, Optional + 36, 0x200);
        Set32(image, Optional + 56, 0x2000);
        Set32(image, Optional + 60, HeadersSize);
        Set16(image, Optional + 68, subsystem);
        Set32(image, Optional + 108, 16);
        ".text"u8.CopyTo(image.AsSpan(SectionTable));
        Set32(image, SectionTable + 8, codeSize);
        Set32(image, SectionTable + 12, 0x1000);
        Set32(image, SectionTable + 16, codeSize);
        Set32(image, SectionTable + 20, HeadersSize);
        Set32(image, SectionTable + 36, 0x60000020);
        return image;
    }

    private static void Set16(byte[] image, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan(at), value);

    private static void Set32(byte[] image, int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(image.AsSpan(at), value);
}
