using System.Collections.Generic;
using System.Linq;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>Grants and event channels of a device.</summary>
[Collection("Firmware")]
public sealed unsafe class XenDeviceGrantTests : XenDeviceTest
{
    [Fact]
    public void Grant_IsForTheBackendsDomainAlone_AndEnds()
    {
        void* page = Fixture.AllocatePage();
        Assert.Equal(Success, Device.GrantAccess(page, false, out uint reference));
        Assert.True(reference >= 8);
        Assert.True(Xen.Grants.Map(reference, 1, false) == null);
        Assert.True(Xen.Grants.Map(reference, 0, true) == page);
        Xen.Grants.Unmap(reference);
        Assert.True(Device.EndAccess(reference));
        Assert.False(Device.EndAccess(reference));
        Assert.Equal(InvalidParameter, Protocol->EndAccess(Protocol, reference));
        Assert.True(Xen.Grants.Map(reference, 0, false) == null);
        Assert.Equal(Success, Device.GrantAccess(page, true, out reference));
        Assert.True(Xen.Grants.Map(reference, 0, true) == null);
        Assert.True(Xen.Grants.Map(reference, 0, false) == page);
        Xen.Grants.Unmap(reference);
        Assert.True(Device.EndAccess(reference));
        Fixture.FreePage(page);
    }

    [Fact]
    public void Grant_ThatTheBackendHasMapped_IsItsOwnForGood_AndItsNumberNobodyElses()
    {
        void* page = Fixture.AllocatePage();
        Assert.Equal(Success, Device.GrantAccess(page, false, out uint reference));
        Assert.True(Xen.Grants.Map(reference, 0, true) == page);
        Assert.Equal(EFI_STATUS.EFI_ACCESS_DENIED, Protocol->EndAccess(Protocol, reference));
        Xen.Grants.Unmap(reference);
        Assert.False(Device.EndAccess(reference));
        Assert.Equal(InvalidParameter, Protocol->EndAccess(Protocol, reference));
        while (Device.GrantAccess(page, false, out uint other).IsSuccess)
        {
            Assert.NotEqual(reference, other);
        }

        Fixture.KeptGrants = 1;
        Fixture.FreePage(page); // The model's backend has let go of it.
        Assert.Equal(Success, Fixture.Disconnect());
    }

    [Fact]
    public void Grants_GrowTheTable_UntilItIsFull()
    {
        void* page = Fixture.AllocatePage();
        HashSet<uint> references = [];
        EFI_STATUS status = Success;
        while (true)
        {
            status = Device.GrantAccess(page, false, out uint reference);
            if (status.IsError)
            {
                break;
            }

            Assert.True(references.Add(reference));
        }

        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
        Assert.Equal((16 * 512) - 8, references.Count);
        Assert.Equal(references.Count, Xen.Grants.Granted.Count);
        uint some = references.First();
        Assert.True(Device.EndAccess(some));
        Assert.Equal(Success, Device.GrantAccess(page, false, out uint again));
        Assert.Equal(some, again);
        Fixture.FreePage(page);
        Assert.Equal(Success, Fixture.Disconnect());
    }

    [Fact]
    public void Grants_AreOfWholePages()
    {
        byte* page = (byte*)Fixture.AllocatePage();
        Assert.Equal(InvalidParameter, Device.GrantAccess(page + 8, false, out _));
        Assert.Equal(InvalidParameter, Device.GrantAccess(null, false, out _));
        Assert.Equal(InvalidParameter, Device.GrantAccess((void*)(1UL << 44), false, out _));
        Fixture.FreePage(page);
    }

    [Fact]
    public void Grants_LeftByOthers_AreNotTaken()
    {
        Assert.Equal(Success, Fixture.Disconnect());
        for (uint reference = 8; reference < 400; reference++)
        {
            Xen.Grants.Leave(reference, SimulatedGrants.PermitAccess, 3, reference);
        }

        XenDevice device = Fixture.Open();
        void* page = Fixture.AllocatePage();
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(Success, device.GrantAccess(page, false, out uint reference));
            Assert.True(reference >= 400);
        }

        Fixture.KeptGrants = 392;
        Fixture.FreePage(page);
        Assert.Equal(Success, Fixture.Disconnect());
    }

    // Event channels

    [Fact]
    public void Channel_CarriesEventsBothWays_WithoutInterrupting()
    {
        int events = 0;
        Assert.Equal(Success, Device.AllocateChannel(out uint port));
        Assert.False(Xen.Channels.Bind(port, 3, () => { }));
        Assert.True(Xen.Channels.Bind(port, 0, () => events++));
        Assert.Equal(Success, Device.Notify(port));
        Assert.Equal(1, events);
        Xen.Channels.UpcallMaskOfGuest = 0;
        Xen.Channels.Signal(port);
        Assert.True(Xen.Channels.IsPending(port));
        Assert.False(Xen.Channels.WouldInterrupt);
        Assert.Equal(Success, Device.CloseChannel(port));
        Assert.False(Xen.Channels.IsPending(port));
        Assert.False(Xen.Channels.IsMasked(port));
        Assert.Equal(InvalidParameter, Device.Notify(port));
        Assert.Equal(InvalidParameter, Device.CloseChannel(port));
    }

    [Fact]
    public void Channels_ThatXenHasNoMoreOf_AreRefused()
    {
        Xen.Channels.AllocationsLeft = 1;
        Assert.Equal(Success, Device.AllocateChannel(out uint port));
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, Device.AllocateChannel(out uint none));
        Assert.Equal(0u, none);
        Xen.Channels.AllocationsLeft = 1000;
        int count = 1;
        while (Device.AllocateChannel(out _).IsSuccess)
        {
            count++;
        }

        Assert.InRange(count, 16, 256);
        Xen.Intercept = (number, command) => number == 32 && command == 4 ? -22 : null;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, Device.Notify(port));
        Xen.Intercept = null;
    }
}
