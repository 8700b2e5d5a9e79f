using System.Linq;
using NetBoot.Tests.Models.HyperV;
using Xunit;
using static NetBoot.Tests.Netvsc.NetvscMachine;

namespace NetBoot.Tests.Netvsc;

public sealed class WindowsNetvscCostTests() : NetvscCostTests(HostKind.Windows);

public sealed class OpenVmmNetvscCostTests() : NetvscCostTests(HostKind.OpenVmm);

/// <summary>What a frame costs netvsc and its host.</summary>
public abstract class NetvscCostTests(HostKind host) : NetvscTest(host)
{
    /// <summary>
    /// Copies are what the driver's sources do: none of a received frame before the SNP's into the client's buffer, one of a sent frame. What
    /// the host sees is counted here.
    /// </summary>
    [Theory]
    [InlineData(VmbusKind.Ours)]
    [InlineData(VmbusKind.Microsoft)]
    public void Frames_CostFewSignals_AndNoOtherHypercall(VmbusKind kind)
    {
        const int Count = 1024;
        NetvscMachine machine = Make(kind, device => device.MaximumRanges = 1);
        machine.Open();
        machine.Channel.IsPaused = true; // As a host that is as busy as the guest.
        int signals = machine.Channel.SignalCount;
        int packets = machine.Channel.PacketCount;
        int posts = machine.Host.PostCount;
        int calls = machine.Host.SignalCount;
        for (int i = 0; i < Count; i += 256)
        {
            machine.Device.Deliver([.. Enumerable.Range(i, 256).Select(each => Frame(each, 1514))]);
            for (int k = i; k < i + 256; k++)
            {
                machine.ExpectReceived(Frame(k, 1514));
            }

            machine.ExpectNothing();
            machine.Channel.IsPaused = false;
            machine.Channel.IsPaused = true;
        }

        int received = machine.Channel.SignalCount - signals;
        machine.Channel.IsPaused = false;
        Assert.Equal(Count, machine.Channel.PacketCount - packets); // One completion a packet.
        Assert.InRange(received, 1, 8);

        machine.Channel.IsPaused = false;
        signals = machine.Channel.SignalCount;
        packets = machine.Channel.PacketCount;
        for (int i = 0; i < Count; i++)
        {
            machine.ExpectSent(Frame(i, 1514));
        }

        Assert.Equal(Count, machine.Channel.PacketCount - packets);      // One packet a frame,
        Assert.Equal(Count, machine.Channel.SignalCount - signals);      // and one signal where the host is idle before each.
        Assert.Equal(0, machine.Channel.UnneededSignalCount);
        Assert.Equal(posts, machine.Host.PostCount);
        Assert.Equal(Count + received, machine.Host.SignalCount - calls); // No hypercall is for anything else.
    }

    [Fact]
    public void Completions_AreSentInBatches_ToAHostThatReadsAtOnce()
    {
        NetvscMachine machine = Open(device => device.MaximumRanges = 1);
        int signals = machine.Channel.SignalCount;
        machine.Device.Deliver([.. Enumerable.Range(0, 256).Select(each => Frame(each))]);
        for (int i = 0; i < 256; i++)
        {
            Assert.InRange(machine.Device.OutstandingCount, 256 - i, 256 - i + 16);
            machine.ExpectReceived(Frame(i));
        }

        machine.ExpectNothing();
        Assert.Equal(0, machine.Device.OutstandingCount);
        Assert.Equal(0, machine.Channel.UnneededSignalCount);
        Assert.InRange(machine.Channel.SignalCount - signals, 1, 256);
    }
}
