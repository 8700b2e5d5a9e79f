using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// Task priority, events and timers (UEFI 2.10, 7.1), on a clock that moves only when somebody waits. A notification runs when the TPL
/// falls below its own, the highest first, and those of one level in the order in which they were queued.
/// </summary>
internal sealed unsafe class EventServices(SimulatedFirmware firmware)
{
    private const ulong Tick = 100_000; // 10 ms: what a trigger time of 0 means.
    private const ulong LongestWait = 36_000_000_000; // An hour.

    private readonly Dictionary<nint, SimulatedEvent> _events = [];
    private readonly HashSet<nint> _closed = [];
    private readonly List<SimulatedEvent> _pending = [];
    private nint _nextValue = 0x0E00_0010;

    public nuint Tpl { get; private set; } = EFI_TPL.TPL_APPLICATION;

    /// <summary>In 100 ns.</summary>
    public ulong Now { get; private set; }

    public bool TimersRun { get; set; } = true;

    public int Count => _events.Values.Count(each => each.Action is null);

    // UEFI 2.10, 7.1.8, 7.1.9: TPL

    public nuint RaiseTpl(nuint tpl)
    {
        nuint old = Tpl;
        if (tpl < old || tpl > EFI_TPL.TPL_HIGH_LEVEL)
        {
            firmware.Violate($"RaiseTPL from {old} to {tpl}");
        }

        Tpl = tpl;
        return old;
    }

    public void RestoreTpl(nuint old)
    {
        if (old > Tpl || old < EFI_TPL.TPL_APPLICATION)
        {
            firmware.Violate($"RestoreTPL from {Tpl} to {old}");
        }

        Dispatch(old);
    }

    /// <summary>Puts the level back after code that was called and may not have changed it.</summary>
    public void ExpectTpl(nuint expected, string who)
    {
        if (Tpl != expected)
        {
            firmware.Violate($"{who} was called at TPL {expected} and returned at TPL {Tpl}");
            Dispatch(expected);
        }
    }

    private void Dispatch(nuint floor)
    {
        while (_pending.Where(each => each.Tpl > floor).MaxBy(each => each.Tpl) is { } next)
        {
            _pending.Remove(next);
            if (next.NotifiesSignal)
            {
                next.IsSignaled = false;
            }

            Tpl = next.Tpl;
            if (next.Action is not null)
            {
                next.Action();
            }
            else
            {
                next.Function(next.Handle, next.Context);
            }

            if (Tpl != next.Tpl)
            {
                firmware.Violate($"A notification at TPL {next.Tpl} returned at TPL {Tpl}");
            }
        }

        Tpl = floor;
    }

    private void Queue(SimulatedEvent target)
    {
        _pending.Remove(target);
        _pending.Add(target);
    }

    // UEFI 2.10, 7.1.1 to 7.1.6: events

    public EFI_STATUS Create(
        uint type, nuint tpl, delegate* unmanaged<EFI_EVENT, void*, void> function, void* context, EFI_GUID* group, EFI_EVENT* result)
    {
        uint kind = type & ~EVT.EVT_TIMER;
        bool special = type is EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES or EVT.EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE;
        if (result == null || (special && group != null) ||
            (!special && kind is not (0 or EVT.EVT_NOTIFY_SIGNAL or EVT.EVT_NOTIFY_WAIT)))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        SimulatedEvent created = new(_nextValue, type);
        if (kind != 0)
        {
            if (function == null || tpl is <= EFI_TPL.TPL_APPLICATION or >= EFI_TPL.TPL_HIGH_LEVEL)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            created.Tpl = tpl;
            created.Function = function;
            created.Context = context;
        }

        created.Group = type switch
        {
            EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES => EFI_EVENT_GROUP.EFI_EVENT_GROUP_EXIT_BOOT_SERVICES,
            EVT.EVT_SIGNAL_VIRTUAL_ADDRESS_CHANGE => EFI_EVENT_GROUP.EFI_EVENT_GROUP_VIRTUAL_ADDRESS_CHANGE,
            _ => group == null ? null : *group,
        };
        Add(created);
        *result = created.Handle;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>One of the firmware's own, which asks <paramref name="action"/> when somebody checks it.</summary>
    public SimulatedEvent CreateOwn(Action<SimulatedEvent> action)
    {
        SimulatedEvent created = new(_nextValue, EVT.EVT_NOTIFY_WAIT) { Tpl = EFI_TPL.TPL_NOTIFY };
        created.Action = () => action(created);
        Add(created);
        return created;
    }

    private void Add(SimulatedEvent created)
    {
        _events.Add(created.Value, created);
        _nextValue += 0x10;
    }

    public EFI_STATUS Close(EFI_EVENT handle)
    {
        if (Find(handle, "CloseEvent") is not { } target)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        _events.Remove(target.Value);
        _closed.Add(target.Value);
        _pending.Remove(target);
        target.Due = null;
        firmware.Handles.ForgetEvent(target);
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Signal(EFI_EVENT handle)
    {
        if (Find(handle, "SignalEvent") is not { } target)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Signal(target);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>Signals an event, with all of its group, and runs what may run at the present TPL.</summary>
    public void Signal(SimulatedEvent target)
    {
        if (target.IsSignaled)
        {
            return;
        }

        if (target.Group is { } group)
        {
            SignalGroup(group);
        }
        else
        {
            Mark(target);
            Dispatch(Tpl);
        }
    }

    public void SignalGroup(EFI_GUID group)
    {
        foreach (SimulatedEvent member in _events.Values.Where(each => each.Group == group && !each.IsSignaled).ToList())
        {
            Mark(member);
        }

        Dispatch(Tpl);
    }

    private void Mark(SimulatedEvent target)
    {
        target.IsSignaled = true;
        if (target.NotifiesSignal)
        {
            Queue(target);
        }
    }

    public EFI_STATUS Check(EFI_EVENT handle)
    {
        firmware.Spend(firmware.PollTime);
        return Find(handle, "CheckEvent") is { NotifiesSignal: false } target ? Peek(target) : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    private EFI_STATUS Peek(SimulatedEvent target)
    {
        if (!target.IsSignaled && target.NotifiesWait)
        {
            Queue(target);
            Dispatch(Tpl);
        }

        if (!target.IsSignaled)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        target.IsSignaled = false;
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Wait(nuint count, EFI_EVENT* handles, nuint* index)
    {
        if (Tpl != EFI_TPL.TPL_APPLICATION)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        if (count == 0 || handles == null || index == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ulong started = Now;
        while (true)
        {
            for (nuint i = 0; i < count; i++)
            {
                EFI_STATUS status = Find(handles[i], "WaitForEvent") is { NotifiesSignal: false } target
                    ? Peek(target)
                    : EFI_STATUS.EFI_INVALID_PARAMETER;
                if (status != EFI_STATUS.EFI_NOT_READY)
                {
                    *index = i;
                    return status;
                }
            }

            ulong? due = NextDue;
            if ((due is null && firmware.Surroundings is null) || Now - started > LongestWait)
            {
                firmware.Violate("WaitForEvent waits for what never comes");
                return EFI_STATUS.EFI_TIMEOUT;
            }

            ulong next = Now + (ulong)firmware.PollTime.Ticks;
            AdvanceTo(firmware.Surroundings is null || due < next ? due!.Value : next);
        }
    }

    private SimulatedEvent? Find(EFI_EVENT handle, string service)
    {
        if (_events.TryGetValue(handle.Value, out SimulatedEvent? found))
        {
            return found;
        }

        firmware.Violate(_closed.Contains(handle.Value)
            ? $"{service} of an event that was closed"
            : $"{service} of {handle.Value:x}, which is no event");
        return null;
    }

    public SimulatedEvent? Find(EFI_EVENT handle) => _events.GetValueOrDefault(handle.Value);

    // UEFI 2.10, 7.1.7: timers

    public EFI_STATUS SetTimer(EFI_EVENT handle, EFI_TIMER_DELAY type, ulong time)
    {
        if (Find(handle, "SetTimer") is not { IsTimer: true } target || type > EFI_TIMER_DELAY.TimerRelative)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ulong delay = time == 0 ? Tick : time;
        target.Due = type == EFI_TIMER_DELAY.TimerCancel ? null : Now + Math.Min(delay, ulong.MaxValue - Now);
        target.Period = type == EFI_TIMER_DELAY.TimerPeriodic ? delay : 0;
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>
    /// How often the firmware looks at its timers, in 100 ns: a periodic event comes no oftener, however short its period (edk2, CoreCheckTimers,
    /// with a tick of 10 ms on most platforms). 0: at each due time.
    /// </summary>
    public ulong TimerTick { get; set; }

    private ulong NextTick(ulong time) => TimerTick == 0 ? time : (time + TimerTick - 1) / TimerTick * TimerTick;

    private ulong? NextDue => TimersRun ? _events.Values.Min(each => each.Due) : null;

    /// <summary>Moves the clock, and signals what is due on the way when it is due.</summary>
    public void AdvanceTo(ulong time)
    {
        while (NextDue is { } due && due <= time)
        {
            Now = Math.Max(Now, due);
            SimulatedEvent next = _events.Values.First(each => each.Due == due);
            next.Due = next.Period == 0 ? null : NextTick(due + next.Period);
            Signal(next);
        }

        Now = Math.Max(Now, time);
        firmware.OnTimePassed();
    }
}
