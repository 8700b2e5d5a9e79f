using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using NetBoot.BusDrivers;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.ModelTests.Xen;

/// <summary>
/// A guest that does what a test says, without the product: hypercalls by their numbers, and messages on xenstore's ring. Grant table and shared
/// info are in the platform device's memory.
/// </summary>
internal sealed unsafe class ScriptedXenGuest : IDisposable
{
    public const uint MemoryOperation = 12;
    public const uint GrantOperation = 20;
    public const uint EventOperation = 32;
    public const uint HvmOperation = 34;
    public const ushort Self = 0x7FF0;

    private const int PageSize = 4096;
    private const int RingSize = 1024;
    private const int HeaderSize = 16;
    private const uint HypercallMsr = 0x4000_0000;

    private readonly byte* _hypercalls;
    private readonly byte* _store;
    private readonly List<byte> _received = [];
    private uint _id;

    public ScriptedXenGuest()
    {
        Xen = new SimulatedXen(Firmware);
        _hypercalls = AllocatePage(EFI_MEMORY_TYPE.EfiBootServicesCode);
        Processor.WriteMsr(HypercallMsr, (ulong)_hypercalls);
        Assert.Equal(0, AddToPhysmap(space: 1, index: 0, (byte*)Grants));
        Assert.Equal(0, AddToPhysmap(space: 0, index: 0, Xen.Platform.Memory + PageSize));
        ulong* parameter = stackalloc ulong[] { Self | (1UL << 32), 0 }; // Parameter 1 is the page of the store's ring.
        Assert.Equal(0, Call(HvmOperation, 1, parameter));
        _store = (byte*)(parameter[1] * PageSize);
    }

    public SimulatedFirmware Firmware { get; } = new();
    public SimulatedXen Xen { get; }

    /// <summary>The first frame of the grant table: entries of { u16 flags, u16 domid, u32 frame }.</summary>
    public ulong* Grants => (ulong*)Xen.Platform.Memory;

    /// <summary>Watch events: path and token.</summary>
    public List<(string Path, string Token)> Events { get; } = [];

    private IProcessor Processor => Xen;

    public long Call(uint number, ulong command, void* argument, ulong count = 0) =>
        (long)Processor.XenCall(_hypercalls, number, command, (ulong)argument, count, 0, 0);

    /// <summary>XENMEM_add_to_physmap (public/memory.h).</summary>
    public long AddToPhysmap(uint space, ulong index, byte* target)
    {
        ulong* argument = stackalloc ulong[] { Self | ((ulong)space << 32), index, (ulong)target / PageSize };
        return Call(MemoryOperation, 7, argument);
    }

    /// <summary>EVTCHNOP_alloc_unbound (public/event_channel.h).</summary>
    public uint AllocateChannel(ushort remote)
    {
        ulong argument = Self | ((ulong)remote << 16);
        Assert.Equal(0, Call(EventOperation, 6, &argument));
        return (uint)(argument >> 32);
    }

    public long CloseChannel(uint port) => Call(EventOperation, 3, &port);

    public long Notify(uint port) => Call(EventOperation, 4, &port);

    public byte* AllocatePage(EFI_MEMORY_TYPE type = EFI_MEMORY_TYPE.EfiBootServicesData)
    {
        ulong address = 0;
        Assert.True(Firmware.BootServices->AllocatePages(EFI_ALLOCATE_TYPE.AllocateAnyPages, type, 1, &address).IsSuccess);
        return (byte*)address;
    }

    /// <summary>Sends a message to xenstore, and reads what has come back.</summary>
    /// <param name="payload">As it goes over the ring, zeros and all.</param>
    /// <returns>The answer's payload; of an error its name.</returns>
    public string Ask(uint type, string payload, uint transaction = 0)
    {
        ref uint produced = ref Xen.Store.Word(SimulatedStore.RequestProducer);
        foreach (byte each in SimulatedStore.Message(type, ++_id, transaction, Encoding.ASCII.GetBytes(payload)))
        {
            _store[produced % RingSize] = each;
            produced++;
        }

        Assert.Equal(0, Notify(Xen.StoreChannel));
        (uint Type, string Payload) answer = Assert.Single(Receive());
        Assert.Contains(answer.Type, new[] { type, SimulatedStore.ErrorReply });
        return answer.Payload;
    }

    /// <summary>Takes what xenstore has sent: events are kept, answers returned.</summary>
    public List<(uint Type, string Payload)> Receive()
    {
        ref uint consumed = ref Xen.Store.Word(SimulatedStore.ResponseConsumer);
        while (consumed != Xen.Store.Word(SimulatedStore.ResponseProducer))
        {
            _received.Add(_store[RingSize + (consumed % RingSize)]);
            consumed++;
        }

        List<(uint Type, string Payload)> answers = [];
        while (_received.Count >= HeaderSize)
        {
            byte[] header = [.. _received.Take(HeaderSize)];
            int length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(12));
            string payload = Encoding.ASCII.GetString([.. _received.Skip(HeaderSize).Take(length)]);
            _received.RemoveRange(0, HeaderSize + length);
            uint type = BinaryPrimitives.ReadUInt32LittleEndian(header);
            if (type == SimulatedStore.WatchEvent)
            {
                string[] texts = payload.Split('\0');
                Events.Add((texts[0], texts[1]));
            }
            else
            {
                answers.Add((type, payload));
            }
        }

        return answers;
    }

    public void Dispose()
    {
        Xen.Dispose();
        Firmware.Dispose();
    }
}
