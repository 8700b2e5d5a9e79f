using System;
using System.Collections.Generic;
using Uefi.Interop;

namespace NetworkStack;

/// <summary>All interfaces and sockets. Single-threaded: everything happens in <see cref="Poll"/> or in a call of the owner's.</summary>
public sealed class Network(RandomSource random)
{
    /// <summary>What ports, sequence numbers and transaction numbers are made of.</summary>
    public RandomSource Random { get; } = random;

    public List<NetworkInterface> Interfaces { get; } = new();

    /// <summary>The time of the last <see cref="Poll"/>, in microseconds.</summary>
    public ulong Now { get; private set; }

    /// <summary>Adds an interface; the first added is the first choice for what fits several.</summary>
    public void Add(NetworkInterface nic) => throw new NotImplementedException();

    /// <summary>Takes in what the links have received, hands it to sockets, answers, and runs the timers that are due.</summary>
    /// <param name="now">Microseconds since some fixed moment; never goes back.</param>
    public void Poll(ulong now)
    {
        throw new NotImplementedException();
    }
}
