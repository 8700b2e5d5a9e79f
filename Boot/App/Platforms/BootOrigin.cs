using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Where the app was loaded from: which NIC, which server and file, and with what lease. It is found out before anything of the
/// firmware's own network is taken apart, which takes these answers with it.
/// </summary>
public sealed unsafe class BootOrigin
{
    private const int MaximumOptions = 8192;
    private const int IPv6NodeData = 56; // Bytes.

    private BootOrigin()
    {
    }

    /// <summary>The address of the NIC, if the app came from the network.</summary>
    public MacAddress? Mac { get; private set; }

    /// <summary>The VLAN on that NIC; 0 for none.</summary>
    public int VlanId { get; private set; }

    /// <summary>The app's own URI: http, tftp or file; empty when there is no telling.</summary>
    public string Uri { get; private set; } = "";

    /// <summary>Which version of IP the app came over; none when there is no telling.</summary>
    public AddressFamily Family { get; private set; }

    /// <summary>The lease that the firmware's PXE got, or null. Belongs to whoever takes it.</summary>
    public DhcpLease? Lease { get; private set; }

    /// <summary>What the firmware called itself when it asked for that lease (option 61), empty for nothing; null when there is no telling.</summary>
    public byte[]? ClientIdentifier { get; private set; }

    /// <summary>The app's arguments, without its own name.</summary>
    public string CommandLine { get; private set; } = "";

    /// <summary>Asks the loaded image, its device's path, and the firmware's PXE. Allocates from the current arena.</summary>
    public static BootOrigin Find(EFI_LOADED_IMAGE_PROTOCOL* loaded)
    {
        BootOrigin origin = new();
        string ownPath = FilePath(DevicePath.Measure(loaded->FilePath));
        ReadOnlySpan<char> options = new(loaded->LoadOptions, loaded->LoadOptions == null ? 0 : (int)Math.Min(loaded->LoadOptionsSize / 2, MaximumOptions));
        origin.CommandLine = ParseOptions(options, ownPath);
        if (loaded->DeviceHandle.IsNull)
        {
            return origin;
        }

        ReadOnlySpan<byte> device = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(loaded->DeviceHandle));
        if (!IsNetwork(device) && Firmware.Has<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(loaded->DeviceHandle))
        {
            origin.Uri = ownPath.Length > 0 ? FileUri(ownPath) : "";
            return origin;
        }

        origin.Mac = FindMac(device) ?? FindMacOfCard(device);
        origin.VlanId = FindVlan(device);
        origin.Family = FindFamily(device);
        string uri = FindUri(device);
        origin.Uri = uri.Length > 0 ? uri : FindUri(DevicePath.Measure(loaded->FilePath));
        origin.ReadPxe(FindPxe(loaded->DeviceHandle, device));
        return origin;
    }

    /// <summary>
    /// The command line in LoadOptions (UCS-2): what follows the app's own name, which the shell puts first and the boot manager does not.
    /// Empty when it is no text: boot managers keep their own data there.
    /// </summary>
    public static string ParseOptions(ReadOnlySpan<char> options, string ownPath)
    {
        int end = options.IndexOf('\0');
        options = end < 0 ? options : options.Slice(0, end);
        foreach (char c in options)
        {
            if (c is < ' ' and not '\t' or > (char)0xFF or (char)0x7F)
            {
                return "";
            }
        }

        int word = 0;
        while (word < options.Length && options[word] != ' ')
        {
            word++;
        }

        ReadOnlySpan<char> first = options.Slice(0, word);
        bool isName = ByteText.EndsWithPath(first, ".efi") || (first.Length > 0 && ByteText.EndsWithPath(ownPath, first));
        options = isName ? options.Slice(word) : options;
        int start = 0;
        while (start < options.Length && ByteText.IsSpace(options[start]))
        {
            start++;
        }

        int stop = options.Length;
        while (stop > start && ByteText.IsSpace(options[stop - 1]))
        {
            stop--;
        }

        return new string(options.Slice(start, stop - start));
    }

    /// <summary>The file that the nodes of a path name together: "\EFI\BOOT\BOOTX64.EFI" (UEFI 2.10, 10.3.5.4).</summary>
    public static string FilePath(ReadOnlySpan<byte> path)
    {
        TextBuilder text = new(64, 0);
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (!node.Is(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, FILEPATH_DEVICE_PATH.MEDIA_FILEPATH_DP))
            {
                continue;
            }

            bool endsWithSeparator = text.Written.Length > 0 && text.Written[text.Written.Length - 1] == '\\';
            bool isFirst = text.Written.Length == 0;
            for (int i = 0; i + 1 < node.Data.Length; i += 2)
            {
                char c = (char)BinaryPrimitives.ReadUInt16LittleEndian(node.Data.Slice(i));
                if (c == '\0')
                {
                    break;
                }

                if (i == 0 && !isFirst && !endsWithSeparator && c != '\\')
                {
                    text.Append('\\');
                }

                if (i > 0 || !endsWithSeparator || c != '\\')
                {
                    text.Append(c);
                }
            }
        }

        return text.ToString();
    }

    /// <summary>The URI of a path's last URI node (UEFI 2.10, 10.3.4.23), or empty.</summary>
    public static string FindUri(ReadOnlySpan<byte> path)
    {
        ReadOnlySpan<byte> uri = default;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, URI_DEVICE_PATH.MSG_URI_DP))
            {
                uri = node.Data;
            }
        }

        int end = uri.IndexOf((byte)0);
        return Encoding.Latin1.GetString(end < 0 ? uri : uri.Slice(0, end));
    }

    /// <summary>The address in a path's last MAC node (UEFI 2.10, 10.3.4.11), or null.</summary>
    public static MacAddress? FindMac(ReadOnlySpan<byte> path)
    {
        MacAddress? found = null;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP, MacAddress.Size))
            {
                found = new MacAddress(node.Data);
            }
        }

        return found;
    }

    /// <summary>The VLAN of a path's last VLAN node (UEFI 2.10, 10.3.4.13); 0 when there is none.</summary>
    public static int FindVlan(ReadOnlySpan<byte> path)
    {
        int found = 0;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, VLAN_DEVICE_PATH.MSG_VLAN_DP, sizeof(ushort)))
            {
                found = BinaryPrimitives.ReadUInt16LittleEndian(node.Data);
            }
        }

        return found;
    }

    /// <summary>The version of IP of a path's last IP node (UEFI 2.10, 10.3.4.11 and 10.3.4.12); none when there is none.</summary>
    public static AddressFamily FindFamily(ReadOnlySpan<byte> path)
    {
        AddressFamily found = AddressFamily.None;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            found = node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv6_DEVICE_PATH.MSG_IPv6_DP, IPv6NodeData) ? AddressFamily.IPv6
                : node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv4_DEVICE_PATH.MSG_IPv4_DP) ? AddressFamily.IPv4
                : found;
        }

        return found;
    }

    /// <summary>The boot file's URL in a packet of DHCPv6 whose length is not known: zeros may follow it. Empty when there is none.</summary>
    public static string FindBootFileUrl(ReadOnlySpan<byte> packet)
    {
        Dhcp6OptionReader reader = new(packet.Slice(Math.Min(Dhcp6Message.HeaderSize, packet.Length)));
        while (reader.Read() && reader.Tag != 0)
        {
            if (reader.Tag == Dhcp6Tag.BootFileUrl)
            {
                int end = reader.Value.IndexOf((byte)0); // Some servers write one.
                return Encoding.Latin1.GetString(end < 0 ? reader.Value : reader.Value.Slice(0, end));
            }
        }

        return "";
    }

    /// <summary>
    /// Whether a path ends at the network. A volume there is another loader's, with what it has fetched: it is not where the app came from.
    /// </summary>
    private static bool IsNetwork(ReadOnlySpan<byte> path)
    {
        bool isNetwork = false;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            isNetwork = node.Type == EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH &&
                node.SubType is MAC_ADDR_DEVICE_PATH.MSG_MAC_ADDR_DP or IPv4_DEVICE_PATH.MSG_IPv4_DP or IPv6_DEVICE_PATH.MSG_IPv6_DP or URI_DEVICE_PATH.MSG_URI_DP;
        }

        return isNetwork;
    }

    /// <summary>The address of the card whose option ROM held the app: its file is a node below the card, as the card's network is. Or null.</summary>
    private static MacAddress? FindMacOfCard(ReadOnlySpan<byte> device)
    {
        int last = 0;
        foreach (DevicePathNode node in new DevicePathReader(device))
        {
            last = node.Is(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, FILEPATH_DEVICE_PATH.MEDIA_FILEPATH_DP) ? node.Size : 0;
        }

        ReadOnlySpan<byte> nodes = DevicePath.WithoutEnd(device);
        if (last == 0 || last >= nodes.Length)
        {
            return null;
        }

        ReadOnlySpan<byte> card = nodes.Slice(0, nodes.Length - last);
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            ReadOnlySpan<byte> network = DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle));
            if (network.StartsWith(card) && FindMac(network) is MacAddress mac)
            {
                return mac;
            }
        }

        return null;
    }

    /// <summary>
    /// The PXE that the app came by; or, where it came by HTTP from one of us, the PXE of the same NIC that has the address which is in the path: that has
    /// the lease. Null for none that was started.
    /// </summary>
    private static EFI_PXE_BASE_CODE_MODE* FindPxe(EFI_HANDLE device, ReadOnlySpan<byte> path)
    {
        EFI_PXE_BASE_CODE_MODE* own = ModeOf(device);
        IPAddress address = default;
        foreach (DevicePathNode node in new DevicePathReader(path))
        {
            if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv4_DEVICE_PATH.MSG_IPv4_DP, sizeof(uint)))
            {
                address = new IPv4Address(BinaryPrimitives.ReadUInt32BigEndian(node.Data));
            }
            else if (node.Is(EFI_DEVICE_PATH_PROTOCOL.MESSAGING_DEVICE_PATH, IPv6_DEVICE_PATH.MSG_IPv6_DP, IPAddress.IPv6Size))
            {
                address = new IPAddress(node.Data.Slice(0, IPAddress.IPv6Size));
            }
        }

        if (own != null || address.IsAny)
        {
            return own;
        }

        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<EFI_PXE_BASE_CODE_PROTOCOL>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            EFI_PXE_BASE_CODE_MODE* mode = ModeOf(handle);
            if (mode != null && PxeAddress.FromFirmware(mode->StationIp, mode->UsingIpv6 != 0) == address &&
                FindMac(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(handle))) == FindMac(path))
            {
                return mode;
            }
        }

        return null;
    }

    private static EFI_PXE_BASE_CODE_MODE* ModeOf(EFI_HANDLE handle)
    {
        EFI_PXE_BASE_CODE_PROTOCOL* pxe = Firmware.Get<EFI_PXE_BASE_CODE_PROTOCOL>(handle);
        return pxe == null || pxe->Mode == null || pxe->Mode->Started == 0 ? null : pxe->Mode;
    }

    private static string FileUri(string path)
    {
        TextBuilder uri = new(path.Length + 8, 0);
        uri.Append("file://");
        if (path[0] != '\\')
        {
            uri.Append('/');
        }

        char[] text = new char[path.Length * 3];
        int length = ByteText.FromUcs2(path, text);
        foreach (char c in text.AsSpan(0, length))
        {
            uri.Append(c == '\\' ? '/' : c);
        }

        return uri.ToString();
    }

    /// <summary>Takes the packets of the firmware's PXE, and from them the app's URI (UEFI 2.10, 24.3.1).</summary>
    private void ReadPxe(EFI_PXE_BASE_CODE_MODE* mode)
    {
        if (mode == null)
        {
            return;
        }

        byte* proxy = mode->PxeReplyReceived != 0 ? mode->PxeReply.Raw : mode->ProxyOfferReceived != 0 ? mode->ProxyOffer.Raw : null;
        byte* ack = mode->DhcpAckReceived != 0 ? mode->DhcpAck.Raw : null;
        if (mode->UsingIpv6 != 0)
        {
            Family = AddressFamily.IPv6;
            Uri = Uri.Length > 0 ? Uri : FindBootFileUrl(new ReadOnlySpan<byte>(proxy, proxy == null ? 0 : EFI_PXE_BASE_CODE_PACKET.Size));
            Uri = Uri.Length > 0 ? Uri : FindBootFileUrl(new ReadOnlySpan<byte>(ack, ack == null ? 0 : EFI_PXE_BASE_CODE_PACKET.Size));
            return;
        }

        if (ack == null)
        {
            return;
        }

        Lease = DhcpLease.FromPackets(
            new ReadOnlySpan<byte>(ack, EFI_PXE_BASE_CODE_PACKET.Size),
            new ReadOnlySpan<byte>(proxy, proxy == null ? 0 : EFI_PXE_BASE_CODE_PACKET.Size),
            out _);
        if (Lease is null)
        {
            return;
        }

        DhcpMessage question = new();
        if (question.TryLoad(new ReadOnlySpan<byte>(mode->DhcpDiscover.Raw, EFI_PXE_BASE_CODE_PACKET.Size)))
        {
            question.TryGetOption(DhcpTag.ClientIdentifier, out ReadOnlySpan<byte> identifier);
            ClientIdentifier = identifier.ToArray();
        }

        Mac ??= Lease.Ack.MacAddress;
        if (Uri.Length == 0 && Lease.FileName.Length > 0 && !Lease.NextServer.IsAny)
        {
            Uri = ResourceUri.ForTftp(TextBuilder.Format($"{Lease.NextServer}"), Lease.FileName).ToText();
        }
    }
}
