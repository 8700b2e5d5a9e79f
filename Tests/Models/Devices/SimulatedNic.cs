using System;
using System.Collections.Generic;

namespace NetBoot.Tests.Models.Devices;

/// <summary>What all simulated NICs have: a wire on either side, and the ways to fail that every driver has to bear.</summary>
public abstract class SimulatedNic(ushort vendorId, ushort deviceId) : SimulatedPciDevice(vendorId, deviceId)
{
    /// <summary>What came out of the transmitter.</summary>
    public List<byte[]> Sent { get; } = [];

    /// <summary>The card does not come out of reset.</summary>
    public bool NeverResets { get; set; }

    /// <summary>Frames are taken, but never reported sent.</summary>
    public bool TransmitterHangs { get; set; }

    public virtual bool IsLinkUp { get; set; } = true;

    /// <summary>What a chip that takes its time goes by, in microseconds; null: nothing takes any.</summary>
    public Func<ulong>? Clock { get; set; }

    /// <summary>A frame from the wire. False when it is filtered or finds no room.</summary>
    public abstract bool Receive(byte[] frame);

    protected static bool IsBroadcast(ReadOnlySpan<byte> frame) => frame[..6].IndexOfAnyExcept((byte)0xFF) < 0;

    /// <summary>IEEE 802.3's CRC-32 byte by byte, reflected: another way to it than the drivers'.</summary>
    protected static uint ReflectedCrc(ReadOnlySpan<byte> address)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in address)
        {
            crc ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB8_8320 : 0);
            }
        }

        return crc;
    }

    /// <summary>The upper 6 bits of the CRC: the reflected one's lowest 6, turned around.</summary>
    protected static int UpperCrcBits(ReadOnlySpan<byte> address)
    {
        uint crc = ReflectedCrc(address);
        int bits = 0;
        for (int i = 0; i < 6; i++)
        {
            bits = (bits << 1) | (int)((crc >> i) & 1);
        }

        return bits;
    }
}
