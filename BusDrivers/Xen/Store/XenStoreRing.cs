using System;
using System.Threading;
using NetBoot.BusDrivers.Xen.Host;

namespace NetBoot.BusDrivers.Xen.Store;

/// <summary>
/// The page that xenstore and the guest share: a ring of bytes for each direction (Xen, public/io/xs_wire.h and
/// docs/misc/xenstore-ring.txt). Whoever uses it after us goes on where we stop: the indices are only ever advanced, ours by us.
/// </summary>
internal sealed unsafe class XenStoreRing(XenHypervisor xen, byte* page, uint port)
{
    private const uint Size = 1024;
    private const int Requests = 0;
    private const int Responses = 1024;
    private const int RequestConsumer = 2048;
    private const int RequestProducer = 2052;
    private const int ResponseConsumer = 2056;
    private const int ResponseProducer = 2060;
    private const int Connection = 2068;
    private const int Error = 2072;

    /// <summary>The store shows indices that cannot be, or says that ours are: nothing more can be said or understood.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Whether the store takes up its connection again, and must be left alone until it has.</summary>
    public bool IsReconnecting => Read(Connection) != 0;

    /// <summary>Puts as many bytes in as there is room for, and tells the store. How many that were.</summary>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        uint producer = Read(RequestProducer);
        uint used = producer - Read(RequestConsumer);
        if (IsBroken || used > Size || Read(Error) != 0)
        {
            IsBroken = true;
            return 0;
        }

        int count = Math.Min(bytes.Length, (int)(Size - used));
        if (count == 0)
        {
            return 0;
        }

        Interlocked.MemoryBarrier(); // The index before the bytes: what is overwritten has been read.
        int first = Math.Min(count, (int)(Size - producer % Size));
        bytes.Slice(0, first).CopyTo(new Span<byte>(page + Requests + producer % Size, first));
        bytes.Slice(first, count - first).CopyTo(new Span<byte>(page + Requests, count - first));
        Interlocked.MemoryBarrier(); // The bytes before the index.
        Advance(RequestProducer, producer + (uint)count);
        xen.Notify(port);
        return count;
    }

    /// <summary>Takes as many bytes out as there are and there is room for. How many that were.</summary>
    public int Read(Span<byte> bytes)
    {
        uint consumer = Read(ResponseConsumer);
        uint waiting = Read(ResponseProducer) - consumer;
        if (IsBroken || waiting > Size)
        {
            IsBroken = true;
            return 0;
        }

        int count = Math.Min(bytes.Length, (int)waiting);
        if (count == 0)
        {
            return 0;
        }

        Interlocked.MemoryBarrier(); // The index before the bytes.
        int first = Math.Min(count, (int)(Size - consumer % Size));
        new ReadOnlySpan<byte>(page + Responses + consumer % Size, first).CopyTo(bytes);
        new ReadOnlySpan<byte>(page + Responses, count - first).CopyTo(bytes.Slice(first));
        Interlocked.MemoryBarrier(); // The bytes before the index.
        Advance(ResponseConsumer, consumer + (uint)count);
        Interlocked.MemoryBarrier();
        if (Read(ResponseProducer) - consumer >= Size)
        {
            xen.Notify(port); // The store found no more room, and waits to be told of some.
        }

        return count;
    }

    private uint Read(int offset) => Volatile.Read(ref *(uint*)(page + offset));

    private void Advance(int offset, uint value) => Volatile.Write(ref *(uint*)(page + offset), value);
}
