using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen;

/// <summary>
/// A paravirtual device of a Xen guest, as its driver sees it: its directory in xenstore and its backend's, grants, event channels, and
/// the states of both ends. Everything is polled; there are no interrupts. Nothing here allocates but the constructors.
/// </summary>
/// <remarks>
/// <para>Names in the store are ASCII without a terminating zero, relative to the directory of an end, and may go deeper
/// (<c>"queue-0/tx-ring-ref"u8</c>). Values are bytes, by custom ASCII without a terminating zero.</para>
/// <para>A store operation is a request and its answer: at most some seconds (<c>EFI_TIMEOUT</c>), usually well below a millisecond.
/// When it fails, the status is the nearest one of UEFI's and <see cref="StoreError"/> the store's own word:
/// EFI_NOT_FOUND (ENOENT), EFI_ACCESS_DENIED (EACCES, EPERM), EFI_ABORTED (EAGAIN: do the transaction again),
/// EFI_OUT_OF_RESOURCES (ENOMEM, ENOSPC), EFI_WRITE_PROTECTED (EROFS), EFI_NOT_READY (EBUSY), EFI_UNSUPPORTED (ENOSYS),
/// EFI_BAD_BUFFER_SIZE (E2BIG), EFI_INVALID_PARAMETER (EINVAL, EISDIR), EFI_ALREADY_STARTED (EEXIST, EISCONN),
/// EFI_DEVICE_ERROR (all else).</para>
/// <para>At TPL_NOTIFY or below. At ExitBootServices, in handlers at TPL_NOTIFY, all of it still works; after that nothing does.</para>
/// </remarks>
public abstract unsafe class XenDevice : IDisposable
{
    /// <summary>The longest name that these members take, in bytes; a longer one is EFI_INVALID_PARAMETER.</summary>
    public const int MaximumName = 255;

    /// <summary>The longest value in the store, in bytes: with its path. Xen, public/io/xs_wire.h, XENSTORE_PAYLOAD_MAX.</summary>
    public const int MaximumValue = 4096;

    /// <summary>The transaction that is none: the operation stands for itself.</summary>
    public const uint NoTransaction = 0;

    /// <summary>The class of the device, in the store's words: "vif", "vbd".</summary>
    public abstract string Type { get; }

    /// <summary>The device's number within its class.</summary>
    public abstract uint Index { get; }

    /// <summary>The domain that the backend is in: whom grants and event channels are for.</summary>
    public abstract ushort BackendDomain { get; }

    /// <summary>What the store answered to the last operation that asked it.</summary>
    public abstract XenStoreError StoreError { get; }

    /// <summary>Reads a node.</summary>
    /// <param name="end">Whose.</param>
    /// <param name="name">The node below the end's directory.</param>
    /// <param name="value">Where the value goes; as much of it as there is room for.</param>
    /// <param name="length">How long the value is, in bytes, also when there was too little room; 0 after another failure.</param>
    /// <param name="transaction">As <see cref="BeginTransaction"/> gave it, or none.</param>
    /// <returns>EFI_BUFFER_TOO_SMALL; EFI_NOT_FOUND; and what the store says.</returns>
    public abstract EFI_STATUS Read(
        XenEnd end, ReadOnlySpan<byte> name, Span<byte> value, out int length, uint transaction = NoTransaction);

    /// <summary>Writes a node of ours; it, and the directories above it, are made when they are not there.</summary>
    public abstract EFI_STATUS Write(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint transaction = NoTransaction);

    /// <summary>Removes a node of ours with all that is below it. None to remove is fine, unless what is above is missing too.</summary>
    public abstract EFI_STATUS Remove(ReadOnlySpan<byte> name, uint transaction = NoTransaction);

    /// <summary>The names of the nodes in a directory, each ended by a zero byte.</summary>
    /// <param name="end">Whose.</param>
    /// <param name="name">The directory below the end's; empty for that itself.</param>
    /// <param name="names">Where they go; as much as there is room for.</param>
    /// <param name="length">How long the list is, in bytes, also when there was too little room; 0 after another failure.</param>
    /// <param name="transaction">As <see cref="BeginTransaction"/> gave it, or none.</param>
    /// <returns>EFI_BUFFER_TOO_SMALL; EFI_UNSUPPORTED on a bus that cannot (edk2's); and what the store says.</returns>
    public abstract EFI_STATUS List(
        XenEnd end, ReadOnlySpan<byte> name, Span<byte> names, out int length, uint transaction = NoTransaction);

    /// <summary>
    /// Begins a transaction: what is read and written with its number happens all at once, when it is committed, or not at all.
    /// </summary>
    /// <param name="transaction">Its number, never 0; to be ended, also after an operation in it failed.</param>
    public abstract EFI_STATUS BeginTransaction(out uint transaction);

    /// <summary>Ends a transaction.</summary>
    /// <param name="transaction">As <see cref="BeginTransaction"/> gave it; of no more use after this, whatever the status.</param>
    /// <param name="commit">False: nothing of it happened.</param>
    /// <returns>EFI_ABORTED when somebody else was faster: nothing of it happened, begin again.</returns>
    public abstract EFI_STATUS EndTransaction(uint transaction, bool commit);

    /// <summary>Begins to watch a node and all below it, also one that is not there.</summary>
    /// <param name="end">Whose.</param>
    /// <param name="name">The node below the end's directory.</param>
    /// <param name="watch">For <see cref="HasChanged"/> and <see cref="Unwatch"/>.</param>
    public abstract EFI_STATUS Watch(XenEnd end, ReadOnlySpan<byte> name, out uint watch);

    /// <summary>
    /// Whether anything that is watched has changed since the last time this was asked; true the first time. It asks nobody: it only
    /// looks at what the store has sent.
    /// </summary>
    public abstract bool HasChanged(uint watch);

    /// <summary>Ends a watch.</summary>
    public abstract void Unwatch(uint watch);

    /// <summary>What the end's state node says. It asks the store.</summary>
    public abstract EFI_STATUS ReadState(XenEnd end, out XenBusState state);

    /// <summary>Writes our own state node.</summary>
    public abstract EFI_STATUS SetState(XenBusState state);

    /// <summary>Waits until the backend is in one of the states.</summary>
    /// <param name="states">One or several, as <see cref="In"/> makes them: <c>In(Closing) | In(Closed)</c>.</param>
    /// <param name="microseconds">How long at most; the store's own answering time comes on top.</param>
    /// <param name="state">Where the backend is in the end, whatever the status.</param>
    /// <returns>EFI_TIMEOUT; EFI_NOT_FOUND when the backend is not there (any more); and what the store says.</returns>
    public abstract EFI_STATUS WaitForBackend(uint states, uint microseconds, out XenBusState state);

    /// <summary>One state as the set that <see cref="WaitForBackend"/> takes.</summary>
    public static uint In(XenBusState state) => 1u << (int)state;

    /// <summary>Lets the backend's domain use one page of ours.</summary>
    /// <param name="page">4 KiB of boot services memory, on a page boundary, below 16 TiB.</param>
    /// <param name="readOnly">Whether the domain may only read it.</param>
    /// <param name="reference">The grant's number, for the backend and for <see cref="EndAccess"/>.</param>
    /// <returns>EFI_OUT_OF_RESOURCES when the table is full; EFI_INVALID_PARAMETER for what is no such page.</returns>
    public abstract EFI_STATUS GrantAccess(void* page, bool readOnly, out uint reference);

    /// <summary>
    /// Takes the page back, and ends the grant's number, whatever the answer: so the backend is led to let go of it before.
    /// </summary>
    /// <returns>
    /// Whether the page is ours again. If not (the backend has it mapped, or is copying), it stays allocated for good, and the bus keeps the
    /// grant.
    /// </returns>
    public abstract bool EndAccess(uint reference);

    /// <summary>Makes an event channel that the backend's domain may bind to. Nothing interrupts us through it.</summary>
    /// <param name="port">Its number on our side, which the backend is told in the store.</param>
    public abstract EFI_STATUS AllocateChannel(out uint port);

    /// <summary>Tells the backend that there is something to do: a hypercall, so once for as much as possible.</summary>
    public abstract EFI_STATUS Notify(uint port);

    /// <summary>Closes an event channel of <see cref="AllocateChannel"/>.</summary>
    public abstract EFI_STATUS CloseChannel(uint port);

    /// <summary>Reads a node that holds a number in decimal.</summary>
    /// <returns>EFI_NOT_FOUND; EFI_PROTOCOL_ERROR when it holds something else, or more than 64 bits; and what the store says.</returns>
    public EFI_STATUS ReadNumber(XenEnd end, ReadOnlySpan<byte> name, out ulong value, uint transaction = NoTransaction)
    {
        Span<byte> text = stackalloc byte[XenNumber.MaximumDigits + 1];
        value = 0;
        EFI_STATUS status = Read(end, name, text, out int length, transaction);
        if (status == EFI_STATUS.EFI_BUFFER_TOO_SMALL)
        {
            return EFI_STATUS.EFI_PROTOCOL_ERROR;
        }

        if (status.IsError)
        {
            return status;
        }

        return XenNumber.TryParse(text.Slice(0, length), out value) ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_PROTOCOL_ERROR;
    }

    /// <summary>Writes a number in decimal to a node of ours.</summary>
    public EFI_STATUS WriteNumber(ReadOnlySpan<byte> name, ulong value, uint transaction = NoTransaction)
    {
        Span<byte> text = stackalloc byte[XenNumber.MaximumDigits];
        return Write(name, text.Slice(0, XenNumber.Format(value, text)), transaction);
    }

    /// <summary>Ends what is left of watches. Grants and channels are their owner's to end before.</summary>
    public abstract void Dispose();
}
