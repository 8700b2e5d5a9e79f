using System;
using System.Collections.Generic;
using NetBoot.BusDrivers;
using NetBoot.BusDrivers.Xen.Host;
using NetBoot.BusDrivers.Xen.Store;
using NetBoot.Tests.Models.Devices;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>The guest's client of xenstore against a store that does what the input says: see <see cref="FuzzStore"/>.</summary>
/// <remarks>Bytes that name an operation; what the store does is taken from between them, whenever it is told of a request, or time passes.</remarks>
internal sealed unsafe class XenStoreTarget : FuzzTarget
{
    private const ulong LongestWait = 11_000_000;
    private const uint Port = 1;

    public override string Name => "xenstore";

    public override string Subject => "xenstore's ring: messages, indices, lists in parts, transactions, watches";

    public override IEnumerable<byte[]> Seeds =>
    [
        [0, 0, 1, 0, 2, 0, 3, 0, 0, 4, 0, 5, 0, 6, 0, 7],
        [0, FuzzStore.Reply, 16, 7, .. "ENOENT\0"u8, 1, FuzzStore.Reply, 2, 1, (byte)'x', 2, FuzzStore.Reply, 1, 4, 97, 0, 98, 0],
        [2, FuzzStore.Reply, 16, 6, .. "E2BIG\0"u8, FuzzStore.Reply, 22, 6, (byte)'5', 0, 97, 0, 98, 0, FuzzStore.Reply, 22, 3, (byte)'5', 0, 0],
        [4, 0, FuzzStore.Event, 14, .. "a/state\0"u8, .. "12345\0"u8, 5, FuzzStore.Silence, 3, 0],
        [0, FuzzStore.Index, 3, 0, 4, 0, 0, 0, FuzzStore.Reconnect, 1, 1, FuzzStore.Raw, 20, 15, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        FuzzReader reader = new(input);
        DeviceFirmware.Start();
        byte* page = (byte*)GuardedPages.Allocate(1);
        FuzzStore processor = new(reader, page);
        Processor.Host = processor;
        DeviceFirmware.Surroundings = processor.Act;
        using (XenHypervisor xen = XenHypervisor.Create(out _)!)
        {
            XenStore store = new(new XenStoreRing(xen, page, Port));
            Span<byte> room = stackalloc byte[40];
            uint transaction = 0;
            uint watch = 0;
            while (!reader.IsEmpty)
            {
                ulong before = DeviceFirmware.Waited;
                byte operation = reader.Byte();
                switch (operation & 7)
                {
                    case 0:
                        store.Read(transaction, "device/vif/0"u8, "mac"u8, room, out _);
                        break;
                    case 1:
                        store.Write(transaction, default, "a"u8, new byte[reader.Byte()]);
                        break;
                    case 2:
                        store.List(transaction, "device"u8, default, room, out _);
                        break;
                    case 3 when transaction == 0:
                        store.BeginTransaction(1, out transaction);
                        break;
                    case 3:
                        store.EndTransaction(1, transaction, commit: true);
                        transaction = 0;
                        break;
                    case 4:
                        store.AddWatch(1, "a"u8, "state"u8, out watch);
                        break;
                    case 5:
                        store.CheckWatch(1, watch);
                        break;
                    case 6:
                        store.RemoveWatch(1, watch);
                        break;
                    default:
                        store.EndAll(0);
                        store.Drain();
                        break;
                }

                ulong waited = DeviceFirmware.Waited - before;
                FuzzFinding.Unless(waited <= LongestWait * ((operation & 7) is 2 or 7 ? 40u : 1), $"operation {operation & 7} took {waited} microseconds");
            }
        }

        Processor.Host = null;
        GuardedPages.Free(page, 1);
        FuzzFinding.Unless(DeviceFirmware.PageCount == 0, "memory is left behind");
    }
}
