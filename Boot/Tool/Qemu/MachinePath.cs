using System;
using System.Buffers.Binary;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>Where things are in QEMU's machines, as UEFI device paths for their boot and driver options. UEFI 2.10, 10.3.</summary>
public static class MachinePath
{
    private static readonly Guid s_vmbus = new("9b17e5a2-0891-42dd-b653-80b5c22809ba");
    private static readonly Guid s_xenbus = new("1F0C86D9-5A42-4E3B-8D77-61B50E9A23CC");
    private static readonly Guid s_virtioMmio = new("837DCA9E-E874-4D82-B29A-23FE0E23D1E2");

    /// <summary>A PCI function directly on the root bridge.</summary>
    public static DevicePathBuilder Pci(byte device, byte function = 0) => new DevicePathBuilder()
        .Node(EFI_DEVICE_PATH_PROTOCOL.ACPI_DEVICE_PATH, 1, [0xD0, 0x41, 0x03, 0x0A, 0, 0, 0, 0]) // _HID PNP0A03, _UID 0
        .Node(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, 1, [function, device]);

    /// <summary>A channel of Hyper-V's VMBus, as Microsoft's firmware writes it (mu_msvm, VmbusDxe).</summary>
    public static DevicePathBuilder VmbusChannel(Guid interfaceType, Guid instance) => new DevicePathBuilder()
        .Node(EFI_DEVICE_PATH_PROTOCOL.ACPI_DEVICE_PATH, 2, [.. new byte[12], .. "VMBus\0\0\0"u8]) // no numbers, _HID, no _UID, no _CID
        .HardwareVendor(s_vmbus, [.. interfaceType.ToByteArray(), .. instance.ToByteArray()]);

    /// <summary>The first NIC on XenBus, whose platform device QEMU puts into the first slot (NETBOOT_XENBUS_DEVICE_PATH).</summary>
    public static DevicePathBuilder XenBusNic() => Pci(1).HardwareVendor(s_xenbus, [0, 0, 0, 0, .. "vif"u8, .. new byte[13]]);

    /// <summary>The transport of virtio-mmio that the first <c>-device virtio-*-device</c> of QEMU's virt gets, as AAVMF names it.</summary>
    public static DevicePathBuilder VirtioMmio()
    {
        const long lastOf32 = 0x0A00_3E00;
        byte[] address = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(address, lastOf32);
        return new DevicePathBuilder().HardwareVendor(s_virtioMmio, address);
    }

    /// <summary>The one partition of QEMU's virtual FAT disk (short form: found on whichever disk it is).</summary>
    public static DevicePathBuilder VirtualFatPartition() => new DevicePathBuilder().VirtualFat();

    /// <summary>The same partition of the machine's own disk. The firmware connects nothing else to get there.</summary>
    public static DevicePathBuilder SystemPartition() => Pci(VirtualMachine.DiskSlot).VirtualFat();

    /// <summary>A file in a firmware volume.</summary>
    public static DevicePathBuilder FirmwareFile(Guid volume, Guid file) => new DevicePathBuilder()
        .Node(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, 7, volume.ToByteArray())
        .Node(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, 6, file.ToByteArray());

    /// <summary>Adds an Ethernet interface.</summary>
    public static DevicePathBuilder Mac(this DevicePathBuilder path, MacText mac) => path.Mac(new MacAddress(mac.Bytes), 1);

    /// <summary>Adds a device on a SCSI channel.</summary>
    public static DevicePathBuilder Scsi(this DevicePathBuilder path, byte target, byte lun) =>
        path.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, SCSI_DEVICE_PATH.MSG_SCSI_DP, [target, 0, lun, 0]);

    /// <summary>Adds IPv4 by DHCP: all addresses unset.</summary>
    public static DevicePathBuilder IPv4(this DevicePathBuilder path) => path.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, 12, new byte[23]);

    /// <summary>Adds IPv6 by autoconfiguration as edk2 writes it: all addresses unset, a prefix of 64 bits.</summary>
    public static DevicePathBuilder IPv6(this DevicePathBuilder path) =>
        path.Node(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv6_DEVICE_PATH.MSG_IPv6_DP, [.. new byte[39], 64, .. new byte[16]]);

    private static DevicePathBuilder HardwareVendor(this DevicePathBuilder path, Guid vendor, ReadOnlySpan<byte> data) =>
        path.Node(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, VENDOR_DEVICE_PATH.HW_VENDOR_DP, [.. vendor.ToByteArray(), .. data]);

    private static DevicePathBuilder VirtualFat(this DevicePathBuilder path)
    {
        Span<byte> node = stackalloc byte[38];
        node.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(node, 1);               // partition number
        BinaryPrimitives.WriteUInt64LittleEndian(node[4..], 0x3F);       // QEMU's vvfat: one track of 63 sectors before it
        BinaryPrimitives.WriteUInt64LittleEndian(node[12..], 0xFBFC1);   // 1024 x 16 x 63 sectors less that track
        BinaryPrimitives.WriteUInt32LittleEndian(node[20..], 0xBE1AFDFA); // vvfat's disk signature
        node[36] = 1; // MBR
        node[37] = 1; // 32-bit signature
        return path.Node(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, 1, node);
    }
}
