using System;
using System.Buffers.Binary;

namespace NetBoot.NetworkStack.Wire;

/// <summary>Walks over the certificates in a row of EFI_SIGNATURE_LIST (UEFI 2.10, 32.4.1), as the variable TlsCaCertificate has them.</summary>
public ref struct SignatureListReader(ReadOnlySpan<byte> lists)
{
    private const int HeaderSize = 28; // SignatureType, SignatureListSize, SignatureHeaderSize, SignatureSize
    private const int OwnerSize = 16;

    private ReadOnlySpan<byte> _rest = lists;
    private ReadOnlySpan<byte> _signatures;
    private int _size;

    /// <summary>In DER, as far as that was checked by nobody.</summary>
    public ReadOnlySpan<byte> Certificate { get; private set; }

    /// <summary>A list's sizes are not possible; it, and what is behind it, was dropped.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Moves to the next certificate; false when there is none.</summary>
    public bool Read()
    {
        while (_signatures.IsEmpty)
        {
            if (!ReadHeader())
            {
                return false;
            }
        }

        Certificate = _signatures.Slice(OwnerSize, _size - OwnerSize);
        _signatures = _signatures.Slice(_size);
        return true;
    }

    private bool ReadHeader()
    {
        ReadOnlySpan<byte> list = _rest;
        _rest = default;
        if (list.Length < HeaderSize)
        {
            IsDamaged = !list.IsEmpty;
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(list.Slice(16));
        uint header = BinaryPrimitives.ReadUInt32LittleEndian(list.Slice(20));
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(list.Slice(24));
        if (length < HeaderSize || length > (uint)list.Length || header > length - HeaderSize || size <= OwnerSize ||
            (length - HeaderSize - header) % size != 0)
        {
            IsDamaged = true;
            return false;
        }

        // EFI_CERT_X509_GUID; lists of hashes have others.
        bool isX509 = list.Slice(0, 16).SequenceEqual((ReadOnlySpan<byte>)
            [0xA1, 0x59, 0xC0, 0xA5, 0xE4, 0x94, 0xA7, 0x4A, 0x87, 0xB5, 0xAB, 0x15, 0x5C, 0x2B, 0xF0, 0x72]);
        _signatures = isX509 ? list.Slice(HeaderSize + (int)header, (int)(length - HeaderSize - header)) : default;
        _size = (int)size;
        _rest = list.Slice((int)length);
        return true;
    }
}
