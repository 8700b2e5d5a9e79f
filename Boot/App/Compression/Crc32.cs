using System;

namespace NetBoot.Boot.App.Compression;

/// <summary>The CRC-32 of gzip (RFC 1952, 8).</summary>
public sealed class Crc32 : Checksum
{
    private const uint Polynomial = 0xEDB88320;

    private readonly uint[] _table = new uint[256];
    private uint _register = 0xFFFFFFFF;

    public Crc32()
    {
        for (uint i = 0; i < _table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            }

            _table[i] = value;
        }
    }

    public override uint Value => ~_register;

    public override void Update(ReadOnlySpan<byte> data)
    {
        uint register = _register;
        foreach (byte each in data)
        {
            register = (register >> 8) ^ _table[(byte)(register ^ each)];
        }

        _register = register;
    }
}
