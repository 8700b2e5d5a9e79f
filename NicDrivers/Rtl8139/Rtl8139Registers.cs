namespace NetBoot.NicDrivers.Rtl8139;

/// <summary>
/// Offsets and bits behind either BAR. "RTL8139C(L)+ Fast Ethernet Controller" data sheet (Realtek), 6; only what the first of
/// the family has too.
/// </summary>
internal static class Rtl8139Registers
{
    internal const uint RegionLength = 0x100;

    /// <summary>The station address, written in two double words while <see cref="EepromConfigWrite"/> is on.</summary>
    internal const uint Idr0 = 0x00;
    internal const uint Idr4 = 0x04;

    /// <summary>The multicast hash table, 64 bits in two double words.</summary>
    internal const uint Mar0 = 0x08;
    internal const uint Mar4 = 0x0C;

    /// <summary>Transmit status, four double words. Writing the size with OWN clear starts the descriptor.</summary>
    internal const uint Tsd0 = 0x10;

    /// <summary>
    /// ERTXTH, in units of 32 bytes: a frame leaves when so much of it is in the FIFO (2 KiB). 1536 bytes are all of any frame, so the
    /// FIFO cannot run empty halfway.
    /// </summary>
    internal const uint TsdWholeFrame = 48 << 16;

    /// <summary>Transmit start addresses, four double words.</summary>
    internal const uint Tsad0 = 0x20;

    internal const uint Rbstart = 0x30;

    internal const uint Command = 0x37;
    internal const byte CommandBufferEmpty = 1 << 0;
    internal const byte CommandTransmit = 1 << 2;
    internal const byte CommandReceive = 1 << 3;
    internal const byte CommandReset = 1 << 4;

    /// <summary>CAPR, where the reader is: 16 less than its offset in the ring.</summary>
    internal const uint ReadPointer = 0x38;
    internal const ushort ReadPointerBias = 16;

    /// <summary>CBR, where the writer is.</summary>
    internal const uint WritePointer = 0x3A;

    internal const uint InterruptMask = 0x3C;

    internal const uint InterruptStatus = 0x3E;
    internal const ushort ReceiveOverflow = 1 << 4;
    internal const ushort FifoOverflow = 1 << 6;

    internal const uint TransmitConfig = 0x40;
    internal const uint TcrClearAbort = 1 << 0;
    internal const uint TcrBurst1024 = 6 << 8;
    internal const uint TcrStandardGap = 3 << 24;

    internal const uint ReceiveConfig = 0x44;
    internal const uint RcrAcceptAll = 1 << 0;
    internal const uint RcrAcceptStation = 1 << 1;
    internal const uint RcrAcceptMulticast = 1 << 2;
    internal const uint RcrAcceptBroadcast = 1 << 3;
    internal const uint RcrBurstUnlimited = 7 << 8;
    internal const uint RcrRing64K = 3 << 11;
    internal const uint RcrNoThreshold = 7 << 13;

    /// <summary>Frames lost for want of room in the FIFO or the ring; a write clears it.</summary>
    internal const uint MissedPackets = 0x4C;
    internal const uint MissedPacketsMask = 0xFF_FFFF;

    internal const uint Eeprom = 0x50;
    internal const byte EepromModeMask = 0xC0;
    internal const byte EepromNormal = 0x00;
    internal const byte EepromAutoLoad = 0x40;
    internal const byte EepromConfigWrite = 0xC0;

    internal const uint MediaStatus = 0x58;
    internal const byte MediaLinkDown = 1 << 2;

    /// <summary>
    /// TSAD, the status of all four descriptors in 16 bits: OWN from bit 0, TABT from bit 4, TUN from bit 8, TOK from bit 12.
    /// </summary>
    internal const uint TransmitSummary = 0x60;
    internal const int SummaryAborted = 4;
    internal const int SummaryUnderrun = 8;
    internal const int SummaryOk = 12;
}
