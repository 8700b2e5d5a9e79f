using System;
using NetBoot.NicDrivers.Netfront;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Netfront's link, and backends that come and go.</summary>
public abstract class NetfrontLinkTests(NetbackKind kind) : NetfrontTest(kind)
{
    [Fact]
    public void Link_CostsNoHypercall_WhileNothingChanges()
    {
        NetfrontNic nic = Open();
        Assert.True(nic.IsLinkUp());
        int before = Xen.Hypercalls;
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(nic.IsLinkUp());
            nic.Peek();
        }

        Assert.Equal(before, Xen.Hypercalls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Backend_ThatCloses_TakesTheLinkDown_AndUpAgainWhenItReturns(bool asksForLink)
    {
        NetfrontNic nic = Open();
        for (int i = 0; i < 20; i++)
        {
            ExpectTraffic(nic);
            Back.BeginClosing();
            for (int poll = 0; poll < 200; poll++)
            {
                Assert.True(asksForLink ? nic.Peek().IsEmpty | nic.IsLinkUp() : nic.Peek().IsEmpty);
                Wait(1);
            }

            Assert.Equal(i + 2, Back.Connections);
        }

        ExpectTraffic(nic);
    }

    [Fact]
    public void Backend_ThatIsSlowToCloseAndToReturn_IsFollowed()
    {
        NetfrontNic nic = Open();
        Back.Latency = TimeSpan.FromSeconds(30);
        Back.BeginClosing();
        Assert.False(nic.IsLinkUp());
        Assert.False(nic.TryTransmit(Frame(60, 1)));
        bool isUp = false;
        TimeSpan before = Simulated.Elapsed;
        for (int poll = 0; poll < 10_000 && !isUp; poll++)
        {
            TimeSpan start = Simulated.Elapsed;
            isUp = nic.IsLinkUp();
            Assert.True(Simulated.Elapsed - start < TimeSpan.FromMilliseconds(100)); // Nobody waits in a poll.
            Wait(20);
        }

        Assert.True(isUp);
        Assert.True(Simulated.Elapsed - before > TimeSpan.FromSeconds(60));
        Back.Latency = TimeSpan.Zero;
        ExpectTraffic(nic);
    }

    [Fact]
    public void Backend_ThatVanishes_TakesTheLinkDown_AndUpAgainWhenItReturns()
    {
        NetfrontNic nic = Open();
        for (int i = 0; i < 20; i++)
        {
            ExpectTraffic(nic);
            Back.Vanish();
            Assert.False(nic.IsLinkUp());
            Assert.False(nic.TryTransmit(Frame(60, 1)));
            Wait(5000);
            Assert.False(nic.IsLinkUp());
            Assert.Empty(Xen.Grants.Granted);
            Back.Return();
            for (int poll = 0; poll < 100 && !nic.IsLinkUp(); poll++)
            {
                Wait(1);
            }

            Assert.Equal(i + 2, Back.Connections);
        }
    }

    [Fact]
    public void Backend_ThatVanished_DoesNotHoldUpClosing()
    {
        NetfrontNic nic = Open();
        Back.Vanish();
        TimeSpan before = Simulated.Elapsed;
        nic.Close();
        Assert.True(Simulated.Elapsed - before < TimeSpan.FromSeconds(5));
        Assert.Empty(Xen.Grants.Granted);
        Back.Return();
        Assert.True(nic.Open(Own).IsSuccess);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Backend_ThatDoesNotClose_KeepsItsPages_WhichNobodyElseGets(bool says)
    {
        Back.RefusesToClose = !says;
        Back.KeepsRings = says;
        NetfrontNic nic = Open();
        TimeSpan before = Simulated.Elapsed;
        nic.Close();
        Assert.InRange(Simulated.Elapsed - before, TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.Equal(says ? 2 : 162, nic.GrantedPages);
        Assert.True(nic.Open(Own).IsError);
        ulong pages = Simulated.AllocatedPages;
        nic.Dispose();
        Device = null;
        Assert.Equal(pages - 160, Simulated.AllocatedPages);
        Assert.Contains("Xen network interface 0: the backend does not give 2 pages back", Simulated.Console.Text);
        Assert.Equal(2, Xen.Grants.Granted.Count);
        Xen.Verify();
        Assert.Empty(Xen.Violations);
        HasLeaked = true;
    }

    [Fact]
    public void Backend_ThatClosesLate_IsConnectedAgain()
    {
        Back.RefusesToClose = true;
        NetfrontNic nic = Open();
        nic.Close();
        Assert.True(nic.Open(Own).IsError);
        Back.RefusesToClose = false;
        Back.Follow();
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
        nic.Close();
        ExpectAtRest();
    }

    [Fact]
    public void Close_NeitherAllocatesNorFrees()
    {
        NetfrontNic nic = Open();
        Simulated.Intercept = service =>
            service.Contains("Allocate") || service.Contains("Free") || service.Contains("Event") ? EFI_STATUS.EFI_ABORTED : default;
        nic.Close();
        Assert.True(nic.Open(Own).IsSuccess);
        nic.Quiesce();
        Simulated.Intercept = null;
        ExpectAtRest();
    }
}

/// <summary>Netfront's link, on Linux' backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontLinkOnLinuxTests() : NetfrontLinkTests(NetbackKind.Linux);

/// <summary>Netfront's link, on QEMU's backend.</summary>
[Collection("Firmware")]
public sealed class NetfrontLinkOnQemuTests() : NetfrontLinkTests(NetbackKind.Qemu)
{
    [Fact]
    public void Backend_ThatRefusesWhenItReturns_IsLeftAloneUntilTheNicIsOpenedAgain()
    {
        NetfrontNic nic = Open();
        Back.RefusesToConnect = true;
        Back.BeginClosing();
        int requests = 0;
        for (int poll = 0; poll < 2000; poll++)
        {
            requests = poll == 1000 ? Xen.Store.Requests.Count : requests;
            Assert.False(nic.IsLinkUp());
            Wait(1);
        }

        Assert.Equal(requests, Xen.Store.Requests.Count);
        ExpectAtRest();
        Back.RefusesToConnect = false;
        Assert.True(nic.Open(Own).IsSuccess);
        ExpectTraffic(nic);
    }
}
