using System;
using System.Buffers.Binary;
using System.Linq;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>Device paths as bytes, for tests to make and for the simulated firmware to compare, without the product's own code.</summary>
public static unsafe class SimulatedPath
{
    private static byte[] End =>
        Node(EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE, EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE, []);

    /// <summary>A node with its header.</summary>
    public static byte[] Node(byte type, byte subType, params byte[] data)
    {
        byte[] node = [type, subType, 0, 0, .. data];
        BinaryPrimitives.WriteUInt16LittleEndian(node.AsSpan(2), (ushort)node.Length);
        return node;
    }

    /// <summary>Nodes and an end node.</summary>
    public static byte[] Of(params byte[][] nodes) => [.. nodes.SelectMany(each => each), .. End];

    /// <summary>PciRoot(0x0)/Pci(device,function).</summary>
    public static byte[] Pci(byte device, byte function = 0) => Of(
        Node(EFI_DEVICE_PATH_PROTOCOL.ACPI_DEVICE_PATH, 1, 0xD0, 0x41, 0x03, 0x0A, 0, 0, 0, 0),
        Node(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, PCI_DEVICE_PATH.HW_PCI_DP, function, device));

    /// <summary>The node of an Ethernet interface with this address, of 6 bytes.</summary>
    public static byte[] Mac(params byte[] address) => Node(
        EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP,
        [.. address, .. new byte[32 - address.Length], 1]);

    /// <summary>What comes before the first end node, without its length being known.</summary>
    public static ReadOnlySpan<byte> Nodes(EFI_DEVICE_PATH_PROTOCOL* path)
    {
        int size = 0;
        for (byte* node = (byte*)path; node[0] != EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE; node = (byte*)path + size)
        {
            size += Math.Max(sizeof(EFI_DEVICE_PATH_PROTOCOL), BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(node + 2, 2)));
        }

        return new ReadOnlySpan<byte>(path, size);
    }

    /// <summary>The whole path, the end node included.</summary>
    public static byte[] Bytes(EFI_DEVICE_PATH_PROTOCOL* path) =>
        new ReadOnlySpan<byte>(path, Nodes(path).Length + sizeof(EFI_DEVICE_PATH_PROTOCOL)).ToArray();
}
