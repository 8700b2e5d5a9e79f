using System;
using System.Runtime.InteropServices;
using Uefi.Interop;
using Uefi.Interop.DevicePaths;
using Uefi.Interop.Raw;

namespace BusDrivers.Foreign.Microsoft;

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
    /// Whether the machine's memory is hidden from its host (SNP, TDX, VBS): nothing that shares memory works there without saying so.
    /// </summary>
    /// <param name="controller">A channel; firmware marks those of an isolated machine.</param>
    public static bool IsIsolated(EFI_HANDLE controller)
    {
        // TLFS, "Feature and Interface Discovery": leaves 0x40000001, 0x40000003 and 0x4000000C.
        const uint HyperV = 0x31237648; // "Hv#1"
        const uint IsolationPrivilege = 1 << 22;
        const uint IsolationType = 0xF;
        if (Firmware.Has<EFI_VMBUS_LEGACY_IVM_PROTOCOL>(controller))
        {
            return true;
        }
        Span<uint> registers = stackalloc uint[4]; // EAX, EBX, ECX, EDX
        Processor.Cpuid(1, 0, registers);
        if (registers[2] >> 31 == 0)
        {
            return false;
        }
        Processor.Cpuid(0x40000001, 0, registers);
        if (registers[0] != HyperV)
        {
            return false;
        }
        Processor.Cpuid(0x40000003, 0, registers);
        if ((registers[1] & IsolationPrivilege) == 0)
        {
            return false;
        }
        Processor.Cpuid(0x4000000C, 0, registers);
        return (registers[1] & IsolationType) != 0;
    }
}
