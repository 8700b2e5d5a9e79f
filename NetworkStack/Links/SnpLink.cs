using System;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NetworkStack.Links;

/// <summary>
/// A link over whatever EFI_SIMPLE_NETWORK_PROTOCOL a handle has: ours, the firmware's, another vendor's (UEFI 2.10, 24.1). Open
/// takes it from the driver that uses it (the firmware's MNP), Close gives it back.
/// </summary>
/// <remarks>
/// Calls of firmware are what costs here, so they are few: one Receive a frame and one more to see that there is none; one Transmit
/// a frame, and GetStatus only when most transmit buffers are out, once for each and once to see that no more came back.
/// </remarks>
public sealed unsafe class SnpLink : Link
{
    private const int MediaHeaderSize = 14;
    private const int MinimumFrameSize = 60; // Without FCS; not every driver pads (IEEE 802.3, 4.2.8).
    private const byte EthernetInterfaceType = 1;

    // Room for jumbo frames, a VLAN tag and an FCS: a frame that does not fit would block all behind it.
    private const int ReceiveBufferSize = 16 * 1024;

    private const int TransmitBuffers = 32;
    private const int TransmitBufferSize = 2048;
    private const int FewTransmitBuffers = TransmitBuffers / 4;
    private const int MaximumStatusCalls = 2 * TransmitBuffers;
    private const uint TransmitTimeout = 500_000; // Microseconds: as long as edk2's MNP waits.

    private const uint WithGroups = EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST |
        EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST | EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_MULTICAST;

    private const int MaximumGroups = 16; // As many as MCastFilter has places (UEFI 2.10, 24.1.1).

    private const int InitializeTries = 10;
    private const uint InitializePause = 10_000;
    private const int TakeOverTries = 4;

    private readonly byte[] _path;
    private readonly MacAddress[] _groups = new MacAddress[MaximumGroups - 2]; // Besides Groups.
    private int _groupCount;
    private readonly byte[] _freeBuffers = new byte[TransmitBuffers];
    private readonly bool[] _isSent = new bool[TransmitBuffers];
    private EFI_HANDLE _handle;
    private EFI_SIMPLE_NETWORK_PROTOCOL* _snp;
    private byte* _memory;
    private int _freeCount;
    private MacAddress? _wanted;
    private bool _wasTaken;
    private bool _isOpen;
    private bool _isExhausted;
    private ulong _exhaustedSince;
    private Clock _clock;

    /// <summary>What a switch says of itself: its spanning tree, and LLDP (IEEE 802.1AB-2016, 7.1).</summary>
    // Always let in, where that costs nothing: of the switch.
    private static ReadOnlySpan<ulong> Groups => [BridgePdu.Group, 0x0E00_00C2_8001];

    /// <param name="handle">A handle with EFI_SIMPLE_NETWORK_PROTOCOL. Its device path is what the link keeps to.</param>
    public SnpLink(EFI_HANDLE handle)
    {
        _handle = handle;
        _path = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle)).ToArray();
        _snp = Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handle);
    }

    /// <summary>
    /// The handle that has the protocol now. It changes when, while the link is closed, the driver below lets go of the device and takes
    /// it again, or another does, as images with drivers of their own make them.
    /// </summary>
    public EFI_HANDLE Handle
    {
        get
        {
            Locate();
            return _handle;
        }
    }

    /// <summary>Receive and Transmit calls that ended in an error of the device.</summary>
    public ulong DeviceErrors { get; private set; }

    /// <summary>Frames whose length cannot be.</summary>
    public ulong BadLengths { get; private set; }

    /// <summary>Pointers that GetStatus returned as transmitted and that were never given to it, or twice.</summary>
    public ulong ForeignBuffers { get; private set; }

    /// <summary>Transmit buffers that never came back and were taken back.</summary>
    public ulong LostBuffers { get; private set; }

    /// <inheritdoc/>
    public override MacAddress Address => !_isOpen && _wanted is MacAddress wanted ? wanted
        : Mode == null ? default
        : ReadMac(ref _snp->Mode->CurrentAddress);

    /// <inheritdoc/>
    public override MacAddress PermanentAddress => Mode == null ? default : ReadMac(ref _snp->Mode->PermanentAddress);

    /// <inheritdoc/>
    public override int Mtu => Mode == null ? 0 : (int)Math.Min(_snp->Mode->MaxPacketSize, ReceiveBufferSize - 64);

    /// <summary>What the device says now; true when it cannot tell. One call of firmware: not for every frame.</summary>
    public override bool IsUp
    {
        get
        {
            if (!_isOpen)
            {
                return false;
            }

            Reclaim(); // GetStatus is what brings MediaPresent up to date (UEFI 2.10, 24.1.12).
            return HasMedia();
        }
    }

    /// <inheritdoc/>
    public override Error? Open()
    {
        if (_isOpen)
        {
            return null;
        }

        EFI_STATUS status = TakeOver();
        if (status.IsError)
        {
            return Failure(status, _snp == null ? "the network device is gone" : "the network device is in use and cannot be taken over");
        }

        string? problem = null;
        if (_snp->Mode == null || _snp->Mode->HwAddressSize != MacAddress.Size || _snp->Mode->MediaHeaderSize != MediaHeaderSize ||
            _snp->Mode->IfType != EthernetInterfaceType)
        {
            status = EFI_STATUS.EFI_UNSUPPORTED;
            problem = "the network device is not an Ethernet device";
        }
        else if ((_memory = (byte*)Pool.Allocate(ReceiveBufferSize + TransmitBuffers * TransmitBufferSize)) == null)
        {
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
            problem = "out of memory";
        }
        else if ((status = Start()).IsError)
        {
            problem = "the network device does not start";
        }
        else if (_wanted is MacAddress && (status = Apply(_wanted)).IsError)
        {
            problem = "the network device does not take the address that was set";
            _snp->Shutdown(_snp);
            _snp->Stop(_snp);
        }

        if (problem is not null)
        {
            Release();
            return Failure(status, problem);
        }

        SetFilters();
        FreeAllBuffers();
        _clock = Clock.Calibrate();
        _isOpen = true;
        return null;
    }

    /// <inheritdoc/>
    public override void Close()
    {
        if (_isOpen)
        {
            _isOpen = false;
            _groupCount = 0;
            if (_wanted is MacAddress)
            {
                Apply(null);
            }

            _snp->Shutdown(_snp);
            _snp->Stop(_snp);
            Release();
        }
    }

    /// <inheritdoc/>
    public override Error? SetAddress(MacAddress? address)
    {
        EFI_STATUS status = _isOpen ? Apply(address) : EFI_STATUS.EFI_SUCCESS;
        if (status.IsError)
        {
            return Failure(status, "the network device does not take the address");
        }

        _wanted = address;
        return null;
    }

    /// <inheritdoc/>
    public override void SetGroups(ReadOnlySpan<MacAddress> groups)
    {
        _groupCount = Math.Min(groups.Length, _groups.Length);
        groups.Slice(0, _groupCount).CopyTo(_groups);
        if (_isOpen)
        {
            SetFilters();
        }
    }

    /// <inheritdoc/>
    public override bool Send(ReadOnlySpan<byte> frame)
    {
        if (!_isOpen || frame.Length > TransmitBufferSize || frame.Length < MediaHeaderSize)
        {
            return false;
        }

        if (_freeCount <= FewTransmitBuffers)
        {
            Reclaim();
        }

        if (_freeCount == 0 && !TakeBackLost())
        {
            return false;
        }

        int index = _freeBuffers[--_freeCount];
        byte* buffer = TransmitBuffer(index);
        frame.CopyTo(new Span<byte>(buffer, TransmitBufferSize));
        int length = frame.Length;
        if (length < MinimumFrameSize)
        {
            new Span<byte>(buffer + length, MinimumFrameSize - length).Clear();
            length = MinimumFrameSize;
        }

        EFI_STATUS status = _snp->Transmit(_snp, 0, (nuint)length, buffer, null, null, null);
        if (status == EFI_STATUS.EFI_NOT_READY)
        {
            // Its queue is full, or it takes one frame at a time: what it is done with has to be fetched first.
            Reclaim();
            status = _snp->Transmit(_snp, 0, (nuint)length, buffer, null, null, null);
        }

        if (status.IsError)
        {
            DeviceErrors += status == EFI_STATUS.EFI_NOT_READY ? 0u : 1u;
            _freeBuffers[_freeCount++] = (byte)index;
            return false;
        }

        _isSent[index] = true;
        return true;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Receive()
    {
        if (!_isOpen)
        {
            return default;
        }

        nuint size = ReceiveBufferSize;
        EFI_STATUS status = Machine.Receive(_snp, &size, _memory);
        if (status.IsError)
        {
            DeviceErrors += status == EFI_STATUS.EFI_NOT_READY ? 0u : 1u;
            return default;
        }

        if (size > ReceiveBufferSize || size < MediaHeaderSize)
        {
            BadLengths++;
            return default;
        }

        return new ReadOnlySpan<byte>(_memory, (int)size);
    }

    private EFI_SIMPLE_NETWORK_MODE* Mode
    {
        get
        {
            Locate();
            return _snp == null ? null : _snp->Mode;
        }
    }

    // Open, the link has the protocol for itself, and it stays; closed, it may have gone, and be somewhere else.
    private void Locate()
    {
        if (_isOpen || IsDevice(_handle))
        {
            return;
        }

        _snp = null;
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            if (_path.Length > 0 && IsDevice(handle))
            {
                _handle = handle;
                return;
            }
        }
    }

    private bool IsDevice(EFI_HANDLE handle)
    {
        EFI_SIMPLE_NETWORK_PROTOCOL* snp = Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(handle);
        if (snp == null || !DevicePath.AreEqual(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle)), _path))
        {
            return false;
        }

        _snp = snp;
        return true;
    }

    private static MacAddress ReadMac(ref EFI_MAC_ADDRESS address)
    {
        fixed (byte* bytes = address.Addr)
        {
            return new MacAddress(new ReadOnlySpan<byte>(bytes, MacAddress.Size));
        }
    }

    private EFI_STATUS Apply(MacAddress? address)
    {
        EFI_MAC_ADDRESS mac = default;
        address.GetValueOrDefault().CopyTo(new Span<byte>(mac.Addr, MacAddress.Size));
        return _snp->StationAddress == null ? EFI_STATUS.EFI_UNSUPPORTED : _snp->StationAddress(_snp, address is null ? (byte)1 : (byte)0, &mac);
    }

    private static Error Failure(EFI_STATUS status, string problem) =>
        new(status, TextBuilder.Format($"{problem} ({status})"));

    // MNP has the protocol open BY_DRIVER. Disconnecting it ends all of the firmware's own stack on this device, children included.
    private EFI_STATUS TakeOver()
    {
        Locate();
        if (_snp == null)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        EFI_STATUS status = EFI_STATUS.EFI_ACCESS_DENIED;
        for (int i = 0; i < TakeOverTries; i++)
        {
            EFI_SIMPLE_NETWORK_PROTOCOL* snp = Firmware.Open<EFI_SIMPLE_NETWORK_PROTOCOL>(
                _handle, Firmware.ImageHandle, _handle, EFI_OPEN_PROTOCOL.EFI_OPEN_PROTOCOL_BY_DRIVER, out status);
            if (snp != null)
            {
                _snp = snp;
                return EFI_STATUS.EFI_SUCCESS;
            }

            EFI_HANDLE driver = Controllers.FindDriver<EFI_SIMPLE_NETWORK_PROTOCOL>(_handle);
            if (driver.IsNull || driver == Firmware.ImageHandle)
            {
                break;
            }

            EFI_STATUS disconnected = Controllers.Disconnect(_handle, driver);
            if (disconnected.IsError)
            {
                status = disconnected;
                break;
            }

            _wasTaken = true;
        }

        if (_wasTaken)
        {
            GiveBack();
        }

        return status;
    }

    private void Release()
    {
        Pool.Free(_memory);
        _memory = null;
        Firmware.Close<EFI_SIMPLE_NETWORK_PROTOCOL>(_handle, Firmware.ImageHandle, _handle);
        GiveBack();
    }

    private void GiveBack()
    {
        if (_wasTaken)
        {
            _wasTaken = false;
            Controllers.Connect(_handle, default, recursive: true);
        }
    }

    private EFI_STATUS Start()
    {
        // Whoever had it before may have left it running, with its own filters and frames.
        if (_snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized)
        {
            _snp->Shutdown(_snp);
        }

        if (_snp->Mode->State == EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped)
        {
            EFI_STATUS started = _snp->Start(_snp);
            if (started.IsError && started != EFI_STATUS.EFI_ALREADY_STARTED)
            {
                return started;
            }
        }

        // Some drivers look for the link in Initialize alone, and it takes its time to come up.
        EFI_STATUS status = EFI_STATUS.EFI_SUCCESS;
        for (int i = 0; i < InitializeTries; i++)
        {
            status = _snp->Initialize(_snp, 0, 0);
            if (!status.IsError && HasMedia())
            {
                return status;
            }

            if (i + 1 < InitializeTries)
            {
                if (!status.IsError)
                {
                    _snp->Shutdown(_snp);
                }

                Firmware.Stall(InitializePause);
            }
        }

        if (status.IsError)
        {
            _snp->Stop(_snp);
        }

        return status;
    }

    private bool HasMedia() => _snp->Mode->MediaPresentSupported == 0 || _snp->Mode->MediaPresent != 0;

    // What is wanted, then what lets more through; the stack drops the rest. A driver that knows no filters receives what it receives.
    private void SetFilters()
    {
        uint mask = _snp->Mode->ReceiveFilterMask;
        EFI_MAC_ADDRESS* groups = stackalloc EFI_MAC_ADDRESS[MaximumGroups];
        int count = Groups.Length + _groupCount;
        for (int i = 0; i < count; i++)
        {
            MacAddress group = i < Groups.Length ? new MacAddress(Groups[i]) : _groups[i - Groups.Length];
            group.CopyTo(new Span<byte>(groups[i].Addr, MacAddress.Size));
        }

        if (_snp->Mode->MaxMCastFilterCount >= count && (WithGroups & ~mask) == 0 &&
            !_snp->ReceiveFilters(_snp, WithGroups, mask & ~WithGroups, 0, (nuint)count, groups).IsError)
        {
            return;
        }

        ReadOnlySpan<uint> choices =
        [
            EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST,
            EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST |
                EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS_MULTICAST,
            EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST | EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_BROADCAST |
                EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS,
            EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_PROMISCUOUS,
            EFI_SIMPLE_NETWORK_MODE.EFI_SIMPLE_NETWORK_RECEIVE_UNICAST,
        ];
        for (int i = _groupCount > 0 ? 1 : 0; i < choices.Length; i++) // The first would keep out what is needed.
        {
            uint choice = choices[i];
            if ((choice & ~mask) == 0)
            {
                EFI_STATUS status = _snp->ReceiveFilters(_snp, choice, mask & ~choice, 1, 0, null);
                if (!status.IsError || status == EFI_STATUS.EFI_UNSUPPORTED)
                {
                    return;
                }
            }
        }
    }

    private byte* TransmitBuffer(int index) => _memory + ReceiveBufferSize + index * TransmitBufferSize;

    private void FreeAllBuffers()
    {
        for (int i = 0; i < TransmitBuffers; i++)
        {
            _freeBuffers[i] = (byte)i;
            _isSent[i] = false;
        }

        _freeCount = TransmitBuffers;
        _isExhausted = false;
    }

    // Fetches the buffers that the device is done with: one a call (UEFI 2.10, 24.1.12).
    private void Reclaim()
    {
        for (int i = 0; i < MaximumStatusCalls; i++)
        {
            uint interrupts = 0;
            void* buffer = null;
            if (_snp->GetStatus(_snp, &interrupts, &buffer).IsError || buffer == null)
            {
                return;
            }

            nuint offset = (nuint)((byte*)buffer - TransmitBuffer(0));
            nuint index = offset / TransmitBufferSize;
            if (index >= TransmitBuffers || offset % TransmitBufferSize != 0 || !_isSent[(int)index])
            {
                ForeignBuffers++;
                continue;
            }

            _isSent[(int)index] = false;
            _freeBuffers[_freeCount++] = (byte)index;
            _isExhausted = false;
        }
    }

    // True when no buffer has come back for so long that none will.
    private bool TakeBackLost()
    {
        ulong now = _clock.Now;
        if (!_isExhausted)
        {
            _isExhausted = true;
            _exhaustedSince = now;
            return false;
        }

        if (now - _exhaustedSince < TransmitTimeout)
        {
            return false;
        }

        LostBuffers += TransmitBuffers;
        FreeAllBuffers();
        return true;
    }
}
