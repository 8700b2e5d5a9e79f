/** @file
  NETBOOT_XENBUS_PROTOCOL: a paravirtual device of a Xen guest. NetBoot's XenBus driver publishes it on a handle of its own, beside the
  device path, for each device/TYPE/INDEX in xenstore that has a backend.

  Copyright (c) NetBoot contributors
  SPDX-License-Identifier: BSD-2-Clause-Patent
**/

#ifndef NETBOOT_XENBUS_H_
#define NETBOOT_XENBUS_H_

#include <Uefi.h>

#define NETBOOT_XENBUS_PROTOCOL_GUID \
  { 0x6d1b2a54, 0x93e7, 0x4c0f, { 0xa8, 0x16, 0x2f, 0xd4, 0x70, 0xc3, 0x5e, 0x91 } }

/// Major and minor version in 16 bits each. A newer minor version only adds members at the end; refuse another major one.
#define NETBOOT_XENBUS_PROTOCOL_REVISION  0x00010000ULL

/// The vendor's hardware node that names a device below its bus, see NETBOOT_XENBUS_DEVICE_PATH.
#define NETBOOT_XENBUS_DEVICE_PATH_GUID \
  { 0x1f0c86d9, 0x5a42, 0x4e3b, { 0x8d, 0x77, 0x61, 0xb5, 0x0e, 0x9a, 0x23, 0xcc } }

#pragma pack (1)
typedef struct {
  VENDOR_DEVICE_PATH    Vendor;    ///< HARDWARE_DEVICE_PATH, HW_VENDOR_DP, NETBOOT_XENBUS_DEVICE_PATH_GUID
  UINT32                Index;     ///< the device's number within its class
  CHAR8                 Type[16];  ///< its class in xenstore ("vif"), filled up with zeros
} NETBOOT_XENBUS_DEVICE_PATH;
#pragma pack ()

/// The directory in xenstore that a name is relative to.
#define NETBOOT_XENBUS_FRONTEND  0  ///< the device's own
#define NETBOOT_XENBUS_BACKEND   1  ///< its backend's, which can only be read

/// No transaction: the operation stands for itself.
#define NETBOOT_XENBUS_NO_TRANSACTION  0

/// What the store answered to the last member called that asked it (StoreError).
#define NETBOOT_XENSTORE_SUCCESS    0
#define NETBOOT_XENSTORE_UNKNOWN    1   ///< another error than those below, or no answer at all
#define NETBOOT_XENSTORE_EINVAL     2
#define NETBOOT_XENSTORE_EACCES     3
#define NETBOOT_XENSTORE_EEXIST     4
#define NETBOOT_XENSTORE_EISDIR     5
#define NETBOOT_XENSTORE_ENOENT     6
#define NETBOOT_XENSTORE_ENOMEM     7
#define NETBOOT_XENSTORE_ENOSPC     8
#define NETBOOT_XENSTORE_EIO        9
#define NETBOOT_XENSTORE_ENOTEMPTY  10
#define NETBOOT_XENSTORE_ENOSYS     11
#define NETBOOT_XENSTORE_EROFS      12
#define NETBOOT_XENSTORE_EBUSY      13
#define NETBOOT_XENSTORE_EAGAIN     14
#define NETBOOT_XENSTORE_EISCONN    15
#define NETBOOT_XENSTORE_E2BIG      16
#define NETBOOT_XENSTORE_EPERM      17

typedef struct _NETBOOT_XENBUS_PROTOCOL NETBOOT_XENBUS_PROTOCOL;

/**
  Store members. All of them may be called at TPL_NOTIFY and below. Names are ASCII, at most 255 bytes, relative to the directory of an
  end, and may go deeper ("queue-0/tx-ring-ref"). An operation takes some seconds at most, usually well below a millisecond.

  @retval EFI_INVALID_PARAMETER  A bad pointer, end, name or transaction; EINVAL, EISDIR.
  @retval EFI_NOT_FOUND          ENOENT.
  @retval EFI_ACCESS_DENIED      EACCES, EPERM.
  @retval EFI_ABORTED            EAGAIN: somebody else was faster, do the transaction again from its beginning.
  @retval EFI_OUT_OF_RESOURCES   ENOMEM, ENOSPC.
  @retval EFI_WRITE_PROTECTED    EROFS.
  @retval EFI_NOT_READY          EBUSY.
  @retval EFI_UNSUPPORTED        ENOSYS.
  @retval EFI_BAD_BUFFER_SIZE    E2BIG.
  @retval EFI_ALREADY_STARTED    EEXIST, EISCONN.
  @retval EFI_TIMEOUT            The store did not answer.
  @retval EFI_DEVICE_ERROR       Any other error of the store; its ring is broken; the bus is stopped.
**/

/// Reads a node. EFI_BUFFER_TOO_SMALL sets Size to what is needed; what there is room for is filled in.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_READ)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Transaction, IN UINT32 End, IN CONST CHAR8 *Name, IN OUT UINTN *Size, OUT VOID *Value);

/// Writes a node of the device, and makes it and the directories above it when they are not there.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_WRITE)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Transaction, IN CONST CHAR8 *Name, IN UINTN Size, IN CONST VOID *Value);

/// Removes a node of the device with all that is below it.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_REMOVE)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Transaction, IN CONST CHAR8 *Name);

/// The names in a directory (Name NULL: the end's own), each with its terminating zero. Size as in Read.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_LIST)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Transaction, IN UINT32 End, IN CONST CHAR8 *Name OPTIONAL, IN OUT UINTN *Size,
  OUT VOID *Names);

/// Begins a transaction. It has to be ended, also after an operation in it failed.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_BEGIN_TRANSACTION)(IN NETBOOT_XENBUS_PROTOCOL *This, OUT UINT32 *Transaction);

/// Ends a transaction, whatever the status. EFI_ABORTED: nothing of it happened, begin again.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_END_TRANSACTION)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Transaction, IN BOOLEAN Commit);

/// Begins to watch a node and all below it, also one that is not there. EFI_OUT_OF_RESOURCES when too many are watched.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_WATCH)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 End, IN CONST CHAR8 *Name, OUT UINT32 *Watch);

/// EFI_SUCCESS when what is watched changed since the last time, and the first time; otherwise EFI_NOT_READY. Asks nobody.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_CHECK_WATCH)(IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Watch);

/// Ends a watch.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_UNWATCH)(IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Watch);

/// What the state node of an end says (Xen, public/io/xenbus.h, XenbusState); 0 when it holds no number.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_GET_STATE)(IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 End, OUT UINT32 *State);

/// Writes the device's own state node.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_SET_STATE)(IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 State);

/// Waits until the backend is in one of the States (bit n is state n), or EFI_TIMEOUT. State is where it is in the end.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_WAIT_FOR_BACKEND)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 States, IN UINT32 Microseconds, OUT UINT32 *State);

/// Lets the backend's domain use 4 KiB on a page boundary below 16 TiB. EFI_OUT_OF_RESOURCES when the grant table is full.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_GRANT_ACCESS)(
  IN NETBOOT_XENBUS_PROTOCOL *This, IN VOID *Page, IN BOOLEAN ReadOnly, OUT UINT32 *Reference);

/// Takes the page back, and ends the number, whatever the status: lead the backend to let go of it before. Unless it is EFI_SUCCESS
/// (EFI_ACCESS_DENIED: the backend still uses the page) the page is the backend's for good, and must stay allocated.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_END_ACCESS)(IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Reference);

/// Makes an event channel that the backend's domain may bind to. Nothing interrupts through it.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_ALLOCATE_CHANNEL)(IN NETBOOT_XENBUS_PROTOCOL *This, OUT UINT32 *Port);

/// Tells the backend that there is something to do.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_NOTIFY)(IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Port);

/// Closes an event channel of AllocateChannel.
typedef EFI_STATUS (EFIAPI *NETBOOT_XENBUS_CLOSE_CHANNEL)(IN NETBOOT_XENBUS_PROTOCOL *This, IN UINT32 Port);

struct _NETBOOT_XENBUS_PROTOCOL {
  UINT64                              Revision;
  NETBOOT_XENBUS_READ                 Read;
  NETBOOT_XENBUS_WRITE                Write;
  NETBOOT_XENBUS_REMOVE               Remove;
  NETBOOT_XENBUS_LIST                 List;
  NETBOOT_XENBUS_BEGIN_TRANSACTION    BeginTransaction;
  NETBOOT_XENBUS_END_TRANSACTION      EndTransaction;
  NETBOOT_XENBUS_WATCH                Watch;
  NETBOOT_XENBUS_CHECK_WATCH          CheckWatch;
  NETBOOT_XENBUS_UNWATCH              Unwatch;
  NETBOOT_XENBUS_GET_STATE            GetState;
  NETBOOT_XENBUS_SET_STATE            SetState;
  NETBOOT_XENBUS_WAIT_FOR_BACKEND     WaitForBackend;
  NETBOOT_XENBUS_GRANT_ACCESS         GrantAccess;
  NETBOOT_XENBUS_END_ACCESS           EndAccess;
  NETBOOT_XENBUS_ALLOCATE_CHANNEL     AllocateChannel;
  NETBOOT_XENBUS_NOTIFY               Notify;
  NETBOOT_XENBUS_CLOSE_CHANNEL        CloseChannel;
  //
  // Constant while the protocol is installed, but for StoreError.
  //
  CONST CHAR8                         *Type;          ///< "vif"
  CONST CHAR8                         *Node;          ///< "device/vif/0"
  CONST CHAR8                         *Backend;       ///< "/local/domain/0/backend/vif/1/0"
  UINT32                              Index;
  UINT32                              StoreError;     ///< NETBOOT_XENSTORE_*
  UINT16                              BackendDomain;
};

#endif
