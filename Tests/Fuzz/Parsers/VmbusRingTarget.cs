using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.BusDrivers.Vmbus.Rings;
using NetBoot.Tests.Models.Devices;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>
/// A ring from the host and one to it, each of one page, whose indices and bytes are the input's: a byte that names what comes, and what it
/// needs.
/// </summary>
internal sealed unsafe class VmbusRingTarget : FuzzTarget
{
    private const int PageSize = 4096;
    private const int In = 0;
    private const int Out = 4;
    private const int PendingSendSize = 12;

    private uint _sum;

    public override string Name => "vmbus-ring";

    public override string Subject => "the rings of a VMBus channel: indices, descriptors, ranges";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] inBand = [0, 32, 6, 0, 2, 0, 3, 0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            byte[] ranges = [0, 40, 7, 0, 4, 0, 4, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0x42, 0x4E, 0, 0, 1, 0, 0, 0, 60, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            yield return [.. inBand, 4, .. ranges, 4];
            yield return [2, 0xF8, 0x0F, .. inBand, 4, 3, 0xFF, 0, 4];
            yield return [5, 40, 5, 200, 1, 0, 1, 5, 9, 6, 16, 0, 0, 0, .. inBand, 4];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        byte* incoming = (byte*)GuardedPages.Allocate(2);
        byte* outgoing = (byte*)GuardedPages.Allocate(2);
        byte* copy = (byte*)GuardedPages.Allocate(1);
        new Span<byte>(incoming, 2 * PageSize).Clear();
        new Span<byte>(outgoing, 2 * PageSize).Clear();
        IncomingRing receiver = new();
        OutgoingRing sender = new();
        receiver.Reset(incoming, PageSize, copy);
        sender.Reset(outgoing, PageSize);
        while (!reader.IsEmpty)
        {
            switch (reader.Byte() % 7)
            {
                case 0: // A packet behind the last: its size, its bytes.
                    int size = (reader.Byte() + 7) & ~7;
                    uint at = *(uint*)(incoming + In);
                    foreach (byte each in reader.Take(size))
                    {
                        incoming[PageSize + (at % PageSize)] = each;
                        at++;
                    }

                    *(uint*)(incoming + In) = (*(uint*)(incoming + In) + (uint)size) % PageSize;
                    break;
                case 1:
                    *(uint*)(outgoing + Out) = reader.Word();
                    break;
                case 2:
                    *(uint*)(incoming + In) = reader.Word();
                    break;
                case 3:
                    *(uint*)(incoming + In) = reader.Long();
                    break;
                case 4:
                    Receive(receiver);
                    break;
                case 5:
                    sender.Send(VmbusPacketType.InBand, new byte[reader.Byte()], 1, true, out _);
                    break;
                default:
                    *(uint*)(incoming + PendingSendSize) = reader.Long();
                    break;
            }
        }

        Receive(receiver);
        GuardedPages.Free(incoming, 2);
        GuardedPages.Free(outgoing, 2);
        GuardedPages.Free(copy, 1);
    }

    private void Receive(IncomingRing ring)
    {
        for (int i = 0; i < PageSize && ring.TryReceive(out VmbusPacket packet, out _); i++)
        {
            foreach (byte each in packet.Payload)
            {
                _sum += each;
            }

            foreach (NETBOOT_VMBUS_TRANSFER_RANGE range in packet.Ranges)
            {
                _sum += range.Offset ^ range.Size;
            }
        }
    }
}
