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

    /// <param name="device">The volume's handle.</param>
    /// <param name="path">With '/' or '\' between names.</param>
    /// <param name="to">Gets the content.</param>
    /// <param name="loop">Turns between pieces; stops the reading when the user does.</param>
    public static Error? Read(EFI_HANDLE device, string path, DownloadTarget to, EventLoop loop)
    {
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* volume = device.IsNull ? null : Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(device);
        if (volume == null)
        {
            return new Error(EFI_STATUS.EFI_UNSUPPORTED, TextBuilder.Format($"file {path}: the app was not loaded from a volume"));
        }

        EFI_FILE_PROTOCOL* root = null;
        EFI_STATUS status = volume->OpenVolume(volume, &root);
        if (status.IsError || root == null)
        {
            return Failed(path, status);
        }

        EFI_FILE_PROTOCOL* file = null;
        char* name = Pool.CopyOf(WithBackslashes(path));
        status = name == null ? EFI_STATUS.EFI_OUT_OF_RESOURCES : root->Open(root, &file, name, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0);
        Pool.Free(name);
        root->Close(root);
        if (status.IsError || file == null)
        {
            return Failed(path, status);
        }

        Error? error = ReadAll(file, path, to, loop);
        file->Close(file);
        return error;
    }

    private static Error? ReadAll(EFI_FILE_PROTOCOL* file, string path, DownloadTarget to, EventLoop loop)
    {
        EFI_GUID infoId = EFI_FILE_INFO.EFI_FILE_INFO_ID;
        ulong* info = stackalloc ulong[MaximumInfo / sizeof(ulong)];
        nuint infoSize = MaximumInfo;
        EFI_STATUS status = file->GetInfo(file, &infoId, &infoSize, info);
        if (status.IsError)
        {
            return Failed(path, status);
        }

        EFI_FILE_INFO* known = (EFI_FILE_INFO*)info;
        if ((known->Attribute & EFI_FILE_PROTOCOL.EFI_FILE_DIRECTORY) != 0)
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

    private static Error Failed(string path, EFI_STATUS status) => new(
        status.IsError ? status : EFI_STATUS.EFI_DEVICE_ERROR,
        status == EFI_STATUS.EFI_NOT_FOUND ? TextBuilder.Format($"file {path}: not found") : TextBuilder.Format($"file {path}: {status}"));

    private static string WithBackslashes(string path)
    {
        char[] characters = new char[path.Length];
        for (int i = 0; i < path.Length; i++)
        {
            characters[i] = path[i] == '/' ? '\\' : path[i];
        }

        return new string(characters);
    }
}
