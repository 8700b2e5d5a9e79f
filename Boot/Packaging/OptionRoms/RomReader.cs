using System;
using System.Collections.Generic;

namespace NetBoot.Boot.Packaging.OptionRoms;

/// <summary>
/// Takes an expansion ROM apart and checks all that a BIOS or firmware relies on: PCI Firmware Specification 3.3, 5.1, and for UEFI images
/// UEFI 2.10, 14.4.2.
/// </summary>
public static class RomReader
{
    internal const int BlockSize = 512;
    internal const uint DataSignature = 0x52494350; // "PCIR"
    internal const uint EfiSignature = 0x0EF1;
    internal const byte LastImage = 0x80;
    internal const int IndicatorAt = 0x15;
    private const int DataSize = 0x18;
    private const int DataSize3 = 0x1C;
    private const int HeaderSize = 0x1A;

    /// <exception cref="InputError">It is no such ROM, or is damaged.</exception>
    public static IReadOnlyList<RomImage> Read(InputView rom)
    {
        List<RomImage> images = [];
        int offset = 0;
        do
        {
            RomImage image = ReadImage(rom, offset);
            images.Add(image);
            offset += image.Length;
        }
        while (!images[^1].IsLast);

        // Flash that the images do not fill is 00 or FF.
        int padding = rom.Span[offset..].IndexOfAnyExcept((byte)0, (byte)0xFF);
        Require(rom, padding < 0, offset + padding, "end of the ROM", "something follows the image that is marked as the last");
        return images;
    }

    private static RomImage ReadImage(InputView rom, int start)
    {
        ushort signature = rom.U16(start, "ROM signature");
        Require(rom, signature == 0xAA55, start, "ROM signature", $"is 0x{signature:x4}, not 0xaa55");
        int data = start + rom.U16(start + 0x18, "pointer to the PCI data structure");
        Require(rom, data - start >= HeaderSize && data % 4 == 0,
            start + 0x18, "pointer to the PCI data structure", $"0x{data - start:x} is within the header, or no multiple of 4");
        Require(rom, rom.U32(data, "PCIR signature") == DataSignature, data, "PCIR signature", "is missing");
        int size = rom.U16(data + 0x0A, "PCI data structure length");
        byte revision = rom.U8(data + 0x0C, "PCI data structure revision");
        int least = revision >= 3 ? DataSize3 : DataSize;
        Require(rom, size >= least, data + 0x0A, "PCI data structure length", $"is 0x{size:x}, less than the 0x{least:x} of revision {revision}");
        rom.Slice(data, size, "PCI data structure");
        int length = rom.U16(data + 0x10, "image length") * BlockSize;
        Require(rom, length >= data - start + size, data + 0x10, "image length", $"0x{length:x} does not even hold the image's own headers");
        rom.Slice(start, length, $"image of 0x{length:x} bytes");
        byte indicator = rom.U8(data + IndicatorAt, "indicator");
        Require(rom, (indicator & ~LastImage) == 0, data + IndicatorAt, "indicator", $"is 0x{indicator:x2}: bits 0 to 6 are reserved");
        RomImage image = new()
        {
            Offset = start,
            Length = length,
            CodeType = rom.U8(data + 0x14, "code type"),
            IsLast = indicator == LastImage,
            VendorId = rom.U16(data + 4, "vendor identifier"),
            DeviceIds = ReadDeviceIds(rom, start, length, data, revision),
            DataStructure = data,
        };
        switch (image.CodeType)
        {
            case RomImage.Bios:
                CheckBios(rom, image);
                return image;
            case RomImage.Uefi:
                return ReadUefi(rom, image);
            default:
                return image;
        }
    }

    private static List<ushort> ReadDeviceIds(InputView rom, int start, int length, int data, byte revision)
    {
        List<ushort> ids = [rom.U16(data + 6, "device identifier")];
        int list = revision >= 3 ? rom.U16(data + 8, "device list pointer") : 0; // before revision 3: vital product data
        if (list == 0)
        {
            return ids;
        }

        for (int at = data + list; ; at += 2)
        {
            Require(rom, at + 2 <= start + length, data + 8, "device list pointer", $"0x{list:x}: the list does not end within the image");
            ushort id = rom.U16(at, "device list");
            if (id == 0)
            {
                return ids;
            }

            if (!ids.Contains(id))
            {
                ids.Add(id);
            }
        }
    }

    /// <summary>What a BIOS runs at power-on, whose bytes sum up to 0: PCI Firmware Specification 3.3, 5.2.1.</summary>
    private static void CheckBios(InputView rom, RomImage image)
    {
        int length = rom.U8(image.Offset + 2, "initialization size") * BlockSize;
        Require(rom, length != 0, image.Offset + 2, "initialization size", "is 0");
        Require(rom, length <= image.Length, image.Offset + 2, "initialization size", $"0x{length:x} is larger than the image's length 0x{image.Length:x}");
        byte sum = Sum(rom.Span.Slice(image.Offset, length));
        Require(rom, sum == 0, image.Offset, "checksum", $"the image's 0x{length:x} bytes sum up to 0x{sum:x2}, not to 0");
    }

    private static RomImage ReadUefi(InputView rom, RomImage image)
    {
        int start = image.Offset;
        Require(rom, rom.U32(start + 4, "EFI signature") == EfiSignature, start + 4, "EFI signature", "is not 0x00000ef1");
        int length = rom.U16(start + 2, "initialization size") * BlockSize;
        Require(rom, length != 0 && length <= image.Length, start + 2, "initialization size", $"0x{length:x} is 0 or larger than the image's length 0x{image.Length:x}");
        ushort compression = rom.U16(start + 0x0C, "compression type");
        Require(rom, compression <= 1, start + 0x0C, "compression type", $"is {compression}, neither 0 (none) nor 1 (UEFI)");
        int payload = rom.U16(start + 0x16, "EFI image header offset");
        Require(rom, payload >= HeaderSize && payload < length, start + 0x16, "EFI image header offset", $"0x{payload:x} is within the header or beyond the image");
        if (compression == 1)
        {
            uint compressed = rom.U32(start + payload, "compressed size");
            Require(rom, compressed <= (uint)Math.Max(0, length - payload - 8), start + payload, "compressed size", $"0x{compressed:x} is more than the image holds");
        }

        return image with
        {
            Subsystem = rom.U16(start + 8, "EFI subsystem"),
            Machine = rom.U16(start + 0x0A, "EFI machine type"),
            IsCompressed = compression == 1,
            Payload = start + payload,
        };
    }

    /// <summary>Throws the error of a field unless what it must fulfil holds.</summary>
    internal static void Require(InputView rom, bool holds, int offset, string field, string otherwise)
    {
        if (!holds)
        {
            throw rom.Fail(offset, field, otherwise);
        }
    }

    internal static byte Sum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte each in bytes)
        {
            sum += each;
        }

        return sum;
    }
}
