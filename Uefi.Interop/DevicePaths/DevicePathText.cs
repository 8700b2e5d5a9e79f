using System;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.Uefi.Interop.Raw.EFI_DEVICE_PATH_PROTOCOL;

namespace NetBoot.Uefi.Interop.DevicePaths;

/// <summary>
/// A device path for people: <c>TextBuilder.Format($"{new DevicePathText(path)}")</c> gives "PciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,0x1)".
/// Writes what the firmware's EFI_DEVICE_PATH_TO_TEXT_PROTOCOL writes for the node types that it names, and the generic form
/// (<c>Msg(31,00…)</c>) for others and for nodes that are shorter than their type. UEFI 2.10, 10.6.1.
/// </summary>
public readonly unsafe struct DevicePathText(EFI_DEVICE_PATH_PROTOCOL* path) : ITextFormattable
{
    private readonly EFI_DEVICE_PATH_PROTOCOL* _path = path;

    /// <summary>Writes the path; for null or a path with a wrong length a word about that, in brackets.</summary>
    public void AppendTo(ref TextBuilder text)
    {
        ReadOnlySpan<byte> path = DevicePath.Measure(_path);
        if (path.IsEmpty)
        {
            text.Append(_path == null ? "(no device path)" : "(malformed device path)");
            return;
        }

        Append(ref text, path);
    }

    /// <summary>Writes the nodes of a path.</summary>
    /// <param name="text">What they are written to.</param>
    /// <param name="path">Nodes, with or without an End node.</param>
    public static void Append(ref TextBuilder text, ReadOnlySpan<byte> path)
    {
        bool isFirst = true;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (node.IsEndOfInstance)
            {
                text.Append(',');
                isFirst = true;
                continue;
            }

            if (!isFirst)
            {
                text.Append('/');
            }

            isFirst = false;
            AppendNode(ref text, node);
        }
    }

    private static void AppendNode(ref TextBuilder text, DevicePathNode node)
    {
        bool isNamed = node.Type switch
        {
            HARDWARE_DEVICE_PATH => AppendHardware(ref text, node),
            ACPI_DEVICE_PATH => AppendAcpi(ref text, node),
            MESSAGING_DEVICE_PATH => AppendMessaging(ref text, node),
            MEDIA_DEVICE_PATH => AppendMedia(ref text, node),
            _ => false,
        };
        if (!isNamed)
        {
            AppendGeneric(ref text, node);
        }
    }

    private static bool AppendHardware(ref TextBuilder text, DevicePathNode node)
    {
        switch (node.SubType)
        {
            case PCI_DEVICE_PATH.HW_PCI_DP when node.Data.Length >= 2:
                text.Append("Pci(");
                AppendHex(ref text, node.Data[1], node.Data[0]);
                break;
            case MEMMAP_DEVICE_PATH.HW_MEMMAP_DP when node.Data.Length >= 20:
                text.Append("MemoryMapped(");
                AppendHex(ref text, node.UInt32(0), node.UInt64(4), node.UInt64(12));
                break;
            case CONTROLLER_DEVICE_PATH.HW_CONTROLLER_DP when node.Data.Length >= 4:
                text.Append("Ctrl(");
                AppendHex(ref text, node.UInt32(0));
                break;
            case VENDOR_DEVICE_PATH.HW_VENDOR_DP when node.Data.Length >= 16:
                AppendVendor(ref text, "VenHw(", node);
                break;
            default:
                return false;
        }

        text.Append(')');
        return true;
    }

    private static bool AppendAcpi(ref TextBuilder text, DevicePathNode node)
    {
        if (node.SubType != ACPI_HID_DEVICE_PATH.ACPI_DP || node.Data.Length < 8)
        {
            return false;
        }

        uint hid = node.UInt32(0);
        string? name = AcpiNames.NameOf(hid);
        if (name is not null)
        {
            text.Append(name);
            text.Append('(');
        }
        else if ((hid & 0xFFFF) == AcpiNames.Pnp)
        {
            text.Append("Acpi(PNP");
            text.AppendFormatted(hid >> 16, "X4");
            text.Append(',');
        }
        else
        {
            text.Append("Acpi(0x");
            text.AppendFormatted(hid, "X8");
            text.Append(',');
        }

        AppendHex(ref text, node.UInt32(4));
        text.Append(')');
        return true;
    }

    private static bool AppendMessaging(ref TextBuilder text, DevicePathNode node)
    {
        ReadOnlySpan<byte> data = node.Data;
        switch (node.SubType)
        {
            case ATAPI_DEVICE_PATH.MSG_ATAPI_DP when data.Length >= 4:
                text.Append(data[0] == 0 ? "Ata(Primary," : "Ata(Secondary,");
                text.Append(data[1] == 0 ? "Master," : "Slave,");
                AppendHex(ref text, node.UInt16(2));
                break;
            case SCSI_DEVICE_PATH.MSG_SCSI_DP when data.Length >= 4:
                text.Append("Scsi(");
                AppendHex(ref text, node.UInt16(0), node.UInt16(2));
                break;
            case USB_DEVICE_PATH.MSG_USB_DP when data.Length >= 2:
                text.Append("USB(");
                AppendHex(ref text, data[0], data[1]);
                break;
            case VENDOR_DEVICE_PATH.MSG_VENDOR_DP when data.Length >= 16:
                AppendVendor(ref text, "VenMsg(", node);
                break;
            case MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP when data.Length >= 33:
                AppendMac(ref text, data);
                break;
            case IPv4_DEVICE_PATH.MSG_IPv4_DP when data.Length >= 15:
                AppendIPv4(ref text, node);
                break;
            case IPv6_DEVICE_PATH.MSG_IPv6_DP when data.Length >= 39:
                AppendIPv6(ref text, node);
                break;
            case UART_DEVICE_PATH.MSG_UART_DP when data.Length >= 15:
                AppendUart(ref text, node);
                break;
            case SATA_DEVICE_PATH.MSG_SATA_DP when data.Length >= 6:
                text.Append("Sata(");
                AppendHex(ref text, node.UInt16(0), node.UInt16(2), node.UInt16(4));
                break;
            case VLAN_DEVICE_PATH.MSG_VLAN_DP when data.Length >= 2:
                text.Append("Vlan(");
                text.AppendFormatted((uint)node.UInt16(0));
                break;
            case NVME_NAMESPACE_DEVICE_PATH.MSG_NVME_NAMESPACE_DP when data.Length >= 12:
                AppendNvme(ref text, node);
                break;
            case ISCSI_DEVICE_PATH.MSG_ISCSI_DP when data.Length >= 14:
                AppendIscsi(ref text, node);
                break;
            case URI_DEVICE_PATH.MSG_URI_DP:
                text.Append("Uri(");
                text.AppendFormatted(data);
                break;
            default:
                return false;
        }

        text.Append(')');
        return true;
    }

    private static bool AppendMedia(ref TextBuilder text, DevicePathNode node)
    {
        ReadOnlySpan<byte> data = node.Data;
        switch (node.SubType)
        {
            case HARDDRIVE_DEVICE_PATH.MEDIA_HARDDRIVE_DP when data.Length >= 38:
                AppendHardDrive(ref text, node);
                break;
            case CDROM_DEVICE_PATH.MEDIA_CDROM_DP when data.Length >= 20:
                text.Append("CDROM(");
                AppendHex(ref text, node.UInt32(0), node.UInt64(4), node.UInt64(12));
                break;
            case VENDOR_DEVICE_PATH.MEDIA_VENDOR_DP when data.Length >= 16:
                AppendVendor(ref text, "VenMedia(", node);
                break;
            case FILEPATH_DEVICE_PATH.MEDIA_FILEPATH_DP:
                for (int i = 0; i + 1 < data.Length && node.UInt16(i) != 0; i += 2)
                {
                    text.Append((char)node.UInt16(i));
                }

                return true;
            case MEDIA_FW_VOL_DEVICE_PATH.MEDIA_PIWG_FW_VOL_DP when data.Length >= 16:
                text.Append("Fv(");
                AppendGuid(ref text, data);
                break;
            case MEDIA_FW_VOL_FILEPATH_DEVICE_PATH.MEDIA_PIWG_FW_FILE_DP when data.Length >= 16:
                text.Append("FvFile(");
                AppendGuid(ref text, data);
                break;
            case MEDIA_RELATIVE_OFFSET_RANGE_DEVICE_PATH.MEDIA_RELATIVE_OFFSET_RANGE_DP when data.Length >= 20:
                text.Append("Offset(");
                AppendHex(ref text, node.UInt64(4), node.UInt64(12));
                break;
            default:
                return false;
        }

        text.Append(')');
        return true;
    }

    private static void AppendMac(ref TextBuilder text, ReadOnlySpan<byte> data)
    {
        // The length of the address is not in the node: 6 bytes for Ethernet, else all that it has room for.
        byte ifType = data[32];
        text.Append("MAC(");
        AppendBytes(ref text, data.Slice(0, ifType is 0 or 1 ? MacAddress.Size : 32));
        text.Append(',');
        AppendHex(ref text, ifType);
    }

    private static void AppendNvme(ref TextBuilder text, DevicePathNode node)
    {
        text.Append("NVMe(");
        AppendHex(ref text, node.UInt32(0));
        for (int i = 11; i >= 4; i--)
        {
            text.Append(i == 11 ? ',' : '-');
            text.AppendFormatted((uint)node.Data[i], "X2");
        }
    }

    private static void AppendIscsi(ref TextBuilder text, DevicePathNode node)
    {
        int options = node.UInt16(2);
        text.Append("iSCSI(");
        text.AppendFormatted(node.Data.Slice(14));
        text.Append(',');
        AppendHex(ref text, node.UInt16(12));
        text.Append(",0x");
        AppendBytes(ref text, node.Data.Slice(4, 8));
        text.Append((options & ISCSI_DEVICE_PATH.HEADER_DIGEST_CRC32C) != 0 ? ",CRC32C" : ",None");
        text.Append((options & ISCSI_DEVICE_PATH.DATA_DIGEST_CRC32C) != 0 ? ",CRC32C" : ",None");
        text.Append(
            (options & ISCSI_DEVICE_PATH.AUTHMETHOD_NONE) != 0 ? ",None" : (options & ISCSI_DEVICE_PATH.CHAP_UNI) != 0 ? ",CHAP_UNI" : ",CHAP_BI");
        text.Append(node.UInt16(0) == 0 ? ",TCP" : ",reserved");
    }

    private static void AppendIPv4(ref TextBuilder text, DevicePathNode node)
    {
        ReadOnlySpan<byte> data = node.Data;
        text.Append("IPv4(");
        AppendIPv4Address(ref text, data.Slice(4));
        text.Append(',');
        AppendIPProtocol(ref text, node.UInt16(12));
        text.Append(data[14] != 0 ? ",Static," : ",DHCP,");
        AppendIPv4Address(ref text, data);
        if (data.Length >= 23)
        {
            text.Append(',');
            AppendIPv4Address(ref text, data.Slice(15));
            text.Append(',');
            AppendIPv4Address(ref text, data.Slice(19));
        }
    }

    private static void AppendIPv6(ref TextBuilder text, DevicePathNode node)
    {
        ReadOnlySpan<byte> data = node.Data;
        text.Append("IPv6(");
        AppendIPv6Address(ref text, data.Slice(16));
        text.Append(',');
        AppendIPProtocol(ref text, node.UInt16(36));
        text.Append(data[38] switch
        {
            0 => ",Static,",
            1 => ",StatelessAutoConfigure,",
            _ => ",StatefulAutoConfigure,",
        });
        AppendIPv6Address(ref text, data);
        if (data.Length >= 56)
        {
            text.Append(',');
            AppendHex(ref text, data[39]);
            text.Append(',');
            AppendIPv6Address(ref text, data.Slice(40));
        }
    }

    private static void AppendUart(ref TextBuilder text, DevicePathNode node)
    {
        ReadOnlySpan<byte> data = node.Data;
        text.Append("Uart(");
        AppendOrDefault(ref text, node.UInt64(4));
        text.Append(',');
        AppendOrDefault(ref text, data[12]);
        text.Append(',');
        text.Append(data[13] < 6 ? "DNEOMS"[data[13]] : 'x');
        text.Append(data[14] switch
        {
            0 => ",D",
            1 => ",1",
            2 => ",1.5",
            3 => ",2",
            _ => ",x",
        });
    }

    private static void AppendOrDefault(ref TextBuilder text, ulong value)
    {
        if (value == 0)
        {
            text.Append("DEFAULT");
        }
        else
        {
            text.AppendFormatted(value);
        }
    }

    private static void AppendHardDrive(ref TextBuilder text, DevicePathNode node)
    {
        text.Append("HD(");
        text.AppendFormatted(node.UInt32(0));
        switch (node.Data[37])
        {
            case 1:
                text.Append(",MBR,0x");
                text.AppendFormatted(node.UInt32(20), "X8");
                break;
            case 2:
                text.Append(",GPT,");
                AppendGuid(ref text, node.Data.Slice(20));
                break;
            default:
                text.Append(',');
                text.AppendFormatted((uint)node.Data[37]);
                text.Append(",0");
                break;
        }

        text.Append(',');
        AppendHex(ref text, node.UInt64(4), node.UInt64(12));
    }

    private static void AppendVendor(ref TextBuilder text, string name, DevicePathNode node)
    {
        text.Append(name);
        AppendGuid(ref text, node.Data);
        if (node.Data.Length > 16)
        {
            text.Append(',');
            AppendBytes(ref text, node.Data.Slice(16));
        }
    }

    private static void AppendGeneric(ref TextBuilder text, DevicePathNode node)
    {
        string? name = node.Type switch
        {
            HARDWARE_DEVICE_PATH => "HardwarePath(",
            ACPI_DEVICE_PATH => "AcpiPath(",
            MESSAGING_DEVICE_PATH => "Msg(",
            MEDIA_DEVICE_PATH => "MediaPath(",
            BBS_DEVICE_PATH => "BbsPath(",
            _ => null,
        };
        if (name is null)
        {
            text.Append("Path(");
            text.AppendFormatted((uint)node.Type);
            text.Append(',');
        }
        else
        {
            text.Append(name);
        }

        text.AppendFormatted((uint)node.SubType);
        if (!node.Data.IsEmpty)
        {
            text.Append(',');
            AppendBytes(ref text, node.Data);
        }

        text.Append(')');
    }

    private static void AppendIPProtocol(ref TextBuilder text, ushort protocol)
    {
        switch (protocol)
        {
            case 6:
                text.Append("TCP");
                break;
            case 17:
                text.Append("UDP");
                break;
            default:
                AppendHex(ref text, protocol);
                break;
        }
    }

    private static void AppendIPv4Address(ref TextBuilder text, ReadOnlySpan<byte> address)
    {
        for (int i = 0; i < 4; i++)
        {
            if (i > 0)
            {
                text.Append('.');
            }

            text.AppendFormatted((uint)address[i]);
        }
    }

    private static void AppendIPv6Address(ref TextBuilder text, ReadOnlySpan<byte> address)
    {
        for (int i = 0; i < 16; i += 2)
        {
            if (i > 0)
            {
                text.Append(':');
            }

            AppendBytes(ref text, address.Slice(i, 2));
        }
    }

    private static void AppendGuid(ref TextBuilder text, ReadOnlySpan<byte> bytes) =>
        System.Runtime.InteropServices.MemoryMarshal.Read<EFI_GUID>(bytes).AppendTo(ref text);

    private static void AppendBytes(ref TextBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            text.AppendFormatted((uint)b, "X2");
        }
    }

    private static void AppendHex(ref TextBuilder text, ulong value)
    {
        text.Append("0x");
        text.AppendFormatted(value, "X");
    }

    private static void AppendHex(ref TextBuilder text, ulong first, ulong second)
    {
        AppendHex(ref text, first);
        text.Append(',');
        AppendHex(ref text, second);
    }

    private static void AppendHex(ref TextBuilder text, ulong first, ulong second, ulong third)
    {
        AppendHex(ref text, first, second);
        text.Append(',');
        AppendHex(ref text, third);
    }
}
