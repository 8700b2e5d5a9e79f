using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetBoot.BusDrivers;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>
/// A Xen that is just enough to have a store, and that store's end of the ring. Whenever it is told of a request, or time passes, a byte of the
/// input says what it does: what an honest one does (all that is below <see cref="Raw"/>, and when the input is at its end), or one of those below.
/// </summary>
internal sealed unsafe class FuzzStore(FuzzReader reader, byte* page) : IProcessor
{
    /// <summary>Bytes behind the last answer: how many, bytes.</summary>
    public const byte Raw = 0xF0;

    /// <summary>An answer to the next request: type, how many bytes, bytes.</summary>
    public const byte Reply = 0xF1;

    /// <summary>One of the ring's indices: which, value.</summary>
    public const byte Index = 0xF2;

    /// <summary>Something that is watched has changed: how many bytes, bytes.</summary>
    public const byte Event = 0xF3;

    /// <summary>The store takes its connection up again, or has done so.</summary>
    public const byte Reconnect = 0xF4;

    /// <summary>Nothing happens for a while: how many times.</summary>
    public const byte Silence = 0xF5;

    private const uint RingSize = 1024;
    private const int RequestConsumer = 2048;
    private const int RequestProducer = 2052;
    private const int ResponseProducer = 2060;
    private const int Connection = 2068;
    private const int HeaderSize = 16;
    private const uint WatchEvent = 15;

    private readonly List<byte> _request = [];
    private int _silence;

    void IProcessor.Cpuid(uint leaf, uint subleaf, Span<uint> result)
    {
        switch (leaf)
        {
            case 0x4000_0000:
                result[0] = leaf + 2;
                MemoryMarshal.Cast<byte, uint>("XenVMMXenVMM"u8).CopyTo(result[1..]);
                break;
            case 0x4000_0001:
                result[0] = 0x0004_0011;
                break;
            case 0x4000_0002:
                result[0] = 1;
                result[1] = 0x4000_0000;
                break;
            default:
                break;
        }
    }

    ulong IProcessor.ReadMsr(uint register) => 0;

    void IProcessor.WriteMsr(uint register, ulong value)
    {
    }

    ulong IProcessor.HyperVCall(void* code, ulong control, ulong input, ulong output) => 0;

    ulong IProcessor.XenCall(void* code, uint number, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5)
    {
        const uint VersionOperation = 17;
        const uint EventOperation = 32;
        switch (number)
        {
            case VersionOperation when a1 == 0:
                return 0x0004_0011;
            case VersionOperation:
                ((uint*)a2)[1] = 0x707;
                return 0;
            case EventOperation:
                Act();
                return 0;
            default:
                return 0;
        }
    }

    /// <summary>The store's turn.</summary>
    public void Act()
    {
        if (_silence > 0)
        {
            _silence--;
            return;
        }

        switch (reader.Byte())
        {
            case Raw:
                Respond(reader.Take(reader.Byte()));
                break;
            case Reply:
                uint type = reader.Byte();
                ReadOnlySpan<byte> payload = reader.Take(reader.Byte());
                if (TryTakeRequest(out uint id, out _))
                {
                    Respond(Message(type, id, payload));
                }

                break;
            case Index:
                Word(RequestConsumer + ((reader.Byte() & 3) * sizeof(uint))) = reader.Long();
                break;
            case Event:
                Respond(Message(WatchEvent, 0, reader.Take(reader.Byte())));
                break;
            case Reconnect:
                Word(Connection) = (uint)reader.Byte() & 1;
                break;
            case Silence:
                _silence = reader.Byte();
                break;
            default:
                BeHonest();
                break;
        }
    }

    private void BeHonest()
    {
        const uint Directory = 1;
        const uint Read = 2;
        const uint TransactionStart = 6;
        const uint DirectoryPart = 22;
        Word(Connection) = 0;
        if (TryTakeRequest(out uint id, out uint type))
        {
            Respond(Message(type, id, type switch
            {
                Directory => "a\0b\0"u8,
                Read => "4"u8,
                TransactionStart => "1\0"u8,
                DirectoryPart => "1\0a\0\0"u8,
                _ => "OK\0"u8,
            }));
        }
    }

    private bool TryTakeRequest(out uint id, out uint type)
    {
        ref uint consumer = ref Word(RequestConsumer);
        for (uint i = 0; i < RingSize && consumer != Word(RequestProducer); i++)
        {
            _request.Add(page[consumer++ % RingSize]);
        }

        ReadOnlySpan<uint> header = MemoryMarshal.Cast<byte, uint>(CollectionsMarshal.AsSpan(_request));
        bool isWhole = header.Length >= 4 && _request.Count >= HeaderSize + header[3];
        type = isWhole ? header[0] : 0;
        id = isWhole ? header[1] : 0;
        if (isWhole)
        {
            _request.RemoveRange(0, HeaderSize + (int)header[3]);
        }

        return isWhole;
    }

    private void Respond(ReadOnlySpan<byte> bytes)
    {
        ref uint producer = ref Word(ResponseProducer);
        foreach (byte each in bytes)
        {
            page[RingSize + (producer++ % RingSize)] = each;
        }
    }

    private static byte[] Message(uint type, uint id, ReadOnlySpan<byte> payload) =>
        [.. MemoryMarshal.AsBytes<uint>([type, id, 0, (uint)payload.Length]), .. payload];

    private ref uint Word(int offset) => ref *(uint*)(page + offset);
}
