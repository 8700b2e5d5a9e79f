using System;
using System.Text;
using NetBoot.BusDrivers.Xen;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Models.Xen;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Xen;

/// <summary>The bus: what it needs, which devices it makes, and that it goes as it came.</summary>
[Collection("Firmware")]
public sealed unsafe class XenBusTests : IDisposable
{
    private static EFI_STATUS Success => EFI_STATUS.EFI_SUCCESS;

    private readonly XenFixture _fixture = new();

    private SimulatedXen Xen => _fixture.Xen;
    private SimulatedStore Store => _fixture.Store;

    public void Dispose() => _fixture.Dispose();

    private void Connect() => Assert.True(_fixture.Connect() == Success, _fixture.Diagnose(out _));

    private static byte[] Node(string type, uint index)
    {
        byte[] data = new byte[36];
        new Guid("1f0c86d9-5a42-4e3b-8d77-61b50e9a23cc").ToByteArray().CopyTo(data, 0);
        BitConverter.GetBytes(index).CopyTo(data, 16);
        Encoding.ASCII.GetBytes(type).CopyTo(data, 20);
        return SimulatedPath.Of(SimulatedPath.Node(1, 4, data));
    }

    [Fact]
    public void Connect_MakesAHandleForEveryDeviceWithABackend()
    {
        Store.AddDevice("vif", 0, "qnic");
        Store.AddDevice("vif", 17);
        Store.AddDevice("vbd", 51712);
        Store.Write($"{Store.Home}/device/suspend/event-channel", "", owner: SimulatedXen.GuestDomain, readers: []);
        Store.Write($"{Store.Home}/device/vif/3/state", "1", owner: SimulatedXen.GuestDomain, readers: []);
        Store.Write($"{Store.Home}/device/averylongclassname/0/backend", "/x", owner: SimulatedXen.GuestDomain, readers: []);
        Store.Write($"{Store.Home}/device/vif/3/backend", "not a path", owner: SimulatedXen.GuestDomain, readers: []);
        Store.Write($"{Store.Home}/device/vif/4294967296/backend", "/x", owner: SimulatedXen.GuestDomain, readers: []);
        Store.Write($"{Store.Home}/device/secret/0/backend", "/x", owner: 0, readers: []);
        Store.Write($"{Store.Home}/device/secret", "", owner: 0, readers: []);
        Connect();
        Assert.Equal(3, _fixture.Children.Count);
        NETBOOT_XENBUS_PROTOCOL* vif = _fixture.Protocol("vif", 0);
        Assert.Equal(0x00010000UL, vif->Revision);
        Assert.Equal("device/vif/0", new string((sbyte*)vif->Node));
        Assert.Equal("/local/domain/0/backend/qnic/7/0", new string((sbyte*)vif->Backend));
        Assert.Equal(0, vif->BackendDomain);
        Assert.True(_fixture.Protocol("vif", 17) != null);
        Assert.True(_fixture.Protocol("vbd", 51712) != null);
    }

    [Fact]
    public void Connect_WithoutDevices_Succeeds()
    {
        Store.Remove($"{Store.Home}/device");
        Connect();
        Assert.Empty(_fixture.Children);
        Assert.Equal("Works: Xen 4.17", _fixture.Diagnose(out EFI_STATUS status));
        Assert.Equal(Success, status);
    }

    [Fact]
    public void Connect_WithMoreDevicesThanOneAnswerLists_FindsThemAll()
    {
        for (uint i = 0; i < 1200; i++)
        {
            Store.Write($"{Store.Home}/device/vbd/{i}", "", owner: SimulatedXen.GuestDomain, readers: []);
        }

        Store.AddDevice("vbd", 5);
        Store.AddDevice("vbd", 1199);
        Connect();
        Assert.Equal(2, _fixture.Children.Count);
        Assert.Contains(Store.Requests, each => each.Type == SimulatedStore.DirectoryPart);
    }

    [Fact]
    public void Connect_ListsEachDeviceOnce_AndNewOnesWhenItComesAgain()
    {
        Store.AddDevice("vif", 0);
        Connect();
        Store.AddDevice("vif", 1);
        Connect();
        Assert.Equal(2, _fixture.Children.Count);
    }

    [Fact]
    public void Application_OnThePlatformsDrivers_ConnectsWhatHangsOnTheBus()
    {
        Store.AddDevice("vif", 0);
        Assert.Null(new NetBoot.Boot.App.Platforms.NetworkSetup(null, [], false).Connect(null!));
        Assert.Single(_fixture.Children);
    }

    [Fact]
    public void Child_HasADevicePathANameAndItsParent()
    {
        Store.AddDevice("vif", 2);
        Connect();
        EFI_HANDLE child = _fixture.Child("vif", 2);
        byte[] expected = [.. SimulatedPath.Pci(4)[..^4], .. Node("vif", 2)];
        Assert.Equal(expected, SimulatedPath.Bytes(_fixture.Simulated.Get<EFI_DEVICE_PATH_PROTOCOL>(child)));
        Assert.Equal([child], _fixture.Simulated.Children(Xen.Controller));
        EFI_COMPONENT_NAME2_PROTOCOL* names = _fixture.Simulated.Get<EFI_COMPONENT_NAME2_PROTOCOL>(_fixture.Driver.Handle);
        char* name = null;
        fixed (byte* language = "en\0"u8)
        {
            Assert.Equal(Success, names->GetControllerName(names, Xen.Controller, child, language, &name));
            Assert.Equal("Xen vif 2", new string(name));
            Assert.Equal(Success, names->GetControllerName(names, Xen.Controller, default, language, &name));
            Assert.Equal("Xen platform device", new string(name));
        }
    }

    [Fact]
    public void Connect_WithARemainingPath_MakesThatChildAlone()
    {
        Store.AddDevice("vif", 0);
        Store.AddDevice("vbd", 0);
        Assert.Equal(Success, _fixture.Connect(Node("vbd", 0)));
        Assert.Single(_fixture.Children);
        Assert.True(_fixture.Protocol("vbd", 0) != null);
        Assert.Equal(Success, _fixture.Connect(Node("vif", 0)));
        Assert.Equal(2, _fixture.Children.Count);
    }

    [Fact]
    public void Connect_WithARemainingPathOfNoDevice_LeavesNothing()
    {
        Store.AddDevice("vif", 0);
        Assert.NotEqual(Success, _fixture.Connect(Node("vif", 1)));
        Assert.NotEqual(Success, _fixture.Connect(SimulatedPath.Of(SimulatedPath.Mac(1, 2, 3, 4, 5, 6))));
        Assert.Empty(_fixture.Children);
        Assert.False(_fixture.Driver.Drives(Xen.Controller));
    }

    [Fact]
    public void StartAndStop_AThousandTimes_LeaveNothingBehind()
    {
        Store.AddDevice("vif", 0);
        Store.AddDevice("vif", 1);
        Connect();
        _fixture.Disconnect();
        Footprint footprint = new(_fixture.Simulated);
        for (int i = 0; i < 1000; i++)
        {
            Store.Requests.Clear();
            XenDevice device = _fixture.Open();
            Assert.Equal(Success, device.Watch(XenEnd.Backend, "state"u8, out _));
            Assert.Equal(Success, device.BeginTransaction(out _));
            Assert.Equal(Success, device.AllocateChannel(out _));
            void* page = _fixture.AllocatePage();
            Assert.Equal(Success, device.GrantAccess(page, false, out _));
            Assert.Equal(Success, _fixture.Disconnect()); // All of that is left to the bus.
            _fixture.FreePage(page);
            _fixture.AssertXenIsAsFound();
        }

        footprint.ExpectUnchanged("XenBus");
        Assert.InRange(Xen.Grants.FrameCount, 1, 2);
    }

    [Fact]
    public void Stop_OfOneChild_LeavesTheOtherAlone()
    {
        Store.AddDevice("vif", 0);
        Store.AddDevice("vif", 1);
        XenDevice other = _fixture.Open("vif", 1);
        XenDevice device = XenBusDevice.Create(_fixture.Protocol("vif", 0))!;
        Assert.Equal(Success, other.Watch(XenEnd.Frontend, "x"u8, out uint watch));
        Assert.Equal(Success, other.AllocateChannel(out uint port));
        Assert.Equal(Success, device.AllocateChannel(out uint gone));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, device.CloseChannel(port));
        Assert.Equal(Success, _fixture.Simulated.Disconnect(Xen.Controller, _fixture.Driver.Handle, _fixture.Child("vif", 0)));
        Assert.Equal([port], Xen.Channels.Open);
        Assert.Equal([_fixture.OwnWatch, $"{Store.Home}/device/vif/1/x"], Store.GuestWatches);
        Assert.True(other.HasChanged(watch));
        Assert.Equal(Success, other.Notify(port));
        Assert.NotEqual(port, gone);
    }

    [Fact]
    public void Stop_WhenSomebodyHoldsAChild_KeepsIt()
    {
        Store.AddDevice("vif", 0);
        XenDevice device = _fixture.Open();
        _fixture.Simulated.Intercept = service =>
            service == "UninstallProtocolInterface" ? EFI_STATUS.EFI_ACCESS_DENIED : default;
        Assert.NotEqual(Success, _fixture.Disconnect());
        _fixture.Simulated.Intercept = null;
        Assert.Equal([_fixture.Child()], _fixture.Simulated.Children(Xen.Controller));
        Assert.Equal(Success, device.ReadState(XenEnd.Backend, out XenBusState state));
        Assert.Equal(XenBusState.InitWait, state);
    }

    [Fact]
    public void Start_WhenMemoryRunsOut_LeavesNothing()
    {
        Store.AddDevice("vif", 0);
        Store.AddDevice("vif", 1);
        Connect();
        _fixture.Disconnect();
        Footprint footprint = new(_fixture.Simulated);
        bool isStarted = false;
        for (int allocations = 0; !isStarted; allocations++)
        {
            _fixture.Simulated.AllocationsLeft = allocations;
            Assert.InRange(allocations, 0, 100);
            isStarted = _fixture.Connect() == Success && _fixture.Children.Count == 2;
            _fixture.Simulated.AllocationsLeft = int.MaxValue;
            _fixture.Disconnect();
            footprint.ExpectUnchanged($"A start with {allocations} allocations");
            _fixture.AssertXenIsAsFound();
        }
    }

    [Fact]
    public void ExitBootServices_LeavesXenAsItWasFound()
    {
        Store.AddDevice("vif", 0);
        XenDevice device = _fixture.Open();
        NETBOOT_XENBUS_PROTOCOL* protocol = _fixture.Protocol();
        Assert.Equal(Success, device.Watch(XenEnd.Backend, "state"u8, out _));
        Assert.Equal(Success, device.AllocateChannel(out uint port));
        Assert.Equal(Success, device.GrantAccess(_fixture.AllocatePage(), false, out _));
        Xen.Channels.Signal(port);
        Store.Write("/local/domain/0/backend/vif/7/0/state", "4");
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices());
        _fixture.AssertXenIsAsFound();
        Assert.False(Xen.Channels.IsPending(port));
        uint state = 0;
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, protocol->GetState(protocol, 1, &state));
    }

    [Fact]
    public void ExitBootServices_WithADeadStore_EndsInTime()
    {
        _fixture.IsBroken = true;
        Store.AddDevice("vif", 0);
        XenDevice device = _fixture.Open();
        Assert.Equal(Success, device.Watch(XenEnd.Backend, "state"u8, out _));
        Assert.Equal(Success, device.Watch(XenEnd.Backend, "online"u8, out _));
        Store.IsDead = true;
        TimeSpan before = _fixture.Simulated.Elapsed;
        Assert.Equal(Success, _fixture.Simulated.ExitBootServices());
        Assert.InRange(_fixture.Simulated.Elapsed - before, TimeSpan.Zero, TimeSpan.FromSeconds(11));
        Assert.Empty(Xen.Channels.Open);
    }

    [Fact]
    public void GrantsInUse_SurviveStopAndStart_AndAreNobodyElses()
    {
        Store.AddDevice("vif", 0);
        XenDevice device = _fixture.Open();
        void* page = _fixture.AllocatePage();
        Assert.Equal(Success, device.GrantAccess(page, false, out uint reference));
        Assert.True(Xen.Grants.Map(reference, 0, forWriting: true) == page);
        Assert.False(device.EndAccess(reference));
        _fixture.KeptGrants = 1;
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(Success, _fixture.Disconnect());
            _fixture.AssertXenIsAsFound();
            device = _fixture.Open();
            for (int grants = 0; grants < 600; grants++)
            {
                Assert.Equal(Success, device.GrantAccess(page, true, out uint other));
                Assert.NotEqual(reference, other);
            }
        }

        Assert.Equal(Success, _fixture.Disconnect());
        Xen.Grants.Unmap(reference);
        _fixture.FreePage(page);
    }

    // What it needs

    [Theory]
    [InlineData(0x4000_0000u, 0x4000_0000u)]
    [InlineData(0x4000_0100u, 0x4000_0200u)]
    [InlineData(0x4000_FF00u, 0x4000_0000u)]
    public void Xen_IsFoundBehindTheLeavesOfOtherHypervisors(uint leaf, uint msr)
    {
        Xen.CpuidBase = leaf;
        Xen.HypercallMsr = msr;
        Store.AddDevice("vif", 0);
        Connect();
        Assert.Single(_fixture.Children);
    }

    [Theory]
    [InlineData("no Xen", "No CPUID leaf says XenVMMXenVMM: this machine is no guest of Xen, or is not told so")]
    [InlineData("other hypervisor", "No CPUID leaf says XenVMMXenVMM: this machine is no guest of Xen, or is not told so")]
    [InlineData("no page", "Xen offers no hypercall page")]
    [InlineData("no register", "Xen offers no hypercall page")]
    [InlineData("no calls", "Hypercalls do not work: xen_version answered -38")]
    [InlineData("no translation", "Xen does not know frames by the guest's addresses (XENFEAT_auto_translated_physmap): 0")]
    [InlineData("no features", "Xen does not know frames by the guest's addresses (XENFEAT_auto_translated_physmap): -38")]
    [InlineData("no window", "The platform device's BAR1 is no memory to map Xen's pages in")]
    [InlineData("small window", "The platform device's BAR1 is no memory to map Xen's pages in")]
    [InlineData("no store page", "Xen names no xenstore (HVM parameters STORE_PFN and STORE_EVTCHN): 0")]
    [InlineData("no parameters", "Xen names no xenstore (HVM parameters STORE_PFN and STORE_EVTCHN): -22")]
    [InlineData("no shared info", "The shared info page cannot be mapped: -12")]
    [InlineData("no table size", "The grant table cannot be mapped: -38")]
    [InlineData("no table", "The grant table cannot be mapped: -12")]
    [InlineData("version 2", "The grant table has entries of version 2, and cannot be set to version 1: -16")]
    [InlineData("dead store", "xenstore does not answer")]
    [InlineData("broken store", "xenstore does not list the guest's devices")]
    [InlineData("refusing store", "xenstore does not list the guest's devices")]
    public void Start_WithoutWhatItNeeds_SaysWhy(string missing, string reason)
    {
        Store.AddDevice("vif", 0);
        TakeAway(missing);
        Assert.NotEqual(Success, _fixture.Connect());
        Assert.Equal(reason, _fixture.Diagnose(out EFI_STATUS status));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
        Assert.False(_fixture.Driver.Drives(Xen.Controller));
        Assert.Equal(0u, (uint)Xen.Platform.Attributes);
        _fixture.AssertXenIsAsFound();
    }

    private void TakeAway(string missing)
    {
        switch (missing)
        {
            case "no Xen":
                Xen.CpuidBase = 0;
                break;
            case "other hypervisor":
                Xen.CpuidBase = 0x4001_0000;
                break;
            case "no page":
                Xen.HypercallPages = 0;
                break;
            case "no register":
                Xen.HypercallMsr = 0;
                break;
            case "no calls":
                Xen.Intercept = (number, _) => number == 17 ? -38 : null;
                break;
            case "no translation":
                Xen.Features = 0x703;
                break;
            case "no features":
                Xen.Intercept = (number, command) => number == 17 && command == 6 ? -38 : null;
                break;
            case "no window":
                Xen.Platform.Config[0x14] = 1;
                break;
            case "small window":
                Xen.Platform.BarSizes[1] = 4096;
                break;
            case "no store page":
                Xen.Parameters[1] = ulong.MaxValue;
                break;
            case "no parameters":
                Xen.Intercept = (number, _) => number == 34 ? -22 : null;
                break;
            case "no shared info":
                Xen.Intercept = (number, _) => number == 12 ? -12 : null;
                break;
            case "no table size":
                Xen.Intercept = (number, _) => number == 20 ? -38 : null;
                break;
            case "no table":
                int maps = 0;
                Xen.Intercept = (number, command) => number == 12 && command == 7 && ++maps == 2 ? -12 : null;
                break;
            case "version 2":
                Xen.Grants.Version = 2;
                Xen.Grants.Leave(9, SimulatedGrants.PermitAccess, 0, 1);
                _fixture.KeptGrants = 1;
                break;
            default:
                BreakStore(missing);
                break;
        }
    }

    private void BreakStore(string how)
    {
        switch (how)
        {
            case "dead store":
                Store.IsDead = true;
                _fixture.IsBroken = true;
                break;
            case "broken store":
                Store.CorruptIndex(SimulatedStore.RequestConsumer, 7);
                _fixture.IsBroken = true;
                break;
            default:
                Store.Fail = _ => "EACCES";
                break;
        }
    }

    [Fact]
    public void GrantTable_OfVersion2_IsPutBack()
    {
        Xen.Grants.Version = 2;
        Connect();
        Assert.Equal(1u, Xen.Grants.Version);
        _fixture.Disconnect();
        Assert.Equal(2u, Xen.Grants.Version);
    }

    [Fact]
    public void Xen_ThatCannotUnmapNorTellVersions_IsUsedAllTheSame()
    {
        Xen.CanRemoveFromPhysmap = false;
        Xen.Grants.HasVersions = false;
        Store.AddDevice("vif", 0);
        for (int i = 0; i < 3; i++)
        {
            XenDevice device = _fixture.Open();
            Assert.Equal(Success, device.ReadState(XenEnd.Frontend, out _));
            Assert.Equal(Success, _fixture.Disconnect());
        }
    }

    [Fact]
    public void SecondPlatformDevice_IsRefused()
    {
        SimulatedXenPlatform second = new();
        EFI_HANDLE handle = _fixture.Simulated.Install(_fixture.Simulated.CreateController(SimulatedPath.Pci(5)), second.Protocol);
        Connect();
        Assert.NotEqual(Success, _fixture.Simulated.Connect(handle));
        Assert.False(_fixture.Driver.Drives(handle));
        Assert.True(_fixture.Driver.Drives(Xen.Controller));
        Assert.Equal(Success, _fixture.Simulated.Uninstall<EFI_PCI_IO_PROTOCOL>(handle));
        Assert.Equal(Success, _fixture.Simulated.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(handle));
        second.Release();
    }

    [Fact]
    public void Binding_ComesAfterTheFirmwaresOwn_AndKnowsOnlyThePlatformDevice()
    {
        EFI_DRIVER_BINDING_PROTOCOL* binding = _fixture.Simulated.Get<EFI_DRIVER_BINDING_PROTOCOL>(_fixture.Driver.Handle);
        Assert.InRange(binding->Version, 0u, 0x0Fu);
        Assert.False(_fixture.Driver.TakesOver);
        Assert.True(_fixture.Driver.Recognizes(Xen.Controller));
        Assert.True(_fixture.Driver.FindAgent(Xen.Controller).IsNull);
        Xen.Platform.Config[2] = 2;
        Assert.False(_fixture.Driver.Recognizes(Xen.Controller));
        Assert.NotEqual(Success, _fixture.Connect());
    }
}
