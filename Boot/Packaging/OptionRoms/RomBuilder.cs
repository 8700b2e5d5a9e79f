using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.Packaging.Compression;

namespace NetBoot.Boot.Packaging.OptionRoms;

/// <summary>
/// Makes an expansion ROM for a PCI device: BIOS images as they are, and UEFI executables, compressed. PCI Firmware Specification 3.3, 5.1 and
/// 5.3; UEFI 2.10, 14.4.2.
/// </summary>
public sealed class RomBuilder
{
    private const int HeaderSize = 0x1C;
    private const int DataSize = 0x1C;
    private const int SparePadding = 16;
    private readonly ushort _vendorId;
    private readonly ushort[] _deviceIds;
    private readonly List<byte[]> _images = [];

    /// <param name="vendorId">PCI's.</param>
    /// <param name="deviceIds">At least one; the first is the one that the header names.</param>
    public RomBuilder(ushort vendorId, IEnumerable<ushort> deviceIds)
    {
        _vendorId = vendorId;
        _deviceIds = [.. deviceIds];
        ArgumentOutOfRangeException.ThrowIfZero(_deviceIds.Length, nameof(deviceIds));
    }

    /// <summary>Adds what a BIOS runs of another ROM. Its UEFI images are left out: they would drive the same card.</summary>
    /// <returns>How many images were added, and left out.</returns>
    /// <exception cref="InputError">It is damaged, of another device, or has nothing for a BIOS.</exception>
    public (int Added, int LeftOut) AddBios(InputView rom)
    {
        IReadOnlyList<RomImage> all = RomReader.Read(rom);
        RomImage[] wanted = [.. all.Where(each => each.CodeType == RomImage.Bios)];
        RomReader.Require(rom, wanted.Length != 0, all[0].DataStructure + 0x14, "code type", "none of the ROM's images is for a BIOS (0)");
        foreach (RomImage image in wanted)
        {
            RomReader.Require(rom, image.VendorId == _vendorId, image.DataStructure + 4, "vendor identifier", $"is {image.VendorId:x4}, and the card's {_vendorId:x4}");
            RomReader.Require(rom, image.DeviceIds.Intersect(_deviceIds).Any(), image.DataStructure + 6, "device identifier",
                $"is {string.Join(' ', image.DeviceIds.Select(id => $"{id:x4}"))}, and the card's {string.Join(' ', _deviceIds.Select(id => $"{id:x4}"))}");
            _images.Add(WithoutLastMark(rom, image));
        }

        return (wanted.Length, all.Count - wanted.Length);
    }

    /// <summary>Adds an executable: a driver, which firmware starts, or an application, which firmware passes over.</summary>
    /// <exception cref="InputError">It is too large.</exception>
    public void Add(PortableExecutable executable)
    {
        byte[] payload = UefiCompressor.Compress(executable.Bytes);
        int lists = _deviceIds.Length == 1 ? 0 : (_deviceIds.Length + 1) * 2;
        int start = (HeaderSize + DataSize + lists + 7) & ~7;
        int blocks = (start + payload.Length + RomReader.BlockSize - 1) / RomReader.BlockSize;
        if (blocks > ushort.MaxValue)
        {
            throw new InputError(executable.Name, 0, "size", $"is {payload.Length} bytes when compressed, more than a ROM can describe");
        }

        byte[] image = new byte[blocks * RomReader.BlockSize];
        Span<byte> header = image;
        BinaryPrimitives.WriteUInt16LittleEndian(header, 0xAA55);
        BinaryPrimitives.WriteUInt16LittleEndian(header[2..], (ushort)blocks);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], RomReader.EfiSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], executable.Subsystem);
        BinaryPrimitives.WriteUInt16LittleEndian(header[0x0A..], executable.Machine);
        BinaryPrimitives.WriteUInt16LittleEndian(header[0x0C..], 1); // UEFI compression
        BinaryPrimitives.WriteUInt16LittleEndian(header[0x16..], (ushort)start);
        BinaryPrimitives.WriteUInt16LittleEndian(header[0x18..], HeaderSize);
        Span<byte> data = header[HeaderSize..];
        BinaryPrimitives.WriteUInt32LittleEndian(data, RomReader.DataSignature);
        BinaryPrimitives.WriteUInt16LittleEndian(data[4..], _vendorId);
        BinaryPrimitives.WriteUInt16LittleEndian(data[6..], _deviceIds[0]);
        BinaryPrimitives.WriteUInt16LittleEndian(data[8..], (ushort)(lists == 0 ? 0 : DataSize)); // the list follows the structure
        BinaryPrimitives.WriteUInt16LittleEndian(data[0x0A..], DataSize);
        data[0x0C] = 3; // revision
        data[0x0F] = 2; // class 020000: Ethernet controller
        BinaryPrimitives.WriteUInt16LittleEndian(data[0x10..], (ushort)blocks);
        data[0x14] = RomImage.Uefi;
        for (int i = 0; lists != 0 && i < _deviceIds.Length; i++)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(data[(DataSize + (2 * i))..], _deviceIds[i]);
        }

        payload.CopyTo(header[start..]);
        _images.Add(image);
    }

    /// <summary>The ROM: the images in the order of adding.</summary>
    public byte[] ToArray()
    {
        byte[] rom = [.. _images.SelectMany(image => image)];
        byte[] last = _images[^1];
        int data = BinaryPrimitives.ReadUInt16LittleEndian(last.AsSpan(0x18));
        rom[rom.Length - last.Length + data + RomReader.IndicatorAt] |= RomReader.LastImage;
        return rom;
    }

    /// <summary>A BIOS image that others can follow; what that changes in its checksum, its last byte of padding makes up for.</summary>
    private static byte[] WithoutLastMark(InputView rom, RomImage image)
    {
        byte[] copy = rom.Span.Slice(image.Offset, image.Length).ToArray();
        if (!image.IsLast)
        {
            return copy;
        }

        int end = copy[2] * RomReader.BlockSize;
        byte spare = copy[end - 1];
        bool isPadding = spare is 0 or 0xFF && copy.AsSpan(end - SparePadding, SparePadding).IndexOfAnyExcept(spare) < 0;
        RomReader.Require(rom, isPadding, image.Offset + end - 1, "checksum",
            $"the mark of the last image cannot be taken off, since the image does not end in {SparePadding} bytes of padding, one of which would keep its sum at 0");
        copy[image.DataStructure - image.Offset + RomReader.IndicatorAt] = 0;
        copy[end - 1] -= RomReader.Sum(copy.AsSpan(0, end));
        return copy;
    }
}
