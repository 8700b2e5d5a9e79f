using NetBoot.Uefi.Interop.Pci;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>The transport of virtio 1.x: registers where the vendor-specific PCI capabilities say. Virtio 1.2, 4.1.4.</summary>
internal sealed class VirtioModern : VirtioPci
{
    // struct virtio_pci_common_cfg: virtio 1.2, 4.1.4.3.
    private const uint DeviceFeatureSelect = 0x00;
    private const uint DeviceFeature = 0x04;
    private const uint DriverFeatureSelect = 0x08;
    private const uint DriverFeature = 0x0C;
    private const uint DeviceStatus = 0x14;
    private const uint ConfigGeneration = 0x15;
    private const uint QueueSelect = 0x16;
    private const uint QueueSize = 0x18;
    private const uint QueueEnable = 0x1C;
    private const uint QueueNotifyOffset = 0x1E;
    private const uint QueueDescriptors = 0x20;
    private const uint QueueDriver = 0x28;
    private const uint QueueDevice = 0x30;
    private const uint CommonLength = 0x38;

    private readonly PciRegion _common;
    private readonly PciRegion _notify;
    private readonly PciRegion _config;
    private readonly uint _notifyMultiplier;

    private VirtioModern(PciDevice device, PciRegion common, PciRegion notify, PciRegion config, uint notifyMultiplier)
        : base(device)
    {
        _common = common;
        _notify = notify;
        _config = config;
        _notifyMultiplier = notifyMultiplier;
    }

    internal static new VirtioModern? Open(PciDevice device)
    {
        // struct virtio_pci_cap (virtio 1.2, 4.1.4): id, next, length, then these.
        const uint ConfigType = 3;
        const uint Bar = 4;
        const uint Offset = 8;
        const uint Length = 12;
        const uint NotifyMultiplier = 16;
        const byte CommonConfig = 1;
        const byte NotifyConfig = 2;
        const byte DeviceConfig = 4;

        PciRegion common = default;
        PciRegion notify = default;
        PciRegion config = default;
        uint multiplier = 0;
        foreach (PciCapability capability in device.Capabilities)
        {
            if (capability.Id != PciCapability.VendorSpecificId)
            {
                continue;
            }

            uint at = capability.Offset;
            byte type = device.ReadConfig8(at + ConfigType);
            if (type is not (CommonConfig or NotifyConfig or DeviceConfig))
            {
                continue;
            }

            PciRegion region = device.OpenBar(
                device.ReadConfig8(at + Bar), device.ReadConfig32(at + Offset), device.ReadConfig32(at + Length));

            // Of several of one type the first is the one that the device prefers.
            if (type == CommonConfig && !common.IsValid && region.Length >= CommonLength)
            {
                common = region;
            }
            else if (type == NotifyConfig && !notify.IsValid)
            {
                notify = region;
                multiplier = device.ReadConfig32(at + NotifyMultiplier);
            }
            else if (type == DeviceConfig && !config.IsValid)
            {
                config = region;
            }
        }

        bool isWhole = common.IsValid && notify.IsValid && config.IsValid;
        return isWhole ? new VirtioModern(device, common, notify, config, multiplier) : null;
    }

    internal override bool IsLegacy => false;

    internal override bool TakesSmallerQueues => true;

    internal override byte ReadStatus() => _common.Read8(DeviceStatus);

    internal override void WriteStatus(byte status) => _common.Write8(DeviceStatus, status);

    internal override VirtioFeatures ReadFeatures()
    {
        _common.Write32(DeviceFeatureSelect, 0);
        ulong low = _common.Read32(DeviceFeature);
        _common.Write32(DeviceFeatureSelect, 1);
        ulong high = _common.Read32(DeviceFeature);
        return (VirtioFeatures)(low | (high << 32));
    }

    internal override void WriteFeatures(VirtioFeatures features)
    {
        _common.Write32(DriverFeatureSelect, 0);
        _common.Write32(DriverFeature, (uint)features);
        _common.Write32(DriverFeatureSelect, 1);
        _common.Write32(DriverFeature, (uint)((ulong)features >> 32));
    }

    internal override int ReadQueueSize(ushort queue)
    {
        _common.Write16(QueueSelect, queue);
        return _common.Read16(QueueSize);
    }

    internal override bool EnableQueue(Virtqueue queue)
    {
        _common.Write16(QueueSelect, queue.Index);
        ulong notify = (ulong)_common.Read16(QueueNotifyOffset) * _notifyMultiplier;
        if (notify + sizeof(ushort) > _notify.Length)
        {
            return false;
        }

        queue.NotifyOffset = (uint)notify;
        _common.Write16(QueueSize, (ushort)queue.Size);
        _common.Write64(QueueDescriptors, queue.DeviceAddress);
        _common.Write64(QueueDriver, queue.DeviceAddress + queue.AvailableOffset);
        _common.Write64(QueueDevice, queue.DeviceAddress + queue.UsedOffset);
        _common.Write16(QueueEnable, 1);
        return true;
    }

    internal override void Notify(Virtqueue queue) => _notify.Write16(queue.NotifyOffset, queue.Index);

    internal override byte ReadConfig8(uint offset) => _config.Read8(offset);

    internal override ushort ReadConfig16(uint offset) => _config.Read16(offset);

    internal override byte ReadConfigGeneration() => _common.Read8(ConfigGeneration);
}
