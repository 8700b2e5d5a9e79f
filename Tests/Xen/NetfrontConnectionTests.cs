using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.BusDrivers.Xen;
using NetBoot.NicDrivers.Netfront;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>How netfront and its backend are made and connected.</summary>
public abstract unsafe class NetfrontConnectionTests(NetbackKind kind) : NetfrontTest(kind)
{
    [Fact]
    public void Create_TellsWhatTheStoreSays_AndTouchesNothing()
    {
        int requests = Xen.Store.Requests.Count;
        NetfrontNic nic = Create();
        Assert.Equal("Xen network interface 0", nic.Model);
        Assert.Equal(Own, nic.PermanentAddress);
        Assert.Equal(1500, nic.Mtu);
        Assert.Equal(0, nic.GrantedPages);
        Assert.DoesNotContain(Xen.Store.Requests.Skip(requests), each => each.Type == SimulatedStore.WriteNode);
    }

    [Theory]
    [InlineData("1450", 1450)]
    [InlineData("68", 68)]
    [InlineData("67", 1500)]
    [InlineData("1500", 1500)]
    [InlineData("9000", 1500)]
    [InlineData("99999999999999999999", 1500)]
    [InlineData("big", 1500)]
    [InlineData("", 1500)]
    public void Mtu_IsWhatTheToolstackSays_WhenItIsUsable(string said, int expected)
    {
        Back.Nodes.WriteFrontend("mtu", said);
        Assert.Equal(expected, Create().Mtu);
    }

    [Theory]
    [InlineData("52:54:00:AB:cd:Ef", true)]
    [InlineData("00:00:00:00:00:00", false)]
    [InlineData("01:00:5e:00:00:01", false)]
    [InlineData("52:54:00:12:34:5", false)]
    [InlineData("52:54:00:12:34:567", false)]
    [InlineData("52-54-00-12-34-56", false)]
    [InlineData("52:54:00:12:34:5g", false)]
    [InlineData("", false)]
    public void Create_WithoutAUsableAddress_Fails(string mac, bool isUsable)
    {
        Back.Nodes.WriteFrontend("mac", mac);
        Assert.Equal(isUsable, Create(out _) is not null);
    }

    [Fact]
    public void Create_WithoutABackend_Fails()
    {
        Back.Vanish();
        Create(out EFI_STATUS status);
        Assert.True(status.IsError);
    }

    [Fact]
    public void Create_WhenMemoryIsShort_LeavesNothing()
    {
        bool failed = true;
        for (int left = 0; failed; left++)
        {
            Simulated.AllocationsLeft = left;
            failed = Create(out _) is null;
            Simulated.AllocationsLeft = int.MaxValue;
        }
    }

    [Theory]
    [InlineData(NetbackKind.Qemu)]
    [InlineData(NetbackKind.Linux)]
    public void Open_FollowsTheBackendsPath_AndNegotiates(NetbackKind another)
    {
        SimulatedNetback other = new(Xen, index: 3, mac: "525400000003", kind: another);
        Assert.True(Bus.Uninstall().IsSuccess);
        Assert.True(Bus.Install().IsSuccess);
        Simulated.Connect(Xen.Controller);
        foreach (EFI_HANDLE handle in Simulated.HandlesWith<NETBOOT_XENBUS_PROTOCOL>())
        {
            NETBOOT_XENBUS_PROTOCOL* protocol = Simulated.Get<NETBOOT_XENBUS_PROTOCOL>(handle);
            if (protocol->Index == 3)
            {
                Device = NetfrontNic.Create(XenBusDevice.Create(protocol)!, out _);
            }
        }

        Assert.True(Device!.Open(Own).IsSuccess);
        Assert.True(other.IsConnected);
        Assert.False(Back.IsConnected);
        Assert.Equal("1", other.Nodes.Read("request-rx-copy"));
        Assert.Equal("1", other.Nodes.Read("feature-rx-notify"));
        Assert.Equal("1", other.Nodes.Read("feature-no-csum-offload"));
        Assert.True(other.IsPlain);
        Assert.Equal((uint)ReceiveSlots, other.Available);
        Assert.True(Xen.Channels.IsOpenFor(other.Port, 0));
    }

    [Fact]
    public void OpenAndClose_ForEver_LeavesNothing()
    {
        NetfrontNic nic = Create();
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.Open(Own).IsSuccess);
            if (i % 100 == 0)
            {
                ExpectTraffic(nic);
            }

            nic.Close();
            ExpectAtRest();
        }

        Assert.Equal(1000, Back.Connections);
    }

    [Fact]
    public void Open_WhileOpen_ConnectsAgain()
    {
        NetfrontNic nic = Open();
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.Equal(2, Back.Connections);
        ExpectTraffic(nic);
    }

    [Fact]
    public void EveryStep_OfASlowBackend_IsWaitedFor()
    {
        Back.Latency = TimeSpan.FromMilliseconds(700);
        NetfrontNic nic = Open();
        ExpectTraffic(nic);
        nic.Close();
        Wait(1000);
        ExpectAtRest();
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Theory]
    [InlineData("0")]
    [InlineData(null)]
    [InlineData("yes")]
    public void Backend_ThatCannotCopy_IsNotConnected(string? feature)
    {
        if (feature is null)
        {
            Xen.Store.Remove($"{Back.Nodes.Backend}/feature-rx-copy");
        }
        else
        {
            Back.Nodes.WriteBackend("feature-rx-copy", feature);
        }

        NetfrontNic nic = Create();
        Assert.True(nic.Open(Own).IsError);
        Assert.Equal(0, Back.Connections);
        ExpectAtRest();
        Back.WriteNodes();
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Fact]
    public void Backend_ThatNeverAnswers_IsWaitedForInBounds()
    {
        NetfrontNic nic = Create();
        Back.IsAsleep = true;
        TimeSpan before = Simulated.Elapsed;
        Assert.True(nic.Open(Own).IsError);
        Assert.InRange(Simulated.Elapsed - before, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        Assert.Equal(162, nic.GrantedPages); // Perhaps it has them all the same: it has not been heard of.
        ExpectNoKeys(Back);
        before = Simulated.Elapsed;
        Assert.True(nic.Open(Own).IsError);
        Assert.InRange(Simulated.Elapsed - before, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Back.IsAsleep = false;
        Back.Follow();
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    public static IEnumerable<object[]> Leftovers() =>
        from frontend in new uint[] { 0, 1, 2, 3, 4, 5, 6, 7 }
        from backend in new uint[] { 2, 4, 5, 6 }
        select new object[] { frontend, backend };

    [Theory]
    [MemberData(nameof(Leftovers))]
    public void Open_WhereverAPredecessorLeftTheTwoEnds_Connects(uint frontend, uint backend)
    {
        Back.IsAsleep = true;
        Back.Nodes.WriteFrontend("state", $"{frontend}");
        Back.State = backend;
        foreach (string name in new[]
        {
            "feature-sg", "feature-gso-tcpv4", "feature-gso-tcpv6", "feature-ipv6-csum-offload", "multi-queue-num-queues", "request-multicast-control",
            "ctrl-ring-ref", "event-channel-ctrl", "event-channel-tx", "event-channel-rx", "xdp-headroom",
        })
        {
            Back.Nodes.WriteFrontend(name, "4");
        }

        Wait(1);
        Back.IsAsleep = false;
        ExpectTraffic(Open());
    }

    [Fact]
    public void Open_WhenAnythingFails_LeavesNothing()
    {
        NetfrontNic nic = Create();
        bool failed = true;
        for (int nth = 0; failed; nth++)
        {
            int count = 0;
            failed = false;
            Xen.Store.Fail = request =>
            {
                failed |= count == nth;
                return count++ == nth ? "EIO" : null;
            };
            bool opened = nic.Open(Own).IsSuccess;
            Xen.Store.Fail = null;
            Assert.True(opened || failed);
            nic.Close();
            Wait(10);
            Assert.False(Back.IsConnected);
            Assert.Empty(Xen.Grants.Granted);
            Assert.Empty(Xen.Channels.Open);
        }

        nic.Close();
        ExpectAtRest();
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void Open_WithoutAnEventChannel_Fails()
    {
        NetfrontNic nic = Create();
        Xen.Channels.AllocationsLeft = 0;
        Assert.True(nic.Open(Own).IsError);
        ExpectAtRest();
    }
}

/// <summary>Connecting netfront, on Linux' backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontConnectionOnLinuxTests() : NetfrontConnectionTests(NetbackKind.Linux)
{
    [Fact]
    public void NextFrontend_ThatAsksForChecksumOffload_GetsIt()
    {
        NetfrontNic nic = Open();
        Assert.False(Back.OffloadsChecksums);
        nic.Close();

        // As Linux' netfront, talk_to_netback: what it does not want it does not write, and it removes nothing.
        Back.Nodes.WriteFrontend("request-rx-copy", "1");
        Back.Nodes.WriteFrontend("feature-rx-notify", "1");
        Back.Nodes.WriteFrontend("feature-sg", "1");
        Back.Nodes.WriteFrontend("feature-gso-tcpv4", "1");
        Back.Nodes.WriteFrontend("feature-gso-tcpv6", "1");
        Back.Nodes.WriteFrontend("feature-ipv6-csum-offload", "1");
        Back.Nodes.WriteFrontend("state", $"{SimulatedNetback.Connected}");
        Wait(1);
        Assert.Equal("ring references", Back.LastError); // It has none of ours.
        Assert.True(Back.OffloadsChecksums && Back.OffloadsIPv6Checksums && Back.Gathers && Back.Segments);
        Back.Nodes.WriteFrontend("state", $"{SimulatedNetback.Closed}");
        Wait(1);
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }

    [Fact]
    public void Backend_ThatWaitsForAScript_IsWaitedFor_AndKeepsNothing()
    {
        NetfrontNic nic = Create();
        Back.Nodes.WriteBackend("hotplug-status", "");
        Assert.True(nic.Open(Own).IsError);
        Assert.Equal(SimulatedNetback.InitWait, Back.Nodes.BackendState); // It was Connected meanwhile, and said nothing.
        Assert.Equal(1, Back.Connections);
        Assert.False(Back.IsConnected);
        Back.Nodes.WriteBackend("hotplug-status", "connected");
        Wait(1);
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
        nic.Close();
        ExpectAtRest();
    }

    [Fact]
    public void Backend_ThatCannotConnect_SaysConnectedAllTheSame_AndIsClosed()
    {
        NetfrontNic nic = Create();
        Back.RefusesToConnect = true;
        Assert.True(nic.Open(Own).IsSuccess);
        Assert.Equal(0, Back.Connections);
        nic.Close();
        ExpectAtRest();
        Back.RefusesToConnect = false;
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }
}

/// <summary>Connecting netfront, on QEMU's backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontConnectionOnQemuTests() : NetfrontConnectionTests(NetbackKind.Qemu)
{
    [Fact]
    public void Backend_ThatRefuses_IsLeftAsItWas_AndConnectedWhenItDoesNot()
    {
        NetfrontNic nic = Create();
        Back.RefusesToConnect = true;
        for (int i = 0; i < 3; i++)
        {
            Assert.True(nic.Open(Own).IsError);
            Assert.False(nic.IsLinkUp());
            ExpectAtRest();
        }

        Back.RefusesToConnect = false;
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }
}
