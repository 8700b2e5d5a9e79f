using System.Runtime.InteropServices;
using NetBoot.BusDrivers.Vmbus.Host;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Foreign.Microsoft;

/// <summary>The channels that Hyper-V's own firmware offers, by their handles.</summary>
public static unsafe class MicrosoftVmbus
{
    // The node of a channel: HARDWARE_DEVICE_PATH, HW_VENDOR_DP, this GUID, interface type, instance.
    private static EFI_GUID Vendor => new(0x9B17E5A2, 0x0891, 0x42DD, 0xB6, 0x53, 0x80, 0xB5, 0xC2, 0x28, 0x09, 0xBA);

    /// <summary>What the last node of a channel's device path says.</summary>
    public static bool TryReadIdentity(EFI_HANDLE controller, out EFI_GUID interfaceType, out EFI_GUID instance)
    {
        interfaceType = default;
        instance = default;
        bool isChannel = false;
        foreach (DevicePathNode node in new DevicePathReader(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(controller))))
        {
            isChannel =
                node.Is(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, VENDOR_DEVICE_PATH.HW_VENDOR_DP, 3 * sizeof(EFI_GUID)) &&
                MemoryMarshal.Read<EFI_GUID>(node.Data) == Vendor;
            if (isChannel)
            {
                interfaceType = MemoryMarshal.Read<EFI_GUID>(node.Data.Slice(sizeof(EFI_GUID)));
                instance = MemoryMarshal.Read<EFI_GUID>(node.Data.Slice(2 * sizeof(EFI_GUID)));
            }
        }

        return isChannel;
    }

    /// <summary>
    /// Whether the machine's memory is hidden from its host (SNP, TDX, VBS, CCA): nothing that shares memory works there without saying so.
    /// </summary>
    /// <param name="controller">A channel; firmware marks those of an isolated machine.</param>
    public static bool IsIsolated(EFI_HANDLE controller) =>
        Firmware.Has<EFI_VMBUS_LEGACY_IVM_PROTOCOL>(controller) || HypervisorAccess.Current.FindIsolation() is not null;

    /// <summary>Whether the firmware has a VMBus driver of its own: a channel, or a tag of its bus or of its hypervisor's driver.</summary>
    internal static bool IsInstalled =>
        Exists(EFI_VMBUS_PROTOCOL.Guid) || Exists(EFI_VMBUS_LEGACY_PROTOCOL.Guid) || Exists(EFI_VMBUS_LEGACY_IVM_PROTOCOL.Guid) ||
        Exists(MicrosoftProtocols.VmbusRoot) || Exists(MicrosoftProtocols.Hypervisor);

    private static bool Exists(EFI_GUID guid)
    {
        nuint size = 0;
        EFI_STATUS status = Firmware.BootServices->LocateHandle(EFI_LOCATE_SEARCH_TYPE.ByProtocol, &guid, null, &size, null);
        return status == EFI_STATUS.EFI_BUFFER_TOO_SMALL;
    }
}
