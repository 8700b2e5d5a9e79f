using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Raw;

/// <summary>Every structure of the raw layer against the specification's layout for 64-bit targets.</summary>
public sealed class LayoutTests
{
    // Type, size, and each member with its offset. The numbers follow from the order of members and the alignment rules of UEFI 2.10, 2.3.
    private const string Expected = """
        ACPI_EXTENDED_HID_DEVICE_PATH 16 Header@0 HID@4 UID@8 CID@12
        ACPI_HID_DEVICE_PATH 12 Header@0 HID@4 UID@8
        ATAPI_DEVICE_PATH 8 Header@0 PrimarySecondary@4 SlaveMaster@5 Lun@6
        CDROM_DEVICE_PATH 24 Header@0 BootEntry@4 PartitionStart@8 PartitionSize@16
        CONTROLLER_DEVICE_PATH 8 Header@0 ControllerNumber@4
        DNS_DEVICE_PATH 5 Header@0 IsIPv6@4
        EFI_ADAPTER_INFORMATION_PROTOCOL 24 GetInformation@0 SetInformation@8 GetSupportedTypes@16
        EFI_ADAPTER_INFO_MEDIA_STATE 8 MediaState@0
        EFI_ADAPTER_INFO_MEDIA_TYPE 1 MediaType@0
        EFI_ADAPTER_INFO_NETWORK_BOOT 8 iScsiIpv4BootCapablity@0 iScsiIpv6BootCapablity@1 FCoeBootCapablity@2
            OffloadCapability@3 iScsiMpioCapability@4 iScsiIpv4Boot@5 iScsiIpv6Boot@6 FCoeBoot@7
        EFI_ADAPTER_INFO_SAN_MAC_ADDRESS 32 SanMacAddress@0
        EFI_ADAPTER_INFO_UNDI_IPV6_SUPPORT 1 Ipv6Support@0
        EFI_ACPI_TABLE_PROTOCOL 16 InstallAcpiTable@0 UninstallAcpiTable@8
        EFI_RAM_DISK_PROTOCOL 16 Register@0 Unregister@8
        EFI_BLOCK_IO2_PROTOCOL 40 Media@0 Reset@8 ReadBlocksEx@16 WriteBlocksEx@24 FlushBlocksEx@32
        EFI_BLOCK_IO2_TOKEN 16 Event@0 TransactionStatus@8
        EFI_BLOCK_IO_MEDIA 48 MediaId@0 RemovableMedia@4 MediaPresent@5 LogicalPartition@6 ReadOnly@7 WriteCaching@8
            BlockSize@12 IoAlign@16 LastBlock@24 LowestAlignedLba@32 LogicalBlocksPerPhysicalBlock@40
            OptimalTransferLengthGranularity@44
        EFI_BLOCK_IO_PROTOCOL 48 Revision@0 Media@8 Reset@16 ReadBlocks@24 WriteBlocks@32 FlushBlocks@40
        EFI_BOOT_SERVICES 376 Hdr@0 RaiseTPL@24 RestoreTPL@32 AllocatePages@40 FreePages@48 GetMemoryMap@56 AllocatePool@64
            FreePool@72 CreateEvent@80 SetTimer@88 WaitForEvent@96 SignalEvent@104 CloseEvent@112 CheckEvent@120
            InstallProtocolInterface@128 ReinstallProtocolInterface@136 UninstallProtocolInterface@144 HandleProtocol@152
            Reserved@160 RegisterProtocolNotify@168 LocateHandle@176 LocateDevicePath@184 InstallConfigurationTable@192
            LoadImage@200 StartImage@208 Exit@216 UnloadImage@224 ExitBootServices@232 GetNextMonotonicCount@240 Stall@248
            SetWatchdogTimer@256 ConnectController@264 DisconnectController@272 OpenProtocol@280 CloseProtocol@288
            OpenProtocolInformation@296 ProtocolsPerHandle@304 LocateHandleBuffer@312 LocateProtocol@320
            InstallMultipleProtocolInterfaces@328 UninstallMultipleProtocolInterfaces@336 CalculateCrc32@344 CopyMem@352
            SetMem@360 CreateEventEx@368
        EFI_COMPONENT_NAME2_PROTOCOL 24 GetDriverName@0 GetControllerName@8 SupportedLanguages@16
        EFI_COMPONENT_NAME_PROTOCOL 24 GetDriverName@0 GetControllerName@8 SupportedLanguages@16
        EFI_CONFIGURATION_TABLE 24 VendorGuid@0 VendorTable@16
        EFI_CPU_ARCH_PROTOCOL 72 FlushDataCache@0 EnableInterrupt@8 DisableInterrupt@16 GetInterruptState@24 Init@32
            RegisterInterruptHandler@40 GetTimerValue@48 SetMemoryAttributes@56 NumberOfTimers@64 DmaBufferAlignment@68
        EFI_DEVICE_PATH_FROM_TEXT_PROTOCOL 16 ConvertTextToDeviceNode@0 ConvertTextToDevicePath@8
        EFI_DECOMPRESS_PROTOCOL 16 GetInfo@0 Decompress@8
        EFI_DEVICE_PATH_PROTOCOL 4 Type@0 SubType@1 Length@2
        EFI_DEVICE_PATH_TO_TEXT_PROTOCOL 16 ConvertDeviceNodeToText@0 ConvertDevicePathToText@8
        EFI_DEVICE_PATH_UTILITIES_PROTOCOL 64 GetDevicePathSize@0 DuplicateDevicePath@8 AppendDevicePath@16
            AppendDeviceNode@24 AppendDevicePathInstance@32 GetNextDevicePathInstance@40 IsDevicePathMultiInstance@48
            CreateDeviceNode@56
        EFI_DRIVER_BINDING_PROTOCOL 48 Supported@0 Start@8 Stop@16 Version@24 ImageHandle@32 DriverBindingHandle@40
        EFI_DRIVER_DIAGNOSTICS2_PROTOCOL 16 RunDiagnostics@0 SupportedLanguages@8
        EFI_DRIVER_SUPPORTED_EFI_VERSION_PROTOCOL 8 Length@0 FirmwareVersion@4
        EFI_EVENT 8 Value@0
        EFI_EXT_SCSI_PASS_THRU_MODE 12 AdapterId@0 Attributes@4 IoAlign@8
        EFI_EXT_SCSI_PASS_THRU_PROTOCOL 64 Mode@0 PassThru@8 GetNextTargetLun@16 BuildDevicePath@24 GetTargetLun@32
            ResetChannel@40 ResetTargetLun@48 GetNextTarget@56
        EFI_EXT_SCSI_PASS_THRU_SCSI_REQUEST_PACKET 56 Timeout@0 InDataBuffer@8 OutDataBuffer@16 SenseData@24 Cdb@32
            InTransferLength@40 OutTransferLength@44 CdbLength@48 DataDirection@49 HostAdapterStatus@50 TargetStatus@51
            SenseDataLength@52
        EFI_FILE_INFO 88 Size@0 FileSize@8 PhysicalSize@16 CreateTime@24 LastAccessTime@40 ModificationTime@56 Attribute@72
            FileName@80
        EFI_FILE_PROTOCOL 120 Revision@0 Open@8 Close@16 Delete@24 Read@32 Write@40 GetPosition@48 SetPosition@56 GetInfo@64
            SetInfo@72 Flush@80 OpenEx@88 ReadEx@96 WriteEx@104 FlushEx@112
        EFI_FILE_SYSTEM_INFO 40 Size@0 ReadOnly@8 VolumeSize@16 FreeSpace@24 BlockSize@32 VolumeLabel@36
        EFI_FIRMWARE_VOLUME2_PROTOCOL 80 GetVolumeAttributes@0 SetVolumeAttributes@8 ReadFile@16 ReadSection@24 WriteFile@32
            GetNextFile@40 KeySize@48 ParentHandle@56 GetInfo@64 SetInfo@72
        EFI_GRAPHICS_OUTPUT_BLT_PIXEL 4 Blue@0 Green@1 Red@2 Reserved@3
        EFI_GRAPHICS_OUTPUT_MODE_INFORMATION 36 Version@0 HorizontalResolution@4 VerticalResolution@8 PixelFormat@12
            PixelInformation@16 PixelsPerScanLine@32
        EFI_GRAPHICS_OUTPUT_PROTOCOL 32 QueryMode@0 SetMode@8 Blt@16 Mode@24
        EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE 40 MaxMode@0 Mode@4 Info@8 SizeOfInfo@16 FrameBufferBase@24 FrameBufferSize@32
        EFI_GUID 16 Data1@0 Data2@4 Data3@6 Data40@8 Data41@9 Data42@10 Data43@11 Data44@12 Data45@13 Data46@14 Data47@15
        EFI_HANDLE 8 Value@0
        EFI_HII_FONT_PROTOCOL 32 StringToImage@0 StringIdToImage@8 GetGlyph@16 GetFontInfo@24
        EFI_HII_IMAGE_DECODER_PROTOCOL 24 GetImageDecoderName@0 GetImageInfo@8 DecodeImage@16
        EFI_HTTP_SERVICE_BINDING_PROTOCOL 16 CreateChild@0 DestroyChild@8
        EFI_IMAGE_OUTPUT 16 Width@0 Height@2 Bitmap@8
        EFI_INPUT_KEY 4 ScanCode@0 UnicodeChar@2
        EFI_IP4_CONFIG2_INTERFACE_INFO 128 Name@0 IfType@64 HwAddressSize@68 HwAddress@72 StationAddress@104 SubnetMask@108
            RouteTableSize@112 RouteTable@120
        EFI_IP4_CONFIG2_MANUAL_ADDRESS 8 Address@0 SubnetMask@4
        EFI_IP4_CONFIG2_PROTOCOL 32 SetData@0 GetData@8 RegisterDataNotify@16 UnregisterDataNotify@24
        EFI_IP4_ROUTE_TABLE 12 SubnetAddress@0 SubnetMask@4 GatewayAddress@8
        EFI_IP_ADDRESS 16 Addr@0 v4@0 v6@0
        EFI_IPv4_ADDRESS 4 Addr@0
        EFI_IPv6_ADDRESS 16 Addr@0
        EFI_KEY_DATA 12 Key@0 KeyState@4
        EFI_KEY_STATE 8 KeyShiftState@0 KeyToggleState@4
        EFI_LOADED_IMAGE_PROTOCOL 96 Revision@0 ParentHandle@8 SystemTable@16 DeviceHandle@24 FilePath@32 Reserved@40
            LoadOptionsSize@48 LoadOptions@56 ImageBase@64 ImageSize@72 ImageCodeType@80 ImageDataType@84 Unload@88
        EFI_LOAD_FILE2_PROTOCOL 8 LoadFile@0
        EFI_LOAD_FILE_PROTOCOL 8 LoadFile@0
        EFI_MAC_ADDRESS 32 Addr@0
        EFI_MANAGED_NETWORK_COMPLETION_TOKEN 24 Event@0 Status@8 Packet@16
        EFI_MANAGED_NETWORK_CONFIG_DATA 20 ReceivedQueueTimeoutValue@0 TransmitQueueTimeoutValue@4 ProtocolTypeFilter@8
            EnableUnicastReceive@10 EnableMulticastReceive@11 EnableBroadcastReceive@12 EnablePromiscuousReceive@13
            FlushQueuesOnReset@14 EnableReceiveTimestamps@15 DisableBackgroundPolling@16
        EFI_MANAGED_NETWORK_FRAGMENT_DATA 16 FragmentLength@0 FragmentBuffer@8
        EFI_MANAGED_NETWORK_PROTOCOL 64 GetModeData@0 Configure@8 McastIpToMac@16 Groups@24 Transmit@32 Receive@40 Cancel@48
            Poll@56
        EFI_MANAGED_NETWORK_RECEIVE_DATA 80 Timestamp@0 RecycleEvent@16 PacketLength@24 HeaderLength@28 AddressLength@32
            DataLength@36 BroadcastFlag@40 MulticastFlag@41 PromiscuousFlag@42 ProtocolType@44 DestinationAddress@48
            SourceAddress@56 MediaHeader@64 PacketData@72
        EFI_MANAGED_NETWORK_TRANSMIT_DATA 48 DestinationAddress@0 SourceAddress@8 ProtocolType@16 DataLength@20
            HeaderLength@24 FragmentCount@26 FragmentTable@32
        EFI_MEMORY_DESCRIPTOR 40 Type@0 PhysicalStart@8 VirtualStart@16 NumberOfPages@24 Attribute@32
        EFI_NETWORK_INTERFACE_IDENTIFIER_PROTOCOL 40 Revision@0 Id@8 ImageAddr@16 ImageSize@24 StringId@28 Type@32 MajorVer@33
            MinorVer@34 Ipv6Supported@35 IfNum@36
        EFI_NETWORK_STATISTICS 208 RxTotalFrames@0 RxGoodFrames@8 RxUndersizeFrames@16 RxOversizeFrames@24 RxDroppedFrames@32
            RxUnicastFrames@40 RxBroadcastFrames@48 RxMulticastFrames@56 RxCrcErrorFrames@64 RxTotalBytes@72 TxTotalFrames@80
            TxGoodFrames@88 TxUndersizeFrames@96 TxOversizeFrames@104 TxDroppedFrames@112 TxUnicastFrames@120
            TxBroadcastFrames@128 TxMulticastFrames@136 TxCrcErrorFrames@144 TxTotalBytes@152 Collisions@160
            UnsupportedProtocol@168 RxDuplicatedFrames@176 RxDecryptErrorFrames@184 TxErrorFrames@192 TxRetryFrames@200
        EFI_OPEN_PROTOCOL_INFORMATION_ENTRY 24 AgentHandle@0 ControllerHandle@8 Attributes@16 OpenCount@20
        EFI_PCI_IO_PROTOCOL 160 PollMem@0 PollIo@8 Mem@16 Io@32 Pci@48 CopyMem@64 Map@72 Unmap@80 AllocateBuffer@88
            FreeBuffer@96 Flush@104 GetLocation@112 Attributes@120 GetBarAttributes@128 SetBarAttributes@136 RomSize@144
            RomImage@152
        EFI_PCI_IO_PROTOCOL_ACCESS 16 Read@0 Write@8
        EFI_PCI_IO_PROTOCOL_CONFIG_ACCESS 16 Read@0 Write@8
        EFI_PIXEL_BITMASK 16 RedMask@0 GreenMask@4 BlueMask@8 ReservedMask@12
        EFI_PKCS7_VERIFY_PROTOCOL 16 VerifyBuffer@0 VerifySignature@8
        EFI_PXE_BASE_CODE_ARP_ENTRY 48 IpAddr@0 MacAddr@16
        EFI_PXE_BASE_CODE_CALLBACK_PROTOCOL 16 Revision@0 Callback@8
        EFI_PXE_BASE_CODE_DHCPV4_PACKET 296 BootpOpcode@0 BootpHwType@1 BootpHwAddrLen@2 BootpGateHops@3 BootpIdent@4
            BootpSeconds@8 BootpFlags@10 BootpCiAddr@12 BootpYiAddr@16 BootpSiAddr@20 BootpGiAddr@24 BootpHwAddr@28
            BootpSrvName@44 BootpBootFile@108 DhcpMagik@236 DhcpOptions@240
        EFI_PXE_BASE_CODE_DHCPV6_PACKET 1028 MessageTypeAndTransactionId@0 DhcpOptions@4
        EFI_PXE_BASE_CODE_DISCOVER_INFO 44 UseMCast@0 UseBCast@1 UseUCast@2 MustUseList@3 ServerMCastIp@4 IpCnt@20 SrvList@24
        EFI_PXE_BASE_CODE_ICMP_ERROR 504 Type@0 Code@1 Checksum@2 u@4 Data@8
        EFI_PXE_BASE_CODE_IP_FILTER 132 Filters@0 IpCnt@1 reserved@2 IpList@4
        EFI_PXE_BASE_CODE_MODE 10424 Started@0 Ipv6Available@1 Ipv6Supported@2 UsingIpv6@3 BisSupported@4 BisDetected@5
            AutoArp@6 SendGUID@7 DhcpDiscoverValid@8 DhcpAckReceived@9 ProxyOfferReceived@10 PxeDiscoverValid@11
            PxeReplyReceived@12 PxeBisReplyReceived@13 IcmpErrorReceived@14 TftpErrorReceived@15 MakeCallbacks@16 TTL@17
            ToS@18 StationIp@20 SubnetMask@36 DhcpDiscover@52 DhcpAck@1524 ProxyOffer@2996 PxeDiscover@4468 PxeReply@5940
            PxeBisReply@7412 IpFilter@8884 ArpCacheEntries@9016 ArpCache@9020 RouteTableEntries@9404 RouteTable@9408
            IcmpError@9792 TftpError@10296
        EFI_PXE_BASE_CODE_PACKET 1472 Raw@0 Dhcpv4@0 Dhcpv6@0
        EFI_PXE_BASE_CODE_PROTOCOL 112 Revision@0 Start@8 Stop@16 Dhcp@24 Discover@32 Mtftp@40 UdpWrite@48 UdpRead@56
            SetIpFilter@64 Arp@72 SetParameters@80 SetStationIp@88 SetPackets@96 Mode@104
        EFI_PXE_BASE_CODE_ROUTE_ENTRY 48 IpAddr@0 SubnetMask@16 GwAddr@32
        EFI_PXE_BASE_CODE_SRVLIST 20 Type@0 AcceptAnyResponse@2 reserved@3 IpAddr@4
        EFI_PXE_BASE_CODE_TFTP_ERROR 128 ErrorCode@0 ErrorString@1
        EFI_RNG_PROTOCOL 16 GetInfo@0 GetRNG@8
        EFI_RUNTIME_SERVICES 136 Hdr@0 GetTime@24 SetTime@32 GetWakeupTime@40 SetWakeupTime@48 SetVirtualAddressMap@56
            ConvertPointer@64 GetVariable@72 GetNextVariableName@80 SetVariable@88 GetNextHighMonotonicCount@96
            ResetSystem@104 UpdateCapsule@112 QueryCapsuleCapabilities@120 QueryVariableInfo@128
        EFI_SERIAL_IO_MODE 32 ControlMask@0 Timeout@4 BaudRate@8 ReceiveFifoDepth@16 DataBits@20 Parity@24 StopBits@28
        EFI_SERIAL_IO_PROTOCOL 72 Revision@0 Reset@8 SetAttributes@16 SetControl@24 GetControl@32 Write@40 Read@48 Mode@56
            DeviceTypeGuid@64
        EFI_SERVICE_BINDING_PROTOCOL 16 CreateChild@0 DestroyChild@8
        EFI_SHELL_PARAMETERS_PROTOCOL 40 Argv@0 Argc@8 StdIn@16 StdOut@24 StdErr@32
        EFI_SIGNATURE_LIST 28 SignatureType@0 SignatureListSize@16 SignatureHeaderSize@20 SignatureSize@24
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL 16 Revision@0 OpenVolume@8
        EFI_SIMPLE_NETWORK_MODE 656 State@0 HwAddressSize@4 MediaHeaderSize@8 MaxPacketSize@12 NvRamSize@16 NvRamAccessSize@20
            ReceiveFilterMask@24 ReceiveFilterSetting@28 MaxMCastFilterCount@32 MCastFilterCount@36 MCastFilter@40
            CurrentAddress@552 BroadcastAddress@584 PermanentAddress@616 IfType@648 MacAddressChangeable@649
            MultipleTxSupported@650 MediaPresentSupported@651 MediaPresent@652
        EFI_SIMPLE_NETWORK_PROTOCOL 128 Revision@0 Start@8 Stop@16 Initialize@24 Reset@32 Shutdown@40 ReceiveFilters@48
            StationAddress@56 Statistics@64 MCastIpToMac@72 NvData@80 GetStatus@88 Transmit@96 Receive@104 WaitForPacket@112
            Mode@120
        EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL 48 Reset@0 ReadKeyStrokeEx@8 WaitForKeyEx@16 SetState@24 RegisterKeyNotify@32
            UnregisterKeyNotify@40
        EFI_SIMPLE_TEXT_INPUT_PROTOCOL 24 Reset@0 ReadKeyStroke@8 WaitForKey@16
        EFI_SIMPLE_TEXT_OUTPUT_MODE 24 MaxMode@0 Mode@4 Attribute@8 CursorColumn@12 CursorRow@16 CursorVisible@20
        EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL 80 Reset@0 OutputString@8 TestString@16 QueryMode@24 SetMode@32 SetAttribute@40
            ClearScreen@48 SetCursorPosition@56 EnableCursor@64 Mode@72
        EFI_STATUS 8 Value@0
        EFI_SYSTEM_TABLE 120 Hdr@0 FirmwareVendor@24 FirmwareRevision@32 ConsoleInHandle@40 ConIn@48 ConsoleOutHandle@56
            ConOut@64 StandardErrorHandle@72 StdErr@80 RuntimeServices@88 BootServices@96 NumberOfTableEntries@104
            ConfigurationTable@112
        EFI_TABLE_HEADER 24 Signature@0 Revision@8 HeaderSize@12 CRC32@16 Reserved@20
        EFI_TIME 16 Year@0 Month@2 Day@3 Hour@4 Minute@5 Second@6 Pad1@7 Nanosecond@8 TimeZone@12 Daylight@14 Pad2@15
        EFI_TIME_CAPABILITIES 12 Resolution@0 Accuracy@4 SetsToZero@8
        EFI_VLAN_CONFIG_PROTOCOL 24 Set@0 Find@8 Remove@16
        EFI_VLAN_FIND_DATA 4 VlanId@0 Priority@2
        FILEPATH_DEVICE_PATH 4 Header@0
        HARDDRIVE_DEVICE_PATH 42 Header@0 PartitionNumber@4 PartitionStart@8 PartitionSize@16 Signature@24 MBRType@40
            SignatureType@41
        IPv4_DEVICE_PATH 27 Header@0 LocalIpAddress@4 RemoteIpAddress@8 LocalPort@12 RemotePort@14 Protocol@16
            StaticIpAddress@18 GatewayIpAddress@19 SubnetMask@23
        IPv6_DEVICE_PATH 60 Header@0 LocalIpAddress@4 RemoteIpAddress@20 LocalPort@36 RemotePort@38 Protocol@40
            IpAddressOrigin@42 PrefixLength@43 GatewayIpAddress@44
        MAC_ADDR_DEVICE_PATH 37 Header@0 MacAddress@4 IfType@36
        MEDIA_FW_VOL_DEVICE_PATH 20 Header@0 FvName@4
        ISCSI_DEVICE_PATH 18 Header@0 NetworkProtocol@4 LoginOption@6 Lun@8 TargetPortalGroupTag@16
        MEDIA_FW_VOL_FILEPATH_DEVICE_PATH 20 Header@0 FvFileName@4
        MEDIA_RAM_DISK_DEVICE_PATH 38 Header@0 StartingAddr@4 EndingAddr@12 TypeGuid@20 Instance@36
        MEDIA_RELATIVE_OFFSET_RANGE_DEVICE_PATH 24 Header@0 Reserved@4 StartingOffset@8 EndingOffset@16
        MEMMAP_DEVICE_PATH 24 Header@0 MemoryType@4 StartingAddress@8 EndingAddress@16
        NVME_NAMESPACE_DEVICE_PATH 16 Header@0 NamespaceId@4 NamespaceUuid@8
        PCI_DEVICE_PATH 6 Header@0 Function@4 Device@5
        SATA_DEVICE_PATH 10 Header@0 HBAPortNumber@4 PortMultiplierPortNumber@6 Lun@8
        SCSI_DEVICE_PATH 8 Header@0 Pun@4 Lun@6
        SHIM_LOCK 24 Verify@0 Hash@8 Context@16
        UART_DEVICE_PATH 19 Header@0 Reserved@4 BaudRate@8 DataBits@16 Parity@17 StopBits@18
        URI_DEVICE_PATH 4 Header@0
        EFI_TLS_CONFIGURATION_PROTOCOL 16 SetData@0 GetData@8
        EFI_TLS_FRAGMENT_DATA 16 FragmentLength@0 FragmentBuffer@8
        EFI_TLS_PROTOCOL 32 SetSessionData@0 GetSessionData@8 BuildResponsePacket@16 ProcessPacket@24
        EFI_TLS_SERVICE_BINDING_PROTOCOL 16 CreateChild@0 DestroyChild@8
        EFI_TLS_VERIFY_HOST 12 Flags@0 HostName@4
        EFI_USB_IO_PROTOCOL 104 UsbControlTransfer@0 UsbBulkTransfer@8 UsbAsyncInterruptTransfer@16 UsbSyncInterruptTransfer@24
            UsbIsochronousTransfer@32 UsbAsyncIsochronousTransfer@40 UsbGetDeviceDescriptor@48 UsbGetConfigDescriptor@56
            UsbGetInterfaceDescriptor@64 UsbGetEndpointDescriptor@72 UsbGetStringDescriptor@80 UsbGetSupportedLanguages@88
            UsbPortReset@96
        USB_DEVICE_PATH 6 Header@0 ParentPortNumber@4 InterfaceNumber@5
        VENDOR_DEVICE_PATH 20 Header@0 Guid@4
        VLAN_DEVICE_PATH 6 Header@0 VlanId@4
        """;

    private static IEnumerable<string> Entries()
    {
        string? entry = null;
        foreach (string line in Expected.Split('\n'))
        {
            if (line.StartsWith(' '))
            {
                entry += " " + line.Trim();
                continue;
            }

            if (entry is not null)
            {
                yield return entry;
            }

            entry = line.Trim();
        }

        yield return entry!;
    }

    private static IEnumerable<Type> Structures() =>
        typeof(EFI_STATUS).Assembly.GetTypes().Where(type =>
            type is { Namespace: "NetBoot.Uefi.Interop.Raw", IsValueType: true, IsEnum: false, IsNested: false } &&
            type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length > 0);

    public static TheoryData<string> Layouts() => [.. Entries()];

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Structure_HasTheSpecificationsSizeAndOffsets(string entry)
    {
        string[] words = entry.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Type type = typeof(EFI_STATUS).Assembly.GetType("NetBoot.Uefi.Interop.Raw." + words[0], throwOnError: true)!;
        string[] members = [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Select(field => $"{field.Name}@{Marshal.OffsetOf(type, field.Name)}")];

        Assert.Equal(words.Skip(2), members);
        Assert.Equal(int.Parse(words[1]), Marshal.SizeOf(type));
    }

    [Fact]
    public void EveryStructure_IsInTheTable() =>
        Assert.Equal(
            Structures().Select(type => type.Name).Order(StringComparer.Ordinal),
            Entries().Select(entry => entry.Split(' ')[0]).Order(StringComparer.Ordinal));
}
