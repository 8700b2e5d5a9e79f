using System;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscLinkTests() : NetvscLinkTests(HostKind.Windows);

public sealed class OpenVmmNetvscLinkTests() : NetvscLinkTests(HostKind.OpenVmm);

/// <summary>Filters, link and keep-alive of netvsc.</summary>
public abstract class NetvscLinkTests(HostKind host) : NetvscTest(host)
{
    [Fact]
    public void Filter_IsZeroWhileNobodyHasTheNicOpen()
    {
        NetvscMachine machine = Make();
        SnpClient client = machine.Connect();
        Assert.Equal(0u, machine.Device.Rndis.Filter);
        Assert.True(client.Start().IsSuccess);
        Assert.True(client.Initialize().IsSuccess);
        Assert.Equal(0u, machine.Device.Rndis.Filter);
        Assert.True(client.ReceiveFilters(Unicast | Broadcast, 0).IsSuccess);
        Assert.Equal(9u, machine.Device.Rndis.Filter);
        machine.Device.Deliver(Frame(1));
        Assert.True(client.Shutdown().IsSuccess);
        Assert.Equal(0u, machine.Device.Rndis.Filter);
        Assert.Equal(0, machine.Device.OutstandingCount);
        Assert.True(client.Initialize().IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, client.Receive(out _));
        Assert.True(client.Reset().IsSuccess);
    }

    [Fact]
    public void Filters_AreTheAdaptersOwn_WithTheListOfGroups()
    {
        NetvscMachine machine = Open();
        RndisAdapter rndis = machine.Device.Rndis;
        byte[] group = [0x01, 0x00, 0x5E, 1, 2, 3];
        byte[] other = [0x33, 0x33, 0, 0, 0, 1];
        Assert.True(machine.Client.ReceiveFilters(Multicast, 0, false, new MacAddress(group), new MacAddress(other)).IsSuccess);
        Assert.Equal(9 | machine.GroupFilter, rndis.Filter);
        Assert.Equal(HostKind == HostKind.Windows ? [group, other] : [], rndis.Multicast);
        machine.Device.Deliver(Frame(1, 60, group), Frame(2, 60, [0x01, 0x00, 0x5E, 9, 9, 9]));
        machine.ExpectReceived(Frame(1, 60, group));
        machine.ExpectNothing();
        Assert.True(machine.Client.ReceiveFilters(AllMulticast, Multicast | Unicast).IsSuccess);
        Assert.Equal(0xCu, rndis.Filter);
        Assert.True(machine.Client.ReceiveFilters(Promiscuous, 0).IsSuccess);
        Assert.Equal(0x2Cu, rndis.Filter);
        machine.Device.Deliver(Frame(3, 60, [2, 2, 2, 2, 2, 2]));
        machine.ExpectReceived(Frame(3, 60, [2, 2, 2, 2, 2, 2]));
    }

    [Fact]
    public void AListThatTheAdapterRefuses_BecomesAllGroups()
    {
        byte[] group = [0x01, 0x00, 0x5E, 1, 2, 3];
        NetvscMachine machine = Open(device => device.Faults.ObjectStatus[Oid.MulticastList] = 0xC000_00BB);
        Assert.True(machine.Client.ReceiveFilters(Multicast, 0, false, new MacAddress(group)).IsSuccess);
        Assert.Equal(0xDu, machine.Device.Rndis.Filter);
        machine.Device.Deliver(Frame(1, 60, [0x01, 0x00, 0x5E, 9, 9, 9]), Frame(2, 60, group));
        machine.ExpectReceived(Frame(2, 60, group));
        machine.ExpectNothing();
    }

    [Fact]
    public void AnotherStationAddress_IsReceivedPromiscuously()
    {
        NetvscMachine machine = Open();
        byte[] station = [2, 2, 2, 2, 2, 2];
        Assert.True(machine.Client.StationAddress(false, new MacAddress(station)).IsSuccess);
        Assert.Equal(0x29u, machine.Device.Rndis.Filter);
        machine.Device.Deliver(Frame(1), Frame(2, 60, station));
        machine.ExpectReceived(Frame(2, 60, station));
        machine.ExpectNothing();
        Assert.True(machine.Client.StationAddress(true, null).IsSuccess);
        Assert.Equal(9u, machine.Device.Rndis.Filter);
    }

    [Fact]
    public void Link_IsWhatTheHostSays_AtTheBeginningAndFromThenOn()
    {
        NetvscMachine machine = Open(device => device.Rndis.IsLinkUp = false);
        Assert.Equal(HostKind == HostKind.Windows ? 0 : 1, machine.Client.Mode.MediaPresent); // OpenVMM's answer is that it is up.
        foreach (bool isUp in new[] { true, false, true })
        {
            machine.Device.Rndis.IsLinkUp = isUp;
            machine.Client.Interrupts();
            Assert.Equal(isUp ? 1 : 0, machine.Client.Mode.MediaPresent);
        }

        Assert.Equal(0, machine.Device.OutstandingCount);
    }

    [Fact]
    public void Link_ThatWentDownWhileTheNicWasClosed_IsDownWhenItOpens()
    {
        NetvscMachine machine = Open();
        Assert.True(machine.Client.Shutdown().IsSuccess);
        machine.Device.Rndis.IsLinkUp = false;
        Assert.True(machine.Client.Initialize().IsSuccess);
        Assert.Equal(0, machine.Client.Mode.MediaPresent);
        machine.Device.Rndis.IsLinkUp = true;
        machine.Client.Interrupts();
        Assert.Equal(1, machine.Client.Mode.MediaPresent);
    }

    [Fact]
    public void AChangedNetwork_IsAskedForItsLink()
    {
        NetvscMachine machine = Open();
        machine.Device.Faults.TamperRndis = (type, message) => type == RndisMessage.IndicateStatus && message[8] == 0x0C ? null : message;
        machine.Device.Rndis.IsLinkUp = false; // Of which nothing is said.
        machine.Client.Interrupts();
        Assert.Equal(1, machine.Client.Mode.MediaPresent);
        machine.Device.Rndis.IndicateStatus(0x4001_0018);
        machine.Client.Interrupts();
        machine.Client.Interrupts();
        Assert.Equal(HostKind == HostKind.Windows ? 0 : 1, machine.Client.Mode.MediaPresent);
    }

    [Fact]
    public void KeepAlives_AreAnswered_AlsoWhenNoSlotIsFreeAtFirst()
    {
        NetvscMachine machine = Open();
        machine.Device.Rndis.SendKeepAlive();
        machine.ExpectNothing();
        Assert.Equal(1, machine.Device.Rndis.KeepAliveAnswers);
        machine.Device.Faults.HoldsCompletions = true;
        while (machine.Client.Transmit(Frame(1), out _).IsSuccess)
        {
            machine.Client.Recycled();
        }

        machine.Device.Rndis.SendKeepAlive();
        machine.ExpectNothing();
        Assert.Equal(1, machine.Device.Rndis.KeepAliveAnswers);
        machine.Device.Faults.HoldsCompletions = false;
        machine.Device.ReleaseCompletions();
        machine.ExpectNothing();
        Assert.Equal(2, machine.Device.Rndis.KeepAliveAnswers);
    }

    [Fact]
    public void AHostThatLeavesARequestUnanswered_IsWaitedForOnce_AndTheResetBeginsFromNothing()
    {
        NetvscMachine machine = Open();
        machine.Device.Faults.Unanswered.Add(RndisMessage.Set);
        TimeSpan before = machine.Simulated.Elapsed;
        for (int i = 0; i < 10; i++)
        {
            machine.Client.ReceiveFilters(i % 2 == 0 ? AllMulticast : 0, i % 2 == 0 ? 0 : AllMulticast);
        }

        Assert.InRange((machine.Simulated.Elapsed - before).TotalSeconds, 1, 5);
        machine.ExpectSent(Frame(1));
        machine.Device.Faults.Unanswered.Add(RndisMessage.Query);
        Assert.True(machine.Client.Reset().IsError);
        machine.Device.Faults.Unanswered.Clear();
        Assert.True(machine.Client.Initialize().IsSuccess);
        Assert.True(machine.Client.ReceiveFilters(Unicast, 0).IsSuccess);
        machine.ExpectSent(Frame(2));
        machine.Device.Deliver(Frame(3));
        machine.ExpectReceived(Frame(3));
    }
}
