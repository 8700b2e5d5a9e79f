using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Vmbus.Bus;

/// <summary>
/// The root's device path, as Microsoft's firmware has it (mu_msvm, VmbusDxe): an ACPI node whose hardware id is the string "VMBus", and an
/// End node.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal unsafe struct RootPath
{
    private const int StringsSize = 8; // "VMBus", no UID, no CID, each with its zero.

    private ACPI_EXTENDED_HID_DEVICE_PATH _node;
    private fixed byte _strings[StringsSize];
    private EFI_DEVICE_PATH_PROTOCOL _end;

    public static RootPath Create()
    {
        RootPath path = default;
        path._node.Header.Type = EFI_DEVICE_PATH_PROTOCOL.ACPI_DEVICE_PATH;
        path._node.Header.SubType = ACPI_EXTENDED_HID_DEVICE_PATH.ACPI_EXTENDED_DP;
        path._node.Header.Length[0] = (byte)(sizeof(ACPI_EXTENDED_HID_DEVICE_PATH) + StringsSize);
        "VMBus"u8.CopyTo(new System.Span<byte>(path._strings, StringsSize));
        path._end.Type = EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE;
        path._end.SubType = EFI_DEVICE_PATH_PROTOCOL.END_ENTIRE_DEVICE_PATH_SUBTYPE;
        path._end.Length[0] = (byte)sizeof(EFI_DEVICE_PATH_PROTOCOL);
        return path;
    }
}
