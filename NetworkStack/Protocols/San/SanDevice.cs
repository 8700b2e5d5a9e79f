using System;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Protocols.San;

/// <summary>
/// A disk over the network (storage area network). It is read while an image of somebody else's runs, from the firmware's calls: all that it needs is
/// its own, made when it is opened, and no arena is current. A read is right, or fails with a reason.
/// </summary>
public abstract class SanDevice : IDisposable
{
    private const int MaximumFailure = 400;

    private readonly char[] _failure = new char[MaximumFailure];
    private int _failureLength;

    /// <summary>Bytes of a block: a power of two, 512 or more. Known once it is open.</summary>
    public int BlockSize { get; protected set; }

    /// <summary>How many there are; one at least. Known once it is open.</summary>
    public ulong BlockCount { get; protected set; }

    /// <summary>It cannot be written on.</summary>
    public virtual bool IsReadOnly => true;

    /// <summary>Why the last read or write that had to ask the server failed; empty when it did not. Valid until the next one.</summary>
    public virtual ReadOnlySpan<char> Failure => new(_failure, 0, _failureLength);

    /// <summary>Reads blocks; returns when all are there, or with what went wrong: see <see cref="Failure"/>.</summary>
    /// <param name="block">The first, below <see cref="BlockCount"/> as are all.</param>
    /// <param name="to">Whole blocks.</param>
    public abstract EFI_STATUS Read(ulong block, Span<byte> to);

    /// <summary>Writes blocks; as <see cref="Read"/>.</summary>
    /// <param name="block">The first.</param>
    /// <param name="from">Whole blocks.</param>
    public virtual EFI_STATUS Write(ulong block, ReadOnlySpan<byte> from) => EFI_STATUS.EFI_WRITE_PROTECTED;

    /// <summary>Has what was written stored for good.</summary>
    public virtual EFI_STATUS Flush() => EFI_STATUS.EFI_SUCCESS;

    /// <summary>Whether it is reached through an interface, which then has to stay ours.</summary>
    public abstract bool Uses(NetworkInterface netif);

    /// <summary>Whether it is one disk with another: each would have a cache of its own, and one device path.</summary>
    /// <param name="other">Open, as this one.</param>
    public virtual bool IsSameAs(SanDevice other) => false;

    /// <summary>Appends its nodes behind those of the NIC.</summary>
    public abstract void AppendTo(DevicePathBuilder path);

    /// <summary>A call was left in the middle, for want of memory: nothing is read or written any more.</summary>
    public bool IsAbandoned { get; private set; }

    /// <summary>Says so, and ends at once what the call was at: its buffer is the caller's again.</summary>
    public virtual void Abandon()
    {
        IsAbandoned = true;
        Fail(EFI_STATUS.EFI_OUT_OF_RESOURCES, "memory ran out in the middle of a call");
    }

    /// <summary>Takes leave of the server, where its protocol knows that, for a moment at most. What is still read is begun anew.</summary>
    public virtual void Leave()
    {
    }

    /// <summary>Ends what is open.</summary>
    public abstract void Dispose();

    /// <summary>Keeps the reason for a failure, whose text may go.</summary>
    protected EFI_STATUS Fail(EFI_STATUS status, ReadOnlySpan<char> reason)
    {
        _failureLength = Math.Min(reason.Length, _failure.Length);
        reason.Slice(0, _failureLength).CopyTo(_failure);
        return status;
    }
}
