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
    private readonly IReadOnlyList<EFI_HANDLE> _channels;
    private bool _isDisposed;

    public NetvscMachine(HostKind host, VmbusKind kind = VmbusKind.Ours, Action<NetvspDevice>? prepare = null, int count = 1)
    {
        if (kind is VmbusKind.Ours or VmbusKind.OursOnAArch64)
        {
            _hyperV = new SimulatedHyperV(Simulated, host, kind == VmbusKind.OursOnAArch64);
            Host = _hyperV.Host;
        }
        else
        {
            _microsoft = new MicrosoftFirmware(Simulated, host);
            Host = _microsoft.Host;
        }

        for (int i = 0; i < count; i++)
        {
            NetvspDevice device = new(Host, [.. Address[..5], (byte)(Address[5] + i)], i == 0 ? null : new Guid(i, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
            prepare?.Invoke(device);
            Devices.Add(device);
            Host.Vmbus.Add(device);
        }

        _channels = _microsoft?.Start(hasCurrent: kind != VmbusKind.MicrosoftLegacy, isIsolated: kind == VmbusKind.MicrosoftIsolated) ?? [];

        _footprint = new Footprint(Simulated);
        Install();
    }

    public SimulatedFirmware Simulated { get; } = new();
    public MicrosoftFirmware Microsoft => _microsoft!;
    public HyperVHost Host { get; }
    public List<NetvspDevice> Devices { get; } = [];
    public NetvspDevice Device => Devices[0];
    public DriverSet Drivers { get; private set; } = null!;
    public SnpClient Client { get; private set; } = null!;

    /// <summary>What the adapter is told for groups: OpenVMM's takes no list of them.</summary>
    public uint GroupFilter => Host.Kind == HostKind.Windows ? 2u : 4;

    /// <summary>What firmware connects: the root of our bus, or the channel of the firmware's.</summary>
    public EFI_HANDLE Controller =>
        _microsoft is null ? Assert.Single(Simulated.HandlesWith<NETBOOT_VMBUS_ROOT_PROTOCOL>()) : _channels[0];

    /// <summary>The handle that netvsc drives.</summary>
    public EFI_HANDLE ChannelHandle =>
        _microsoft is null ? Assert.Single(Simulated.HandlesWith<NETBOOT_VMBUS_PROTOCOL>()) : _channels[0];

    /// <summary>Whether the host is disconnected from at the end; not when the test has cut that short.</summary>
    public bool ExpectsNothingLeft { get; set; } = true;

    /// <summary>Whether the drivers leave the firmware as they found it; not when a host has kept memory.</summary>
    public bool ExpectsFootprint { get; set; } = true;

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
        if (ExpectsFootprint)
        {
            _footprint.ExpectUnchanged("The drivers");
            Assert.Equal(0, Host.Vmbus.GpadlsAtUnload);
        }

        if (allowsViolations)
        {
            Host.TakeViolations();
        }

        ExpectNothingOnTheHost();
    }

    private void ExpectNothingOnTheHost()
    {
        if (ExpectsNothingLeft)
        {
            Assert.DoesNotContain(Host.Vmbus.Channels, each => each.IsOpen);
            Assert.Empty(Host.Vmbus.Gpadls);
            Assert.All(_hyperV is null ? [] : Host.Remains, each => Assert.Fail(each));
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

    /// <summary>Connects the adapters of the firmware's bus behind the first, each on a handle of its own.</summary>
    public void ConnectMore()
    {
        foreach (EFI_HANDLE channel in _channels)
        {
            Simulated.Connect(channel);
        }
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
