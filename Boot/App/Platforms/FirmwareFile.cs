using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>Reads files of a volume (UEFI 2.10, 13.4 and 13.5) into downloads.</summary>
public static unsafe class FirmwareFile
{
    private const int ChunkSize = 1 << 20;
    private const int MaximumInfo = 1024;

    /// <summary>Enough of a folder that does not end.</summary>
    private const int MaximumNames = 10_000;

    /// <param name="device">The volume's handle.</param>
    /// <param name="path">A byte string, with '/' or '\' between names.</param>
    /// <param name="to">Gets the content.</param>
    /// <param name="loop">Turns between pieces; stops the reading when the user does.</param>
    public static Error? Read(EFI_HANDLE device, string path, DownloadTarget to, EventLoop loop)
    {
        if (device.IsNull || Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(device) == null)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"file {path}: the app was not loaded from a volume"));
        }

        EFI_STATUS status = Open(device, path, out EFI_FILE_PROTOCOL* file);
        if (file == null)
        {
            return Failed(path, status);
        }

        Error? error = ReadAll(file, path, to, loop);
        file->Close(file);
        return error;
    }

    /// <summary>Adds the names in a folder, those of folders with '/' at their end; none when it cannot be read.</summary>
    public static void List(EFI_HANDLE device, string path, List<string> names)
    {
        Open(device, path.Length > 1 && path.EndsWith('/') ? path.Substring(0, path.Length - 1) : path, out EFI_FILE_PROTOCOL* folder);
        if (folder == null)
        {
            return;
        }

        ulong* room = stackalloc ulong[MaximumInfo / sizeof(ulong)];
        EFI_FILE_INFO* info = (EFI_FILE_INFO*)room;
        bool isFolder = !GetInfo(folder, info).IsError && IsFolder(info);
        while (isFolder && names.Count < MaximumNames)
        {
            nuint size = MaximumInfo;
            if (folder->Read(folder, &size, info).IsError || size < EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO || size > MaximumInfo)
            {
                break;
            }

            int length = (int)(size - EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO) / sizeof(char);
            ReadOnlySpan<char> name = new((byte*)info + EFI_FILE_INFO.SIZE_OF_EFI_FILE_INFO, length);
            int end = name.IndexOf('\0');
            name = end < 0 ? name : name.Slice(0, end);
            if (name is not ("." or ".."))
            {
                char[] text = new char[name.Length * 3];
                string copy = new(text, 0, ByteText.FromUcs2(name, text));
                names.Add(IsFolder(info) ? TextBuilder.Format($"{copy}/") : copy);
            }
        }

        folder->Close(folder);
    }

    private static EFI_STATUS Open(EFI_HANDLE device, string path, out EFI_FILE_PROTOCOL* file)
    {
        file = null;
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume = device.IsNull ? null : Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(device);
        EFI_FILE_PROTOCOL* root = null;
        EFI_STATUS status = volume == null ? EFI_STATUS.EFI_UNSUPPORTED : volume->OpenVolume(volume, &root);
        if (status.IsError || root == null)
        {
            return status;
        }

        EFI_FILE_PROTOCOL* opened = null;
        char* name = Pool.CopyOf(WithBackslashes(path));
        status = name == null ? EFI_STATUS.EFI_OUT_OF_RESOURCES : root->Open(root, &opened, name, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0);
        Pool.Free(name);
        root->Close(root);
        file = status.IsError ? null : opened;
        return status;
    }

    private static Error? ReadAll(EFI_FILE_PROTOCOL* file, string path, DownloadTarget to, EventLoop loop)
    {
        ulong* room = stackalloc ulong[MaximumInfo / sizeof(ulong)];
        EFI_FILE_INFO* known = (EFI_FILE_INFO*)room;
        EFI_STATUS status = GetInfo(file, known);
        if (status.IsError)
        {
            return Failed(path, status);
        }

        if (IsFolder(known))
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, TextBuilder.Format($"file {path}: is a directory"));
        }

        ulong size = known->FileSize;
        Error? error = to.Begin(size);
        using Pages? buffer = Pages.Allocate(ChunkSize);
        if (buffer is null)
        {
            return Failed(path, EFI_STATUS.EFI_OUT_OF_RESOURCES);
        }

        while (error is null && to.Received < size)
        {
            nuint count = ChunkSize;
            status = file->Read(file, &count, buffer.Address);
            if (status.IsError || count == 0 || count > ChunkSize)
            {
                return Failed(path, status.IsError ? status : EFI_STATUS.EFI_VOLUME_CORRUPTED);
            }

            error = to.Write(buffer.Slice(0, (int)count));
            if (!loop.RunOnce())
            {
                return new Error(EFI_STATUS.EFI_ABORTED, TextBuilder.Format($"file {path}: interrupted"));
            }
        }

        if (error is null)
        {
            to.Complete();
        }

        return error;
    }

    /// <param name="file">Open.</param>
    /// <param name="info">Room for <see cref="MaximumInfo"/> bytes.</param>
    private static EFI_STATUS GetInfo(EFI_FILE_PROTOCOL* file, EFI_FILE_INFO* info)
    {
        EFI_GUID id = EFI_FILE_INFO.EFI_FILE_INFO_ID;
        nuint size = MaximumInfo;
        return file->GetInfo(file, &id, &size, info);
    }

    private static bool IsFolder(EFI_FILE_INFO* info) => (info->Attribute & EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY) != 0;

    private static Error Failed(string path, EFI_STATUS status) => new(
        status.IsError ? status : EFI_STATUS.EFI_DEVICE_ERROR,
        status == EFI_STATUS.EFI_NOT_FOUND ? TextBuilder.Format($"file {path}: not found") : TextBuilder.Format($"file {path}: {status}"));

    /// <summary>A byte string as the firmware has its paths.</summary>
    private static string WithBackslashes(string path)
    {
        TextBuilder text = new(path.Length, 0);
        for (int i = 0; i < path.Length;)
        {
            char c = ByteText.NextUcs2(path, ref i);
            text.Append(c == '/' ? '\\' : c);
        }

        return text.ToString();
    }
}
