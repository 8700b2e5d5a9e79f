using NetBoot.Uefi.Interop.Pci;

namespace NetBoot.NicDrivers.VirtioNet;

/// <summary>The transport before 1.0: registers in BAR 0. Virtio 1.2, 4.1.4.10.</summary>
internal sealed class VirtioLegacy : VirtioPci
{
    private const uint DeviceFeatures = 0;
    private const uint DriverFeatures = 4;
    private const uint QueueAddress = 8;
    private const uint QueueSize = 12;
    private const uint QueueSelect = 14;
    private const uint QueueNotify = 16;
    private const uint DeviceStatus = 18;
    private const uint Config = 20;

    // With MSI-X on, two vector registers come before the device's configuration.
    private const uint ConfigWithMsiX = 24;
    private const uint MsiXControl = 2;
    private const ushort MsiXEnabled = 1 << 15;
    private const int PageShift = 12;

    private const uint RegionLength = 64;

    private readonly PciRegion _registers;
    private readonly uint _config;

    private VirtioLegacy(PciDevice device, PciRegion registers, uint config)
        : base(device)
    {
        _registers = registers;
        _config = config;
    }

    internal static new VirtioLegacy? Open(PciDevice device)
    {
        PciRegion registers = device.OpenBar(0, 0, RegionLength);
        if (!registers.IsValid)
        {
            return null;
        }

        uint config = Config;
        foreach (PciCapability capability in device.Capabilities)
        {
            if (capability.Id == PciCapability.MsiXId && (device.ReadConfig16(capability.Offset + MsiXControl) & MsiXEnabled) != 0)
            {
                config = ConfigWithMsiX;
            }
        }

        return new VirtioLegacy(device, registers, config);
    }

    internal override bool IsLegacy => true;

    internal override bool TakesSmallerQueues => false;

    internal override byte ReadStatus() => _registers.Read8(DeviceStatus);

    internal override void WriteStatus(byte status) => _registers.Write8(DeviceStatus, status);

    internal override VirtioFeatures ReadFeatures() => (VirtioFeatures)_registers.Read32(DeviceFeatures);

    internal override void WriteFeatures(VirtioFeatures features) => _registers.Write32(DriverFeatures, (uint)features);

    internal override int ReadQueueSize(ushort queue)
    {
        _registers.Write16(QueueSelect, queue);
        return _registers.Read16(QueueSize);
    }

    internal override bool EnableQueue(Virtqueue queue)
    {
        ulong page = queue.DeviceAddress >> PageShift;
        if (page << PageShift != queue.DeviceAddress || page > uint.MaxValue)
        {
            return false;
        }

        _registers.Write16(QueueSelect, queue.Index);
        _registers.Write32(QueueAddress, (uint)page);
        return true;
    }

    internal override void Notify(Virtqueue queue) => _registers.Write16(QueueNotify, queue.Index);

    internal override byte ReadConfig8(uint offset) => _registers.Read8(_config + offset);

    internal override ushort ReadConfig16(uint offset) => _registers.Read16(_config + offset);

    internal override byte ReadConfigGeneration() => 0;
}
