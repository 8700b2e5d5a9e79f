namespace NetBoot.NicDrivers.Vmxnet3;

/// <summary>
/// Registers, commands and shared structures of VMware's vmxnet3, revision 1. There is no data sheet: the facts are those of VMware's own
/// public driver (Linux, drivers/net/vmxnet3/vmxnet3_defs.h and upt1_defs.h). All little-endian.
/// </summary>
internal static class Vmxnet3Registers
{
    public const uint RegionLength = 4096;

    // BAR 0, what is touched while frames flow.
    public const uint InterruptMask = 0;
    public const uint TransmitProducer = 0x600;
    public const uint ReceiveProducer = 0x800;

    // BAR 1, what is touched rarely.
    public const uint Revisions = 0;
    public const uint UptVersions = 8;
    public const uint SharedLow = 0x10;
    public const uint SharedHigh = 0x18;
    public const uint Command = 0x20;
    public const uint AddressLow = 0x28;
    public const uint AddressHigh = 0x30;
    public const uint EventCause = 0x40;

    public const uint ActivateDevice = 0xCAFE_0000;
    public const uint QuiesceDevice = 0xCAFE_0001;
    public const uint ResetDevice = 0xCAFE_0002;
    public const uint UpdateReceiveMode = 0xCAFE_0003;
    public const uint UpdateMacFilters = 0xCAFE_0004;
    public const uint GetStatistics = 0xF00D_0001;
    public const uint GetLink = 0xF00D_0002;
    public const uint GetPermanentAddressLow = 0xF00D_0003;
    public const uint GetPermanentAddressHigh = 0xF00D_0004;

    /// <summary>Revision 1 of the device and version 1 of its data path, as bits of what both offer.</summary>
    public const uint VersionOne = 1;

    public const uint LinkUp = 1;

    // The driver's shared area: offsets in bytes.
    public const uint SharedSize = 720;
    public const uint SharedMagicOffset = 0;
    public const uint SharedMagic = 0xBABE_FEE1;
    public const uint DriverVersionOffset = 8;
    public const uint GuestOffset = 12;
    public const uint RevisionOffset = 16;
    public const uint UptVersionOffset = 20;
    public const uint QueuesAddressOffset = 40;
    public const uint QueuesLengthOffset = 52;
    public const uint MtuOffset = 56;
    public const uint MaximumFragmentsOffset = 60;
    public const uint TransmitQueuesOffset = 62;
    public const uint ReceiveQueuesOffset = 63;
    public const uint InterruptCountOffset = 81;
    public const uint InterruptControlOffset = 108;
    public const uint DisableAllInterrupts = 1;
    public const uint ReceiveModeOffset = 120;
    public const uint MulticastLengthOffset = 124;
    public const uint MulticastAddressOffset = 128;
    public const uint VlanTableOffset = 136;
    public const int VlanTableSize = 512;
    public const uint EventsOffset = 696;

    public const uint ModeUnicast = 1;
    public const uint ModeMulticast = 2;
    public const uint ModeBroadcast = 4;
    public const uint ModeAllMulticast = 8;
    public const uint ModePromiscuous = 16;

    public const uint EventReceiveError = 1;
    public const uint EventTransmitError = 2;
    public const uint EventLink = 4;

    // A queue's description, 256 bytes; that of the receive queue follows that of the transmit queue.
    public const uint QueueSize = 256;
    public const uint UpdateProducerOffset = 0; // receive
    public const uint RingAddressOffset = 16;
    public const uint TransmitCompletionAddressOffset = 32;
    public const uint ReceiveCompletionAddressOffset = 32;
    public const uint RingCountOffset = 56;
    public const uint CompletionCountOffset = 64;
    public const uint OutOfBuffersOffset = 152; // receive
    public const uint ErrorsOffset = 160; // receive
}
