using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Storvsc;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.HyperVMachine;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Netvsc;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Storvsc;

/// <summary>
/// A machine on the simulated Hyper-V host with a SCSI controller that has one disk, and the image's drivers. Disposing takes all of it
/// away, and checks that nothing is left on either side and that nobody did what he must not.
/// </summary>
internal sealed unsafe class StorvscMachine : IDisposable
{
    public const int SectorCount = 4096;
    public const int Sector = 512;

    private readonly Footprint _footprint;
    private readonly SimulatedHyperV? _hyperV;
    private readonly MicrosoftFirmware? _microsoft;
    private readonly EFI_HANDLE _microsoftChannel;
    private readonly ulong _pagesBefore;
    private ulong _keptPages;

    public StorvscMachine(HostKind host, VmbusKind kind = VmbusKind.Ours, Action<StorvspDevice>? prepare = null, bool hasNetwork = false)
    {
        if (kind == VmbusKind.Ours)
        {
            _hyperV = new SimulatedHyperV(Simulated, host);
            Host = _hyperV.Host;
        }
        else
        {
            _microsoft = new MicrosoftFirmware(Simulated, host);
            Host = _microsoft.Host;
        }

        new Random(7).NextBytes(Content);
        Disk = new ScsiDisk(Content);
        Device = new StorvspDevice(Host);
        Device.Attach(0, Disk);
        prepare?.Invoke(Device);
        Network = hasNetwork ? _hyperV!.AddNetwork() : null;
        Host.Vmbus.Add(Device);
        if (_microsoft is not null)
        {
            _microsoftChannel = Assert.Single(
                _microsoft.Start(hasCurrent: kind != VmbusKind.MicrosoftLegacy, isIsolated: kind == VmbusKind.MicrosoftIsolated));
        }

        _footprint = new Footprint(Simulated);
        _pagesBefore = Simulated.AllocatedPages;
        Install();
    }

    public SimulatedFirmware Simulated { get; } = new();
    public HyperVHost Host { get; }
    public StorvspDevice Device { get; }
    public NetvspDevice? Network { get; }
    public ScsiDisk Disk { get; }

    /// <summary>What is on the disk.</summary>
    public byte[] Content { get; } = new byte[SectorCount * Sector];

    public DriverSet Drivers { get; private set; } = null!;
    public ScsiClient Client { get; private set; } = null!;

    /// <summary>The host may have any of the buffers at the end.</summary>
    public bool MayKeepBuffers { get; set; }

    /// <summary>What firmware connects: the root of our bus, or the channel of the firmware's.</summary>
    public EFI_HANDLE Controller =>
        _microsoft is null ? Assert.Single(Simulated.HandlesWith<NETBOOT_VMBUS_ROOT_PROTOCOL>()) : _microsoftChannel;

    public HostChannel Channel => Device.Channel!;

    /// <summary>The handle with the SCSI protocol; a null handle when there is none.</summary>
    public EFI_HANDLE Handle
    {
        get
        {
            IReadOnlyList<EFI_HANDLE> handles = Simulated.HandlesWith<EFI_EXT_SCSI_PASS_THRU_PROTOCOL>();
            return handles.Count == 0 ? default : Assert.Single(handles);
        }
    }

    public void Install()
    {
        Drivers = new DriverSet(
        [
            new VmbusDriver(), new NetvscDriver(), new StorvscDriver(), new MicrosoftStorvscDriver(), new MicrosoftLegacyStorvscDriver(),
        ]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Install());
    }

    public void Uninstall()
    {
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Uninstall());
        if (_keptPages == 0 && !MayKeepBuffers)
        {
            _footprint.ExpectUnchanged("The drivers");
        }

        ulong kept = Simulated.AllocatedPages - _pagesBefore;
        Assert.True(MayKeepBuffers ? kept is 0 or 64 or 128 or 192 or 256 : kept == _keptPages, $"{kept} pages are kept");
        ExpectNothingOnTheHost();
    }

    /// <summary>The host may still write to so many pages: they are nobody's any more.</summary>
    public void ExpectPagesKept(ulong pages) => _keptPages += pages;

    /// <summary>
    /// Our bus keeps the rings of a channel that was opened until its handle goes, so a Start that fails after that leaves them behind.
    /// </summary>
    public void ExpectRingsKept() =>
        Assert.All(Simulated.TakeViolations(), each => Assert.StartsWith("Start, which failed, left something behind", each));

    /// <summary>Connects the controller, and makes a client of its protocol.</summary>
    public ScsiClient Connect()
    {
        Simulated.Connect(Controller, recursive: true);
        Assert.False(Handle.IsNull);
        return Client = new ScsiClient(Simulated.Get<EFI_EXT_SCSI_PASS_THRU_PROTOCOL>(Handle));
    }

    /// <summary>Bytes of the disk.</summary>
    public byte[] SectorsAt(int first, int count) => Content[(first * Sector)..((first + count) * Sector)];

    public void Dispose()
    {
        if (Simulated.HasExitedBootServices)
        {
            ExpectNothingOnTheHost();
        }
        else
        {
            Uninstall();
        }

        _hyperV?.Dispose();
        Simulated.Dispose();
        if (_microsoft is not null)
        {
            _microsoft.Dispose();
            Assert.Empty(_microsoft.Violations);
            Assert.Empty(Host.Violations);
        }
    }

    private void ExpectNothingOnTheHost()
    {
        Assert.DoesNotContain(Host.Vmbus.Channels, each => each.IsOpen);
        Assert.Empty(Host.Vmbus.Gpadls);
        if (_hyperV is not null)
        {
            Assert.Empty(Host.Remains);
        }
    }
}
