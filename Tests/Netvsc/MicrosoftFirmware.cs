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
/// What Hyper-V's own firmware has of VMBus, as its source has it (mu_msvm, MsvmPkg/VmbusDxe): it owns the connection to the simulated host,
/// and offers each channel by a handle with a device path, the current protocol and the older one.
/// </summary>
/// <remarks>
/// What waits for the host waits for ever, below TPL_NOTIFY only, and with timers and events running. GPADLs have the lowest free numbers; making one
/// allocates and taking it back frees. A late offer is connected by an event just above TPL_APPLICATION, so also from within such a wait. A rescind
/// it takes and forgets. At ExitBootServices, at TPL_CALLBACK, it unloads, with the GPADLs that are left.
/// </remarks>
internal sealed unsafe class MicrosoftFirmware : IProcessor, IDisposable
{
    private const int MaximumGpadls = 256;        // VMBUS_MAX_GPADLS
    private const nuint HotTpl = EFI_TPL.TPL_APPLICATION + 1;
    private const int LongestWait = 100_000;      // Looks, with a tenth of a millisecond between.

    private static readonly byte[] s_vendor = new Guid("9b17e5a2-0891-42dd-b653-80b5c22809ba").ToByteArray();
    private static readonly uint[] s_versions = [Models.HyperV.VmbusVersion.Copper, Models.HyperV.VmbusVersion.Win8_1];

    private readonly SimulatedFirmware _firmware;
    private readonly ScriptedGuest _guest;
    private readonly List<string> _violations = [];
    private readonly Dictionary<EFI_HANDLE, Offered> _channels = [];
    private readonly Dictionary<uint, EFI_EVENT> _gpadls = [];
    private readonly Dictionary<uint, byte[]> _gpadlAnswers = [];
    private readonly Dictionary<uint, byte[]> _openAnswers = [];
    private readonly Queue<uint> _hotOffers = [];
    private readonly ObjectReference _self;
    private EFI_EVENT _hot;
    private bool _hasCurrent;
    private bool _isIsolated;

    public MicrosoftFirmware(SimulatedFirmware firmware, HostKind host)
    {
        _firmware = firmware;
        _guest = new ScriptedGuest(host);
        _guest.Memory.Owns = firmware.IsAllocated;
        _self = ObjectReference.To(this);
        firmware.Surroundings += Act;
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

    /// <summary>Called when a member begins to wait, with its name.</summary>
    public Action<string>? Waiting { get; set; }

    /// <summary>How often the guest has signalled.</summary>
    public int SignalCount { get; private set; }

    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Connects, and makes a handle for each device that the host offers.</summary>
    public IReadOnlyList<EFI_HANDLE> Start(bool hasCurrent, bool isIsolated = false)
    {
        _hasCurrent = hasCurrent;
        _isIsolated = isIsolated;
        EFI_EVENT created;
        _firmware.BootServices->CreateEvent(EVT.EVT_NOTIFY_SIGNAL, HotTpl, &OnHot, (void*)_self.Value, &created);
        _hot = created;
        _firmware.BootServices->CreateEvent(
            EVT.EVT_SIGNAL_EXIT_BOOT_SERVICES, EFI_TPL.TPL_CALLBACK, &OnExitBootServices, (void*)_self.Value, &created);
        _guest.Start();
        foreach (uint version in s_versions)
        {
            _guest.Post(VmbusMessage.InitiateContact, version, 0, 0, version >= Models.HyperV.VmbusVersion.Copper ? 8u : 0, 0, 0, 0, 0, 1, 2, 3, 4);
            if (_guest.Expect(VmbusMessage.VersionResponse)[8] != 0)
            {
                break;
            }
        }

        _guest.RequestOffers();
        foreach (HostChannel channel in Host.Vmbus.Channels)
        {
            Offer(channel);
        }

        return [.. _channels.Keys];
    }

    /// <summary>The driver of the bus stops one of its children, as it does when somebody disconnects it.</summary>
    public void Remove(EFI_HANDLE handle)
    {
        Offered channel = _channels[handle];
        _channels.Remove(handle);
        if (_hasCurrent)
        {
            _firmware.Uninstall<EFI_VMBUS_PROTOCOL>(handle);
        }

        _firmware.Uninstall<EFI_DEVICE_PATH_PROTOCOL>(handle);
        if (!_isIsolated)
        {
            _firmware.Uninstall<EFI_VMBUS_LEGACY_PROTOCOL>(handle);
        }

        channel.ExpectUnused();
    }

    private EFI_HANDLE Offer(HostChannel device)
    {
        Offered channel = new(this, device);
        EFI_HANDLE handle = _firmware.CreateController(Path(device.Device));
        if (_hasCurrent)
        {
            _firmware.Install(handle, channel.MakeCurrent());
        }

        if (_isIsolated)
        {
            _firmware.Install(handle, _firmware.Allocate<EFI_VMBUS_LEGACY_IVM_PROTOCOL>());
        }
        else
        {
            _firmware.Install(handle, channel.MakeLegacy());
        }

        _channels.Add(handle, channel);
        return handle;
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
        _self.Free();
    }

    private void Violate(string what) => _violations.Add(what);

    // Messages and signals

    /// <summary>As its interrupt does: signals the channels' events, and hands messages on, one behind the other.</summary>
    private void Act()
    {
        Host.Poll();
        foreach (Offered channel in _channels.Values)
        {
            channel.TakeInterrupt();
        }

        while (_guest.HasMessage)
        {
            VmbusMessage type = (VmbusMessage)ScriptedGuest.Word(_guest.PeekMessage(), 0);
            if (type == VmbusMessage.UnloadComplete || (type == VmbusMessage.OfferChannel && _firmware.Tpl >= EFI_TPL.TPL_NOTIFY))
            {
                return; // Somebody waits for it; or it needs memory, and what is behind it waits too.
            }

            byte[] message = _guest.TakeMessage()!;
            switch (type)
            {
                case VmbusMessage.OfferChannel:
                    _hotOffers.Enqueue(ScriptedGuest.Word(message, 184));
                    _firmware.BootServices->SignalEvent(_hot);
                    break;
                case VmbusMessage.GpadlCreated:
                    _gpadlAnswers[ScriptedGuest.Word(message, 12)] = message;
                    break;
                case VmbusMessage.GpadlTorndown:
                    _gpadlAnswers[ScriptedGuest.Word(message, 8)] = message;
                    break;
                case VmbusMessage.OpenChannelResult:
                    _openAnswers[ScriptedGuest.Word(message, 8)] = message;
                    break;
            }
        }
    }

    private byte[]? WaitFor(string what, Dictionary<uint, byte[]> answers, uint key)
    {
        if (_firmware.Tpl >= EFI_TPL.TPL_NOTIFY)
        {
            Violate($"{what} at TPL {_firmware.Tpl}");
        }

        Waiting?.Invoke(what);
        for (int i = 0; i < LongestWait; i++)
        {
            Act();
            if (answers.Remove(key, out byte[]? answer))
            {
                return answer;
            }

            _firmware.Advance(TimeSpan.FromMilliseconds(0.1));
        }

        Violate($"{what} waits for ever");
        return null;
    }

    [UnmanagedCallersOnly]
    private static void OnHot(EFI_EVENT handle, void* context)
    {
        MicrosoftFirmware self = new ObjectReference((nint)context).Get<MicrosoftFirmware>();
        while (self._hotOffers.TryDequeue(out uint id))
        {
            foreach (HostChannel channel in self.Host.Vmbus.Channels)
            {
                if (channel.Id == id)
                {
                    self._firmware.BootServices->ConnectController(self.Offer(channel), null, null, 1);
                    break;
                }
            }
        }
    }

    [UnmanagedCallersOnly]
    private static void OnExitBootServices(EFI_EVENT handle, void* context)
    {
        MicrosoftFirmware self = new ObjectReference((nint)context).Get<MicrosoftFirmware>();
        foreach (HostChannel each in self.Host.Vmbus.Channels)
        {
            if (each.IsOpen)
            {
                self.Violate("A channel is open at the end");
            }
        }

        self._guest.Post(VmbusMessage.Unload);
        while (self._guest.TakeMessage() is { } message && ScriptedGuest.Word(message, 0) != (uint)VmbusMessage.UnloadComplete)
        {
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
        private readonly Dictionary<nint, Gpadl> _prepared = [];
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

        public void ExpectUnused()
        {
            if (_isOpen || !_handler.IsNull)
            {
                owner.Violate("A channel that is removed is in use");
            }
        }

        public void TakeInterrupt()
        {
            if (_guest.TakeEvent(channel.Id) && !_handler.IsNull)
            {
                owner._firmware.BootServices->SignalEvent(_handler);
            }
        }

        private ScriptedGuest _guest => owner._guest;

        // What both do

        private EFI_STATUS Create(Gpadl gpadl)
        {
            if (gpadl.Number != 0)
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            uint number = 1;
            while (owner._gpadls.ContainsKey(number))
            {
                number++;
            }

            EFI_EVENT answered;
            if (number == MaximumGpadls || owner._firmware.BootServices->CreateEvent(0, 0, null, null, &answered).IsError)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            owner._gpadls.Add(number, answered);
            EFI_STATUS status = owner.GpadlStatus.IsError ? owner.GpadlStatus : Show(gpadl, number);
            if (status.IsError)
            {
                Reclaim(number);
                return status;
            }

            gpadl.Number = number;
            return EFI_STATUS.EFI_SUCCESS;
        }

        private EFI_STATUS Show(Gpadl gpadl, uint number)
        {
            int count = (int)(gpadl.Length / GuestMemory.PageSize);
            uint[] frames = new uint[count * 2];
            for (int i = 0; i < count; i++)
            {
                ulong frame = (gpadl.Address >> 12) + (uint)i;
                frames[i * 2] = (uint)frame;
                frames[(i * 2) + 1] = (uint)(frame >> 32);
            }

            int first = Math.Min(count, 26);
            _guest.Post(
                VmbusMessage.GpadlHeader,
                [channel.Id, number, (uint)(8 + (count * 8)) | (1 << 16), gpadl.Length, 0, .. frames[..(first * 2)]]);
            for (int done = first; done < count; done += 28)
            {
                int last = Math.Min(count, done + 28);
                _guest.Post(VmbusMessage.GpadlBody, [0, number, .. frames[(done * 2)..(last * 2)]]);
            }

            byte[]? created = owner.WaitFor("CreateGpadl", owner._gpadlAnswers, number);
            return created is not null && ScriptedGuest.Word(created, 16) == 0 ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        private void Reclaim(uint number)
        {
            owner._firmware.BootServices->CloseEvent(owner._gpadls[number]);
            owner._gpadls.Remove(number);
        }

        private EFI_STATUS Destroy(uint number)
        {
            if (number == 0)
            {
                return EFI_STATUS.EFI_SUCCESS;
            }

            if (!owner._gpadls.ContainsKey(number))
            {
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            _guest.Post(VmbusMessage.GpadlTeardown, channel.Id, number);
            if (owner.WaitFor("DestroyGpadl", owner._gpadlAnswers, number) is null)
            {
                return EFI_STATUS.EFI_DEVICE_ERROR;
            }

            Reclaim(number);
            return EFI_STATUS.EFI_SUCCESS;
        }

        private EFI_STATUS Open(uint number, uint page)
        {
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

            _guest.BeginOpen(channel, number, page);
            byte[]? result = owner.WaitFor("OpenChannel", owner._openAnswers, channel.Id);
            _isOpen = result is not null && ScriptedGuest.Word(result, 16) == 0;
            return _isOpen ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        private EFI_STATUS Close()
        {
            if (!_isOpen)
            {
                owner.Violate("The channel is closed while it is not open");
            }

            _isOpen = false;
            _guest.Post(VmbusMessage.CloseChannel, channel.Id);
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
            _guest.Signal(channel);
            return EFI_STATUS.EFI_SUCCESS;
        }

        private Gpadl Find(EFI_VMBUS_GPADL* gpadl) => _prepared[(nint)gpadl];

        private static Offered Of(EFI_VMBUS_PROTOCOL* self) => ProtocolInstance<EFI_VMBUS_PROTOCOL>.OwnerOf<Offered>(self);

        private static Offered Of(EFI_VMBUS_LEGACY_PROTOCOL* self) => ProtocolInstance<EFI_VMBUS_LEGACY_PROTOCOL>.OwnerOf<Offered>(self);

        // The present protocol

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnPrepareGpadl(
            EFI_VMBUS_PROTOCOL* self, void* buffer, uint length, uint flags, uint map, EFI_VMBUS_GPADL** gpadl)
        {
            Offered me = Of(self);
            if (length == 0 || length % 4096 != 0 || (ulong)buffer % 4096 != 0 || flags > 3 || map != 3 || me.Owner._firmware.Tpl >= EFI_TPL.TPL_NOTIFY)
            {
                me.Owner.Violate($"PrepareGpadl of {length} bytes at {(ulong)buffer:x}, {flags:x}, {map:x}, at TPL {me.Owner._firmware.Tpl}");
                return EFI_STATUS.EFI_INVALID_PARAMETER;
            }

            void* made;
            EFI_STATUS status = me.Owner._firmware.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, 64, &made);
            if (!status.IsError)
            {
                *gpadl = (EFI_VMBUS_GPADL*)made;
                me._prepared.Add((nint)made, new Gpadl((ulong)buffer, length));
            }

            return status;
        }

        private MicrosoftFirmware Owner => owner;

        [UnmanagedCallersOnly]
        private static EFI_STATUS OnCreateGpadl(EFI_VMBUS_PROTOCOL* self, EFI_VMBUS_GPADL* gpadl) => Of(self).Create(Of(self).Find(gpadl));

        // What fails leaves the object as it is.
        [UnmanagedCallersOnly]
        private static EFI_STATUS OnDestroyGpadl(EFI_VMBUS_PROTOCOL* self, EFI_VMBUS_GPADL* gpadl)
        {
            EFI_STATUS status = Of(self).Destroy(Of(self).Find(gpadl).Number);
            if (!status.IsError)
            {
                Of(self)._prepared.Remove((nint)gpadl);
                Of(self).Owner._firmware.BootServices->FreePool(gpadl);
            }

            return status;
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
