using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;
using static NetBoot.Uefi.Interop.Raw.EFI_DEVICE_PATH_PROTOCOL;

namespace NetBoot.Uefi.Interop.DevicePaths;

/// <summary>
/// Text to device path, for the node types that <see cref="DevicePathText"/> names and the generic forms; a node without parentheses is a file
/// path, and takes the rest of its instance. UEFI 2.10, 10.6.1.
/// </summary>
public ref struct DevicePathParser
{
    private readonly DevicePathBuilder _path;
    private ReadOnlySpan<char> _node;
    private ReadOnlySpan<char> _parameters;
    private bool _isBad;

    private DevicePathParser(DevicePathBuilder path)
    {
        _path = path;
    }

    /// <summary>Appends the nodes that the text names.</summary>
    /// <returns>EFI_INVALID_PARAMETER, naming the node that could not be read.</returns>
    public static Error? Parse(ReadOnlySpan<char> text, DevicePathBuilder path)
    {
        DevicePathParser parser = new(path);
        while (!text.IsEmpty)
        {
            int length = NodeLength(text, out bool isFile);
            parser._node = text.Slice(0, length);
            char separator = length < text.Length ? text[length] : '\0';
            text = text.Slice(Math.Min(length + 1, text.Length));
            if (isFile)
            {
                path.FilePath(parser._node);
            }
            else if (!parser.ParseNode())
            {
                return new Error(EFI_STATUS.EFI_INVALID_PARAMETER, TextBuilder.Format($"device path: cannot read the node \"{parser._node}\""));
            }

            if (separator == ',')
            {
                path.Node(END_DEVICE_PATH_TYPE, END_INSTANCE_DEVICE_PATH_SUBTYPE, default);
            }
        }

        return null;
    }

    /// <summary>Up to the next '/' or ',' outside of parentheses; a file path goes on over its own slashes.</summary>
    private static int NodeLength(ReadOnlySpan<char> text, out bool isFile)
    {
        int depth = 0;
        bool hasParentheses = false;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '(':
                    depth++;
                    hasParentheses = true;
                    break;
                case ')':
                    depth--;
                    break;
                case '/' or ',' when depth <= 0 && i > 0 && hasParentheses:
                    isFile = false;
                    return i;
                case ',' when depth <= 0 && !hasParentheses:
                    isFile = true;
                    return i;
                case '\\' when depth <= 0 && !hasParentheses:
                    // Only file paths have these: what follows, parentheses too, is part of it.
                    int comma = text.IndexOf(',');
                    isFile = true;
                    return comma < 0 ? text.Length : comma;
            }
        }

        isFile = !hasParentheses;
        return text.Length;
    }

    private bool ParseNode()
    {
        int open = _node.IndexOf('(');
        if (open <= 0 || _node[_node.Length - 1] != ')')
        {
            return false;
        }

        ReadOnlySpan<char> name = _node.Slice(0, open);
        _parameters = _node.Slice(open + 1, _node.Length - open - 2);
        _isBad = false;
        bool isKnown = ParseHardware(name) || ParseAcpi(name) || ParseMessaging(name) || ParseMedia(name) || ParseGeneric(name);
        return isKnown && !_isBad && _parameters.IsEmpty;
    }

    private bool ParseHardware(ReadOnlySpan<char> name)
    {
        switch (name)
        {
            case "Pci":
                byte device = (byte)Number(byte.MaxValue);
                byte function = (byte)Number(byte.MaxValue);
                Append(HARDWARE_DEVICE_PATH, PCI_DEVICE_PATH.HW_PCI_DP, [function, device]);
                return true;
            case "MemoryMapped":
                Range(HARDWARE_DEVICE_PATH, MEMMAP_DEVICE_PATH.HW_MEMMAP_DP, Number(uint.MaxValue));
                return true;
            case "Ctrl":
                Span<byte> number = stackalloc byte[4];
                PutUInt32(number, Number(uint.MaxValue));
                Append(HARDWARE_DEVICE_PATH, CONTROLLER_DEVICE_PATH.HW_CONTROLLER_DP, number);
                return true;
            case "VenHw":
                Vendor(HARDWARE_DEVICE_PATH);
                return true;
            default:
                return false;
        }
    }

    private bool ParseAcpi(ReadOnlySpan<char> name)
    {
        if (!AcpiNames.TryFind(name, out uint hid))
        {
            if (!name.SequenceEqual("Acpi"))
            {
                return false;
            }

            ReadOnlySpan<char> id = Next();
            if (id.StartsWith("PNP") && id.Length == 7 && TryParseHexadecimal(id.Slice(3), out ulong product))
            {
                hid = ((uint)product << 16) | AcpiNames.Pnp;
            }
            else
            {
                hid = (uint)ToNumber(id, uint.MaxValue);
            }
        }

        Span<byte> data = stackalloc byte[8];
        PutUInt32(data, hid);
        PutUInt32(data.Slice(4), _parameters.IsEmpty ? 0 : Number(uint.MaxValue));
        Append(ACPI_DEVICE_PATH, ACPI_HID_DEVICE_PATH.ACPI_DP, data);
        return true;
    }

    private bool ParseMessaging(ReadOnlySpan<char> name)
    {
        Span<byte> data = stackalloc byte[56];
        data.Clear();
        switch (name)
        {
            case "Ata":
                data[0] = Choice(Next(), "Primary", "Secondary");
                data[1] = Choice(Next(), "Master", "Slave");
                PutUInt16(data.Slice(2), Number(ushort.MaxValue));
                Append(MESSAGING_DEVICE_PATH, ATAPI_DEVICE_PATH.MSG_ATAPI_DP, data.Slice(0, 4));
                return true;
            case "Scsi":
                Words(SCSI_DEVICE_PATH.MSG_SCSI_DP, data.Slice(0, 4));
                return true;
            case "USB":
                data[0] = (byte)Number(byte.MaxValue);
                data[1] = (byte)Number(byte.MaxValue);
                Append(MESSAGING_DEVICE_PATH, USB_DEVICE_PATH.MSG_USB_DP, data.Slice(0, 2));
                return true;
            case "VenMsg":
                Vendor(MESSAGING_DEVICE_PATH);
                return true;
            case "MAC":
                Bytes(Next(), data.Slice(0, 32));
                data[32] = _parameters.IsEmpty ? (byte)0 : (byte)Number(byte.MaxValue);
                Append(MESSAGING_DEVICE_PATH, MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP, data.Slice(0, 33));
                return true;
            case "IPv4":
                IPv4(data);
                return true;
            case "Sata":
                Words(SATA_DEVICE_PATH.MSG_SATA_DP, data.Slice(0, 6));
                return true;
            case "Vlan":
                Words(VLAN_DEVICE_PATH.MSG_VLAN_DP, data.Slice(0, 2));
                return true;
            case "NVMe":
                PutUInt32(data, Number(uint.MaxValue));
                Eui64(Next(), data.Slice(4, 8));
                Append(MESSAGING_DEVICE_PATH, NVME_NAMESPACE_DEVICE_PATH.MSG_NVME_NAMESPACE_DP, data.Slice(0, 12));
                return true;
            case "iSCSI":
                Iscsi();
                return true;
            case "Uri":
                _path.Uri(_parameters); // Commas belong to it.
                _parameters = default;
                return true;
            default:
                return false;
        }
    }

    private void Iscsi()
    {
        Span<byte> lun = stackalloc byte[8];
        ReadOnlySpan<char> target = Next();
        ushort group = (ushort)Number(ushort.MaxValue);
        ReadOnlySpan<char> number = Next();
        Bytes(number.StartsWith("0x") ? number.Slice(2) : number, lun, isExact: true);
        int options = Choice(Next(), "None", "CRC32C") * ISCSI_DEVICE_PATH.HEADER_DIGEST_CRC32C;
        options |= Choice(Next(), "None", "CRC32C") * ISCSI_DEVICE_PATH.DATA_DIGEST_CRC32C;
        ReadOnlySpan<char> method = Next();
        options |= method.SequenceEqual("None") ? ISCSI_DEVICE_PATH.AUTHMETHOD_NONE : Choice(method, "CHAP_BI", "CHAP_UNI") * ISCSI_DEVICE_PATH.CHAP_UNI;
        Choice(Next(), "TCP", "TCP");
        if (!_isBad)
        {
            _path.Iscsi(target, group, BinaryPrimitives.ReadUInt64BigEndian(lun), (ushort)options);
        }
    }

    private bool ParseMedia(ReadOnlySpan<char> name)
    {
        switch (name)
        {
            case "HD":
                HardDrive();
                return true;
            case "CDROM":
                Range(MEDIA_DEVICE_PATH, CDROM_DEVICE_PATH.MEDIA_CDROM_DP, Number(uint.MaxValue));
                return true;
            case "VenMedia":
                Vendor(MEDIA_DEVICE_PATH);
                return true;
            case "Fv":
                FirmwareVolume(MEDIA_FW_VOL_DEVICE_PATH.MEDIA_PIWG_FW_VOL_DP);
                return true;
            case "FvFile":
                FirmwareVolume(MEDIA_FW_VOL_FILEPATH_DEVICE_PATH.MEDIA_PIWG_FW_FILE_DP);
                return true;
            case "Offset":
                Range(MEDIA_DEVICE_PATH, MEDIA_RELATIVE_OFFSET_RANGE_DEVICE_PATH.MEDIA_RELATIVE_OFFSET_RANGE_DP, 0);
                return true;
            default:
                return false;
        }
    }

    private bool ParseGeneric(ReadOnlySpan<char> name)
    {
        byte type = name switch
        {
            "HardwarePath" => HARDWARE_DEVICE_PATH,
            "AcpiPath" => ACPI_DEVICE_PATH,
            "Msg" => MESSAGING_DEVICE_PATH,
            "MediaPath" => MEDIA_DEVICE_PATH,
            "BbsPath" => BBS_DEVICE_PATH,
            _ => 0,
        };
        if (type == 0)
        {
            if (!name.SequenceEqual("Path"))
            {
                return false;
            }

            type = (byte)Number(byte.MaxValue);
        }

        byte subType = (byte)Number(byte.MaxValue);
        if (DevicePath.IsEnd(type, subType))
        {
            return false; // It would end the path in its middle.
        }

        byte[] data = new byte[_parameters.Length / 2];
        Bytes(Next(), data, isExact: true);
        Append(type, subType, data);
        return true;
    }

    /// <summary>A node of a 32-bit number and of two 64-bit ones, which are parameters.</summary>
    private void Range(byte type, byte subType, ulong number)
    {
        Span<byte> data = stackalloc byte[20];
        PutUInt32(data, number);
        PutUInt64(data.Slice(4), Number(ulong.MaxValue));
        PutUInt64(data.Slice(12), Number(ulong.MaxValue));
        Append(type, subType, data);
    }

    /// <summary>A messaging node of 16-bit numbers alone, each a parameter.</summary>
    private void Words(byte subType, scoped Span<byte> data)
    {
        for (int i = 0; i < data.Length; i += sizeof(ushort))
        {
            PutUInt16(data.Slice(i), Number(ushort.MaxValue));
        }

        Append(MESSAGING_DEVICE_PATH, subType, data);
    }

    private void IPv4(scoped Span<byte> data)
    {
        IPv4Address(data.Slice(4));
        ReadOnlySpan<char> protocol = _parameters.IsEmpty ? "0" : Next();
        PutUInt16(data.Slice(12), protocol switch
        {
            "TCP" => 6,
            "UDP" => 17,
            _ => ToNumber(protocol, ushort.MaxValue),
        });
        data[14] = _parameters.IsEmpty ? (byte)0 : Choice(Next(), "DHCP", "Static");
        if (!_parameters.IsEmpty)
        {
            IPv4Address(data);
        }

        if (!_parameters.IsEmpty)
        {
            IPv4Address(data.Slice(15));
            IPv4Address(data.Slice(19));
        }

        Append(MESSAGING_DEVICE_PATH, IPv4_DEVICE_PATH.MSG_IPv4_DP, data.Slice(0, 23));
    }

    private void HardDrive()
    {
        Span<byte> data = stackalloc byte[38];
        data.Clear();
        PutUInt32(data, Number(uint.MaxValue));
        ReadOnlySpan<char> kind = Next();
        ReadOnlySpan<char> signature = Next();
        switch (kind)
        {
            case "MBR":
                PutUInt32(data.Slice(20), ToNumber(signature, uint.MaxValue));
                data[36] = data[37] = 1;
                break;
            case "GPT":
                Guid(signature, data.Slice(20));
                data[36] = data[37] = 2;
                break;
            default:
                data[37] = (byte)ToNumber(kind, byte.MaxValue);
                break;
        }

        PutUInt64(data.Slice(4), Number(ulong.MaxValue));
        PutUInt64(data.Slice(12), Number(ulong.MaxValue));
        Append(MEDIA_DEVICE_PATH, HARDDRIVE_DEVICE_PATH.MEDIA_HARDDRIVE_DP, data);
    }

    private void FirmwareVolume(byte subType)
    {
        Span<byte> data = stackalloc byte[16];
        Guid(Next(), data);
        Append(MEDIA_DEVICE_PATH, subType, data);
    }

    private void Vendor(byte type)
    {
        if (!EFI_GUID.TryParse(Next(), out EFI_GUID vendor))
        {
            _isBad = true;
            return;
        }

        byte[] data = new byte[_parameters.Length / 2];
        Bytes(Next(), data, isExact: true);
        if (!_isBad)
        {
            _path.Vendor(type, vendor, data);
        }
    }

    private readonly void Append(byte type, byte subType, scoped ReadOnlySpan<byte> data)
    {
        if (!_isBad)
        {
            _path.Node(type, subType, data);
        }
    }

    /// <summary>The next parameter; empty when there is none left.</summary>
    private ReadOnlySpan<char> Next()
    {
        int comma = _parameters.IndexOf(',');
        ReadOnlySpan<char> next = comma < 0 ? _parameters : _parameters.Slice(0, comma);
        _parameters = comma < 0 ? default : _parameters.Slice(comma + 1);
        return next;
    }

    private ulong Number(ulong maximum) => ToNumber(Next(), maximum);

    /// <summary>Decimal, or hexadecimal behind "0x".</summary>
    private ulong ToNumber(ReadOnlySpan<char> text, ulong maximum)
    {
        ulong value = 0;
        bool isNumber = text.Length is > 0 and <= 19;
        if (text.StartsWith("0x") || text.StartsWith("0X"))
        {
            isNumber = TryParseHexadecimal(text.Slice(2), out value);
        }
        else
        {
            foreach (char c in text)
            {
                isNumber &= c is >= '0' and <= '9';
                value = unchecked((value * 10) + (uint)(c - '0'));
            }
        }

        _isBad |= !isNumber || value > maximum;
        return value;
    }

    private byte Choice(ReadOnlySpan<char> text, string zero, string one)
    {
        if (text.SequenceEqual(zero.AsSpan()))
        {
            return 0;
        }

        _isBad |= !text.SequenceEqual(one.AsSpan());
        return 1;
    }

    private void IPv4Address(scoped Span<byte> address)
    {
        ReadOnlySpan<char> text = Next();
        for (int i = 0; i < 4; i++)
        {
            int dot = i < 3 ? text.IndexOf('.') : text.Length;
            if (dot < 0)
            {
                _isBad = true;
                return;
            }

            address[i] = (byte)ToNumber(text.Slice(0, dot), byte.MaxValue);
            text = text.Slice(Math.Min(dot + 1, text.Length));
        }
    }

    /// <summary>"00-11-…", most significant byte first, as NVMe's text has it; the node has it last.</summary>
    private void Eui64(ReadOnlySpan<char> text, scoped Span<byte> id)
    {
        if (text.Length != 23)
        {
            _isBad = true;
            return;
        }

        for (int i = 0; i < 8; i++)
        {
            Bytes(text.Slice(i * 3, 2), id.Slice(7 - i, 1));
            _isBad |= i < 7 && text[(i * 3) + 2] != '-';
        }
    }

    private void Guid(ReadOnlySpan<char> text, scoped Span<byte> destination)
    {
        _isBad |= !EFI_GUID.TryParse(text, out EFI_GUID guid);
        MemoryMarshal.Write(destination, in guid);
    }

    /// <summary>Pairs of hexadecimal digits.</summary>
    private void Bytes(ReadOnlySpan<char> text, scoped Span<byte> destination, bool isExact = false)
    {
        if (text.Length % 2 != 0 || text.Length / 2 > destination.Length || (isExact && text.Length / 2 != destination.Length))
        {
            _isBad = true;
            return;
        }

        _isBad |= Convert.FromHexString(text, destination, out _, out _) != OperationStatus.Done;
    }

    private static bool TryParseHexadecimal(ReadOnlySpan<char> text, out ulong value) =>
        ulong.TryParse(text, NumberStyles.AllowHexSpecifier, null, out value);

    private static void PutUInt16(Span<byte> destination, ulong value) => BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)value);
    private static void PutUInt32(Span<byte> destination, ulong value) => BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)value);
    private static void PutUInt64(Span<byte> destination, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(destination, value);
}
