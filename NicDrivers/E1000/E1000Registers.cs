namespace NetBoot.NicDrivers.E1000;

/// <summary>Offsets and bits in BAR 0. SDM, 13; where they differ: 82574 datasheet, 10; 82576 datasheet, 8; I210 datasheet, 8.</summary>
internal static class E1000Registers
{
    internal const uint RegionLength = 0x20000;

    internal const uint Ctrl = 0x0000;
    internal const uint CtrlFullDuplex = 1 << 0;
    internal const uint CtrlGioMasterDisable = 1 << 2;
    internal const uint CtrlLinkReset = 1 << 3;
    internal const uint CtrlSetLinkUp = 1 << 6;
    internal const uint CtrlInvertLossOfSignal = 1 << 7;
    internal const int CtrlSpeedShift = 8;
    internal const uint CtrlSpeed = 3 << CtrlSpeedShift;
    internal const uint CtrlForceSpeed = 1 << 11;
    internal const uint CtrlForceDuplex = 1 << 12;
    internal const uint CtrlMdio = 1 << 20; // SWDPIN2
    internal const uint CtrlMdc = 1 << 21; // SWDPIN3
    internal const uint CtrlMdioOutput = 1 << 24; // SWDPIO2
    internal const uint CtrlMdcOutput = 1 << 25; // SWDPIO3
    internal const uint CtrlReset = 1 << 26;
    internal const uint CtrlReceiveFlowControl = 1 << 27;
    internal const uint CtrlTransmitFlowControl = 1 << 28;
    internal const uint CtrlVlanMode = 1 << 30;
    internal const uint CtrlPhyReset = 1u << 31;

    internal const uint CtrlDuplicate = 0x0004;

    internal const uint Status = 0x0008;
    internal const uint StatusLinkUp = 1 << 1;
    internal const int StatusPortShift = 2;
    internal const uint StatusGioMasterEnabled = 1 << 19;

    internal const uint Eecd = 0x0010;
    internal const uint EecdClock = 1 << 0;
    internal const uint EecdSelect = 1 << 1;
    internal const uint EecdDataIn = 1 << 2;
    internal const uint EecdDataOut = 1 << 3;
    internal const uint EecdAutoReadDone = 1 << 9;

    internal const uint Eerd = 0x0014;
    internal const uint EerdStart = 1 << 0;

    internal const uint CtrlExt = 0x0018;
    internal const uint CtrlExtPhyResetHigh = 1 << 4; // SDP4
    internal const uint CtrlExtPhyResetOutput = 1 << 8; // SDP4's direction
    internal const uint CtrlExtReloadEeprom = 1 << 13;
    internal const uint CtrlExtNoRelaxedOrdering = 1 << 17;

    internal const uint Mdic = 0x0020;
    internal const uint MdicRead = 2 << 26;
    internal const uint MdicWrite = 1 << 26;
    internal const uint MdicReady = 1 << 28;
    internal const uint MdicError = 1 << 30;
    internal const int MdicRegisterShift = 16;
    internal const int MdicPhyShift = 21;

    internal const uint InterruptCauseRead = 0x00C0;
    internal const uint InterruptMaskClear = 0x00D8;

    internal const uint Rctl = 0x0100;
    internal const uint RctlEnable = 1 << 1;
    internal const uint RctlUnicastPromiscuous = 1 << 3;
    internal const uint RctlAcceptBroadcast = 1 << 15;
    internal const uint RctlStripCrc = 1 << 26;

    internal const uint Tctl = 0x0400;
    internal const uint TctlEnable = 1 << 1;
    internal const uint TctlPadShortPackets = 1 << 3;
    internal const uint TctlCollisionThreshold = 0x0F << 4;
    internal const uint TctlCollisionDistance = 0x40 << 12;

    internal const uint Tipg = 0x0410;

    /// <summary>The gaps that are recommended for copper: 8, 8 and 6 (SDM, 13.4.34).</summary>
    internal const uint TipgCopper = 8 | (8 << 10) | (6 << 20);

    internal const uint Phpm = 0x0E14;
    internal const uint PhpmGoLinkDisconnect = 1 << 5;

    internal const uint ExtcnfCtrl = 0x0F00;
    internal const uint ExtcnfCtrlMdioSoftware = 1 << 5;

    // What is in them after power-on. iPXE, intel.h.
    internal const uint Rxpbsize = 0x2404;
    internal const uint RxpbsizeOfI210 = 0xA2;
    internal const uint Txpbsize = 0x3404;
    internal const uint TxpbsizeOfI210 = 0x0400_0014;

    internal const uint TransmitArbitration = 0x3840; // TARC0
    internal const uint SecondTransmitQueueControl = 0x3928; // TXDCTL1

    // Of a queue, from where the generation has it.
    internal const uint QueueAddress = 0x00;
    internal const uint QueueLength = 0x08;
    internal const uint QueueSplit = 0x0C; // SRRCTL of the 82576 (82576 datasheet, 8.10.2); receive
    internal const uint QueueHead = 0x10;
    internal const uint QueueTail = 0x18;
    internal const uint QueueDelay = 0x20; // RDTR; receive, not the 82576
    internal const uint QueueControl = 0x28;
    internal const uint QueueAbsoluteDelay = 0x2C; // RADV; receive, not the 82576

    /// <summary>SRRCTL: one buffer a frame, advanced descriptors, buffers of 2 KiB.</summary>
    internal const uint SplitOneBuffer = (1 << 25) | 2;

    /// <summary>82574 datasheet, 10.2.6.10: thresholds count descriptors, each is written back at once; bit 22 is to be set.</summary>
    internal const uint DctlWriteBackEach = (1 << 24) | (1 << 16);
    internal const uint TxdctlReservedOne = 1 << 22;

    /// <summary>82576 datasheet, 8.10.8 and 8.12.13: the queue is on, each descriptor is written back at once.</summary>
    internal const uint DctlEnabled = 1 << 25;
    internal const uint DctlEnabledWriteBackEach = DctlEnabled | (1 << 16);

    internal const uint MissedPackets = 0x4010;

    internal const uint Rxcsum = 0x5000;
    internal const uint Rfctl = 0x5008;

    internal const uint MulticastTable = 0x5200;
    internal const int MulticastTableLength = 128;

    internal const uint Ral0 = 0x5400;
    internal const uint Rah0 = 0x5404;
    internal const uint RahValid = 1u << 31;
    internal const int AddressCount = 16;

    internal const uint Mrqc = 0x5818;

    internal const uint Manc = 0x5820;
    internal const uint MancArp = 1 << 13;

    internal const uint Gcr = 0x5B00;
    internal const uint GcrL1WithoutL0s = 1 << 27;
    internal const uint Gcr2 = 0x5B64;

    internal const uint Swsm = 0x5B50;
    internal const uint SwsmSoftware = 1 << 0;
    internal const uint SwsmFirmware = 1 << 1;

    /// <summary>Owners of what is shared: software's in the lower half, firmware's in the upper.</summary>
    internal const uint SwFwSync = 0x5B5C;
    internal const uint SwFwSyncPhy0 = 1 << 1; // and of the second port: bit 2
    internal const uint SwFwSyncPhy2 = 1 << 5; // and of the fourth port: bit 6
    internal const int SwFwSyncFirmwareShift = 16;
}
