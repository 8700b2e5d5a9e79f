using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Network;

/// <summary>
/// EFI_SIMPLE_NETWORK_PROTOCOL as other people's drivers implement it: correct by default, and each known deviation can be
/// switched on.
/// </summary>
internal sealed unsafe class FakeSnp
{
    private readonly Queue<nint> _done = [];
    private readonly HashSet<nint> _inFlight = [];

    /// <param name="firmware">Where it is installed.</param>
    /// <param name="handle">On which handle; none: a new one.</param>
    /// <param name="address">Of the card; none: 50-51-52-53-54-55.</param>
    public FakeSnp(SimulatedFirmware firmware, EFI_HANDLE handle = default, byte[]? address = null)
    {
        Protocol = firmware.Allocate<EFI_SIMPLE_NETWORK_PROTOCOL>(this);
        Mode = firmware.Allocate<EFI_SIMPLE_NETWORK_MODE>();
        Protocol->Mode = Mode;
        Mode->HwAddressSize = 6;
        Mode->MediaHeaderSize = 14;
        Mode->MaxPacketSize = 1500;
        Mode->IfType = 1;
        Mode->ReceiveFilterMask = 0x1F;
        Mode->MediaPresentSupported = 1;
        Mode->MediaPresent = 1;
        for (int i = 0; i < 6; i++)
        {
            Mode->CurrentAddress.Addr[i] = address is null ? (byte)(0x50 + i) : address[i];
        }

        Mode->PermanentAddress = Mode->CurrentAddress;
        Protocol->Start = &Start;
        Protocol->Stop = &Stop;
        Protocol->Initialize = &Initialize;
        Protocol->Shutdown = &Shutdown;
        Protocol->StationAddress = &StationAddress;
        Protocol->ReceiveFilters = &ReceiveFilters;
        Protocol->GetStatus = &GetStatus;
        Protocol->Transmit = &Transmit;
        Protocol->Receive = &Receive;
        Handle = firmware.Install(handle, Protocol);
    }

    public EFI_SIMPLE_NETWORK_PROTOCOL* Protocol { get; }
    public EFI_SIMPLE_NETWORK_MODE* Mode { get; }
    public EFI_HANDLE Handle { get; }

    public Queue<byte[]> Incoming { get; } = [];
    public List<byte[]> Transmitted { get; } = [];
    public List<uint> FilterAttempts { get; } = [];
    /// <summary>The multicast addresses that were last asked for.</summary>
    public List<string> Groups { get; } = [];
    public int Calls { get; set; }
    public int InitializeCalls { get; private set; }

    /// <summary>Frames that Transmit takes before GetStatus has to be called.</summary>
    public int TransmitQueue { get; set; } = 64;

    /// <summary>Buffers never come back.</summary>
    public bool LosesBuffers { get; set; }

    /// <summary>Before each buffer, GetStatus returns a pointer that nobody gave it.</summary>
    public bool ReturnsForeignBuffers { get; set; }

    /// <summary>Initialize calls until the link is up.</summary>
    public int LinkComesUpAfter { get; set; }

    public EFI_STATUS StartResult { get; set; }
    public EFI_STATUS InitializeResult { get; set; }
    public EFI_STATUS TransmitResult { get; set; }
    public EFI_STATUS FilterResult { get; set; }
    public EFI_STATUS AddressResult { get; set; }

    /// <summary>The only filter settings that are taken; 0 for all.</summary>
    public uint OnlyFilter { get; set; }

    /// <summary>What Receive says that the frame's size is, instead of the truth.</summary>
    public nuint? LyingSize { get; set; }

    private static FakeSnp Of(EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        FakeSnp snp = ProtocolInstance<EFI_SIMPLE_NETWORK_PROTOCOL>.OwnerOf<FakeSnp>(self);
        snp.Calls++;
        return snp;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Start(EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        FakeSnp snp = Of(self);
        if (snp.Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped)
        {
            return EFI_STATUS.EFI_ALREADY_STARTED;
        }

        snp.Mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted;
        return snp.StartResult;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stop(EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        FakeSnp snp = Of(self);
        if (snp.Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        snp.Mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStopped;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Initialize(EFI_SIMPLE_NETWORK_PROTOCOL* self, nuint extraReceive, nuint extraTransmit)
    {
        FakeSnp snp = Of(self);
        snp.InitializeCalls++;
        if (snp.Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (snp.InitializeResult.IsError)
        {
            return snp.InitializeResult;
        }

        snp.Mode->MediaPresent = snp.InitializeCalls > snp.LinkComesUpAfter ? (byte)1 : (byte)0;
        snp.Mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Shutdown(EFI_SIMPLE_NETWORK_PROTOCOL* self)
    {
        FakeSnp snp = Of(self);
        if (snp.Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        snp.Mode->State = EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkStarted;
        snp._done.Clear();
        snp._inFlight.Clear();
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS StationAddress(EFI_SIMPLE_NETWORK_PROTOCOL* self, byte reset, EFI_MAC_ADDRESS* address)
    {
        FakeSnp snp = Of(self);
        if (snp.Mode->State != EFI_SIMPLE_NETWORK_STATE.EfiSimpleNetworkInitialized)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        if (!snp.AddressResult.IsError)
        {
            snp.Mode->CurrentAddress = reset != 0 ? snp.Mode->PermanentAddress : *address;
        }

        return snp.AddressResult;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReceiveFilters(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, uint enable, uint disable, byte reset, nuint count, EFI_MAC_ADDRESS* addresses)
    {
        FakeSnp snp = Of(self);
        snp.FilterAttempts.Add(enable);
        snp.Groups.Clear();
        for (int i = 0; i < (int)count; i++)
        {
            snp.Groups.Add(Convert.ToHexString(new ReadOnlySpan<byte>(addresses[i].Addr, 6)));
        }

        if (snp.FilterResult.IsError)
        {
            return snp.FilterResult;
        }

        if ((snp.OnlyFilter != 0 && enable != snp.OnlyFilter) || ((enable | disable) & ~snp.Mode->ReceiveFilterMask) != 0)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        snp.Mode->ReceiveFilterSetting = (snp.Mode->ReceiveFilterSetting | enable) & ~disable;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetStatus(EFI_SIMPLE_NETWORK_PROTOCOL* self, uint* interrupts, void** buffer)
    {
        FakeSnp snp = Of(self);
        if (interrupts == null && buffer == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (interrupts != null)
        {
            *interrupts = 0;
        }

        if (buffer != null)
        {
            *buffer = snp._done.TryDequeue(out nint done) ? (void*)done : null;
            snp._inFlight.Remove(done);
        }

        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Transmit(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, nuint headerSize, nuint size, void* buffer, EFI_MAC_ADDRESS* source, EFI_MAC_ADDRESS* destination, ushort* protocol)
    {
        FakeSnp snp = Of(self);
        if (snp.TransmitResult.IsError)
        {
            return snp.TransmitResult;
        }

        if (snp._inFlight.Count >= snp.TransmitQueue)
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        if (!snp.LosesBuffers && !snp._inFlight.Add((nint)buffer))
        {
            throw new InvalidOperationException("A buffer is sent that has not come back");
        }

        snp.Transmitted.Add(new ReadOnlySpan<byte>(buffer, (int)size).ToArray());
        if (!snp.LosesBuffers)
        {
            if (snp.ReturnsForeignBuffers)
            {
                snp._done.Enqueue(0x1000);
                snp._done.Enqueue((nint)buffer + 2);
            }

            snp._done.Enqueue((nint)buffer);
        }

        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Receive(
        EFI_SIMPLE_NETWORK_PROTOCOL* self, nuint* headerSize, nuint* size, void* buffer, EFI_MAC_ADDRESS* source, EFI_MAC_ADDRESS* destination, ushort* protocol)
    {
        FakeSnp snp = Of(self);
        if (!snp.Incoming.TryPeek(out byte[]? frame))
        {
            return EFI_STATUS.EFI_NOT_READY;
        }

        nuint capacity = *size;
        *size = (nuint)frame.Length;
        if ((nuint)frame.Length > capacity)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        snp.Incoming.Dequeue();
        frame.CopyTo(new Span<byte>(buffer, (int)capacity));
        *size = snp.LyingSize ?? *size;
        return default;
    }
}
