using System;
using NetBoot.NicDrivers;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Fuzz.Drivers;

/// <summary>Asks a NIC for what the SNP asks it for, in the states in which it does, and looks at the answers.</summary>
internal sealed class NicClient(Nic nic)
{
    private bool _isOpen;
    private byte _sum;

    /// <summary>What a NIC is asked for, and what the input says of it.</summary>
    public enum Request : byte
    {
        /// <summary>How many frames to look for.</summary>
        Poll,

        /// <summary>Length.</summary>
        Transmit,
        Link,

        /// <summary>Filters, number of groups, groups.</summary>
        Filter,

        /// <summary>Address.</summary>
        Station,
        Reopen,
        Close,
        Count,
    }

    public void Open()
    {
        _isOpen = nic.Open(nic.PermanentAddress).IsSuccess;
        if (_isOpen)
        {
            nic.SetFilter(ReceiveFilters.Unicast | ReceiveFilters.Broadcast, default);
        }
    }

    public void Do(Request request, FuzzReader reader)
    {
        switch (request)
        {
            case Request.Link:
                nic.IsLinkUp();
                break;
            case Request.Reopen:
                Open();
                break;
            case Request.Close:
                _isOpen = false;
                nic.Close();
                break;
            case Request.Poll:
                Poll((reader.Byte() & 63) + 1);
                break;
            case Request.Transmit:
                Transmit(Nic.MinimumFrameSize + (reader.Word() % (Nic.MaximumFrameSize - Nic.MinimumFrameSize + 1)));
                break;
            case Request.Filter:
                Filter((ReceiveFilters)reader.Byte() & ReceiveFilters.All, reader.Byte() & 15, reader);
                break;
            case Request.Station when _isOpen:
                nic.SetStation(new MacAddress(reader.Long() | ((ulong)reader.Word() << 32)));
                break;
            default:
                break;
        }
    }

    private void Poll(int count)
    {
        for (int i = 0; i < count && _isOpen; i++)
        {
            ReadOnlySpan<byte> frame = nic.Peek();
            FuzzFinding.Unless(frame.Length is 0 or (>= Nic.MinimumFrameSize and <= Nic.MaximumFrameSize), $"a frame of {frame.Length} bytes");
            foreach (byte each in frame)
            {
                _sum += each;
            }

            nic.Release();
        }

        _ = nic.ReceiveErrors;
    }

    private void Transmit(int length)
    {
        Span<byte> frame = stackalloc byte[length];
        frame.Fill(0x5A);
        if (_isOpen)
        {
            nic.TryTransmit(frame);
        }
    }

    private void Filter(ReceiveFilters filters, int count, FuzzReader reader)
    {
        Span<MacAddress> groups = stackalloc MacAddress[count];
        foreach (ref MacAddress each in groups)
        {
            each = new MacAddress(reader.Long() | 1);
        }

        if (_isOpen)
        {
            nic.SetFilter(filters, groups);
        }
    }
}
