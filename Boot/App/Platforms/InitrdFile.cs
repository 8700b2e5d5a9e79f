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
    private readonly ProtocolSet _protocols = new(2);
    private ProtocolInstance<EFI_LOAD_FILE2_PROTOCOL>* _protocol;
    private EFI_DEVICE_PATH_PROTOCOL* _path;
    private bool _isInstalled;

    /// <summary>What another's handle had before, and where; null when the handle is ours.</summary>
    private EFI_LOAD_FILE2_PROTOCOL* _other;
    private EFI_HANDLE _handle;

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
        file._isInstalled = !status.IsError;
        if (status.IsError)
        {
            file.Dispose();
            return null;
        }

        return file;
    }

    /// <summary>Takes the protocols away. Where a driver of the firmware's does not let go, they stay and answer with errors.</summary>
    public void Dispose()
    {
        bool isStuck = _isInstalled && (_other != null ? Replace(&_protocol->Protocol, _other) : _protocols.Uninstall()).IsError;
        if (_protocol != null && _protocol->Owner.Value != 0)
        {
            _protocol->Owner.Free();
            _protocol->Owner = default;
        }

        if (!isStuck)
        {
            Pool.Free(_protocol);
            Pool.Free(_path);
        }

        _protocol = null;
        _path = null;
        _other = null;
        _isInstalled = false;
    }

    private EFI_STATUS InstallOwn()
    {
        _protocols.Add(_path);
        _protocols.Add(&_protocol->Protocol);
        return _protocols.Install(default);
    }

    private EFI_STATUS TakeOver(EFI_HANDLE handle)
    {
        _handle = handle;
        _other = Firmware.Get<EFI_LOAD_FILE2_PROTOCOL>(handle);
        return Replace(_other, &_protocol->Protocol);
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

        ObjectReference owner = ((ProtocolInstance<EFI_LOAD_FILE2_PROTOCOL>*)self)->Owner;
        if (owner.Value == 0)
        {
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }

        InitrdFile file = owner.Get<InitrdFile>();
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
