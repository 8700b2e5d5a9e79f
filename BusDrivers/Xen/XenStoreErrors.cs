using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.BusDrivers.Xen;

/// <summary>The errors of xenstore as it spells them, and as UEFI's statuses.</summary>
internal static class XenStoreErrors
{
    /// <param name="name">As in an error's payload, with or without its terminating zero.</param>
    public static XenStoreError Parse(ReadOnlySpan<byte> name)
    {
        if (!name.IsEmpty && name[name.Length - 1] == 0)
        {
            name = name.Slice(0, name.Length - 1);
        }

        for (XenStoreError error = XenStoreError.EINVAL; error <= XenStoreError.EPERM; error++)
        {
            if (name.SequenceEqual(NameOf(error)))
            {
                return error;
            }
        }

        return XenStoreError.Unknown;
    }

    public static ReadOnlySpan<byte> NameOf(XenStoreError error) => error switch
    {
        XenStoreError.None => "OK"u8,
        XenStoreError.EINVAL => "EINVAL"u8,
        XenStoreError.EACCES => "EACCES"u8,
        XenStoreError.EEXIST => "EEXIST"u8,
        XenStoreError.EISDIR => "EISDIR"u8,
        XenStoreError.ENOENT => "ENOENT"u8,
        XenStoreError.ENOMEM => "ENOMEM"u8,
        XenStoreError.ENOSPC => "ENOSPC"u8,
        XenStoreError.EIO => "EIO"u8,
        XenStoreError.ENOTEMPTY => "ENOTEMPTY"u8,
        XenStoreError.ENOSYS => "ENOSYS"u8,
        XenStoreError.EROFS => "EROFS"u8,
        XenStoreError.EBUSY => "EBUSY"u8,
        XenStoreError.EAGAIN => "EAGAIN"u8,
        XenStoreError.EISCONN => "EISCONN"u8,
        XenStoreError.E2BIG => "E2BIG"u8,
        XenStoreError.EPERM => "EPERM"u8,
        _ => "unknown error"u8,
    };

    /// <summary>The nearest status, as <see cref="XenDevice"/> lists them.</summary>
    public static EFI_STATUS ToStatus(XenStoreError error) => error switch
    {
        XenStoreError.None => EFI_STATUS.EFI_SUCCESS,
        XenStoreError.EINVAL or XenStoreError.EISDIR => EFI_STATUS.EFI_INVALID_PARAMETER,
        XenStoreError.EACCES or XenStoreError.EPERM => EFI_STATUS.EFI_ACCESS_DENIED,
        XenStoreError.EEXIST or XenStoreError.EISCONN => EFI_STATUS.EFI_ALREADY_STARTED,
        XenStoreError.ENOENT => EFI_STATUS.EFI_NOT_FOUND,
        XenStoreError.ENOMEM or XenStoreError.ENOSPC => EFI_STATUS.EFI_OUT_OF_RESOURCES,
        XenStoreError.ENOSYS => EFI_STATUS.EFI_UNSUPPORTED,
        XenStoreError.EROFS => EFI_STATUS.EFI_WRITE_PROTECTED,
        XenStoreError.EBUSY => EFI_STATUS.EFI_NOT_READY,
        XenStoreError.EAGAIN => EFI_STATUS.EFI_ABORTED,
        XenStoreError.E2BIG => EFI_STATUS.EFI_BAD_BUFFER_SIZE,
        _ => EFI_STATUS.EFI_DEVICE_ERROR,
    };
}
