using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>
/// Virtio through what the firmware knows of the device (VIRTIO_DEVICE_PROTOCOL): how virtio-mmio is reached under AAVMF, and a modern PCI
/// device where edk2's Virtio10Dxe has it.
/// </summary>
internal sealed unsafe class VirtioPlatform(VIRTIO_DEVICE_PROTOCOL* device) : VirtioTransport
{
    private const uint PageSize = 4096;

    internal override bool IsLegacy { get; } = device->Revision < VIRTIO_DEVICE_PROTOCOL.VIRTIO_SPEC_REVISION_1_0_0;

    /// <summary>edk2's Virtio10Dxe refuses every size but the one that is in effect.</summary>
    internal override bool TakesSmallerQueues => false;

    internal override byte ReadStatus()
    {
        byte status = 0;
        return device->GetDeviceStatus(device, &status).IsError ? VirtioStatus.Gone : status;
    }

    internal override void WriteStatus(byte status) => device->SetDeviceStatus(device, status);

    internal override VirtioFeatures ReadFeatures()
    {
        ulong features = 0;
        return device->GetDeviceFeatures(device, &features).IsError ? VirtioFeatures.None : (VirtioFeatures)features;
    }

    internal override void WriteFeatures(VirtioFeatures features) => device->SetGuestFeatures(device, (ulong)features);

    internal override int ReadQueueSize(ushort queue)
    {
        ushort size = 0;
        return device->SetQueueSel(device, queue).IsError || device->GetQueueNumMax(device, &size).IsError ? 0 : size;
    }

    /// <summary>Page size and alignment are of legacy virtio-mmio (virtio 1.2, 4.2.4); others take no notice.</summary>
    internal override bool EnableQueue(Virtqueue queue)
    {
        byte* host = (byte*)queue.Descriptors;
        VRING ring = default;
        ring.NumPages = Virtqueue.BytesFor(queue.Size) / PageSize;
        ring.Base = host;
        ring.Desc = host;
        ring.AvailFlags = (ushort*)(host + queue.AvailableOffset);
        ring.AvailIdx = ring.AvailFlags + 1;
        ring.AvailRing = ring.AvailFlags + 2;
        ring.AvailUsedEvent = ring.AvailRing + queue.Size;
        ring.UsedFlags = (ushort*)(host + queue.UsedOffset);
        ring.UsedIdx = ring.UsedFlags + 1;
        ring.UsedElem = ring.UsedFlags + 2;
        ring.UsedAvailEvent = ring.UsedFlags + 2 + (queue.Size * 4);
        ring.QueueSize = (ushort)queue.Size;
        return !device->SetPageSize(device, PageSize).IsError &&
            !device->SetQueueSel(device, queue.Index).IsError &&
            !device->SetQueueNum(device, ring.QueueSize).IsError &&
            !device->SetQueueAlign(device, PageSize).IsError &&
            !device->SetQueueAddress(device, &ring, queue.DeviceAddress - (ulong)host).IsError;
    }

    internal override void Notify(Virtqueue queue) => device->SetQueueNotify(device, queue.Index);

    internal override byte ReadConfig8(uint offset)
    {
        byte value = 0;
        return device->ReadDevice(device, offset, sizeof(byte), sizeof(byte), &value).IsError ? byte.MaxValue : value;
    }

    internal override ushort ReadConfig16(uint offset)
    {
        ushort value = 0;
        return device->ReadDevice(device, offset, sizeof(ushort), sizeof(ushort), &value).IsError ? ushort.MaxValue : value;
    }

    /// <summary>The protocol does not tell it.</summary>
    internal override byte ReadConfigGeneration() => 0;

    internal override VirtioMemory? Allocate(nuint size, out EFI_STATUS status)
    {
        nuint pages = (size + PageSize - 1) / PageSize;
        void* host = null;
        status = device->AllocateSharedPages(device, pages, &host);
        if (status.IsError)
        {
            return null;
        }

        nuint bytes = pages * PageSize;
        new Span<byte>(host, (int)bytes).Clear();
        nuint mapped = bytes;
        ulong deviceAddress = 0;
        void* mapping = null;
        status = device->MapSharedBuffer(
            device, VIRTIO_DEVICE_PROTOCOL.VirtioOperationBusMasterCommonBuffer, host, &mapped, &deviceAddress, &mapping);
        if (!status.IsError && mapped >= bytes)
        {
            return new Memory(device, pages, (byte*)host, deviceAddress, mapping);
        }

        if (!status.IsError)
        {
            device->UnmapSharedBuffer(device, mapping);
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        device->FreeSharedPages(device, pages, host);
        return null;
    }

    /// <summary>Bus mastering is the firmware's: nothing but a reset keeps the device from memory.</summary>
    internal override bool Release() => Reset();

    private sealed class Memory(VIRTIO_DEVICE_PROTOCOL* device, nuint pages, byte* host, ulong deviceAddress, void* mapping)
        : VirtioMemory(host, deviceAddress)
    {
        public override void Dispose()
        {
            device->UnmapSharedBuffer(device, mapping);
            device->FreeSharedPages(device, pages, Host);
        }
    }
}
