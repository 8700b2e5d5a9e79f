using System;
using System.Collections.Generic;
using System.Linq;
using Tests.HyperV;
using Tests.Simulation;
using Tests.Snp;
using Uefi.Interop;
using Uefi.Interop.Raw;
using Xunit;
using static Tests.Netvsc.NetvscMachine;

namespace Tests.Netvsc;

/// <summary>netvsc against the simulated host, from driver binding to the wire.</summary>
[Collection("Firmware")]
public sealed unsafe class NetvscTests : IDisposable
{
    private readonly List<NetvscMachine> _machines = [];

    public void Dispose() => _machines.ForEach(each => each.Dispose());

    private NetvscMachine Make(VmbusKind kind = VmbusKind.Microsoft, Action<NetvspDevice>? prepare = null)
    {
        NetvscMachine machine = new(kind, prepare);
        _machines.Add(machine);
        return machine;
    }

    private NetvscMachine Open(Action<NetvspDevice>? prepare = null, uint filters = 0, params MacAddress[] groups)
    {
        NetvscMachine machine = Make(prepare: prepare);
        machine.Open(filters, groups);
        return machine;
    }

    // What firmware sees

    [Theory]
    [InlineData(VmbusKind.Microsoft)]
    [InlineData(VmbusKind.MicrosoftLegacy)]
    public void Connect_MakesANetworkInterface_WithTheHostsAddress(VmbusKind kind)
    {
        NetvscMachine machine = Make(kind);
        SnpClient client = machine.Connect();
        Assert.Equal(new MacAddress(Address), client.CurrentAddress);
        Assert.Equal(1500u, client.Mode.MaxPacketSize);
        Assert.Equal(1, client.Mode.MediaPresentSupported);
    }

    [Fact]
    public void Frames_GoBothWays_OfAllSizes_ManyTimesAroundTheRings()
    {
        NetvscMachine machine = Open();
        for (int i = 0; i < 3000; i++)
        {
            byte[] frame = Frame(i, 14 + (i % 1505));
            machine.ExpectSent(frame);
            machine.Device.Deliver(frame);
            machine.ExpectReceived(frame);
        }
        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
    }
}
