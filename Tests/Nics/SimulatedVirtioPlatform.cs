using System;
using System.Runtime.InteropServices;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Nics;

/// <summary>VIRTIO_DEVICE_PROTOCOL as firmware publishes it, of a simulated legacy device. One at a time: its members are static.</summary>
internal sealed unsafe class SimulatedVirtioPlatform : IDisposable
{
    private const int PageSize = 4096;
    private static SimulatedVirtioPlatform? s_self;

    private readonly PciDevice _device;
    private readonly PciRegion _registers;
    private readonly VIRTIO_DEVICE_PROTOCOL* _protocol;
    private DmaBuffer? _memory;
    private uint _pageSize;

    public SimulatedVirtioPlatform(SimulatedVirtioNet card)
    {
        s_self = this;
        card.IsTheFirmwares = true;
        _device = new PciDevice(card.Protocol);
        _device.EnableAttributes(
            EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER);
        _registers = _device.OpenBar(0, 0, 64);
        _protocol = (VIRTIO_DEVICE_PROTOCOL*)NativeMemory.AllocZeroed((nuint)sizeof(VIRTIO_DEVICE_PROTOCOL));
        _protocol->Revision = 0x0009_0005;
        _protocol->SubSystemDeviceId = 1;
        _protocol->GetDeviceFeatures = &GetDeviceFeatures;
        _protocol->SetGuestFeatures = &SetGuestFeatures;
        _protocol->SetQueueAddress = &SetQueueAddress;
        _protocol->SetQueueSel = &SetQueueSel;
        _protocol->SetQueueNotify = &SetQueueNotify;
        _protocol->SetQueueAlign = &SetQueueAlign;
        _protocol->SetPageSize = &SetPageSize;
        _protocol->GetQueueNumMax = &GetQueueNumMax;
        _protocol->SetQueueNum = &SetQueueNum;
        _protocol->GetDeviceStatus = &GetDeviceStatus;
        _protocol->SetDeviceStatus = &SetDeviceStatus;
        _protocol->ReadDevice = &ReadDevice;
        _protocol->AllocateSharedPages = &AllocateSharedPages;
        _protocol->FreeSharedPages = &FreeSharedPages;
        _protocol->MapSharedBuffer = &MapSharedBuffer;
        _protocol->UnmapSharedBuffer = &UnmapSharedBuffer;
    }

    public VIRTIO_DEVICE_PROTOCOL* Protocol => _protocol;

    /// <summary>What mapping memory answers.</summary>
    public EFI_STATUS MapStatus { get; set; }

    /// <summary>Memory that the driver still holds: pages, mappings.</summary>
    public int Held { get; private set; }

    public void Dispose()
    {
        _device.RestoreAttributes();
        NativeMemory.Free(_protocol);
        s_self = null;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetDeviceFeatures(VIRTIO_DEVICE_PROTOCOL* self, ulong* features)
    {
        *features = s_self!._registers.Read32(0);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetGuestFeatures(VIRTIO_DEVICE_PROTOCOL* self, ulong features)
    {
        s_self!._registers.Write32(4, (uint)features);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueAddress(VIRTIO_DEVICE_PROTOCOL* self, VRING* ring, ulong shift)
    {
        bool isLaidOut = ring->Desc == ring->Base && ring->AvailFlags == (byte*)ring->Base + (16 * ring->QueueSize) &&
            ((nuint)ring->UsedFlags - (nuint)ring->Base) % PageSize == 0 && s_self!._pageSize == PageSize;
        s_self!._registers.Write32(8, isLaidOut ? (uint)(((ulong)ring->Base + shift) >> 12) : 0);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueSel(VIRTIO_DEVICE_PROTOCOL* self, ushort queue)
    {
        s_self!._registers.Write16(14, queue);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueNum(VIRTIO_DEVICE_PROTOCOL* self, ushort size) => default;

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueNotify(VIRTIO_DEVICE_PROTOCOL* self, ushort queue)
    {
        s_self!._registers.Write16(16, queue);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueAlign(VIRTIO_DEVICE_PROTOCOL* self, uint alignment) => default;

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetPageSize(VIRTIO_DEVICE_PROTOCOL* self, uint size)
    {
        s_self!._pageSize = size;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetQueueNumMax(VIRTIO_DEVICE_PROTOCOL* self, ushort* size)
    {
        *size = s_self!._registers.Read16(12);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetDeviceStatus(VIRTIO_DEVICE_PROTOCOL* self, byte* status)
    {
        *status = s_self!._registers.Read8(18);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetDeviceStatus(VIRTIO_DEVICE_PROTOCOL* self, byte status)
    {
        s_self!._registers.Write8(18, status);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReadDevice(VIRTIO_DEVICE_PROTOCOL* self, nuint offset, nuint fieldSize, nuint size, void* buffer)
    {
        for (nuint i = 0; i < size; i++)
        {
            ((byte*)buffer)[i] = s_self!._registers.Read8(20 + (uint)(offset + i));
        }

        return fieldSize == size ? default : EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocateSharedPages(VIRTIO_DEVICE_PROTOCOL* self, nuint pages, void** host)
    {
        s_self!._memory = s_self._device.AllocateDma(pages * PageSize, out EFI_STATUS status);
        *host = s_self._memory == null ? null : s_self._memory.Host;
        s_self.Held += status.IsError ? 0 : 1;
        return status;
    }

    [UnmanagedCallersOnly]
    private static void FreeSharedPages(VIRTIO_DEVICE_PROTOCOL* self, nuint pages, void* host)
    {
        s_self!._memory!.Dispose();
        s_self.Held--;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS MapSharedBuffer(VIRTIO_DEVICE_PROTOCOL* self, int operation, void* host, nuint* bytes, ulong* address, void** mapping)
    {
        *address = s_self!._memory!.DeviceAddress;
        s_self.Held += s_self.MapStatus.IsError ? 0 : 1;
        return s_self.MapStatus;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS UnmapSharedBuffer(VIRTIO_DEVICE_PROTOCOL* self, void* mapping)
    {
        s_self!.Held--;
        return default;
    }
}
