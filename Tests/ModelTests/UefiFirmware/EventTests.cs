using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.ModelTests.UefiFirmware;

[Collection("Firmware")]
public sealed unsafe class EventTests
{
    private static readonly List<string> s_log = [];

    public EventTests() => s_log.Clear();

    [UnmanagedCallersOnly]
    private static void Note(EFI_EVENT handle, void* context) =>
        s_log.Add($"{(nint)context}@{SimulatedFirmware.Current!.Tpl}");

    [UnmanagedCallersOnly]
    private static void SignalItself(EFI_EVENT handle, void* context)
    {
        s_log.Add("asked");
        if (s_log.Count > (nint)context)
        {
            SimulatedFirmware.Current!.BootServices->SignalEvent(handle);
        }
    }

    [UnmanagedCallersOnly]
    private static void LeaveTplRaised(EFI_EVENT handle, void* context) =>
        SimulatedFirmware.Current!.BootServices->RaiseTPL(EFI_TPL.TPL_HIGH_LEVEL);

    private static EFI_EVENT Create(SimulatedFirmware firmware, uint type, nuint tpl = EFI_TPL.TPL_CALLBACK, nint name = 0)
    {
        EFI_EVENT created;
        Assert.True(firmware.BootServices->CreateEvent(type, tpl, &Note, (void*)name, &created).IsSuccess);
        return created;
    }

    [Fact]
    public void Signal_NotifiesAtTheTplOfTheEvent()
    {
        using SimulatedFirmware firmware = new();
        firmware.BootServices->SignalEvent(Create(firmware, EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_NOTIFY, 1));
        Assert.Equal(["1@16"], s_log);
        Assert.Equal(EFI_TPL.TPL_APPLICATION, firmware.Tpl);
    }

    [Fact]
    public void Notifications_WaitForRestoreTpl_HighestFirst_ThenInOrder()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT first = Create(firmware, EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, 1);
        EFI_EVENT second = Create(firmware, EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, 2);
        EFI_EVENT high = Create(firmware, EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_NOTIFY, 3);
        nuint old = firmware.BootServices->RaiseTPL(EFI_TPL.TPL_NOTIFY);
        firmware.BootServices->SignalEvent(second);
        firmware.BootServices->SignalEvent(first);
        firmware.BootServices->SignalEvent(high);
        Assert.Empty(s_log);
        firmware.BootServices->RestoreTPL(EFI_TPL.TPL_CALLBACK);
        Assert.Equal(["3@16"], s_log);
        firmware.BootServices->RestoreTPL(old);
        Assert.Equal(["3@16", "2@8", "1@8"], s_log);
    }

    [Fact]
    public void Tpl_ThatIsChangedTheWrongWay_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        firmware.BootServices->RaiseTPL(EFI_TPL.TPL_NOTIFY);
        firmware.BootServices->RaiseTPL(EFI_TPL.TPL_CALLBACK);
        firmware.BootServices->RestoreTPL(EFI_TPL.TPL_NOTIFY);
        Assert.Equal(["RaiseTPL from 16 to 8", "RestoreTPL from 8 to 16"], firmware.TakeViolations());
    }

    [Fact]
    public void Notification_ThatLeavesTheTplRaised_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT created;
        firmware.BootServices->CreateEvent(EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, &LeaveTplRaised, null, &created);
        firmware.BootServices->SignalEvent(created);
        Assert.Contains("returned at TPL 31", Assert.Single(firmware.TakeViolations()));
        Assert.Equal(EFI_TPL.TPL_APPLICATION, firmware.Tpl);
    }

    [Fact]
    public void Service_AtTooHighATpl_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        nuint old = firmware.BootServices->RaiseTPL(EFI_TPL.TPL_HIGH_LEVEL);
        Pool.Free(Pool.Allocate(1));
        firmware.BootServices->RestoreTPL(old);
        Assert.Equal(["AllocatePool at TPL 31, which is above 16", "FreePool at TPL 31, which is above 16"], firmware.TakeViolations());
    }

    [Fact]
    public void Check_EndsTheSignal()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT plain;
        firmware.BootServices->CreateEvent(0, 0, null, null, &plain);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, firmware.BootServices->CheckEvent(plain));
        firmware.BootServices->SignalEvent(plain);
        Assert.True(firmware.BootServices->CheckEvent(plain).IsSuccess);
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, firmware.BootServices->CheckEvent(plain));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Check_OfAWaitEvent_AsksItsNotification(nint refusals, bool isReady)
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT created;
        firmware.BootServices->CreateEvent(EVT.EVT_NOTIFY_WAIT, EFI_TPL.TPL_NOTIFY, &SignalItself, (void*)refusals, &created);
        Assert.Equal(isReady, firmware.BootServices->CheckEvent(created).IsSuccess);
        Assert.Equal(["asked"], s_log);
    }

    [Fact]
    public void Check_OfASignalEvent_IsInvalid()
    {
        using SimulatedFirmware firmware = new();
        Assert.Equal(
            EFI_STATUS.EFI_INVALID_PARAMETER, firmware.BootServices->CheckEvent(Create(firmware, EVT.EVT_NOTIFY_SIGNAL)));
    }

    [Theory]
    [InlineData(EVT.EVT_NOTIFY_SIGNAL | EVT.EVT_NOTIFY_WAIT, 8)]
    [InlineData(EVT.EVT_NOTIFY_SIGNAL, 4)]
    [InlineData(EVT.EVT_NOTIFY_SIGNAL, 31)]
    [InlineData(4u, 8)]
    public void Create_OfWhatIsNoEvent_IsInvalid(uint type, int tpl)
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT created;
        Assert.Equal(
            EFI_STATUS.EFI_INVALID_PARAMETER, firmware.BootServices->CreateEvent(type, (nuint)tpl, &Note, null, &created));
    }

    [Fact]
    public void Timer_SignalsWhenItsTimeHasCome()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT once = Create(firmware, EVT.EVT_TIMER | EVT.EVT_NOTIFY_SIGNAL, name: 1);
        EFI_EVENT again = Create(firmware, EVT.EVT_TIMER | EVT.EVT_NOTIFY_SIGNAL, name: 2);
        firmware.BootServices->SetTimer(once, EFI_TIMER_DELAY.TimerRelative, 25_000);
        firmware.BootServices->SetTimer(again, EFI_TIMER_DELAY.TimerPeriodic, 10_000);
        firmware.Advance(TimeSpan.FromMilliseconds(2.4));
        Assert.Equal(["2@8", "2@8"], s_log);
        firmware.BootServices->Stall(700);
        Assert.Equal(["2@8", "2@8", "1@8", "2@8"], s_log);
        firmware.BootServices->SetTimer(again, EFI_TIMER_DELAY.TimerCancel, 0);
        firmware.Advance(TimeSpan.FromMilliseconds(50));
        Assert.Equal(4, s_log.Count);
    }

    [Fact]
    public void Polling_LetsTimePass()
    {
        using SimulatedFirmware firmware = new();
        using Event timer = Event.Create(EVT.EVT_TIMER, out _)!;
        timer.StartTimer(1000);
        int polls = 0;
        while (!timer.Check())
        {
            polls++;
        }

        Assert.Equal(99, polls);
        Assert.Equal(TimeSpan.FromMilliseconds(1), firmware.Elapsed);
    }

    [Fact]
    public void Counter_LetsTimePass()
    {
        using SimulatedFirmware firmware = new();
        ulong before = Machine.ReadCounter();
        Assert.Equal(before + 1000, Machine.ReadCounter());
        Assert.Equal(TimeSpan.FromMicroseconds(2), firmware.Elapsed);
    }

    [Fact]
    public void Wait_GoesOnUntilATimer()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT* events = stackalloc EFI_EVENT[2];
        firmware.BootServices->CreateEvent(0, 0, null, null, &events[0]);
        firmware.BootServices->CreateEvent(EVT.EVT_TIMER, 0, null, null, &events[1]);
        firmware.BootServices->SetTimer(events[1], EFI_TIMER_DELAY.TimerRelative, 10_000_000);
        nuint index;
        Assert.True(firmware.BootServices->WaitForEvent(2, events, &index).IsSuccess);
        Assert.Equal((nuint)1, index);
        Assert.Equal(TimeSpan.FromSeconds(1), firmware.Elapsed);
    }

    [Fact]
    public void Wait_ForNothing_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT plain;
        firmware.BootServices->CreateEvent(0, 0, null, null, &plain);
        nuint index;
        Assert.True(firmware.BootServices->WaitForEvent(1, &plain, &index).IsError);
        Assert.Contains("never comes", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void Wait_LetsTheMachineWork()
    {
        using SimulatedFirmware firmware = new();
        int rounds = 0;
        firmware.Surroundings = () =>
        {
            if (++rounds == 5)
            {
                firmware.Console.Type("x");
            }
        };
        EFI_EVENT key = firmware.SystemTable->ConIn->WaitForKey;
        nuint index;
        Assert.True(firmware.BootServices->WaitForEvent(1, &key, &index).IsSuccess);
        Assert.Equal(5, rounds);
    }

    [Fact]
    public void Group_IsSignalledAsOne()
    {
        using SimulatedFirmware firmware = new();
        EFI_GUID group = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        EFI_EVENT first;
        EFI_EVENT second;
        firmware.BootServices->CreateEventEx(EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, &Note, (void*)1, &group, &first);
        firmware.BootServices->CreateEventEx(EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_NOTIFY, &Note, (void*)2, &group, &second);
        firmware.BootServices->SignalEvent(first);
        Assert.Equal(["2@16", "1@8"], s_log);
    }

    [Fact]
    public void Event_ThatIsClosed_IsNotNotified_AndSignallingItIsAViolation()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT target = Create(firmware, EVT.EVT_NOTIFY_SIGNAL);
        nuint old = firmware.BootServices->RaiseTPL(EFI_TPL.TPL_NOTIFY);
        firmware.BootServices->SignalEvent(target);
        firmware.BootServices->CloseEvent(target);
        firmware.BootServices->RestoreTPL(old);
        Assert.Empty(s_log);
        Assert.True(firmware.BootServices->SignalEvent(target).IsError);
        Assert.Contains("was closed", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void ExitBootServices_NotifiesOnce_EndsTheTables_AndTheServices()
    {
        using SimulatedFirmware firmware = new();
        Create(firmware, EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_NOTIFY, 7);
        EFI_BOOT_SERVICES* services = firmware.BootServices;
        Assert.True(firmware.ExitBootServices().IsSuccess);
        Assert.Equal(["7@16"], s_log);
        Assert.True(firmware.SystemTable->BootServices == null);
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, services->Stall(1));
        Assert.Contains("after ExitBootServices", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void ExitBootServices_WithAnOldMapKey_IsRefused()
    {
        using SimulatedFirmware firmware = new();
        nuint size = 0;
        nuint key = 0;
        byte* map = stackalloc byte[4096];
        nuint stride;
        uint version;
        size = 4096;
        firmware.BootServices->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR*)map, &key, &stride, &version);
        Pool.Allocate(1);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, firmware.BootServices->ExitBootServices(firmware.ImageHandle, key));
        size = 4096;
        firmware.BootServices->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR*)map, &key, &stride, &version);
        Assert.True(firmware.BootServices->ExitBootServices(firmware.ImageHandle, key).IsSuccess);
    }

    [UnmanagedCallersOnly]
    private static void AllocateSomething(EFI_EVENT handle, void* context)
    {
        void* memory;
        SimulatedFirmware.Current!.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, 1, &memory);
    }

    [Fact]
    public void ExitBootServices_WithANotificationThatAllocates_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        EFI_EVENT created;
        firmware.BootServices->CreateEvent(
            EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_NOTIFY, &AllocateSomething, null, &created);
        firmware.ExitBootServices();
        Assert.Equal(2, firmware.TakeViolations().Count);
    }
}
