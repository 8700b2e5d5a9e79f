namespace NetBoot.NicDrivers.Pcnet;

/// <summary>The window of 32 bytes, and what is behind it. AMD 19436 (Am79C970A), "I/O Resources", "CSR" and "BCR" descriptions.</summary>
internal static class PcnetRegisters
{
    internal const uint RegionLength = 0x20;

    /// <summary>The address PROM, 16 bytes that begin with the station address.</summary>
    internal const uint Aprom = 0x00;

    /// <summary>The data of the CSR that <see cref="Rap"/> selects: at the same place in both modes, the others in double-word mode.</summary>
    internal const uint Rdp = 0x10;

    /// <summary>Selects the CSR and BCR.</summary>
    internal const uint Rap = 0x14;

    /// <summary>A read is a software reset.</summary>
    internal const uint Reset = 0x18;

    /// <summary>The same, in word mode.</summary>
    internal const uint WordReset = 0x14;

    /// <summary>The data of the BCR that <see cref="Rap"/> selects.</summary>
    internal const uint Bdp = 0x1C;

    internal const uint Csr0 = 0;
    internal const uint Csr0Init = 1 << 0;
    internal const uint Csr0Start = 1 << 1;
    internal const uint Csr0Stop = 1 << 2;
    internal const uint Csr0TransmitDemand = 1 << 3;
    internal const uint Csr0InitDone = 1 << 8;

    /// <summary>The address of the initialization block, low and high half (CSR2).</summary>
    internal const uint Csr1BlockLow = 1;
    internal const uint Csr2BlockHigh = 2;

    internal const uint Csr3 = 3;
    internal const uint Csr3MaskAll = 0x5F00; // BABL, MISS, MERR, RINT, TINT, IDON

    /// <summary>A transmitter that ran dry goes on with the next frame.</summary>
    internal const uint Csr3NoStopOnUnderflow = 1 << 6;

    internal const uint Csr4 = 4;
    internal const uint Csr4MaskAll = 0x0115; // MFCO, RCVCCO, TXSTRT, JAB
    internal const uint Csr4PadTransmit = 1 << 11;

    /// <summary>The transmit ring is looked at on demand alone.</summary>
    internal const uint Csr4NoPolling = 1 << 12;

    internal const uint Csr5 = 5;
    internal const uint Csr5Suspend = 1 << 0;

    /// <summary>First of four: LADRF. Like the next two, accessible while stopped or suspended.</summary>
    internal const uint Csr8Multicast = 8;

    /// <summary>First of three: PADR.</summary>
    internal const uint Csr12Address = 12;

    internal const uint Csr15Mode = 15;
    internal const uint ModeNoUnicast = 1 << 13;
    internal const uint ModeNoBroadcast = 1 << 14;
    internal const uint ModePromiscuous = 1 << 15;

    /// <summary>The chip's part number in bits 12 to 27, high half in the next.</summary>
    internal const uint Csr88ChipId = 88;
    internal const uint Csr89ChipId = 89;

    /// <summary>Frames that found no descriptor, modulo 65536, since the reset.</summary>
    internal const uint Csr112Missed = 112;

    internal const uint Bcr2 = 2;
    internal const uint Bcr2AutoSelect = 1 << 1;

    internal const uint Bcr4 = 4;

    /// <summary>What the chip comes up with: the LED shows the link (bit 6), with its pulses stretched (bit 7).</summary>
    internal const uint Bcr4Link = 0x00C0;

    /// <summary>The LED's value, whatever its polarity.</summary>
    internal const uint Bcr4LedOut = 1 << 15;

    internal const uint Bcr20 = 20;

    /// <summary>32-bit structures, 16-byte descriptors.</summary>
    internal const uint Bcr20Style2 = 2;

    internal const uint Bcr20Is32Bit = 1 << 8;
}
