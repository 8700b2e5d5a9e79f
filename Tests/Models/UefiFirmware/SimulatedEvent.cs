using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>One event of the simulated firmware, and its timer.</summary>
internal sealed unsafe class SimulatedEvent(nint value, uint type)
{
    public readonly nint Value = value;
    public readonly uint Type = type;
    public nuint Tpl;
    public delegate* unmanaged<EFI_EVENT, void*, void> Function;
    public void* Context;

    /// <summary>In place of <see cref="Function"/>, for the firmware's own events.</summary>
    public Action? Action;
    public EFI_GUID? Group;
    public bool IsSignaled;

    /// <summary>When the timer signals it next, in 100 ns since the start.</summary>
    public ulong? Due;

    /// <summary>0: the timer signals once.</summary>
    public ulong Period;

    public EFI_EVENT Handle => new(Value);
    public bool NotifiesSignal => (Type & EVT.EVT_NOTIFY_SIGNAL) != 0;
    public bool NotifiesWait => (Type & EVT.EVT_NOTIFY_WAIT) != 0;
    public bool IsTimer => (Type & EVT.EVT_TIMER) != 0;
}
