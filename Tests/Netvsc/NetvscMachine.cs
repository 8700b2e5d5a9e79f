using System;
using System.Collections.Generic;
using NetBoot.BusDrivers.Vmbus;
using NetBoot.NicDrivers.Netvsc;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.HyperVMachine;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Snp;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Netvsc;

/// <summary>
/// A machine on the simulated Hyper-V host with one synthetic network adapter, and the image's drivers. Disposing takes all of it away, and
/// checks that nothing is left on either side and that nobody did what he must not.
/// </summary>
internal sealed unsafe class NetvscMachine : IDisposable
{
    public static readonly byte[] Address = [0x00, 0x15, 0x5D, 0x0A, 0x0B, 0x0C];

    private readonly Footprint _footprint;
    private readonly SimulatedHyperV? _hyperV;
    private readonly MicrosoftFirmware? _microsoft;
    private readonly EFI_HANDLE _microsoftChannel;
    private bool _isDisposed;

    public NetvscMachine(VmbusKind kind = VmbusKind.Ours, Action<NetvspDevice>? prepare = null)
    {
        if (kind is VmbusKind.Ours or VmbusKind.OursOnAArch64)
        {
            _hyperV = new SimulatedHyperV(Simulated, kind == VmbusKind.OursOnAArch64);
            Host = _hyperV.Host;
        }
        else
        {
            _microsoft = new MicrosoftFirmware(Simulated);
            Host = _microsoft.Host;
        }

        Device = new NetvspDevice(Host, Address);
        prepare?.Invoke(Device);
        if (_microsoft is null)
        {
            Host.Vmbus.Add(Device);
        }
        else
        {
            _microsoftChannel = _microsoft.Start(
                Device, hasCurrent: kind != VmbusKind.MicrosoftLegacy, hasLegacy: true, isIsolated: kind == VmbusKind.MicrosoftIsolated);
        }

        _footprint = new Footprint(Simulated);
        Install();
    }

    public SimulatedFirmware Simulated { get; } = new();
    public MicrosoftFirmware Microsoft => _microsoft!;
    public HyperVHost Host { get; }
    public NetvspDevice Device { get; }
    public DriverSet Drivers { get; private set; } = null!;
    public SnpClient Client { get; private set; } = null!;

    /// <summary>What firmware connects: the root of our bus, or the channel of the firmware's.</summary>
    public EFI_HANDLE Controller =>
        _microsoft is null ? Assert.Single(Simulated.HandlesWith<NETBOOT_VMBUS_ROOT_PROTOCOL>()) : _microsoftChannel;

    /// <summary>The handle that netvsc drives.</summary>
    public EFI_HANDLE ChannelHandle =>
        _microsoft is null ? Assert.Single(Simulated.HandlesWith<NETBOOT_VMBUS_PROTOCOL>()) : _microsoftChannel;

    /// <summary>Whether the host is disconnected from at the end; not when the test has cut that short.</summary>
    public bool ExpectsNothingLeft { get; set; } = true;

    /// <summary>The channel was rescinded while its GPADLs were there.</summary>
    public bool RescindsWithGpadls { get; set; }

    public HostChannel Channel => Device.Channel!;

    public EFI_HANDLE Child
    {
        get
        {
            IReadOnlyList<EFI_HANDLE> handles = Simulated.HandlesWith<EFI_SIMPLE_NETWORK_PROTOCOL>();
            return handles.Count == 0 ? default : Assert.Single(handles);
        }
    }

    /// <summary>
    /// Our bus keeps the rings of a channel that was opened until its handle goes, so a Start that fails after that leaves them behind.
    /// </summary>
    public void ExpectRingsKept() =>
        Assert.All(Simulated.TakeViolations(), each => Assert.StartsWith("Start, which failed, left something behind", each));

    /// <summary>What Component Name 2 calls a controller, or its child.</summary>
    public string NameOf(EFI_HANDLE controller, EFI_HANDLE child)
    {
        foreach (EFI_HANDLE driver in Drivers.Handles)
        {
            EFI_COMPONENT_NAME2_PROTOCOL* names = Simulated.Get<EFI_COMPONENT_NAME2_PROTOCOL>(driver);
            char* name;
            fixed (byte* language = "en\0"u8)
            {
                if (names->GetControllerName(names, controller, child, language, &name).IsSuccess)
                {
                    return new string(name);
                }
            }
        }

        return "";
    }

    public void Install()
    {
        Drivers = new DriverSet(
            [new VmbusDriver(), new NetvscDriver(), new MicrosoftNetvscDriver(), new MicrosoftLegacyNetvscDriver()]);
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Install());
    }

    /// <param name="allowsViolations">What a host that lied sees does not count.</param>
    public void Uninstall(bool allowsViolations = false)
    {
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Drivers.Uninstall());
        _footprint.ExpectUnchanged("The drivers");
        if (allowsViolations)
        {
            Host.TakeViolations();
        }

        ExpectNothingOnTheHost();
    }

    private void ExpectNothingOnTheHost()
    {
        if (RescindsWithGpadls)
        {
            Assert.All(Host.TakeViolations(), each => Assert.StartsWith("UNLOAD with", each));
            return;
        }

        if (_microsoft is not null && Simulated.HasExitedBootServices)
        {
            _microsoft.Unload();
        }

        Assert.DoesNotContain(Host.Vmbus.Channels, each => each.IsOpen);
        Assert.Empty(Host.Vmbus.Gpadls);
        if (_hyperV is not null && ExpectsNothingLeft)
        {
            Assert.Empty(Host.Remains);
        }
    }

    /// <summary>Connects the adapter, and makes a client of its SNP.</summary>
    public SnpClient Connect()
    {
        Simulated.Connect(Controller, recursive: true);
        Client?.Dispose();
        Client = new SnpClient(Simulated.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(Child));
        return Client;
    }

    /// <summary>Connects it, and lets unicast, broadcast and what else is asked for through.</summary>
    public SnpClient Open(uint filters = 0, params MacAddress[] groups)
    {
        Connect();
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Client.Start());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Client.Initialize());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Client.ReceiveFilters(Unicast | Broadcast | filters, 0, false, groups));
        return Client;
    }

    public const uint Unicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST;
    public const uint Multicast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;
    public const uint Broadcast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST;
    public const uint Promiscuous = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS;
    public const uint AllMulticast = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST;

    /// <summary>A frame for the adapter, each number's another one.</summary>
    public static byte[] Frame(int number, int length = 60, byte[]? destination = null)
    {
        byte[] frame = new byte[length];
        (destination ?? Address).CopyTo(frame, 0);
        new byte[] { 2, 0, 0, 0, 0, 1, 0x08, 0x00 }.CopyTo(frame, 6);
        for (int i = 14; i < length; i++)
        {
            frame[i] = (byte)(number * 31 + i);
        }

        BitConverter.TryWriteBytes(frame.AsSpan(Math.Min(14, length - 4)), number);
        return frame;
    }

    /// <summary>The client receives exactly this next.</summary>
    public void ExpectReceived(byte[] frame)
    {
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Client.Receive(out byte[] received));
        Assert.Equal(Convert.ToHexString(frame), Convert.ToHexString(received));
    }

    public void ExpectNothing() => Assert.Equal(EFI_STATUS.EFI_NOT_READY, Client.Receive(out _));

    /// <summary>The client sends it, gets its buffer back, and it is on the wire.</summary>
    public void ExpectSent(byte[] frame)
    {
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, Client.Transmit(frame, out nint buffer));
        Assert.Equal(buffer, Client.Recycled());
        Assert.Equal(Convert.ToHexString(frame), Convert.ToHexString(Device.Frames.Dequeue()));
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        if (Simulated.HasExitedBootServices)
        {
            ExpectNothingOnTheHost();
        }
        else
        {
            Uninstall();
        }

        Client?.Dispose();
        _hyperV?.Dispose();
        Simulated.Dispose();
        if (_microsoft is not null)
        {
            _microsoft.Dispose();
            Assert.Empty(_microsoft.Violations);
            Assert.Empty(Host.Violations);
        }
    }
}
