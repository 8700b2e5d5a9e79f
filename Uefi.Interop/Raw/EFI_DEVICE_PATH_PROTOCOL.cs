namespace NetBoot.Uefi.Interop.Raw;

/// <summary>
/// The header of a device path node, and the protocol that names a device by a list of them. Nodes are packed and unaligned; the
/// node types are in their own files. UEFI 2.10, 10.2.
/// </summary>
public unsafe struct EFI_DEVICE_PATH_PROTOCOL : IProtocol
{
    /// <summary>Type: how a device hangs on its bus, as PCI.</summary>
    public const byte HARDWARE_DEVICE_PATH = 0x01;

    /// <summary>Type: a device that only the ACPI name space knows.</summary>
    public const byte ACPI_DEVICE_PATH = 0x02;

    /// <summary>Type: a device that is reached through another, as a network interface or a SCSI disk.</summary>
    public const byte MESSAGING_DEVICE_PATH = 0x03;

    /// <summary>Type: a part of a medium, as a partition or a file.</summary>
    public const byte MEDIA_DEVICE_PATH = 0x04;

    /// <summary>Type: what a BIOS boots, after the BIOS Boot Specification.</summary>
    public const byte BBS_DEVICE_PATH = 0x05;

    /// <summary>Type: the end of a path or of one of its instances.</summary>
    public const byte END_DEVICE_PATH_TYPE = 0x7F;

    /// <summary>SubType of the end of a path.</summary>
    public const byte END_ENTIRE_DEVICE_PATH_SUBTYPE = 0xFF;

    /// <summary>SubType of the end of an instance; another one follows.</summary>
    public const byte END_INSTANCE_DEVICE_PATH_SUBTYPE = 0x01;

    /// <summary>EFI_DEVICE_PATH_PROTOCOL_GUID</summary>
    public static EFI_GUID Guid => new(0x09576E91, 0x6D3F, 0x11D2, 0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B);

    /// <summary>One of the six types above.</summary>
    public byte Type;

    /// <summary>What the node is, within its type.</summary>
    public byte SubType;

    /// <summary>Of the whole node, header included; little-endian and unaligned, which is why it is two bytes here.</summary>
    public fixed byte Length[2];
}
