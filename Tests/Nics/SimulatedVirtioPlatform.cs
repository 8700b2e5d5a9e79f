using System;
using System.Runtime.InteropServices;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Nics;

/// <summary>VIRTIO_DEVICE_PROTOCOL as firmware publishes it, of a simulated device. One at a time: its members are static.</summary>
internal abstract unsafe class SimulatedVirtioPlatform : IDisposable
{
    protected const int PageSize = 4096;
    private static SimulatedVirtioPlatform? s_self;

    private readonly PciDevice _device;
    private readonly VIRTIO_DEVICE_PROTOCOL* _protocol;
    private DmaBuffer? _memory;

    protected SimulatedVirtioPlatform(SimulatedVirtioNet card, uint revision)
    {
        s_self = this;
        card.IsTheFirmwares = true;
        _device = new PciDevice(card.Protocol);
        _device.EnableAttributes(
            EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY |
            EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE);
        _protocol = (VIRTIO_DEVICE_PROTOCOL*)NativeMemory.AllocZeroed((nuint)sizeof(VIRTIO_DEVICE_PROTOCOL));
        _protocol->Revision = revision;
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

    protected abstract ulong Features { get; set; }

    protected abstract byte Status { get; set; }

    /// <summary>The selected queue's size, the largest until the driver has set one.</summary>
    protected abstract ushort QueueSize { get; }

    protected abstract ushort SelectedQueue { set; }

    protected static EFI_STATUS Unsupported => EFI_STATUS.EFI_UNSUPPORTED;

    public void Dispose()
    {
        _device.RestoreAttributes();
        NativeMemory.Free(_protocol);
        s_self = null;
    }

    protected PciRegion OpenBar(byte bar, uint offset, uint length) => _device.OpenBar(bar, offset, length);

    protected abstract EFI_STATUS SetRing(VRING* ring, ulong shift);

    protected abstract EFI_STATUS SetSize(ushort size);

    protected abstract EFI_STATUS SetPages(uint size);

    protected abstract EFI_STATUS SetAlignment(uint alignment);

    protected abstract void Notify(ushort queue);

    protected abstract EFI_STATUS ReadConfig(uint offset, Span<byte> bytes);

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetDeviceFeatures(VIRTIO_DEVICE_PROTOCOL* self, ulong* features)
    {
        *features = s_self!.Features;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetGuestFeatures(VIRTIO_DEVICE_PROTOCOL* self, ulong features)
    {
        s_self!.Features = features;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueAddress(VIRTIO_DEVICE_PROTOCOL* self, VRING* ring, ulong shift) => s_self!.SetRing(ring, shift);

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueSel(VIRTIO_DEVICE_PROTOCOL* self, ushort queue)
    {
        s_self!.SelectedQueue = queue;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueNum(VIRTIO_DEVICE_PROTOCOL* self, ushort size) => s_self!.SetSize(size);

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueNotify(VIRTIO_DEVICE_PROTOCOL* self, ushort queue)
    {
        s_self!.Notify(queue);
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetQueueAlign(VIRTIO_DEVICE_PROTOCOL* self, uint alignment) => s_self!.SetAlignment(alignment);

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetPageSize(VIRTIO_DEVICE_PROTOCOL* self, uint size) => s_self!.SetPages(size);

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetQueueNumMax(VIRTIO_DEVICE_PROTOCOL* self, ushort* size)
    {
        *size = s_self!.QueueSize;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetDeviceStatus(VIRTIO_DEVICE_PROTOCOL* self, byte* status)
    {
        *status = s_self!.Status;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetDeviceStatus(VIRTIO_DEVICE_PROTOCOL* self, byte status)
    {
        s_self!.Status = status;
        return default;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS ReadDevice(VIRTIO_DEVICE_PROTOCOL* self, nuint offset, nuint fieldSize, nuint size, void* buffer) =>
        fieldSize == size ? s_self!.ReadConfig((uint)offset, new Span<byte>(buffer, (int)size)) : EFI_STATUS.EFI_INVALID_PARAMETER;

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
