using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.Pci;

/// <summary>
/// An executable in a card's option ROM, as firmware has it in memory. What the ROM says of itself is checked before it is used. PCI
/// Firmware Specification 3.3, 5.1; UEFI 2.10, 14.4.2.
/// </summary>
internal readonly unsafe struct RomFile
{
    private const int HeaderSize = 0x1A;
    private const int DataStructureSize = 0x18;
    private const int BlockSize = 512;
    private const byte UefiCode = 3;
    private const byte LastImage = 0x80;
    private const uint EfiSignature = 0x0EF1;

    private readonly byte* _bytes;
    private readonly uint _size;
    private readonly bool _isCompressed;

    private RomFile(byte* bytes, uint size, bool isCompressed)
    {
        _bytes = bytes;
        _size = size;
        _isCompressed = isCompressed;
    }

    public bool IsThere => _bytes != null;

    /// <summary>The first executable of a subsystem and for a machine (PE/COFF, 3.3.1 and 3.4.2), or none.</summary>
    public static RomFile Find(byte* rom, ulong size, ushort subsystem, ushort machine)
    {
        ReadOnlySpan<byte> rest = new(rom, rom == null ? 0 : (int)Math.Min(size, int.MaxValue));
        while (rest.Length >= HeaderSize && U16(rest, 0) == 0xAA55)
        {
            int data = U16(rest, 0x18);
            if (rest.Length - data < DataStructureSize || !rest.Slice(data).StartsWith("PCIR"u8))
            {
                break;
            }

            int length = U16(rest, data + 0x10) * BlockSize;
            if (length == 0 || length > rest.Length)
            {
                break;
            }

            int end = U16(rest, 2) * BlockSize;
            int start = U16(rest, 0x16);
            if (rest[data + 0x14] == UefiCode && BinaryPrimitives.ReadUInt32LittleEndian(rest.Slice(4)) == EfiSignature &&
                U16(rest, 8) == subsystem && U16(rest, 0x0A) == machine && U16(rest, 0x0C) <= 1 && start < end && end <= length)
            {
                fixed (byte* image = rest)
                {
                    return new RomFile(image + start, (uint)(end - start), U16(rest, 0x0C) == 1);
                }
            }

            if ((rest[data + 0x15] & LastImage) != 0)
            {
                break;
            }

            rest = rest.Slice(length);
        }

        return default;
    }

    /// <summary>Copies the executable, uncompressed.</summary>
    /// <param name="buffer">Null to ask for the size.</param>
    /// <param name="size">Of the buffer, and then of the executable, in bytes.</param>
    /// <returns>EFI_BUFFER_TOO_SMALL when the buffer is null or too small.</returns>
    public EFI_STATUS Load(void* buffer, ref nuint size)
    {
        EFI_DECOMPRESS_PROTOCOL* decompress = _isCompressed ? Firmware.Locate<EFI_DECOMPRESS_PROTOCOL>() : null;
        uint fileSize = _size;
        uint scratchSize = 0;
        if (_isCompressed)
        {
            if (decompress == null)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            EFI_STATUS status = decompress->GetInfo(decompress, _bytes, _size, &fileSize, &scratchSize);
            if (status.IsError)
            {
                return EFI_STATUS.EFI_DEVICE_ERROR;
            }
        }

        bool fits = buffer != null && size >= fileSize;
        size = fileSize;
        if (!fits)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        if (!_isCompressed)
        {
            new ReadOnlySpan<byte>(_bytes, (int)_size).CopyTo(new Span<byte>(buffer, (int)_size));
            return EFI_STATUS.EFI_SUCCESS;
        }

        void* scratch = Pool.Allocate(scratchSize);
        if (scratch == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        EFI_STATUS result = decompress->Decompress(decompress, _bytes, _size, buffer, fileSize, scratch, scratchSize);
        Pool.Free(scratch);
        return result.IsError ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.Slice(offset));
}
