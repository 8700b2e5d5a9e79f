using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.HyperVMachine;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Vmbus;

/// <summary>
/// A simulated firmware that is a guest of the Hyper-V model, with the VMBus driver. Disposing takes the driver away, and checks that
/// neither the firmware nor the host has anything left of it.
/// </summary>
internal sealed unsafe class VmbusFixture : IDisposable
{
    public static readonly Guid Network = new("f8615163-df3e-46c5-913f-f2d2f965ed0e");
    public static readonly Guid Keyboard = new("f912ad6d-2b17-48ea-bd65-f927a61c7684");
    public static readonly Guid Unknown = new("01234567-89ab-cdef-0123-456789abcdef");

    private readonly Footprint _footprint;
    private readonly nuint _pagesBefore;
    private nuint _keptPages;

    /// <param name="kind">Whose host the machine is on.</param>
    /// <param name="isAArch64">What the machine's processor is, instead of x64.</param>
    public VmbusFixture(HostKind kind = HostKind.Windows, bool isAArch64 = false)
    {
        HyperV = new SimulatedHyperV(Simulated, kind, isAArch64);
        _footprint = new Footprint(Simulated);
        _pagesBefore = (nuint)Simulated.AllocatedPages;
        Drivers = new DriverSet([Driver]);
    }

    public SimulatedFirmware Simulated { get; } = new();
    public SimulatedHyperV HyperV { get; }
    public HyperVHost Host => HyperV.Host;
    public VmbusHost Vmbus => HyperV.Vmbus;
    public VmbusDriver Driver { get; } = new();
    public DriverSet Drivers { get; }

    /// <summary>Whether the connection is to be gone at the end, as when nobody took it away for good.</summary>
    public bool ExpectsNothingLeft { get; set; } = true;

    /// <summary>A fixture whose driver is installed and connected, with devices on the bus.</summary>
    public static VmbusFixture Start(HostKind kind, params RawDevice[] devices)
    {
        VmbusFixture fixture = new(kind);
        foreach (RawDevice device in devices)
        {
            fixture.Vmbus.Add(device);
        }

        fixture.Install();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, fixture.Connect());
        return fixture;
    }

    public static RawDevice NewDevice(byte number, Guid? type = null) => new(type ?? Network, NewInstance(number));

    public static Guid NewInstance(byte number) => new(number, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8);

    public void Install() => Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Install());

    public EFI_STATUS Connect() => Controllers.Connect(Root, default, recursive: true);

    public EFI_HANDLE Root
    {
        get
        {
            using PoolBuffer<EFI_HANDLE> roots = Firmware.LocateHandles<NETBOOT_VMBUS_ROOT_PROTOCOL>();
            Assert.InRange(roots.Count, 0, 1);
            return roots.Count == 0 ? default : roots[0];
        }
    }

    public List<EFI_HANDLE> Children
    {
        get
        {
            using PoolBuffer<EFI_HANDLE> children = Firmware.LocateHandles<NETBOOT_VMBUS_PROTOCOL>();
            return [.. children.Span];
        }
    }

    public EFI_HANDLE ChildOf(RawDevice device) =>
        Children.Find(each => new Guid(Bytes(&Firmware.Get<NETBOOT_VMBUS_PROTOCOL>(each)->InstanceId)) == device.Instance);

    public NETBOOT_VMBUS_PROTOCOL* ProtocolOf(RawDevice device) => Firmware.Get<NETBOOT_VMBUS_PROTOCOL>(ChildOf(device));

    public ProtocolChannel ChannelOf(RawDevice device) => new(ProtocolOf(device));

    public static byte[] PathOf(EFI_HANDLE handle) => DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle)).ToArray();

    public static byte[] Bytes(EFI_GUID* guid) => new ReadOnlySpan<byte>(guid, sizeof(EFI_GUID)).ToArray();

    /// <summary>What the driver's diagnostics say, as the shell's drvdiag asks for them.</summary>
    public (EFI_STATUS Status, string Text) Diagnose(EFI_HANDLE controller, EFI_HANDLE child = default)
    {
        EFI_DRIVER_DIAGNOSTICS2_PROTOCOL* diagnostics = Firmware.Get<EFI_DRIVER_DIAGNOSTICS2_PROTOCOL>(Driver.Handle);
        EFI_GUID* type;
        nuint size;
        char* buffer;
        fixed (byte* language = "en\0"u8)
        {
            EFI_STATUS status = diagnostics->RunDiagnostics(
                diagnostics, controller, child, EFI_DRIVER_DIAGNOSTIC_TYPE.EfiDriverDiagnosticTypeStandard, language, &type, &size,
                &buffer);
            string text = buffer == null ? "" : new string(buffer);
            Assert.Equal(buffer == null ? 0u : (nuint)(text.Length + 1) * 2, size);
            Assert.Equal(buffer == null, type == null);
            Pool.Free(buffer);
            Pool.Free(type);
            return (status, text);
        }
    }

    /// <summary>The host may still write to pages that it was shown: that many are nobody's any more.</summary>
    public void ExpectPagesKept(nuint pages)
    {
        _keptPages += pages;
        Simulated.TakeViolations();
    }

    public (int Pools, int Pages, int Events, int Handles) Counts =>
        ((int)Simulated.AllocatedPools, (int)Simulated.AllocatedPages, Simulated.EventCount, Simulated.HandleCount);

    /// <summary>Lets the bus's timer run.</summary>
    public void Wait(double seconds = 0.3) => Simulated.Advance(TimeSpan.FromSeconds(seconds));

    public void Dispose()
    {
        if (!Simulated.HasExitedBootServices)
        {
            Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Uninstall());
            if (_keptPages == 0)
            {
                _footprint.ExpectUnchanged("The VMBus driver");
            }

            Assert.Equal(_pagesBefore + _keptPages, (nuint)Simulated.AllocatedPages);
        }

        if (ExpectsNothingLeft)
        {
            Assert.Empty(Host.Remains);
        }

        HyperV.Dispose();
        Simulated.Dispose();
    }
}
