using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetBoot.BusDrivers;
using NetBoot.BusDrivers.Foreign.Microsoft;
using NetBoot.Tests.Models.HyperV;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.ModelTests.HyperV;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Netvsc;

/// <summary>
/// What Hyper-V's own firmware has of VMBus: it owns the connection to the simulated host, and offers each channel by a handle with a device path
/// and one or both generations of its protocol. It is as strict as the real one is unforgiving.
/// </summary>
internal sealed unsafe class MicrosoftFirmware : IProcessor, IDisposable
{
    private static readonly byte[] s_vendor = new Guid("9b17e5a2-0891-42dd-b653-80b5c22809ba").ToByteArray();

    private readonly SimulatedFirmware _firmware;
    private readonly ScriptedGuest _guest = new();
    private readonly List<string> _violations = [];

    public MicrosoftFirmware(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        _guest.Memory.Owns = firmware.IsAllocated;
    }

    public HyperVHost Host => _guest.Host;

    /// <summary>PrepareGpadl puts the pages elsewhere.</summary>
    public bool MovesPages { get; set; }

    /// <summary>CPUID tells of the hypervisor; otherwise there seems to be none.</summary>
    public bool TellsProcessor
    {
        set => Processor.Host = value ? this : null;
    }

    /// <summary>What CreateGpadl answers.</summary>
    public EFI_STATUS GpadlStatus { get; set; }

    /// <summary>What OpenChannel answers.</summary>
    public EFI_STATUS OpenStatus { get; set; }

    /// <summary>How often the guest has signalled.</summary>
    public int SignalCount { get; private set; }

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Connects, and makes a handle for each device that the host offers.</summary>
    public EFI_HANDLE Start(NetvspDevice device, bool hasCurrent, bool hasLegacy, bool isIsolated = false)
    {
        Host.Vmbus.Add(device);
        _guest.Connect();
        Offered channel = new(this, device.Channel!);
        EFI_HANDLE handle = _firmware.CreateController(Path(device));
        if (hasCurrent)
        {
            _firmware.Install(handle, channel.MakeCurrent());
        }

        if (isIsolated)
        {
            _firmware.Install(handle, _firmware.Allocate<EFI_VMBUS_LEGACY_IVM_PROTOCOL>());
        }
        else if (hasLegacy)
        {
            _firmware.Install(handle, channel.MakeLegacy());
        }

        return handle;
    }

    /// <summary>As at ExitBootServices, after all drivers: what is left on the host is gone.</summary>
    public void Unload()
    {
        foreach (HostChannel each in Host.Vmbus.Channels)
        {
            if (each.IsOpen)
            {
                Violate("A channel is open at the end");
            }
        }

        _guest.Post(VmbusMessage.Unload);
        _guest.Expect(VmbusMessage.UnloadComplete);
        Host.TakeViolations(); // GPADLs are left: the firmware takes them away for its drivers.
    }

    /// <summary>VMBus's root and a channel's node.</summary>
    public static byte[] Path(VmbusDevice device) => SimulatedPath.Of(
        SimulatedPath.Node(EFI_DEVICE_PATH_PROTOCOL.ACPI_DEVICE_PATH, 1, 0xD0, 0x41, 0x03, 0x0A, 0, 0, 0, 0),
        SimulatedPath.Node(
            EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, VENDOR_DEVICE_PATH.HW_VENDOR_DP,
            [.. s_vendor, .. device.InterfaceType.ToByteArray(), .. device.Instance.ToByteArray()]));

    void IProcessor.Cpuid(uint leaf, uint subleaf, Span<uint> result) => Host.Cpuid(leaf, subleaf, result);

    // What is not ours to touch:

    ulong IProcessor.ReadMsr(uint register)
    {
        if (register is not (Register.GuestOsId or Register.Scontrol))
        {
            Violate($"RDMSR {register:x}");
        }

        return Host.ReadMsr(register);
    }

    void IProcessor.WriteMsr(uint register, ulong value) => Violate($"WRMSR {register:x}");

    ulong IProcessor.HyperVCall(void* page, ulong control, ulong input, ulong output)
    {
        Violate($"Hypercall {control:x}");
        return HvStatus.AccessDenied;
    }

    public void Dispose()
    {
        TellsProcessor = false;
        _guest.Dispose();
    }

    private void Violate(string what) => _violations.Add(what);

    private void ExpectWaiting(string what)
    {
        if (_firmware.Tpl >= EFI_TPL.TPL_NOTIFY)
        {
            Violate($"{what} at TPL {_firmware.Tpl}");
        }
    }

    private sealed class Gpadl(ulong address, uint length)
    {
        public ulong Address => address;
        public uint Length => length;
        public uint Number { get; set; }
    }

    private sealed class Offered(MicrosoftFirmware owner, HostChannel channel)
    {
        private static uint s_nextNumber = 0x100;

        private readonly Dictionary<nint, Gpadl> _gpadls = [];
        private nint _nextObject = 0x1000;
        private EFI_EVENT _handler;
        private bool _isOpen;

        public EFI_VMBUS_PROTOCOL* MakeCurrent()
        {
            EFI_VMBUS_PROTOCOL* made = owner._firmware.Allocate<EFI_VMBUS_PROTOCOL>(this);
            made->PrepareGpadl = &OnPrepareGpadl;
            made->CreateGpadl = &OnCreateGpadl;
            made->DestroyGpadl = &OnDestroyGpadl;
            made->GetGpadlBuffer = &OnGetGpadlBuffer;
            made->GetGpadlHandle = &OnGetGpadlHandle;
            made->OpenChannel = &OnOpenChannel;
            made->CloseChannel = &OnCloseChannel;
            made->RegisterIsr = &OnRegisterIsr;
            made->SendInterrupt = &OnSendInterrupt;
            return made;
        }

        public EFI_VMBUS_LEGACY_PROTOCOL* MakeLegacy()
        {
            EFI_VMBUS_LEGACY_PROTOCOL* made = owner._firmware.Allocate<EFI_VMBUS_LEGACY_PROTOCOL>(this);
            made->CreateGpadl = &OnCreateGpadlLegacy;
            made->DestroyGpadl = &OnDestroyGpadlLegacy;
            made->OpenChannel = &OnOpenChannelLegacy;
            made->CloseChannel = &OnCloseChannelLegacy;
            made->RegisterIsr = &OnRegisterIsrLegacy;
            made->SendInterrupt = &OnSendInterruptLegacy;
            return made;
        }

        // What both do

        private EFI_STATUS Create(Gpadl gpadl)
        {
            owner.ExpectWaiting("CreateGpadl");
            if (owner.GpadlStatus.IsError)
            {
                return owner.GpadlStatus;
            }

            uint number = s_nextNumber++;
            int count = (int)(gpadl.Length / GuestMemory.PageSize);
            uint[] frames = new uint[count * 2];
            for (int i = 0; i < count; i++)
            {
                ulong frame = (gpadl.Address >> 12) + (uint)i;
                frames[i * 2] = (uint)frame;
                frames[(i * 2) + 1] = (uint)(frame >> 32);
            }

            int first = Math.Min(count, 26);
            owner._guest.Post(
                VmbusMessage.GpadlHeader,
                [channel.Id, number, (uint)(8 + (count * 8)) | (1 << 16), gpadl.Length, 0, .. frames[..(first * 2)]]);
            for (int done = first; done < count; done += 28)
            {
                int last = Math.Min(count, done + 28);
                owner._guest.Post(VmbusMessage.GpadlBody, [0, number, .. frames[(done * 2)..(last * 2)]]);
            }

            byte[] created = owner._guest.Expect(VmbusMessage.GpadlCreated);
            if (ScriptedGuest.Word(created, 16) != 0)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            gpadl.Number = number;
            return EFI_STATUS.EFI_SUCCESS;
        }

        private EFI_STATUS Destroy(uint number)
        {
            owner.ExpectWaiting("DestroyGpadl");
            if (_isOpen)
            {
                owner.Violate("A GPADL is destroyed while its channel is open");
            }

            owner._guest.TearDown(channel, number);
            return EFI_STATUS.EFI_SUCCESS;
        }

        private EFI_STATUS Open(uint number, uint page)
        {
            owner.ExpectWaiting("OpenChannel");
            if (_handler.IsNull)
            {
                owner.Violate("The channel is opened without a handler");
            }

            if (_isOpen)
            {
                owner.Violate("The channel is opened while it is open");
            }

            if (owner.OpenStatus.IsError)
            {
                return owner.OpenStatus;
            }

            owner._guest.BeginOpen(channel, number, page);
            _isOpen = ScriptedGuest.Word(owner._guest.Expect(VmbusMessage.OpenChannelResult), 16) == 0;
            return _isOpen ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        private EFI_STATUS Close()
        {
            if (!_isOpen)
            {
                owner.Violate("The channel is closed while it is not open");
            }

            _isOpen = false;
            owner._guest.Post(VmbusMessage.CloseChannel, channel.Id);
            return EFI_STATUS.EFI_SUCCESS;
        }

        private EFI_STATUS Register(EFI_EVENT handler)
        {
            if (_isOpen)
            {
                owner.Violate("The handler changes while the channel is open");
            }

            _handler = handler;
            return EFI_STATUS.EFI_SUCCESS;
        }

        private EFI_STATUS Signal()
        {
            owner.SignalCount++;
            owner._guest.Signal(channel);
            return EFI_STATUS.EFI_SUCCESS;
        }

        private Gpadl Find(EFI_VMBUS_GPADL* gpadl) => _gpadls[(nint)gpadl];

        private static Offered Of(EFI_VMBUS_PROTOCOL* self) => ProtocolInstance<EFI_VMBUS_PROTOCOL>.OwnerOf<Offered>(self);

        private static Offered Of(EFI_VMBUS_LEGACY_PROTOCOL* self) => ProtocolInstance<EFI_VMBUS_LEGACY_PROTOCOL>.OwnerOf<Offered>(self);

        // The present protocol

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnPrepareGpadl(
            EFI_VMBUS_PROTOCOL* self, void* buffer, uint length, uint flags, uint map, EFI_VMBUS_GPADL** gpadl)
        {
            Offered me = Of(self);
            me.Owner.ExpectWaiting("PrepareGpadl");
            if (length == 0 || length % 4096 != 0 || (ulong)buffer % 4096 != 0 || flags > 3 || map != 3)
            {
                me.Owner.Violate($"PrepareGpadl of {length} bytes at {(ulong)buffer:x}, {flags:x}, {map:x}");
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            *gpadl = (EFI_VMBUS_GPADL*)(me._nextObject += 16);
            me._gpadls.Add((nint)(*gpadl), new Gpadl((ulong)buffer, length));
            return EFI_STATUS.EFI_SUCCESS;
        }

        private MicrosoftFirmware Owner => owner;

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnCreateGpadl(EFI_VMBUS_PROTOCOL* self, EFI_VMBUS_GPADL* gpadl) => Of(self).Create(Of(self).Find(gpadl));

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnDestroyGpadl(EFI_VMBUS_PROTOCOL* self, EFI_VMBUS_GPADL* gpadl)
        {
            Gpadl found = Of(self).Find(gpadl);
            Of(self)._gpadls.Remove((nint)gpadl);
            return found.Number == 0 ? EFI_STATUS.EFI_SUCCESS : Of(self).Destroy(found.Number);
        }

        [UnmanagedCallersOnly]
        private static void* OnGetGpadlBuffer(EFI_VMBUS_PROTOCOL* self, EFI_VMBUS_GPADL* gpadl) =>
            (void*)(Of(self).Find(gpadl).Address + (Of(self).Owner.MovesPages ? 1ul << 46 : 0));

        [UnmanagedCallersOnly]
        private static uint OnGetGpadlHandle(EFI_VMBUS_PROTOCOL* self, EFI_VMBUS_GPADL* gpadl) => Of(self).Find(gpadl).Number;

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnOpenChannel(EFI_VMBUS_PROTOCOL* self, EFI_VMBUS_GPADL* gpadl, uint page) =>
            Of(self).Open(Of(self).Find(gpadl).Number, page);

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnCloseChannel(EFI_VMBUS_PROTOCOL* self) => Of(self).Close();

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnRegisterIsr(EFI_VMBUS_PROTOCOL* self, EFI_EVENT handler) => Of(self).Register(handler);

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnSendInterrupt(EFI_VMBUS_PROTOCOL* self) => Of(self).Signal();

        // The older one

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnCreateGpadlLegacy(EFI_VMBUS_LEGACY_PROTOCOL* self, void* buffer, uint length, uint* number)
        {
            Gpadl gpadl = new((ulong)buffer, length);
            EFI_STATUS status = Of(self).Create(gpadl);
            *number = gpadl.Number;
            return status;
        }

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnDestroyGpadlLegacy(EFI_VMBUS_LEGACY_PROTOCOL* self, uint number) => Of(self).Destroy(number);

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnOpenChannelLegacy(EFI_VMBUS_LEGACY_PROTOCOL* self, uint number, uint page) => Of(self).Open(number, page);

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnCloseChannelLegacy(EFI_VMBUS_LEGACY_PROTOCOL* self) => Of(self).Close();

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnRegisterIsrLegacy(EFI_VMBUS_LEGACY_PROTOCOL* self, EFI_EVENT handler) => Of(self).Register(handler);

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnSendInterruptLegacy(EFI_VMBUS_LEGACY_PROTOCOL* self) => Of(self).Signal();
    }
}
