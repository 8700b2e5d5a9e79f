using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.OvmfTest.Images.probe.Image;

namespace NetBoot.OvmfTest.Images.probe;

/// <summary>Entries from firmware: calls back with an object as context, task priority, taking out of service.</summary>
internal static unsafe class EntryChecks
{
    internal static void Run()
    {
        Device device = new("probe device");
        int calls = 0;
        Event? notified = Event.Create(
            EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_CALLBACK, device, () => calls++, out EFI_STATUS status);
        Check(notified is not null && status.IsSuccess, "an event with a notification");
        notified!.Signal();
        CheckEqual(calls, 1, "notification");

        nuint tpl = Firmware.CurrentTpl;
        Work work = new() { Divisor = 2 };
        Check(FirmwareEntry.Run(device, EFI_TPL.TPL_NOTIFY, ref work, &Body).IsSuccess && work.Tpl == EFI_TPL.TPL_NOTIFY, "entry at a raised level");
        Check(Firmware.CurrentTpl == tpl, "level after an entry");

        Line("probe: the next fault is meant to be reported once");
        work.Divisor = 7;
        Check(FirmwareEntry.Run(device, EFI_TPL.TPL_CALLBACK, ref work, &Body) == EFI_STATUS.EFI_DEVICE_ERROR, "entry with a fault");
        Check(Firmware.CurrentTpl == tpl, "level after a fault");
        Check(device.IsOutOfService && device.Quiesced == 1, "the device is out of service and quiet");
        work.Divisor = 2;
        Check(FirmwareEntry.Run(device, EFI_TPL.TPL_CALLBACK, ref work, &Body) == EFI_STATUS.EFI_DEVICE_ERROR, "entry of a device out of service");
        notified.Signal();
        CheckEqual(calls, 1, "notification of a device out of service");
        notified.Dispose();

        Device second = new("second device");
        Event? faulty = Event.Create(
            EVT.EVT_NOTIFY_SIGNAL, EFI_TPL.TPL_NOTIFY, second, s_throwInNotification, out _);
        faulty!.Signal();
        Check(second.IsOutOfService && Firmware.CurrentTpl == tpl, "fault in a notification");
        faulty.Dispose();
        object stillAllocates = new Device("third");
        Check(stillAllocates is Device, "the arena is current again");
    }

    private static readonly Action s_throwInNotification = () => throw new InvalidOperationException("in a notification");

    private static EFI_STATUS Body(ref Work work)
    {
        work.Tpl = Firmware.CurrentTpl;
        Firmware.RaiseTpl(EFI_TPL.TPL_NOTIFY);
        ReadOnlySpan<int> three = [1, 2, 3];
        work.Result = three[work.Divisor];
        Firmware.RestoreTpl(work.Tpl);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private struct Work
    {
        public int Divisor;
        public int Result;
        public nuint Tpl;
    }

    private sealed class Device(string name) : FaultDomain
    {
        public override string Name => name;

        public int Quiesced { get; private set; }

        protected override void Quiesce() => Quiesced++;
    }
}
