using System;
using NetBoot.BusDrivers.Vmbus.Host;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>
/// The started bus: the connection with the host, and a child for each channel that it offers.
/// </summary>
/// <remarks>
/// <para>Two things run besides what drivers and firmware call. The watch, a timer's notification at TPL_NOTIFY, hears what the host
/// says unasked, and asks ten times a second whether the connection is still ours; when another loader has it, it takes it back, step by step
/// and without waiting, and each driver's next call opens its channel again. The worker, at TPL_CALLBACK, makes and removes handles, since
/// drivers are started and stopped there.</para>
/// <para>Everything that says or hears something runs at TPL_NOTIFY, so that neither comes in between.</para>
/// </remarks>
internal sealed unsafe class VmbusDevice : Device, IOfferSink
{
    private const int Capacity = 128; // Channels: devices, for nobody asks for sub-channels before an operating system does.
    private const uint WatchPeriod = 100_000; // Microseconds.
    private const uint LongestPause = 300;    // Periods between attempts to get the connection back.

    private readonly Driver _driver;
    private readonly Hypervisor _hypervisor;
    private readonly Connection _connection;
    private readonly GpadlTable _gpadls;
    private readonly Channel[] _channels = new Channel[Capacity];
    private readonly byte[] _path;
    private Event? _watch;
    private Event? _worker;

    private bool _wantsAllChildren;
    private bool _isQuiet;
    private bool _hasWork;
    private bool _isRecovering;
    private uint _periodsWaited; // For the present answer, or for the next attempt.
    private uint _pause;
    private uint _reclaims;
    private uint _refusedOffers;

    private VmbusDevice(Driver driver, EFI_HANDLE controller, Hypervisor hypervisor, ReadOnlySpan<byte> path)
        : base(controller)
    {
        _driver = driver;
        _hypervisor = hypervisor;
        _path = path.ToArray();
        _connection = new Connection(hypervisor, this);
        _gpadls = new GpadlTable(_connection);
        for (int i = 0; i < _channels.Length; i++)
        {
            _channels[i] = new Channel(this, _connection, _gpadls);
        }
    }

    public override string Name => "VMBus";
    public override string ControllerName { get; } = "Hyper-V VMBus";
    public override string ChildName { get; } = "VMBus channel";

    /// <summary>After the devices on the bus.</summary>
    public override nuint ExitBootServicesTpl => EFI_TPL.TPL_CALLBACK;

    /// <summary>Connects with the host and hears its offers. The connection is known to be nobody's.</summary>
    /// <param name="driver">Who drives it.</param>
    /// <param name="controller">The root, with a device path.</param>
    /// <param name="status">Why the result is null.</param>
    /// <param name="reason">Why there is no bus; nothing is left then.</param>
    public static VmbusDevice? Create(Driver driver, EFI_HANDLE controller, out EFI_STATUS status, out string? reason)
    {
        ReadOnlySpan<byte> path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(controller));
        Hypervisor? hypervisor = path.IsEmpty ? null : Hypervisor.Create();
        if (hypervisor is null)
        {
            reason = path.IsEmpty ? "the root has no device path" : "there is no memory left";
            status = path.IsEmpty ? EFI_STATUS.EFI_UNSUPPORTED : EFI_STATUS.EFI_OUT_OF_RESOURCES;
            return null;
        }

        VmbusDevice device = new(driver, controller, hypervisor, path);
        status = device.Start(out reason);
        if (status.IsError)
        {
            device.Dispose();
            return null;
        }

        return device;
    }

    private EFI_STATUS Start(out string? reason)
    {
        if (!_hypervisor.Enable())
        {
            reason = "the hypervisor does not enable hypercalls";
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        EFI_STATUS status = _connection.Establish(out reason);
        if (status.IsError)
        {
            return status;
        }

        status = _connection.RequestOffers();
        if (status.IsError)
        {
            reason = "the host does not say what it offers";
            return status;
        }

        reason = "there is no memory left";
        _worker = Event.Create(EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, this, Work, out status);
        if (_worker is null)
        {
            return status;
        }

        _watch = Event.Create(EVT.EVT_NOTIFY_SIGNAL | EVT.EVT_TIMER, ChannelEntries.Tpl, this, Watch, out status);
        if (_watch is null)
        {
            return status;
        }

        status = _watch.StartPeriodicTimer(WatchPeriod);
        reason = status.IsError ? "the timer cannot be started" : null;
        return status;
    }

    // Children

    public override bool HasChild(EFI_HANDLE child) => FindChild(child) is not null;

    public override char* NameOfChild(EFI_HANDLE child)
    {
        Channel? channel = FindChild(child);
        return channel is null ? null : channel.Name;
    }

    public override bool CanStartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        foreach (Channel channel in _channels)
        {
            if (IsStartable(channel) && IsAskedFor(channel, remaining))
            {
                return true;
            }
        }

        return false;
    }

    public override EFI_STATUS StartChildren(EFI_DEVICE_PATH_PROTOCOL* remaining)
    {
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_CALLBACK); // The worker makes children too.
        EFI_STATUS failure = remaining == null ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_UNSUPPORTED;
        bool hasMadeOne = false;
        foreach (Channel channel in _channels)
        {
            if (IsStartable(channel) && IsAskedFor(channel, remaining))
            {
                EFI_STATUS status = StartChild(channel);
                hasMadeOne |= !status.IsError;
                failure = status.IsError ? status : failure;
            }
        }

        // A child that there was no memory for does not keep the others from being there; it is still one that can be started.
        failure = hasMadeOne ? EFI_STATUS.EFI_SUCCESS : failure;
        if (remaining == null && !failure.IsError)
        {
            WantAllChildren(true);
        }

        Firmware.RestoreTpl(tpl);
        return failure;
    }

    private void WantAllChildren(bool wanted)
    {
        _wantsAllChildren = wanted;
        foreach (Channel channel in _channels)
        {
            channel.IsWanted = wanted;
        }
    }

    public override EFI_STATUS StopChild(EFI_HANDLE child)
    {
        Channel? channel = FindChild(child);
        if (channel is null)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        bool wasWanted = channel.IsWanted;
        channel.IsWanted = false; // The worker may run before this returns.
        _driver.CloseForChild(Controller, child);
        EFI_STATUS status = channel.Uninstall();
        if (status.IsError)
        {
            _driver.OpenForChild(Controller, child);
            channel.IsWanted = wasWanted;
        }

        return status;
    }

    public override EFI_STATUS StopChildren()
    {
        EFI_STATUS result = EFI_STATUS.EFI_SUCCESS;
        bool wantedAll = _wantsAllChildren;
        WantAllChildren(false);
        foreach (Channel channel in _channels)
        {
            if (channel.HasChild)
            {
                EFI_STATUS status = StopChild(channel.Child);
                result = status.IsError ? status : result;
            }
        }

        _wantsAllChildren = wantedAll && result.IsError;
        return result;
    }

    private EFI_STATUS StartChild(Channel channel)
    {
        // Whoever is notified of the new protocols finds the child in its parent's open list.
        nuint tpl = Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        EFI_STATUS status = channel.Install(_path);
        if (!status.IsError)
        {
            status = _driver.OpenForChild(Controller, channel.Child);
            if (status.IsError)
            {
                channel.Uninstall();
            }
        }

        Firmware.RestoreTpl(tpl);
        return status;
    }

    private Channel? FindChild(EFI_HANDLE child)
    {
        foreach (Channel channel in _channels)
        {
            if (channel.HasChild && channel.Child == child)
            {
                return channel;
            }
        }

        return null;
    }

    // A device has one handle, for its first channel.
    private static bool IsStartable(Channel channel) =>
        channel.IsUsed && !channel.IsRescinded && !channel.HasChild && channel.Offer.SubChannelIndex == 0;

    private static bool IsAskedFor(Channel channel, EFI_DEVICE_PATH_PROTOCOL* remaining) =>
        remaining == null || ChannelHandle.IsNodeOf(remaining, channel.Offer);

    // What the host says unasked: heard anywhere, so only taken note of.

    void IOfferSink.OnOffer(in ChannelOffer offer)
    {
        Channel? free = null;
        foreach (Channel channel in _channels)
        {
            if (channel.IsUsed && !channel.IsRescinded && channel.IsSameAs(offer))
            {
                if (!channel.IsOffered)
                {
                    channel.Resume(offer);
                }

                return; // Said twice is said once.
            }

            if (!channel.IsUsed)
            {
                free ??= channel;
            }
        }

        if (free is null)
        {
            _refusedOffers++;
            return;
        }

        free.Begin(offer);
        free.IsWanted = _wantsAllChildren;
        _hasWork = true;
    }

    void IOfferSink.OnRescind(uint number)
    {
        foreach (Channel channel in _channels)
        {
            if (channel.IsUsed && channel.IsOffered && !channel.IsRescinded && channel.Offer.Channel == number)
            {
                channel.Rescind(isToBeReleased: true);
                _hasWork = true;
                return;
            }
        }
    }

    /// <summary>Hears what the host has to say now.</summary>
    public void Poll()
    {
        if (_connection.IsUp)
        {
            _connection.Drain();
        }

        SignalWorker();
    }

    private void Watch()
    {
        if (_isQuiet)
        {
            return;
        }

        if (_connection.IsUp && _connection.Check())
        {
            _connection.Drain();
        }
        else
        {
            Recover();
        }

        SignalWorker();
    }

    /// <summary>
    /// Another loader has taken the connection, or reset it: takes it back, and puts a new channel under each child. What was made on the
    /// lost connection is gone, and is not torn down: the host would not answer.
    /// </summary>
    private void Recover()
    {
        _periodsWaited++;
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        if (!_isRecovering)
        {
            if (_periodsWaited <= _pause)
            {
                return;
            }

            foreach (Channel channel in _channels)
            {
                channel.Lose();
            }

            _isRecovering = true;
            _periodsWaited = 0;
            status = _hypervisor.Enable() ? _connection.BeginRecovery() : EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (!status.IsError)
        {
            status = _hypervisor.IsOurs ? _connection.ContinueRecovery() : EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (status == EFI_STATUS.EFI_NOT_READY && _periodsWaited < _connection.Patience / WatchPeriod)
        {
            return;
        }

        _isRecovering = false;
        _periodsWaited = 0;
        if (status.IsError)
        {
            _connection.AbandonRecovery();
            _pause = Math.Min(_pause * 2 + 1, LongestPause);
            return;
        }

        _pause = 0;
        _reclaims++;
        foreach (Channel channel in _channels)
        {
            if (!channel.IsUsed || channel.IsRescinded)
            {
                continue;
            }

            if (!channel.IsOffered)
            {
                channel.Rescind(isToBeReleased: false);
                _hasWork = true;
                continue;
            }

            channel.Renew();
        }
    }

    private void SignalWorker()
    {
        if (_hasWork && !_isQuiet)
        {
            _worker?.Signal();
        }
    }

    private void Work()
    {
        if (_isQuiet)
        {
            return;
        }

        _hasWork = false;
        foreach (Channel channel in _channels)
        {
            if (channel.IsRescinded && channel.IsUsed)
            {
                Remove(channel); // First: the same device may be among the new ones.
            }
        }

        foreach (Channel channel in _channels)
        {
            if (channel.IsWanted && IsStartable(channel))
            {
                StartChild(channel); // Without memory there is no child; a later Start asks again.
            }
        }
    }

    private void Remove(Channel channel)
    {
        if (channel.HasChild && StopChild(channel.Child).IsError)
        {
            _hasWork = true; // Somebody will not let go: asked again with the next look.
            return;
        }

        nuint tpl = Firmware.RaiseTpl(ChannelEntries.Tpl);
        channel.End();
        Firmware.RestoreTpl(tpl);
    }

    // The end

    public override EFI_STATUS Diagnose(EFI_HANDLE child, ref TextBuilder text)
    {
        int offered = 0;
        int open = 0;
        ulong malformed = 0;
        foreach (Channel channel in _channels)
        {
            if (channel.IsUsed && (child.IsNull || (channel.HasChild && channel.Child == child)))
            {
                offered++;
                open += channel.IsOpen ? 1 : 0;
                malformed += channel.Malformed;
            }
        }

        text.AppendLiteral("VMBus ");
        text.AppendFormatted(_connection.Version >> 16);
        text.Append('.');
        text.AppendFormatted(_connection.Version & 0xFFFF);
        text.AppendLiteral(_connection.IsUp ? "" : ", connection lost");
        Append(ref text, ", channels: ", (ulong)offered);
        Append(ref text, ", open: ", (ulong)open);
        Append(ref text, ", taken back: ", _reclaims);
        Append(ref text, ", posted again: ", _connection.Retries);
        Append(ref text, ", messages ignored: ", _connection.Ignored);
        Append(ref text, ", offers without a place: ", _refusedOffers);
        Append(ref text, ", malformed packets: ", malformed);
        return _connection.IsUp ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_DEVICE_ERROR;
    }

    private static void Append(ref TextBuilder text, string what, ulong count)
    {
        text.AppendLiteral(what);
        text.AppendFormatted(count);
    }

    /// <summary>
    /// At ExitBootServices, or after a fault: closes what is open, disconnects, which takes the GPADLs that there are along, and leaves the
    /// hypervisor as an operating system wants to find it; unless somebody else has the connection by now. Waits are bounded, and nothing is
    /// allocated or freed.
    /// </summary>
    protected override void Quiesce()
    {
        if (_isQuiet)
        {
            return;
        }

        _isQuiet = true;
        if (!_hypervisor.IsOurs)
        {
            return;
        }

        CloseConnection();
        _hypervisor.Reset();
    }

    // While the connection is being recovered, the host may have it or not.
    private void CloseConnection()
    {
        nuint tpl = Firmware.RaiseTpl(ChannelEntries.Tpl);
        if (_connection.Check() || (_isRecovering && _hypervisor.IsOurs))
        {
            foreach (Channel channel in _channels)
            {
                channel.Close();
            }

            _isRecovering = false;
            _connection.Unload();
        }

        Firmware.RestoreTpl(tpl);
    }

    public override void Dispose()
    {
        _watch?.Dispose();
        _watch = null;
        _worker?.Dispose();
        _worker = null;
        bool wasQuiet = _isQuiet;
        _isQuiet = true;
        CloseConnection();
        _hypervisor.PutBack(wasQuiet);
        _hypervisor.Free(keepData: _connection.HostMayWrite);
    }
}
