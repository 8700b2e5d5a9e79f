using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>A disk of memory that the firmware itself shows, and tells the operating system of (EFI_RAM_DISK_PROTOCOL, ACPI's NFIT).</summary>
public sealed unsafe class RegisteredRamDisk : ShownDisk
{
    private readonly EFI_RAM_DISK_PROTOCOL* _protocol;
    private readonly EFI_DEVICE_PATH_PROTOCOL* _path;

    private RegisteredRamDisk(EFI_RAM_DISK_PROTOCOL* protocol, EFI_DEVICE_PATH_PROTOCOL* path, EFI_HANDLE handle)
    {
        _protocol = protocol;
        _path = path;
        Handle = handle;
    }

    /// <inheritdoc/>
    public override EFI_HANDLE Handle { get; }

    /// <summary>Has the firmware make the disk; null with a status when that fails, EFI_UNSUPPORTED where it has no such disks.</summary>
    public static RegisteredRamDisk? Register(RamDisk disk, out EFI_STATUS status)
    {
        EFI_RAM_DISK_PROTOCOL* protocol = Firmware.Locate<EFI_RAM_DISK_PROTOCOL>();
        status = EFI_STATUS.EFI_UNSUPPORTED;
        if (protocol == null)
        {
            return null;
        }

        EFI_GUID kind = disk.Kind;
        EFI_DEVICE_PATH_PROTOCOL* path = null;
        status = protocol->Register(disk.Address, disk.Size, &kind, null, &path);
        if (status.IsError)
        {
            return null;
        }

        EFI_GUID block = EFI_BLOCK_IO_PROTOCOL.Guid;
        EFI_DEVICE_PATH_PROTOCOL* rest = path;
        EFI_HANDLE handle = default;
        status = Firmware.BootServices->LocateDevicePath(&block, &rest, &handle);
        RegisteredRamDisk registered = new(protocol, path, handle);
        if (!status.IsError)
        {
            return registered;
        }

        registered.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public override void Dispose() => _protocol->Unregister(_path); // edk2 frees the path too, which it keeps itself.
}
