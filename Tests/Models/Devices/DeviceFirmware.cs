using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.Devices;

/// <summary>
/// The few boot services that a device's driver uses besides the protocol of its bus: waiting, priority levels, pages, pool that PCI I/O hands
/// out, and events, whose timers signal them while somebody waits, whatever the priority level.
/// </summary>
public static unsafe class DeviceFirmware
{
    private static readonly EFI_SYSTEM_TABLE* s_table = Make();
    private static readonly Dictionary<nint, DeviceEvent> s_events = [];
    private static readonly Dictionary<ulong, nuint> s_pages = [];
    private static nint s_nextEvent;

    /// <summary>Microseconds waited for since <see cref="Start"/>.</summary>
    public static ulong Waited { get; private set; }

    /// <summary>Pool blocks not freed.</summary>
    public static int PoolCount { get; private set; }

    /// <summary>Called as time passes.</summary>
    public static Action? Surroundings { get; set; }

    /// <summary>Pages not freed.</summary>
    public static nuint PageCount => (nuint)s_pages.Values.Sum(each => (long)each);

    /// <summary>Events not closed.</summary>
    public static int EventCount => s_events.Count;

    /// <summary>Starts anew: pages that drivers have left to their devices are nobody's any more.</summary>
    public static void Start()
    {
        Firmware.Initialize(new EFI_HANDLE(1), s_table);
        foreach ((ulong address, nuint count) in s_pages)
        {
            GuardedPages.Free((void*)address, count);
        }

        s_pages.Clear();
        s_events.Clear();
        Waited = 0;
        PoolCount = 0;
        Surroundings = null;
    }

    private static EFI_SYSTEM_TABLE* Make()
    {
        EFI_SYSTEM_TABLE* table = (EFI_SYSTEM_TABLE*)NativeMemory.AllocZeroed((nuint)sizeof(EFI_SYSTEM_TABLE));
        table->Hdr.Signature = EFI_SYSTEM_TABLE.EFI_SYSTEM_TABLE_SIGNATURE;
        table->BootServices = (EFI_BOOT_SERVICES*)NativeMemory.AllocZeroed((nuint)sizeof(EFI_BOOT_SERVICES));
        table->RuntimeServices = (EFI_RUNTIME_SERVICES*)NativeMemory.AllocZeroed((nuint)sizeof(EFI_RUNTIME_SERVICES));
        table->BootServices->Stall = &Stall;
        table->BootServices->AllocatePool = &AllocatePool;
        table->BootServices->FreePool = &FreePool;
        table->BootServices->AllocatePages = &AllocatePages;
        table->BootServices->FreePages = &FreePages;
        table->BootServices->LocateProtocol = &LocateProtocol;
        table->BootServices->RaiseTPL = &RaiseTpl;
        table->BootServices->RestoreTPL = &RestoreTpl;
        table->BootServices->CreateEvent = &CreateEvent;
        table->BootServices->SetTimer = &SetTimer;
        table->BootServices->SignalEvent = &SignalEvent;
        table->BootServices->CheckEvent = &CheckEvent;
        table->BootServices->CloseEvent = &CloseEvent;
        return table;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stall(nuint microseconds)
    {
        Waited += microseconds;
        Surroundings?.Invoke();
        if (s_events.Count != 0)
        {
            foreach (DeviceEvent due in s_events.Values.Where(each => each.Due <= Waited).ToArray())
            {
                due.Due = due.Period == 0 ? null : Waited + due.Period;
                Signal(due);
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePool(EFI_MEMORY_TYPE type, nuint size, void** buffer)
    {
        PoolCount++;
        *buffer = NativeMemory.Alloc(size);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePool(void* buffer)
    {
        PoolCount--;
        NativeMemory.Free(buffer);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePages(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory, nuint pages, ulong* address)
    {
        *address = (ulong)GuardedPages.Allocate(pages);
        s_pages.Add(*address, pages);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePages(ulong address, nuint pages)
    {
        if (!s_pages.Remove(address, out nuint count) || count != pages)
        {
            Environment.FailFast($"FreePages of {pages} pages at {address:x}, which are not allocated");
        }

        GuardedPages.Free((void*)address, pages);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS LocateProtocol(EFI_GUID* protocol, void* registration, void** found) => EFI_STATUS.EFI_NOT_FOUND;

    [UnmanagedCallersOnly]
    private static nuint RaiseTpl(nuint tpl) => EFI_TPL.TPL_APPLICATION;

    [UnmanagedCallersOnly]
    private static void RestoreTpl(nuint tpl)
    {
    }

    // UEFI 2.10, 7.1.1 to 7.1.7: events

    private sealed class DeviceEvent(nint value)
    {
        public readonly nint Value = value;
        public delegate* unmanaged<EFI_EVENT, void*, void> Function;
        public void* Context;
        public bool IsSignaled;

        /// <summary>When the timer signals it next, and then again and again if not 0; in microseconds.</summary>
        public ulong? Due;
        public ulong Period;
    }

    private static void Signal(DeviceEvent target)
    {
        if (target.Function == null)
        {
            target.IsSignaled = true;
        }
        else
        {
            target.Function(new EFI_EVENT(target.Value), target.Context);
        }
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CreateEvent(
        uint type, nuint tpl, delegate* unmanaged<EFI_EVENT, void*, void> function, void* context, EFI_EVENT* created)
    {
        s_events.Add(++s_nextEvent, new DeviceEvent(s_nextEvent) { Function = function, Context = context });
        *created = new EFI_EVENT(s_nextEvent);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetTimer(EFI_EVENT target, EFI_TIMER_DELAY type, ulong time)
    {
        if (!s_events.TryGetValue(target.Value, out DeviceEvent? found))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        ulong microseconds = time / 10;
        found.Due = type == EFI_TIMER_DELAY.TimerCancel ? null : Waited + microseconds;
        found.Period = type == EFI_TIMER_DELAY.TimerPeriodic ? microseconds : 0;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SignalEvent(EFI_EVENT target)
    {
        if (!s_events.TryGetValue(target.Value, out DeviceEvent? found))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Signal(found);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CheckEvent(EFI_EVENT target)
    {
        if (!s_events.TryGetValue(target.Value, out DeviceEvent? found))
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        bool wasSignaled = found.IsSignaled;
        found.IsSignaled = false;
        return wasSignaled ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_NOT_READY;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS CloseEvent(EFI_EVENT target) =>
        s_events.Remove(target.Value) ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_INVALID_PARAMETER;
}
