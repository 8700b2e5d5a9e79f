using System;
using System.Text;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Devices that come and go while the bus runs.</summary>
[Collection("Firmware")]
public sealed unsafe class XenBusPlugTests : IDisposable
{
    private readonly XenFixture _fixture = new();

    private SimulatedXen Xen => _fixture.Xen;
    private SimulatedStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    private void Wait() => _fixture.Simulated.Advance(TimeSpan.FromSeconds(1));

    [Fact]
    public void Device_ThatIsPluggedIn_IsMade_AndGoesWhenItIsTakenAway()
    {
        SimulatedDeviceNodes stays = Store.AddDevice("vif", 0);
        Assert.True(_fixture.Connect().IsSuccess);
        for (int i = 0; i < 50; i++)
        {
            SimulatedDeviceNodes nodes = Store.AddDevice("vif", 1);
            Wait();
            Assert.Equal(2, _fixture.Children.Count);
            Assert.Equal(nodes.Backend, new string((sbyte*)_fixture.Protocol("vif", 1)->Backend));
            nodes.Remove();
            Wait();
            Assert.Equal([_fixture.Child("vif", 0)], _fixture.Children);
        }

        stays.Remove();
        Wait();
        Assert.Empty(_fixture.Children);
    }

    [Fact]
    public void Device_OfAnotherBackend_IsAnotherDevice()
    {
        SimulatedDeviceNodes nodes = Store.AddDevice("vif", 0);
        Assert.True(_fixture.Connect().IsSuccess);
        EFI_HANDLE before = _fixture.Child();
        nodes.Remove();
        nodes = Store.AddDevice("vif", 0, "qnic");
        Wait();
        Assert.NotEqual(before, _fixture.Child());
        Assert.Equal(nodes.Backend, new string((sbyte*)_fixture.Protocol()->Backend));
    }

    [Fact]
    public void Device_ThatFirmwareHasStopped_IsNotStartedAgain()
    {
        Store.AddDevice("vif", 0);
        Store.AddDevice("vif", 1);
        Assert.True(_fixture.Connect().IsSuccess);
        Assert.True(_fixture.Simulated.Disconnect(Xen.Controller, _fixture.Driver.Handle, _fixture.Child("vif", 0)).IsSuccess);
        Store.AddDevice("vif", 2);
        Wait();
        Assert.Equal([_fixture.Child("vif", 1)], _fixture.Children);
        Assert.True(_fixture.Connect().IsSuccess);
        Assert.Equal(3, _fixture.Children.Count);
    }

    [Fact]
    public void Device_ThatNobodyAskedFor_IsNotMade()
    {
        Store.AddDevice("vif", 0);
        byte[] node = new byte[36];
        new Guid("1f0c86d9-5a42-4e3b-8d77-61b50e9a23cc").ToByteArray().CopyTo(node, 0);
        Encoding.ASCII.GetBytes("vif").CopyTo(node, 20);
        Assert.True(_fixture.Connect(SimulatedPath.Of(SimulatedPath.Node(1, 4, node))).IsSuccess);
        Store.AddDevice("vif", 1);
        Wait();
        Assert.Equal([_fixture.Child("vif", 0)], _fixture.Children);
    }

    [Fact]
    public void Bus_OnWhichNothingIsPlugged_AsksNobody()
    {
        Store.AddDevice("vif", 0);
        Assert.True(_fixture.Connect().IsSuccess);
        Wait();
        int before = Xen.Hypercalls;
        _fixture.Simulated.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(before, Xen.Hypercalls);
    }

    [Fact]
    public void Device_ThatSomebodyHolds_GoesWhenHeLetsGo()
    {
        SimulatedDeviceNodes nodes = Store.AddDevice("vif", 0);
        Assert.True(_fixture.Connect().IsSuccess);
        _fixture.Simulated.Intercept = service =>
            service == "UninstallProtocolInterface" ? EFI_STATUS.EFI_ACCESS_DENIED : default;
        nodes.Remove();
        Wait();
        Assert.Single(_fixture.Children);
        _fixture.Simulated.Intercept = null;
        Wait();
        Assert.Empty(_fixture.Children);
    }

    [Fact]
    public void Store_ThatIsDead_IsAskedOnce()
    {
        _fixture.IsBroken = true;
        Store.AddDevice("vif", 0);
        Assert.True(_fixture.Connect().IsSuccess);
        Store.AddDevice("vif", 1);
        Store.IsDead = true;
        Wait();
        TimeSpan before = _fixture.Simulated.Elapsed;
        for (int i = 0; i < 60; i++)
        {
            Wait();
        }

        Assert.Equal(TimeSpan.FromSeconds(60), _fixture.Simulated.Elapsed - before);
        Assert.Single(_fixture.Children);
    }
}
