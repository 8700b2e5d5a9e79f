using System;
using System.Linq;
using System.Text;
using BusDrivers.Xen;
using Tests.Simulation;
using Uefi.Interop;
using Uefi.Interop.Raw;
using Xunit;

namespace Tests.Xen;

/// <summary>The bus: which devices it makes, and that it goes as it came.</summary>
[Collection("Firmware")]
public sealed unsafe class XenBusTests : IDisposable
{
    private static readonly EFI_STATUS Success = EFI_STATUS.EFI_SUCCESS;

    private readonly XenFixture _fixture = new();

    private SimulatedXen Xen => _fixture.Xen;
    private SimulatedStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Connect_MakesAHandleForEveryDeviceWithABackend()
    {
        Store.AddDevice("vif", 0, "qnic");
        Store.AddDevice("vif", 17);
        Store.AddDevice("vbd", 51712);
        Store.Write($"{Store.Home}/device/suspend/event-channel", "", owner: SimulatedXen.GuestDomain, readers: []);
        Store.Write($"{Store.Home}/device/vif/3/state", "1", owner: SimulatedXen.GuestDomain, readers: []);
        Store.Write($"{Store.Home}/device/averylongclassname/0/backend", "/x", owner: SimulatedXen.GuestDomain, readers: []);
        Assert.True(_fixture.Connect() == Success, _fixture.Diagnose(out _));
        Assert.Equal(3, _fixture.Children.Count);
        NETBOOT_XENBUS_PROTOCOL* vif = _fixture.Protocol("vif", 0);
        Assert.Equal(0x00010000UL, vif->Revision);
        Assert.Equal("device/vif/0", new string((sbyte*)vif->Node));
        Assert.Equal("/local/domain/0/backend/qnic/7/0", new string((sbyte*)vif->Backend));
        Assert.Equal(0, vif->BackendDomain);
        Assert.True(_fixture.Protocol("vif", 17) != null);
        Assert.True(_fixture.Protocol("vbd", 51712) != null);
    }
}
