/** @file
  NETBOOT_VMBUS_PROTOCOL: one channel that a Hyper-V host offers on VMBus. NetBoot's VMBus driver publishes it on a handle of its own,
  beside the device path, for each device that the host offers, where the firmware has no VMBus driver of its own.

  How to write a driver on it:
  - Supported() looks at InterfaceType. Start() opens the protocol BY_DRIVER, refuses another major revision than
    NETBOOT_VMBUS_PROTOCOL_REVISION has, notes Generation, and calls OpenChannel.
  - The driver polls: it calls Receive until that answers EFI_NOT_READY. No interrupt is ever taken, and asking costs no more than reading
    memory. All signalling of the host, in both directions, is done by the bus, as the rules of the ring ask for it.
  - Each packet whose Flags have NETBOOT_VMBUS_COMPLETION_REQUESTED is completed with SendCompletion, whatever the driver makes of it.
  - Stop() completes or forgets what is under way, calls CloseChannel, then DestroyGpadl for each GPADL, since hosts of today keep the memory
    until the channel is closed.
  - At ExitBootServices, at TPL_NOTIFY, the driver calls CloseChannel; nothing else is needed, for the bus disconnects after it, at TPL_CALLBACK,
    which ends all GPADLs.

  Memory: CloseChannel and DestroyGpadl answer whether memory is the driver's again: that which packets under way name, and that which the host
  was shown. After another answer than EFI_SUCCESS the host may write there for ever, and nobody may free it.

  TPL: every member may be called at up to TPL_NOTIFY, and runs there. A member that talks with the host (OpenChannel, CloseChannel,
  CreateGpadl, DestroyGpadl) waits for the answer, for five seconds at most. Only OpenChannel, and CreateGpadl and DestroyGpadl when the
  pages are the bus's, allocate or free memory: the others, CloseChannel among them, may be called at ExitBootServices.

  Loss: another loader may take the connection with the host, which ends every channel and forgets every GPADL. The bus notices within a
  tenth of a second, takes it back, and increments Generation; a channel that was open is open again, with empty rings, from the driver's next
  call on, which may wait as OpenChannel does. In between, the members answer EFI_NOT_READY. A driver that finds another Generation than it noted knows that its GPADLs are gone
  (DestroyGpadl on one only forgets it), that nothing which it sent will be completed, and that it has to set its device up anew, on the
  channel that is open already. When the host will not open the channel again, SendInBand answers EFI_NOT_STARTED, and OpenChannel may be
  tried.

  Removal: when the host takes the channel away for good, the members answer EFI_NOT_FOUND, and the bus disconnects the drivers of the
  handle and removes it, as soon as the TPL allows that.

  Copyright (c) NetBoot contributors
  SPDX-License-Identifier: BSD-2-Clause-Patent
**/

#ifndef NETBOOT_VMBUS_H_
#define NETBOOT_VMBUS_H_

#include <Uefi.h>
#include <Protocol/DevicePath.h>

#define NETBOOT_VMBUS_PROTOCOL_GUID \
  { 0x6e7cc1f4, 0x9e0d, 0x4c0b, { 0xa6, 0x3b, 0x52, 0x0c, 0x7d, 0x5a, 0x41, 0xe8 } }

/// On the root of the bus, below which the channels are. Its device path is an ACPI_EXTENDED_HID_DEVICE_PATH with HIDSTR "VMBus".
#define NETBOOT_VMBUS_ROOT_PROTOCOL_GUID \
  { 0x0b5a6e5d, 0x3c0c, 0x4b9e, { 0x91, 0x67, 0xd2, 0x1e, 0x38, 0x9f, 0x64, 0x0a } }

/// Major and minor version in 16 bits each. A newer minor version only adds members at the end; refuse another major one.
#define NETBOOT_VMBUS_PROTOCOL_REVISION       0x00010000
#define NETBOOT_VMBUS_ROOT_PROTOCOL_REVISION  0x00010000

/// The least and the most 4 KiB pages of data that a ring may have.
#define NETBOOT_VMBUS_MINIMUM_RING_PAGES  1
#define NETBOOT_VMBUS_MAXIMUM_RING_PAGES  2048

/// The vendor's hardware node that names a channel below the root, laid out as Microsoft's firmware does.
#define NETBOOT_VMBUS_DEVICE_PATH_GUID \
  { 0x9b17e5a2, 0x0891, 0x42dd, { 0xb6, 0x53, 0x80, 0xb5, 0xc2, 0x28, 0x09, 0xba } }

#pragma pack (1)
typedef struct {
  VENDOR_DEVICE_PATH    Vendor;         ///< HARDWARE_DEVICE_PATH, HW_VENDOR_DP, NETBOOT_VMBUS_DEVICE_PATH_GUID
  EFI_GUID              InterfaceType;  ///< the class of the device
  EFI_GUID              InstanceId;     ///< the device
} NETBOOT_VMBUS_DEVICE_PATH;
#pragma pack ()

/// NETBOOT_VMBUS_PACKET.Type
#define NETBOOT_VMBUS_PACKET_IN_BAND         6   ///< all the data is in the packet
#define NETBOOT_VMBUS_PACKET_TRANSFER_PAGES  7   ///< the data is in memory that the receiver has shown the sender
#define NETBOOT_VMBUS_PACKET_GPA_DIRECT      9   ///< the data is in guest memory that the packet names
#define NETBOOT_VMBUS_PACKET_COMPLETION      11  ///< the answer to a packet, known by its transaction

/// NETBOOT_VMBUS_PACKET.Flags: the sender wants SendCompletion.
#define NETBOOT_VMBUS_COMPLETION_REQUESTED  1

/// A run of memory that a GPA-direct packet names. It may begin anywhere, and cross pages.
typedef struct {
  UINT64    Address;   ///< of the first byte, guest-physical, which in UEFI is the address
  UINT32    Size;      ///< in bytes, not 0
  UINT32    Reserved;  ///< 0
} NETBOOT_VMBUS_GPA_RANGE;

/// A range of a transfer-page packet: a part of the memory that the driver has shown the host for that purpose. The bus does not know how
/// large that is: the driver checks both.
typedef struct {
  UINT32    Size;    ///< in bytes
  UINT32    Offset;  ///< from the beginning of the memory, in bytes
} NETBOOT_VMBUS_TRANSFER_RANGE;

/// A packet that was received.
typedef struct {
  UINT16                          Type;
  UINT16                          Flags;
  UINT32                          PayloadSize;      ///< in bytes; a multiple of 8, so the last ones may be padding
  UINT64                          Transaction;      ///< all 64 bits are the sender's
  VOID                            *Payload;         ///< what follows the descriptor
  UINT16                          TransferPageSet;  ///< of a transfer-page packet: which set of pages the ranges are of
  UINT16                          Reserved;
  UINT32                          RangeCount;       ///< of a transfer-page packet: how many ranges there are; of others, 0
  NETBOOT_VMBUS_TRANSFER_RANGE    *Ranges;
} NETBOOT_VMBUS_PACKET;

typedef struct _NETBOOT_VMBUS_PROTOCOL       NETBOOT_VMBUS_PROTOCOL;
typedef struct _NETBOOT_VMBUS_ROOT_PROTOCOL  NETBOOT_VMBUS_ROOT_PROTOCOL;

/**
  Opens the channel with rings of that many pages of data each. The bus owns their memory.

  @retval EFI_SUCCESS            The channel is open.
  @retval EFI_ALREADY_STARTED    It was.
  @retval EFI_INVALID_PARAMETER  A size is out of range.
  @retval EFI_OUT_OF_RESOURCES   There is no memory for the rings.
  @retval EFI_DEVICE_ERROR       The host refuses.
  @retval EFI_TIMEOUT            The host does not answer.
  @retval EFI_NOT_READY          The connection is lost for now. The same for all members below.
  @retval EFI_NOT_FOUND          The channel is gone for good. The same for all members below.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_OPEN_CHANNEL)(
  IN NETBOOT_VMBUS_PROTOCOL  *This,
  IN UINT32                  OutgoingPages,
  IN UINT32                  IncomingPages
  );

/**
  Closes the channel. What was sent and not completed never will be. GPADLs stay.

  @retval EFI_SUCCESS  The channel is closed, or was; what packets under way name is the driver's again.
  @retval EFI_TIMEOUT  It is closed, but the host does not say that it is done: it may still use what packets under way name.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_CLOSE_CHANNEL)(
  IN NETBOOT_VMBUS_PROTOCOL  *This
  );

/**
  Shows the host whole pages.

  @param[in,out] Pages  When *Pages is NULL, the bus allocates the pages, zeroed, and frees them in DestroyGpadl. Otherwise they are the
                        caller's, page-aligned, who keeps them in place until DestroyGpadl has succeeded, and for ever after EFI_TIMEOUT,
                        here or there, since the host may have them.
  @param[in]  PageCount  1 to 8190 pages of 4 KiB.
  @param[out] Gpadl      The number that the host knows the pages by; not 0.

  @retval EFI_INVALID_PARAMETER  The pages are not aligned, or not that many.
  @retval EFI_OUT_OF_RESOURCES   There is no memory, or there are too many GPADLs.
  @retval EFI_DEVICE_ERROR       The host refuses.
  @retval EFI_TIMEOUT            The host does not answer.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_CREATE_GPADL)(
  IN     NETBOOT_VMBUS_PROTOCOL  *This,
  IN OUT VOID                    **Pages,
  IN     UINTN                   PageCount,
  OUT    UINT32                  *Gpadl
  );

/**
  Takes pages back, after CloseChannel. The number is used up, whatever the answer.

  @retval EFI_SUCCESS            The pages are the caller's again; those of the bus are freed.
  @retval EFI_INVALID_PARAMETER  The channel has no such GPADL, which says nothing of any pages.
  @retval EFI_TIMEOUT            The host does not say that it is done: it may still write to the pages, which nobody may free.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_DESTROY_GPADL)(
  IN NETBOOT_VMBUS_PROTOCOL  *This,
  IN UINT32                  Gpadl
  );

/**
  Sends an in-band packet.

  @param[in] Payload              What is sent; padded with zeros to a multiple of 8 bytes on its way.
  @param[in] Size                 In bytes; may be 0.
  @param[in] Transaction          What the completion will name.
  @param[in] CompletionRequested  Whether the host shall answer with a completion.

  @retval EFI_NOT_READY        The outgoing ring has no room now.
  @retval EFI_BAD_BUFFER_SIZE  It never will have.
  @retval EFI_NOT_STARTED      The channel is not open.
  @retval EFI_DEVICE_ERROR     The host has written nonsense into the ring.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_SEND_IN_BAND)(
  IN NETBOOT_VMBUS_PROTOCOL  *This,
  IN VOID                    *Payload OPTIONAL,
  IN UINTN                   Size,
  IN UINT64                  Transaction,
  IN BOOLEAN                 CompletionRequested
  );

/**
  Sends a packet whose data the host takes from memory. The ranges are read now; the memory that they name stays until the completion.

  @retval EFI_INVALID_PARAMETER  There is no range, or one of them is empty or wraps around.
  @retval other                  As SendInBand.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_SEND_GPA_DIRECT)(
  IN NETBOOT_VMBUS_PROTOCOL   *This,
  IN VOID                     *Payload OPTIONAL,
  IN UINTN                    Size,
  IN NETBOOT_VMBUS_GPA_RANGE  *Ranges,
  IN UINTN                    RangeCount,
  IN UINT64                   Transaction,
  IN BOOLEAN                  CompletionRequested
  );

/**
  Sends the completion of a packet that was received, of whatever type. The completion of a transfer-page packet gives all its ranges back.

  @retval other  As SendInBand.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_SEND_COMPLETION)(
  IN NETBOOT_VMBUS_PROTOCOL  *This,
  IN UINT64                  Transaction,
  IN VOID                    *Payload OPTIONAL,
  IN UINTN                   Size
  );

/**
  Takes the next packet out of the incoming ring. It is a copy, checked to be whole, and valid until the next call. Malformed packets are
  skipped; a transfer-page packet whose number of ranges is a lie is given with none, to be completed.

  @retval EFI_NOT_READY    There is none.
  @retval EFI_NOT_STARTED  The channel is not open.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_RECEIVE)(
  IN  NETBOOT_VMBUS_PROTOCOL  *This,
  OUT NETBOOT_VMBUS_PACKET    *Packet
  );

/**
  Lets the bus see what the host has to say now. Not needed where timer events run, since the bus has one; for whoever waits at
  TPL_NOTIFY.

  @retval EFI_SUCCESS    The channel is there.
  @retval EFI_NOT_READY  The connection is lost for now.
  @retval EFI_NOT_FOUND  The channel is gone for good.
**/
typedef
EFI_STATUS
(EFIAPI *NETBOOT_VMBUS_POLL)(
  IN NETBOOT_VMBUS_PROTOCOL  *This
  );

struct _NETBOOT_VMBUS_PROTOCOL {
  UINT32                           Revision;
  UINT32                           Generation;         ///< how often the channel was established anew underneath its driver
  EFI_GUID                         InterfaceType;      ///< what kind of device this is
  EFI_GUID                         InstanceId;         ///< which device; the same over connections and boots, and what Windows shows
  UINT16                           OfferFlags;         ///< of the host's offer
  UINT16                           MmioMegabytes;      ///< address space that the device wants, in MiB
  UINT16                           SubChannelIndex;    ///< 0 for a device's first channel
  UINT16                           Reserved;
  UINT8                            UserDefined[120];   ///< what the class has to say in an offer
  NETBOOT_VMBUS_OPEN_CHANNEL       OpenChannel;
  NETBOOT_VMBUS_CLOSE_CHANNEL      CloseChannel;
  NETBOOT_VMBUS_CREATE_GPADL       CreateGpadl;
  NETBOOT_VMBUS_DESTROY_GPADL      DestroyGpadl;
  NETBOOT_VMBUS_SEND_IN_BAND       SendInBand;
  NETBOOT_VMBUS_SEND_GPA_DIRECT    SendGpaDirect;
  NETBOOT_VMBUS_SEND_COMPLETION    SendCompletion;
  NETBOOT_VMBUS_RECEIVE            Receive;
  NETBOOT_VMBUS_POLL               Poll;
};

struct _NETBOOT_VMBUS_ROOT_PROTOCOL {
  UINT32    Revision;
};

#endif
