using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop;

/// <summary>One of the firmware's events, with its notification as a method of ours. UEFI 2.10, 7.1.</summary>
public sealed unsafe class Event : IDisposable
{
    private readonly FaultDomain? _domain;
    private readonly Action? _notify;
    private bool _isOfExit;
    private ObjectReference _self;
    private EFI_EVENT _handle;

    private Event(FaultDomain? domain, Action? notify)
    {
        _domain = domain;
        _notify = notify;
    }

    /// <summary>The firmware's own event, to put in a protocol or to wait for; null once disposed.</summary>
    public EFI_EVENT Handle => _handle;

    /// <summary>An event without a notification: to wait for, or a timer to check.</summary>
    /// <param name="type">0 or EVT_TIMER.</param>
    /// <param name="status">Why there is none.</param>
    public static Event? Create(uint type, out EFI_STATUS status)
    {
        Event created = new(null, null);
        EFI_EVENT handle;
        status = Firmware.BootServices->CreateEvent(type, 0, null, null, &handle);
        created._handle = handle;
        return status.IsError ? null : created;
    }

    /// <summary>
    /// An event whose notification calls <paramref name="notify"/> at <paramref name="tpl"/>, through the fault boundary of
    /// <paramref name="domain"/> and with no arena: it may not allocate. Once ExitBootServices has begun, only events of that type still do.
    /// </summary>
    /// <param name="type">EVT_NOTIFY_SIGNAL or EVT_NOTIFY_WAIT, with EVT_TIMER or not; or EVT_SIGNAL_EXIT_BOOT_SERVICES.</param>
    /// <param name="tpl">TPL_CALLBACK or TPL_NOTIFY.</param>
    /// <param name="domain">Whose code <paramref name="notify"/> is; once it is out of service, the event does nothing.</param>
    /// <param name="notify">What to do.</param>
    /// <param name="status">Why there is no event.</param>
    public static Event? Create(uint type, nuint tpl, FaultDomain domain, Action notify, out EFI_STATUS status)
    {
        Event created = new(domain, notify) { _isOfExit = type == EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES };
        created._self = ObjectReference.To(created);
        EFI_EVENT handle;
        status = Firmware.BootServices->CreateEvent(type, tpl, &OnNotify, (void*)created._self.Value, &handle);
        if (status.IsError)
        {
            created._self.Free();
            return null;
        }

        created._handle = handle;
        return created;
    }

    /// <summary>As the above, of EVT_NOTIFY_SIGNAL, in a group of events that firmware signals together (UEFI 2.10, 7.1.2).</summary>
    public static Event? CreateInGroup(EFI_GUID group, nuint tpl, FaultDomain domain, Action notify, out EFI_STATUS status)
    {
        Event created = new(domain, notify);
        created._self = ObjectReference.To(created);
        EFI_EVENT handle;
        status = Firmware.BootServices->CreateEventEx(EVT.EVT_NOTIFY_SIGNAL, tpl, &OnNotify, (void*)created._self.Value, &group, &handle);
        if (status.IsError)
        {
            created._self.Free();
            return null;
        }

        created._handle = handle;
        return created;
    }

    /// <summary>Signals at most once, after the time has passed; 0 is the next timer tick.</summary>
    public EFI_STATUS StartTimer(ulong microseconds) =>
        Firmware.BootServices->SetTimer(_handle, EFI_TIMER_DELAY.TimerRelative, microseconds * 10);

    /// <summary>Signals again and again with the given period.</summary>
    public EFI_STATUS StartPeriodicTimer(ulong microseconds) =>
        Firmware.BootServices->SetTimer(_handle, EFI_TIMER_DELAY.TimerPeriodic, microseconds * 10);

    /// <summary>The timer signals no more.</summary>
    public EFI_STATUS CancelTimer() => Firmware.BootServices->SetTimer(_handle, EFI_TIMER_DELAY.TimerCancel, 0);

    /// <summary>Signals the event now, and all of its group.</summary>
    public void Signal() => Firmware.BootServices->SignalEvent(_handle);

    /// <summary>True when the event was signalled, which this also ends. Not for events of EVT_NOTIFY_SIGNAL.</summary>
    public bool Check() => Firmware.BootServices->CheckEvent(_handle).IsSuccess;

    /// <summary>Closes the event: its notification is not called any more.</summary>
    public void Dispose()
    {
        if (!_handle.IsNull)
        {
            Firmware.BootServices->CloseEvent(_handle);
            _handle = default;
            _self.Free();
        }
    }

    [UnmanagedCallersOnly]
    private static void OnNotify(EFI_EVENT handle, void* context)
    {
        if (context == null)
        {
            return;
        }

        ObjectReference self = new((nint)context);
        if (Firmware.IsExitingBootServices && !self.Get<Event>()._isOfExit)
        {
            return; // What was still to be done, be it to connect somebody, is not done any more.
        }

        FirmwareEntry.Run(self.Get<Event>()._domain!, 0, ref self, &Notify);
    }

    private static EFI_STATUS Notify(ref ObjectReference self)
    {
        self.Get<Event>()._notify!();
        return default;
    }
}
