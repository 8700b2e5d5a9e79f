using System;
using System.Collections.Generic;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;

namespace NetBoot.Tests.Netvsc;

/// <summary>Tests of netvsc against the simulated host, from driver binding to the wire, on our bus where nothing else is said.</summary>
public abstract class NetvscTest : IDisposable
{
    private readonly List<NetvscMachine> _machines = [];

    public void Dispose() => _machines.ForEach(each => each.Dispose());

    private protected NetvscMachine Make(VmbusKind kind = VmbusKind.Ours, Action<NetvspDevice>? prepare = null)
    {
        NetvscMachine machine = new(kind, prepare);
        _machines.Add(machine);
        return machine;
    }

    private protected NetvscMachine Open(Action<NetvspDevice>? prepare = null, uint filters = 0, params MacAddress[] groups)
    {
        NetvscMachine machine = Make(prepare: prepare);
        machine.Open(filters, groups);
        return machine;
    }
}
