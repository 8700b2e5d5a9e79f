using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;

namespace Boot.Tool.Qemu;

/// <summary>Writes the binary device paths that boot and driver variables need (UEFI 2.10 section 10.3).</summary>
public sealed class DevicePathBuilder
{
    private readonly List<byte> _bytes = [];

    /// <summary>A PCI function directly on the root bridge of QEMU's boards.</summary>
    public static DevicePathBuilder Pci(byte device, byte function = 0)
    {
        DevicePathBuilder path = new();
        path.Add(2, 1, [0xD0, 0x41, 0x03, 0x0A, 0, 0, 0, 0]); // ACPI: _HID PNP0A03, _UID 0
        return path.Add(1, 1, [function, device]);
    }

    /// <summary>A channel of Hyper-V's VMBus, as Microsoft's firmware writes it (mu_msvm, VmbusDxe).</summary>
    public static DevicePathBuilder VmbusChannel(Guid interfaceType, Guid instance)
    {
        DevicePathBuilder path = new();
        path.Add(2, 2, [.. new byte[12], .. "VMBus\0\0\0"u8]); // ACPI, extended: no numbers, _HID, no _UID, no _CID
        Guid vendor = new("9b17e5a2-0891-42dd-b653-80b5c22809ba");
        return path.Add(1, 4, [.. vendor.ToByteArray(), .. interfaceType.ToByteArray(), .. instance.ToByteArray()]);
    }

    /// <summary>The transport of virtio-mmio that the first <c>-device virtio-*-device</c> of QEMU's virt gets, as AAVMF names it.</summary>
    public static DevicePathBuilder VirtioMmio()
    {
        const long lastOf32 = 0x0A00_3E00;
        byte[] address = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(address, lastOf32);
        return new DevicePathBuilder().Add(1, 4, [.. new Guid("837DCA9E-E874-4D82-B29A-23FE0E23D1E2").ToByteArray(), .. address]);
    }

    /// <summary>The one partition of QEMU's virtual FAT disk (short form: found on whichever disk it is).</summary>
    public static DevicePathBuilder VirtualFatPartition() => new DevicePathBuilder().Partition();

    /// <summary>The same partition of the machine's own disk. The firmware connects nothing else to get there.</summary>
    public static DevicePathBuilder SystemPartition() => Pci(VirtualMachine.DiskSlot).Partition();

    private DevicePathBuilder Partition()
    {
        Span<byte> node = stackalloc byte[38];
        node.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(node, 1);               // partition number
        BinaryPrimitives.WriteUInt64LittleEndian(node[4..], 0x3F);       // QEMU's vvfat: one track of 63 sectors before it
        BinaryPrimitives.WriteUInt64LittleEndian(node[12..], 0xFBFC1);   // 1024 x 16 x 63 sectors less that track
        BinaryPrimitives.WriteUInt32LittleEndian(node[20..], 0xBE1AFDFA); // vvfat's disk signature
        node[36] = 1; // MBR
        node[37] = 1; // 32-bit signature
        return Add(4, 1, node);
    }

    /// <summary>A file in a firmware volume.</summary>
    public static DevicePathBuilder FirmwareFile(Guid volume, Guid file) =>
        new DevicePathBuilder().Add(4, 7, volume.ToByteArray()).Add(4, 6, file.ToByteArray());

    public DevicePathBuilder File(string path) => Add(4, 4, Encoding.Unicode.GetBytes(path + "\0"));

    public DevicePathBuilder Mac(MacText mac)
    {
        Span<byte> node = stackalloc byte[33];
        node.Clear();
        mac.Bytes.CopyTo(node);
        node[32] = 1; // Ethernet
        return Add(3, 11, node);
    }

    /// <summary>IPv4 by DHCP: all addresses unset.</summary>
    public DevicePathBuilder IPv4() => Add(3, 12, new byte[23]);

    public DevicePathBuilder Uri(string uri) => Add(3, 24, Encoding.ASCII.GetBytes(uri));

    /// <summary>The path with its end node.</summary>
    public byte[] ToArray() => [.. _bytes, 0x7F, 0xFF, 4, 0];

    private DevicePathBuilder Add(byte type, byte subType, ReadOnlySpan<byte> data)
    {
        int length = data.Length + 4;
        _bytes.AddRange([type, subType, (byte)length, (byte)(length >> 8)]);
        _bytes.AddRange(data);
        return this;
    }
}
