using System.Runtime.InteropServices;

namespace NetBoot.Uefi.Interop.Raw;

/// <summary>A logical unit of an iSCSI target; the target's name follows, without a terminator. UEFI 2.10, 10.3.4.21.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public struct ISCSI_DEVICE_PATH
{
    /// <summary>The node's SubType; its Type is MESSAGING_DEVICE_PATH.</summary>
    public const byte MSG_ISCSI_DP = 0x13;

    /// <summary>LoginOption: headers have digests of CRC32C.</summary>
    public const ushort HEADER_DIGEST_CRC32C = 0x0002;

    /// <summary>LoginOption: data have digests of CRC32C.</summary>
    public const ushort DATA_DIGEST_CRC32C = 0x0008;

    /// <summary>LoginOption: nobody proves anything; without it there is CHAP.</summary>
    public const ushort AUTHMETHOD_NONE = 0x0800;

    /// <summary>LoginOption: the target proves nothing; without it CHAP is mutual.</summary>
    public const ushort CHAP_UNI = 0x1000;

    /// <summary>Type, SubType and a length of 18 bytes and the name.</summary>
    public EFI_DEVICE_PATH_PROTOCOL Header;

    /// <summary>0: TCP.</summary>
    public ushort NetworkProtocol;

    /// <summary>Digests and authentication.</summary>
    public ushort LoginOption;

    /// <summary>Eight bytes, as on the wire.</summary>
    public ulong Lun;

    /// <summary>The target's group of portals.</summary>
    public ushort TargetPortalGroupTag;
}
