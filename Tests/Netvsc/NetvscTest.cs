using System;
using System.Collections.Generic;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Netvsc;

/// <summary>
/// Tests of netvsc against the simulated host, from driver binding to the wire, on our bus where nothing else is said. Each class of them
/// has one derived from it for each kind of host.
/// </summary>
[Collection("Firmware")]
public abstract class NetvscTest(HostKind host) : IDisposable
{
    private readonly List<NetvscMachine> _machines = [];

    private protected HostKind HostKind => host;

    public void Dispose() => _machines.ForEach(each => each.Dispose());

    private protected NetvscMachine Make(VmbusKind kind = VmbusKind.Ours, Action<NetvspDevice>? prepare = null, int count = 1)
    {
        NetvscMachine machine = new(host, kind, prepare, count);
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
