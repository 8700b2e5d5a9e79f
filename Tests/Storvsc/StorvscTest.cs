using System;
using System.Collections.Generic;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Netvsc;

namespace NetBoot.Tests.Storvsc;

/// <summary>
/// Tests of storvsc against the simulated host, from driver binding to the disk, on our bus where nothing else is said. Each class
/// of them has one derived from it for each kind of host.
/// </summary>
public abstract class StorvscTest(HostKind host) : IDisposable
{
    private readonly List<StorvscMachine> _machines = [];

    private protected HostKind HostKind => host;

    public void Dispose() => _machines.ForEach(each => each.Dispose());

    private protected StorvscMachine Make(VmbusKind kind = VmbusKind.Ours, Action<StorvspDevice>? prepare = null, bool hasNetwork = false)
    {
        StorvscMachine machine = new(host, kind, prepare, hasNetwork);
        _machines.Add(machine);
        return machine;
    }

    private protected StorvscMachine Connect(Action<StorvspDevice>? prepare = null)
    {
        StorvscMachine machine = Make(prepare: prepare);
        machine.Connect();
        return machine;
    }
}
