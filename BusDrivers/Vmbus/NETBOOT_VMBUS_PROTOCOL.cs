using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus;

/// <summary>
/// One channel that the host offers on VMBus, on a child handle of the bus beside its device path. C's declaration, with the same words,
/// is in BusDrivers/Include/NetBootVmbus.h.
/// </summary>
/// <remarks>
/// <para>Every member may be called at up to TPL_NOTIFY and runs there. A member that talks with the host (OpenChannel, CloseChannel,
/// CreateGpadl, DestroyGpadl) waits for the answer, for five seconds at most. Only OpenChannel, and CreateGpadl and DestroyGpadl when the
/// pages are the bus's, allocate or free memory: the others, CloseChannel among them, may be called at ExitBootServices.</para>
/// <para>Guest-physical addresses are addresses, as UEFI maps memory.</para>
/// <para>Memory. CloseChannel and DestroyGpadl say whether memory is the driver's again: that which packets under way name, and that which the host
/// was shown. After another answer than EFI_SUCCESS the host may write there for ever, and nobody may free it.</para>
/// <para>Loss. Another loader may take the host's attention away, which ends every channel and forgets every GPADL. The bus takes it back
/// and increments <see cref="Generation"/>; a channel that was open is open again, with empty rings, from the driver's next call on. In
/// between, the members answer EFI_NOT_READY. A driver compares Generation with what it was when it set its device up; when they differ, its
/// GPADLs are gone (DestroyGpadl on one only forgets it), nothing that it sent will be completed, and it sets its device up anew,
/// without opening the channel.</para>
/// <para>Removal. When the host takes the channel itself away, the members answer EFI_NOT_FOUND, and the bus disconnects the drivers of
/// the handle and removes it as soon as the TPL allows that.</para>
/// </remarks>
public unsafe struct NETBOOT_VMBUS_PROTOCOL : IProtocol
{
    /// <summary>Members are only ever added at the end, with a higher minor revision (the low 16 bits).</summary>
    public const uint NETBOOT_VMBUS_PROTOCOL_REVISION = 0x00010000;

    /// <summary>The least pages of data that a ring may have.</summary>
    public const uint NETBOOT_VMBUS_MINIMUM_RING_PAGES = 1;

    /// <summary>The most pages of data that a ring may have.</summary>
    public const uint NETBOOT_VMBUS_MAXIMUM_RING_PAGES = 2048;

    /// <summary>NETBOOT_VMBUS_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x6E7CC1F4, 0x9E0D, 0x4C0B, 0xA6, 0x3B, 0x52, 0x0C, 0x7D, 0x5A, 0x41, 0xE8);

    /// <summary><see cref="NETBOOT_VMBUS_PROTOCOL_REVISION"/>, or a later one.</summary>
    public uint Revision;

    /// <summary>Counts how often the channel was established anew underneath its driver. Read only.</summary>
    public uint Generation;

    /// <summary>What kind of device this is: the class's GUID.</summary>
    public EFI_GUID InterfaceType;

    /// <summary>Which device: stays the same over connections and boots, and is what Windows shows.</summary>
    public EFI_GUID InstanceId;

    /// <summary>The flags of the host's offer, as it was made.</summary>
    public ushort OfferFlags;

    /// <summary>Address space that the device wants, in MiB, as the host's offer says.</summary>
    public ushort MmioMegabytes;

    /// <summary>0 for a device's first channel.</summary>
    public ushort SubChannelIndex;

    /// <summary>Zero.</summary>
    public ushort Reserved;

    /// <summary>What the class has to say in an offer.</summary>
    public fixed byte UserDefined[120];

    /// <summary>
    /// (This, OutgoingPages, IncomingPages): opens the channel with rings of that many 4 KiB pages of data each. The bus owns their
    /// memory. EFI_ALREADY_STARTED when it is open; EFI_INVALID_PARAMETER for sizes out of range; EFI_DEVICE_ERROR when the host
    /// refuses; EFI_TIMEOUT when it does not answer.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, uint, uint, EFI_STATUS> OpenChannel;

    /// <summary>
    /// (This): closes the channel, if it is open. What was sent and not completed never will be. GPADLs stay. EFI_TIMEOUT when the host does not
    /// say that it is done: the memory that such packets name may not be freed then.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, EFI_STATUS> CloseChannel;

    /// <summary>
    /// (This, IN OUT Pages, PageCount, OUT Gpadl): shows the host whole pages, and answers the number that it knows them by, never 0.
    /// When *Pages is null, the bus allocates them, zeroed, and frees them in DestroyGpadl. Otherwise they are the caller's, who
    /// keeps them in place until DestroyGpadl has succeeded; and for ever after EFI_TIMEOUT, here or there, since the host may have them.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, void**, nuint, uint*, EFI_STATUS> CreateGpadl;

    /// <summary>
    /// (This, Gpadl): takes the pages back, after CloseChannel, since hosts of today keep them until then. The number is used up, whatever the
    /// answer. EFI_SUCCESS: they are the caller's again. EFI_TIMEOUT: the host does not say that it is done, so that nobody may free
    /// them; the bus keeps its own. EFI_INVALID_PARAMETER: there is no such GPADL, which says nothing of any memory.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, uint, EFI_STATUS> DestroyGpadl;

    /// <summary>
    /// (This, Payload, Size, Transaction, CompletionRequested): sends an in-band packet. EFI_NOT_READY when the outgoing ring has no room
    /// now, EFI_BAD_BUFFER_SIZE when it never will have. The host is signalled when the rules of the ring ask for it.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, void*, nuint, ulong, byte, EFI_STATUS> SendInBand;

    /// <summary>
    /// (This, Payload, Size, Ranges, RangeCount, Transaction, CompletionRequested): sends a GPA-direct packet, whose data the host takes
    /// from memory. The ranges are read now; the memory that they name must stay until the completion. As SendInBand otherwise.
    /// </summary>
    public delegate* unmanaged<
        NETBOOT_VMBUS_PROTOCOL*, void*, nuint, NETBOOT_VMBUS_GPA_RANGE*, nuint, ulong, byte, EFI_STATUS> SendGpaDirect;

    /// <summary>
    /// (This, Transaction, Payload, Size): sends the completion of a packet that was received, of whatever type; of a transfer-page
    /// packet it gives all its ranges back. As SendInBand otherwise.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, ulong, void*, nuint, EFI_STATUS> SendCompletion;

    /// <summary>
    /// (This, OUT Packet): takes the next packet out of the incoming ring. It is a copy, checked to be whole, and valid until the next
    /// call. EFI_NOT_READY when there is none. Malformed packets are skipped. Asking costs no more than reading memory.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, NETBOOT_VMBUS_PACKET*, EFI_STATUS> Receive;

    /// <summary>
    /// (This): lets the bus see what the host has to say now. Not needed where timer events run, since the bus has one; for whoever waits
    /// at TPL_NOTIFY. It answers what the other members would: EFI_SUCCESS, EFI_NOT_READY while the connection is lost, EFI_NOT_FOUND.
    /// </summary>
    public delegate* unmanaged<NETBOOT_VMBUS_PROTOCOL*, EFI_STATUS> Poll;
}
