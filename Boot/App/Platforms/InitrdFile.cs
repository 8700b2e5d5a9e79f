using System;
using System.Runtime.InteropServices;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Serves the initrd to Linux: EFI_LOAD_FILE2_PROTOCOL on a handle whose device path is the one vendor media node that the kernel's EFI stub
/// looks for (Linux, include/linux/efi.h, LINUX_EFI_INITRD_MEDIA_GUID). Is there while an image runs. Where another loader serves one already, that is
/// put back afterwards: there can be one such path only, and what is started is to have what it was started with.
/// </summary>
public sealed unsafe class InitrdFile : IDisposable
{
    private readonly Initrd _initrd;
    private readonly FaultDomain _domain;
    private ProtocolInstance<EFI_LOAD_FILE2_PROTOCOL>* _protocol;
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private EFI_HANDLE _handle;

    /// <summary>What the handle had before, which is another's then; null when it is ours.</summary>
    private EFI_LOAD_FILE2_PROTOCOL* _other;

    private InitrdFile(Initrd initrd, FaultDomain domain)
    {
        _initrd = initrd;
        _domain = domain;
    }

    /// <summary>Installs the protocols; null with an error when that fails, with nothing left.</summary>
    public static InitrdFile? Install(Initrd initrd, FaultDomain domain, out EFI_STATUS status)
    {
        InitrdFile file = new(initrd, domain);
        EFI_GUID vendor = LINUX_EFI_INITRD_MEDIA.LINUX_EFI_INITRD_MEDIA_GUID;
        file._path = new DevicePathBuilder().Vendor(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, vendor, default).ToPool();
        file._protocol = Pool.Allocate<ProtocolInstance<EFI_LOAD_FILE2_PROTOCOL>>();
        if (file._path == null || file._protocol == null)
        {
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
            file.Dispose();
            return null;
        }

        file._protocol->Protocol.LoadFile = &LoadFile;
        file._protocol->Owner = ObjectReference.To(file);
        status = file.IsTaken(out EFI_HANDLE handle) ? file.TakeOver(handle) : file.InstallOwn();

        if (status.IsError)
        {
            file.Dispose();
            return null;
        }

        return file;
    }

    public void Dispose()
    {
        if (_other != null)
        {
            Replace(&_protocol->Protocol, _other);
        }
        else if (!_handle.IsNull)
        {
            Firmware.Uninstall(_handle, &_protocol->Protocol);
            Firmware.Uninstall(_handle, _path);
        }

        if (_protocol != null && _protocol->Owner.Value != 0)
        {
            _protocol->Owner.Free();
        }

        Pool.Free(_protocol);
        Pool.Free(_path);
        _protocol = null;
        _path = null;
        _other = null;
        _handle = default;
    }

    private EFI_STATUS InstallOwn()
    {
        EFI_HANDLE handle = default;
        EFI_STATUS status = Firmware.Install(ref handle, _path);
        if (!status.IsError)
        {
            _handle = handle;
            status = Firmware.Install(ref handle, &_protocol->Protocol);
        }

        return status;
    }

    private EFI_STATUS TakeOver(EFI_HANDLE handle)
    {
        _handle = handle;
        EFI_LOAD_FILE2_PROTOCOL* other = Firmware.Get<EFI_LOAD_FILE2_PROTOCOL>(handle);
        EFI_STATUS status = Replace(other, &_protocol->Protocol);
        _other = status.IsError ? null : other;
        _handle = status.IsError ? default : handle;
        return status;
    }

    private EFI_STATUS Replace(EFI_LOAD_FILE2_PROTOCOL* old, EFI_LOAD_FILE2_PROTOCOL* other)
    {
        EFI_GUID guid = EFI_LOAD_FILE2_PROTOCOL.Guid;
        return Firmware.BootServices->ReinstallProtocolInterface(_handle, &guid, old, other);
    }

    /// <summary>Whether somebody else serves an initrd: Linux takes the first that it finds.</summary>
    private bool IsTaken(out EFI_HANDLE handle)
    {
        EFI_GUID guid = EFI_LOAD_FILE2_PROTOCOL.Guid;
        EFI_DEVICE_PATH_PROTOCOL* rest = _path;
        EFI_HANDLE found = default;
        bool isTaken = !Firmware.BootServices->LocateDevicePath(&guid, &rest, &found).IsError &&
            rest->Type == EFI_DEVICE_PATH_PROTOCOL.END_DEVICE_PATH_TYPE;
        handle = found;
        return isTaken;
    }

    private struct LoadArguments
    {
        public InitrdFile File;
        public nuint* Size;
        public void* Buffer;
    }

    /// <summary>EFI_LOAD_FILE2_PROTOCOL.LoadFile (UEFI 2.10, 13.2.2).</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS LoadFile(
        EFI_LOAD_FILE2_PROTOCOL* self, EFI_DEVICE_PATH_PROTOCOL* path, byte bootPolicy, nuint* bufferSize, void* buffer)
    {
        if (self == null || path == null || bufferSize == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (bootPolicy != 0)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        InitrdFile file = ProtocolInstance<EFI_LOAD_FILE2_PROTOCOL>.OwnerOf<InitrdFile>(self);
        LoadArguments arguments = new() { File = file, Size = bufferSize, Buffer = buffer };
        return FirmwareEntry.Run(file._domain, 0, ref arguments, &Load);
    }

    private static EFI_STATUS Load(ref LoadArguments arguments)
    {
        nuint size = (nuint)arguments.File._initrd.Size;
        nuint room = *arguments.Size;
        *arguments.Size = size;
        if (arguments.Buffer == null || room < size)
        {
            return EFI_STATUS.EFI_BUFFER_TOO_SMALL;
        }

        arguments.File._initrd.Read(0, (byte*)arguments.Buffer, size);
        return EFI_STATUS.EFI_SUCCESS;
    }
}
