namespace UefiNicDriver;

/// <summary>Registers and their bits. "RTL8139C(L)+ Fast Ethernet Controller" data sheet (Realtek), section 6.</summary>
internal static class Rtl8139Registers
{
    internal const uint RegionLength = 0x100;

    /// <summary>The station address: six bytes, written as two double words while <see cref="EepromConfigWrite"/> is on.</summary>
    internal const uint Idr0 = 0x00;
    internal const uint Idr4 = 0x04;

    /// <summary>The multicast hash table: 64 bits.</summary>
    internal const uint Mar0 = 0x08;
    internal const uint Mar4 = 0x0C;

    /// <summary>Transmit status, four double words. Writing the size with OWN clear starts the descriptor; OWN comes back when it is done.</summary>
    internal const uint Tsd0 = 0x10;
    internal const uint TsdOwn = 1 << 13;
    internal const uint TsdWholeFrame = 48 << 16;

    /// <summary>Transmit start addresses, four double words.</summary>
    internal const uint Tsad0 = 0x20;

    /// <summary>Where the receive ring begins.</summary>
    internal const uint Rbstart = 0x30;

    internal const uint Command = 0x37;
    internal const byte CommandBufferEmpty = 1 << 0;
    internal const byte CommandTransmit = 1 << 2;
    internal const byte CommandReceive = 1 << 3;
    internal const byte CommandReset = 1 << 4;

    /// <summary>CAPR, how far the driver has read: 16 less than the offset in the ring.</summary>
    internal const uint ReadPointer = 0x38;
    internal const ushort ReadPointerBias = 16;

    internal const uint InterruptMask = 0x3C;
    internal const uint InterruptStatus = 0x3E;
    internal const ushort ReceiveOverflow = 1 << 4;
    internal const ushort FifoOverflow = 1 << 6;

    internal const uint TransmitConfig = 0x40;
    internal const uint TransmitConfigValue = (6 << 8) | (3 << 24); // bursts of 1024 bytes, the standard gap between frames

    internal const uint ReceiveConfig = 0x44;
    internal const uint ReceiveAll = 1 << 0;
    internal const uint ReceiveConfigValue =
        (1 << 1) | (1 << 2) | (1 << 3) // frames to this station, multicast, broadcast
        | (7 << 8) | (3 << 11) | (7 << 13); // bursts without limit, a ring of 64 KiB, whole frames

    internal const uint Eeprom = 0x50;
    internal const byte EepromModeMask = 0xC0;
    internal const byte EepromNormal = 0x00;
    internal const byte EepromAutoLoad = 0x40;
    internal const byte EepromConfigWrite = 0xC0;

    internal const uint MediaStatus = 0x58;
    internal const byte MediaLinkDown = 1 << 2;
}
