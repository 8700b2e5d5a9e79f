using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>Images (UEFI 2.10, 7.4): what is loaded is whatever the test says, and is code of the test.</summary>
internal sealed unsafe class ImageServices(SimulatedFirmware firmware)
{
    private readonly List<SimulatedImage> _images = [];
    private readonly Stack<SimulatedImage> _running = new();

    public SimulatedImage? Find(EFI_HANDLE handle) => _images.Find(each => each.Handle == handle);

    /// <summary>Makes the handle of an image, with its protocols.</summary>
    public SimulatedImage Create(EFI_HANDLE parent, EFI_HANDLE device, ReadOnlySpan<byte> source, byte[] path, byte[] filePath)
    {
        EFI_LOADED_IMAGE_PROTOCOL* protocol = firmware.Allocate<EFI_LOADED_IMAGE_PROTOCOL>();
        protocol->Revision = EFI_LOADED_IMAGE_PROTOCOL.EFI_LOADED_IMAGE_PROTOCOL_REVISION;
        protocol->ParentHandle = parent;
        protocol->SystemTable = firmware.SystemTable;
        protocol->DeviceHandle = device;
        protocol->FilePath = firmware.AllocatePath(filePath);
        protocol->ImageBase = firmware.AllocateBytes(source);
        protocol->ImageSize = (ulong)source.Length;
        protocol->ImageCodeType = EFI_MEMORY_TYPE.EfiLoaderCode;
        protocol->ImageDataType = EFI_MEMORY_TYPE.EfiLoaderData;
        EFI_HANDLE handle = firmware.Install(default, protocol);
        EFI_GUID guid = EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL.Guid;
        firmware.Handles.Install(&handle, &guid, EFI_INTERFACE_TYPE.EFI_NATIVE_INTERFACE, path.Length == 0 ? null : firmware.AllocatePath(path));
        SimulatedImage image = new(handle, protocol, source.ToArray(), path);
        _images.Add(image);
        return image;
    }

    public EFI_STATUS Load(
        bool isBootPolicy, EFI_HANDLE parent, EFI_DEVICE_PATH_PROTOCOL* path, void* source, nuint size, EFI_HANDLE* result)
    {
        if (result == null || Find(parent) is null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (source == null && path == null)
        {
            return EFI_STATUS.EFI_NOT_FOUND;
        }

        EFI_HANDLE device = default;
        EFI_DEVICE_PATH_PROTOCOL* file = path;
        byte[]? content = null;
        if (source != null)
        {
            EFI_GUID guid = EFI_DEVICE_PATH_PROTOCOL.Guid;
            if (path != null)
            {
                firmware.Handles.LocateDevicePath(&guid, &file, &device);
            }

            content = new ReadOnlySpan<byte>(source, checked((int)size)).ToArray();
        }
        else
        {
            content = ReadFile(isBootPolicy, &file, &device);
            if (content is null)
            {
                return EFI_STATUS.EFI_NOT_FOUND;
            }
        }

        EFI_STATUS answer = firmware.OnLoadImage?.Invoke(content) ?? firmware.LoadImageResult;
        if (answer.IsError && answer != EFI_STATUS.EFI_SECURITY_VIOLATION)
        {
            return answer;
        }

        SimulatedImage image = Create(
            parent, device, content, path == null ? [] : SimulatedPath.Bytes(path), file == null ? [] : SimulatedPath.Bytes(file));
        image.IsRefused = answer == EFI_STATUS.EFI_SECURITY_VIOLATION;
        *result = image.Handle;
        return answer;
    }

    // A volume is read; EFI_LOAD_FILE2_PROTOCOL is asked unless the boot manager loads, then EFI_LOAD_FILE_PROTOCOL (UEFI 2.10, 7.4.1).
    private byte[]? ReadFile(bool isBootPolicy, EFI_DEVICE_PATH_PROTOCOL** file, EFI_HANDLE* device)
    {
        EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL.Guid;
        if (!firmware.Handles.LocateDevicePath(&guid, file, device).IsError)
        {
            return ReadVolume((EFI_SIMPLE_FILE_SYSTEM_PROTOCOL*)firmware.Handles.Get(*device, guid), *file);
        }

        guid = EFI_LOAD_FILE2_PROTOCOL.Guid;
        if (isBootPolicy || firmware.Handles.LocateDevicePath(&guid, file, device).IsError)
        {
            guid = EFI_LOAD_FILE_PROTOCOL.Guid;
            if (firmware.Handles.LocateDevicePath(&guid, file, device).IsError)
            {
                return null;
            }
        }

        // Both have the same one member.
        EFI_LOAD_FILE_PROTOCOL* loader = (EFI_LOAD_FILE_PROTOCOL*)firmware.Handles.Get(*device, guid);
        byte policy = isBootPolicy ? (byte)1 : (byte)0;
        nuint size = 0;
        if (loader->LoadFile(loader, *file, policy, &size, null) != EFI_STATUS.EFI_BUFFER_TOO_SMALL)
        {
            return null;
        }

        byte[] content = new byte[size];
        fixed (byte* buffer = content)
        {
            return loader->LoadFile(loader, *file, policy, &size, buffer).IsError ? null : content;
        }
    }

    private static byte[]? ReadVolume(EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume, EFI_DEVICE_PATH_PROTOCOL* path)
    {
        EFI_FILE_PROTOCOL* root;
        if (path->Type != EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH || volume->OpenVolume(volume, &root).IsError)
        {
            return null;
        }

        EFI_FILE_PROTOCOL* file;
        byte[] content = new byte[1 << 20];
        nuint size = (nuint)content.Length;
        fixed (byte* buffer = content)
        {
            EFI_STATUS status = root->Open(root, &file, (char*)(path + 1), EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0);
            if (!status.IsError)
            {
                status = file->Read(file, &size, buffer);
                file->Close(file);
            }

            root->Close(root);
            return status.IsError ? null : content[..(int)size];
        }
    }

    public EFI_STATUS Start(EFI_HANDLE handle, nuint* exitSize, char** exitData)
    {
        if (Find(handle) is not { IsStarted: false } image)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (image.IsRefused)
        {
            return EFI_STATUS.EFI_SECURITY_VIOLATION;
        }

        image.IsStarted = true;
        nuint tpl = firmware.Events.Tpl;
        _running.Push(image);
        EFI_STATUS status = firmware.ImageEntry is null ? EFI_STATUS.EFI_SUCCESS : firmware.ImageEntry(image);
        _running.Pop();
        firmware.Events.ExpectTpl(tpl, "An image");
        status = image.ExitStatus ?? status;
        GiveExitData(image, exitSize, exitData);
        if (status.IsError || !firmware.ImagesStay)
        {
            Remove(image);
        }

        return status;
    }

    private void GiveExitData(SimulatedImage image, nuint* size, char** data)
    {
        if (size != null)
        {
            *size = 0;
        }

        if (data == null || size == null)
        {
            return;
        }

        *data = null;
        if (image.ExitData is { } text)
        {
            void* memory;
            nuint bytes = (nuint)(text.Length + 1) * sizeof(char);
            if (!firmware.Memory.AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, bytes, &memory).IsError)
            {
                Span<char> copy = new(memory, text.Length + 1);
                text.CopyTo(copy);
                copy[^1] = '\0';
                *data = (char*)memory;
                *size = bytes;
            }
        }
    }

    public EFI_STATUS Exit(EFI_HANDLE handle, EFI_STATUS status, nuint size, char* data)
    {
        if (Find(handle) is not { } image)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (!image.IsStarted)
        {
            Remove(image);
            return EFI_STATUS.EFI_SUCCESS;
        }

        if (!_running.TryPeek(out SimulatedImage? running) || running != image)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        image.ExitStatus = status;
        image.ExitData = data == null ? null : new string(data, 0, (int)(size / sizeof(char))).TrimEnd('\0');
        return EFI_STATUS.EFI_SUCCESS;
    }

    public EFI_STATUS Unload(EFI_HANDLE handle)
    {
        if (Find(handle) is not { } image)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        if (image.IsStarted)
        {
            if (image.Protocol->Unload == null)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            EFI_STATUS status = image.Protocol->Unload(handle);
            if (status.IsError)
            {
                return status;
            }
        }

        Remove(image);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private void Remove(SimulatedImage image)
    {
        image.IsUnloaded = true;
        _images.Remove(image);
        EFI_GUID guid = EFI_LOADED_IMAGE_DEVICE_PATH_PROTOCOL.Guid;
        firmware.Handles.Uninstall(image.Handle, &guid, firmware.Handles.Get(image.Handle, guid));
        guid = EFI_LOADED_IMAGE_PROTOCOL.Guid;
        firmware.Handles.Uninstall(image.Handle, &guid, image.Protocol);
        if (firmware.Handles.IsValid(image.Handle))
        {
            firmware.Violate("An image was unloaded and has left protocols on its handle");
        }

        foreach (EFI_HANDLE driver in firmware.Handles.With(EFI_DRIVER_BINDING_PROTOCOL.Guid)
            .Where(each => firmware.Get<EFI_DRIVER_BINDING_PROTOCOL>(each)->ImageHandle == image.Handle))
        {
            firmware.Violate($"An image was unloaded and has left the driver {driver.Value:x}");
        }
    }
}
