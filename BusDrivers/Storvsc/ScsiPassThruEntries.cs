using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Storvsc;

/// <summary>
/// What clients call: the members of EFI_EXT_SCSI_PASS_THRU_PROTOCOL, each through the fault boundary of its device to the function of the
/// same name in <see cref="ScsiPassThru"/>.
/// </summary>
internal static unsafe class ScsiPassThruEntries
{
    public static void Fill(EFI_EXT_SCSI_PASS_THRU_PROTOCOL* protocol)
    {
        protocol->PassThru = &PassThru;
        protocol->GetNextTargetLun = &GetNextTargetLun;
        protocol->BuildDevicePath = &BuildDevicePath;
        protocol->GetTargetLun = &GetTargetLun;
        protocol->ResetChannel = &ResetChannel;
        protocol->ResetTargetLun = &ResetTargetLun;
        protocol->GetNextTarget = &GetNextTarget;
    }

    // One set for all members: each uses what it has.
    private struct Call
    {
        public ScsiPassThru Owner;
        public byte* Target;
        public byte** NextTarget;
        public ulong Lun;
        public ulong* NextLun;
        public EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET* Packet;
        public EFI_EVENT Event;
        public EFI_DEVICE_PATH_PROTOCOL* Path;
        public EFI_DEVICE_PATH_PROTOCOL** NewPath;
    }

    private static EFI_STATUS Run(EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self, ref Call call, delegate*<ref Call, EFI_STATUS> body)
    {
        if (self == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        call.Owner = ProtocolInstance<EFI_EXT_SCSI_PASS_THRU_PROTOCOL>.OwnerOf<ScsiPassThru>(self);
        nuint tpl = Firmware.CurrentTpl < EFI_TPL.TPL_CALLBACK ? EFI_TPL.TPL_CALLBACK : 0;
        return FirmwareEntry.Run(call.Owner.Domain, tpl, ref call, body);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS PassThru(
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self, byte* target, ulong lun, EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET* packet,
        EFI_EVENT handler)
    {
        Call call = new() { Target = target, Lun = lun, Packet = packet, Event = handler };
        return Run(self, ref call, &PassThru);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetNextTargetLun(EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self, byte** target, ulong* lun)
    {
        Call call = new() { NextTarget = target, NextLun = lun };
        return Run(self, ref call, &GetNextTargetLun);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS BuildDevicePath(
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self, byte* target, ulong lun, EFI_DEVICE_PATH_PROTOCOL** path)
    {
        Call call = new() { Target = target, Lun = lun, NewPath = path };
        return Run(self, ref call, &BuildDevicePath);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetTargetLun(
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self, EFI_DEVICE_PATH_PROTOCOL* path, byte** target, ulong* lun)
    {
        Call call = new() { Path = path, NextTarget = target, NextLun = lun };
        return Run(self, ref call, &GetTargetLun);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ResetChannel(EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self)
    {
        Call call = default;
        return Run(self, ref call, &ResetChannel);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ResetTargetLun(EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self, byte* target, ulong lun)
    {
        Call call = new() { Target = target, Lun = lun };
        return Run(self, ref call, &ResetTargetLun);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetNextTarget(EFI_EXT_SCSI_PASS_THRU_PROTOCOL* self, byte** target)
    {
        Call call = new() { NextTarget = target };
        return Run(self, ref call, &GetNextTarget);
    }

    private static EFI_STATUS PassThru(ref Call call) => call.Owner.PassThru(call.Target, call.Lun, call.Packet, call.Event);

    private static EFI_STATUS GetNextTargetLun(ref Call call) => call.Owner.GetNextTargetLun(call.NextTarget, call.NextLun);

    private static EFI_STATUS BuildDevicePath(ref Call call) => call.Owner.BuildDevicePath(call.Target, call.Lun, call.NewPath);

    private static EFI_STATUS GetTargetLun(ref Call call) => call.Owner.GetTargetLun(call.Path, call.NextTarget, call.NextLun);

    private static EFI_STATUS ResetChannel(ref Call call) => call.Owner.ResetChannel();

    private static EFI_STATUS ResetTargetLun(ref Call call) => call.Owner.ResetTargetLun(call.Target, call.Lun);

    private static EFI_STATUS GetNextTarget(ref Call call) => call.Owner.GetNextTarget(call.NextTarget);
}
