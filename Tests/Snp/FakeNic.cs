using System;
using System.Collections.Generic;
using NetBoot.NicDrivers;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Snp;

/// <summary>A NIC without hardware: what it is told to do is kept, what it receives is put into <see cref="Arriving"/>.</summary>
internal sealed class FakeNic(int mtu = Nic.MaximumMtu, uint negotiationTime = 0) : Nic
{
    public static readonly MacAddress Permanent = new([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]);

    public Queue<byte[]> Arriving { get; } = new();
    public List<byte[]> Transmitted { get; } = [];
    public bool KeepsTransmitted { get; set; } = true;
    public bool HasRoom { get; set; } = true;
    public bool LinkUp { get; set; } = true;
    public EFI_STATUS OpenResult { get; set; }
    public bool FaultsOnTransmit { get; set; }
    public bool FaultsOnDispose { get; set; }

    public bool IsOpen { get; private set; }
    public bool IsDisposed { get; private set; }
    public int Closings { get; private set; }
    public MacAddress Station { get; private set; }
    public uint Filters { get; private set; }
    public MacAddress[] Groups { get; private set; } = [];

    public override string Model => "Fake Ethernet";
    public override MacAddress PermanentAddress => Permanent;
    public override int Mtu => mtu;
    public override uint NegotiationTime => negotiationTime;
    public override int ReceiveRingSize => 8;

    public void CountError() => ReceiveErrors++;

    public override EFI_STATUS Open(MacAddress station)
    {
        if (OpenResult.IsError)
        {
            return OpenResult;
        }

        IsOpen = true;
        Station = station;
        Filters = 0;
        Groups = [];
        Arriving.Clear();
        return EFI_STATUS.EFI_SUCCESS;
    }

    public override void Close()
    {
        IsOpen = false;
        Closings++;
    }

    public override void SetFilter(ReceiveFilters filters, ReadOnlySpan<MacAddress> multicast)
    {
        Filters = (uint)filters;
        Groups = multicast.ToArray();
    }

    public override void SetStation(MacAddress station) => Station = station;

    public override bool TryTransmit(ReadOnlySpan<byte> frame)
    {
        if (FaultsOnTransmit)
        {
            throw new IndexOutOfRangeException();
        }

        if (HasRoom && KeepsTransmitted)
        {
            Transmitted.Add(frame.ToArray());
        }

        return HasRoom;
    }

    public override ReadOnlySpan<byte> Peek() => Arriving.TryPeek(out byte[]? frame) ? frame : default;

    public override void Release() => Arriving.Dequeue();

    public override bool IsLinkUp() => LinkUp;

    public override void Dispose()
    {
        if (FaultsOnDispose)
        {
            FaultsOnDispose = false;
            throw new InvalidOperationException();
        }

        IsOpen = false;
        IsDisposed = true;
    }
}
