using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus;

/// <summary>
/// One channel that the host offers on VMBus, as the driver of the device behind it programs against it, whoever the bus is: ours
/// (NETBOOT_VMBUS_PROTOCOL) or the firmware's.
/// </summary>
/// <remarks>
/// <para>To be called at up to TPL_NOTIFY, but for what <see cref="WaitsBelowNotify"/> says. What talks with the host (Open, Close, CreateGpadl,
/// DestroyGpadl) waits for its answer, for five seconds at most. Only Open allocates memory, and nothing frees any but disposing of the bus's
/// side, so Close may be called at ExitBootServices, and need be all that is: GPADLs go with the connection then.</para>
/// <para>Memory that the host has been shown, or that a packet under way names, is its driver's again when Close or DestroyGpadl answers true,
/// and not before. After false the host may write there for ever, and nobody may free it.</para>
/// <para>While the connection to the host is lost, everything answers EFI_NOT_READY; afterwards <see cref="Generation"/> is another
/// one. When the host has taken the channel away for good, everything answers EFI_NOT_FOUND.</para>
/// </remarks>
public abstract unsafe class VmbusChannel : IDisposable
{
    /// <summary>What kind of device this is.</summary>
    public abstract EFI_GUID InterfaceType { get; }

    /// <summary>Which device: stays the same over connections and boots, and is what Windows shows.</summary>
    public abstract EFI_GUID InstanceId { get; }

    /// <summary>
    /// Changes when the channel was established anew underneath its driver. The channel is then open as it was, with empty rings; all
    /// GPADLs are gone (destroying one only forgets it), and nothing that was sent before will be completed. At TPL_NOTIFY it changes in
    /// <see cref="Poll"/> alone, below that at any time. Reading it costs nothing.
    /// </summary>
    public abstract uint Generation { get; }

    /// <summary>
    /// Whether the bus can wait for the host below TPL_NOTIFY only, as the firmware's does: for Open, CreateGpadl and DestroyGpadl, and for what
    /// Close answers.
    /// </summary>
    public virtual bool WaitsBelowNotify => false;

    /// <summary>Opens the channel.</summary>
    /// <param name="outgoingPages">4 KiB pages of data in the ring to the host, without its control page: 1 to 2048.</param>
    /// <param name="incomingPages">The same for the ring from the host.</param>
    /// <returns>
    /// EFI_ALREADY_STARTED when it is open; EFI_ACCESS_DENIED at a TPL at which the bus cannot wait; EFI_INVALID_PARAMETER for sizes out of
    /// range; EFI_OUT_OF_RESOURCES; EFI_DEVICE_ERROR when the host refuses; EFI_TIMEOUT when it does not answer.
    /// </returns>
    public abstract EFI_STATUS Open(uint outgoingPages, uint incomingPages);

    /// <summary>Closes the channel; what was sent and not completed never will be. GPADLs stay. A closed channel may be closed.</summary>
    /// <returns>
    /// Whether the host is done with what packets under way name. False when it does not say so, and at a TPL at which it cannot be asked
    /// (<see cref="WaitsBelowNotify"/>): closing it again below that asks.
    /// </returns>
    public abstract bool Close();

    /// <summary>Shows the host memory of the caller's, which stays where it is until <see cref="DestroyGpadl"/> has answered true.</summary>
    /// <param name="pages">Page-aligned.</param>
    /// <param name="bytes">A multiple of 4096, not 0.</param>
    /// <param name="gpadl">The number that the host knows it by; not 0.</param>
    /// <returns>
    /// EFI_INVALID_PARAMETER; EFI_ACCESS_DENIED at a TPL at which the bus cannot wait; EFI_OUT_OF_RESOURCES; EFI_DEVICE_ERROR when the host refuses;
    /// EFI_TIMEOUT when it does not answer: it may have the memory, which may never be freed then.
    /// </returns>
    public abstract EFI_STATUS CreateGpadl(void* pages, nuint bytes, out uint gpadl);

    /// <summary>Takes memory back, after <see cref="Close"/>: hosts of today keep it until then. The number is used up, whatever the answer.</summary>
    /// <returns>Whether the memory is the caller's again. When it is not, the host may still write there, and nobody may free it.</returns>
    public abstract bool DestroyGpadl(uint gpadl);

    /// <summary>Sends an in-band packet, and signals the host when the rules of the ring ask for it.</summary>
    /// <param name="payload">Padded to a multiple of 8 bytes on its way.</param>
    /// <param name="transaction">What the completion will name.</param>
    /// <param name="completionRequested">Whether the host shall answer with a completion.</param>
    /// <returns>EFI_NOT_READY: no room in the ring now; EFI_BAD_BUFFER_SIZE: there never will be; EFI_NOT_STARTED: not open.</returns>
    public abstract EFI_STATUS Send(ReadOnlySpan<byte> payload, ulong transaction, bool completionRequested);

    /// <summary>
    /// Sends a packet whose data the host takes from memory. The ranges are read now; the memory stays until the completion. As
    /// <see cref="Send"/> otherwise.
    /// </summary>
    public abstract EFI_STATUS SendGpaDirect(
        ReadOnlySpan<byte> payload, ReadOnlySpan<NETBOOT_VMBUS_GPA_RANGE> ranges, ulong transaction, bool completionRequested);

    /// <summary>Sends the completion of a packet that was received; all ranges of a transfer-page packet are given back at once.</summary>
    public abstract EFI_STATUS Complete(ulong transaction, ReadOnlySpan<byte> payload);

    /// <summary>Takes the next packet out of the ring; malformed ones are skipped. Asking costs no more than reading memory.</summary>
    /// <returns>False when there is none, or the channel is not open.</returns>
    public abstract bool TryReceive(out VmbusPacket packet);

    /// <summary>
    /// Lets the bus see what the host has to say now. Not needed where timer events run, since the bus has one; for whoever waits at
    /// TPL_NOTIFY.
    /// </summary>
    /// <returns>EFI_SUCCESS; EFI_NOT_READY while the connection is lost; EFI_NOT_FOUND when the channel is gone.</returns>
    public abstract EFI_STATUS Poll();

    /// <summary>Closes the channel and gives back what it holds of its own; below TPL_NOTIFY.</summary>
    public virtual void Dispose() => Close();
}
