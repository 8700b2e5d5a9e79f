using System.Threading;

namespace NetBoot.BusDrivers.Xen.Host;

/// <summary>
/// The shared info page as far as polling needs it: while a port is ours its events are masked, so that they only set a bit of their own
/// and never an upcall, and when it is no longer ours everything is as it was found. Xen, public/xen.h, struct shared_info (64-bit).
/// </summary>
internal sealed unsafe class XenSharedInfo(byte* page)
{
    // Behind 32 vcpu_info of 64 bytes: a bit a port, 64 words of 64 each.
    private const int PendingOffset = 2048;
    private const int MaskOffset = 2560;

    /// <summary>Ports beyond these have no bit (2-level event channels).</summary>
    private const uint Ports = 4096;

    /// <summary>Masks a port. Whether it was masked before, for <see cref="Restore"/>.</summary>
    public bool Mask(uint port) => port >= Ports || Change(MaskOffset, port, true);

    /// <summary>Takes back what came in for the port, and puts its mask back.</summary>
    public void Restore(uint port, bool wasMasked)
    {
        if (port >= Ports)
        {
            return;
        }

        Change(PendingOffset, port, false);
        if (!wasMasked)
        {
            Change(MaskOffset, port, false);
        }
    }

    // Xen changes its neighbours at the same time. Whether the bit was set.
    private bool Change(int offset, uint port, bool isSet)
    {
        ref int word = ref *(int*)(page + offset + port / 32 * sizeof(int));
        int bit = 1 << (int)(port % 32);
        while (true)
        {
            int old = Volatile.Read(ref word);
            if (Interlocked.CompareExchange(ref word, isSet ? old | bit : old & ~bit, old) == old)
            {
                return (old & bit) != 0;
            }
        }
    }
}
