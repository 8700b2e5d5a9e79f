namespace NetBoot.NicDrivers.Ne2k;

/// <summary>
/// Offsets and bits in BAR 0, an I/O BAR. National's DP8390D/NS32490D data sheet, 10; Realtek's RTL8029AS data sheet adds
/// the data and reset ports. The command register is on every page; the rest is on the page that it selects.
/// </summary>
internal static class Ne2kRegisters
{
    internal const uint RegionLength = 0x20;

    internal const uint Command = 0x00;
    internal const byte CommandStop = 1 << 0;
    internal const byte CommandStart = 1 << 1;
    internal const byte CommandTransmit = 1 << 2;
    internal const byte CommandRemoteRead = 1 << 3;
    internal const byte CommandRemoteWrite = 2 << 3;
    internal const byte CommandNoRemote = 4 << 3; // Or ends a remote DMA that goes on.
    internal const byte CommandPage1 = 1 << 6;
    internal const byte CommandPage3 = 3 << 6;

    // Page 0.
    internal const uint PageStart = 0x01; // Where the ring begins, in pages of 256 bytes.
    internal const uint PageStop = 0x02; // Behind its last page.
    internal const uint Boundary = 0x03; // The last page that the receiver may not write to.
    internal const uint TransmitPage = 0x04;
    internal const uint TransmitCount0 = 0x05;
    internal const uint TransmitCount1 = 0x06;

    internal const uint InterruptStatus = 0x07; // Bits are cleared by writing them, but for Reset.
    internal const byte StatusReceived = 1 << 0;
    internal const byte StatusTransmitted = 1 << 1;
    internal const byte StatusReceiveError = 1 << 2;
    internal const byte StatusTransmitError = 1 << 3;
    internal const byte StatusOverwrite = 1 << 4;
    internal const byte StatusRemoteDone = 1 << 6;
    internal const byte StatusReset = 1 << 7;

    internal const uint RemoteAddress0 = 0x08;
    internal const uint RemoteAddress1 = 0x09;
    internal const uint RemoteCount0 = 0x0A;
    internal const uint RemoteCount1 = 0x0B;

    internal const uint ReceiveControl = 0x0C; // Written.
    internal const byte ReceiveBroadcast = 1 << 2;
    internal const byte ReceiveMulticast = 1 << 3;
    internal const byte ReceivePromiscuous = 1 << 4;
    internal const byte ReceiveMonitor = 1 << 5; // Nothing is stored.

    internal const uint TransmitControl = 0x0D; // Written.
    internal const byte TransmitNormal = 0;
    internal const byte TransmitLoopback = 1 << 1; // Inside the chip: nothing is sent, nothing comes from the wire.

    internal const uint AlignmentErrors = 0x0D; // Read; the three counters are cleared by reading.
    internal const uint CrcErrors = 0x0E;
    internal const uint MissedFrames = 0x0F;

    internal const uint DataConfiguration = 0x0E; // Written.
    internal const byte DataWords = 1 << 0;
    internal const byte DataNoLoopback = 1 << 3;
    internal const byte DataFifo8 = 2 << 5;

    internal const uint InterruptMask = 0x0F; // Written.

    // Page 1.
    internal const uint StationAddress = 0x01; // Six bytes.
    internal const uint CurrentPage = 0x07; // The page that the next frame is written to.
    internal const uint MulticastTable = 0x08; // Eight bytes.
    internal const int MulticastTableLength = 8;

    // Page 3, of Realtek's.
    internal const uint Configuration0 = 0x03;
    internal const byte LinkTestFails = 1 << 2; // BNC: in automatic selection, that there is no link on the twisted pair.

    internal const uint Configuration2 = 0x05;
    internal const byte MediumMask = 3 << 6; // PL; 0: selected by the link test. The other values turn the test off.

    // Every page.
    internal const uint DataPort = 0x10;
    internal const uint ResetPort = 0x1F; // Reading resets; writing ends it.
}
