using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.DriverModel;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.Packages.Launcher;

/// <summary>
/// launcher.efi: what <c>dotnet run</c> boots. It starts the image whose command line stands in the file <c>launch.txt</c> beside it (UTF-16,
/// the file's name first), says with which status it ended, and switches the machine off. A driver is connected to all controllers; the
/// networks that there are then are listed.
/// </summary>
/// <remarks>Between the lines <c>launch: begin</c> and <c>launch: end STATUS</c> is what <c>dotnet run</c> shows.</remarks>
internal static unsafe class Program
{
    private const int LongestLine = 2048;

    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table) => ImageEntry.RunApplication("launch", image, table, &Launch);

    private static EFI_STATUS Launch(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        // The firmware's own output ends here.
        Write("\r\nlaunch: begin\r\n");
        EFI_STATUS status = Run(image);
        Write(TextBuilder.Format($"\r\nlaunch: end {status.Value:x}\r\n"));
        Firmware.RuntimeServices->ResetSystem(EFI_RESET_TYPE.EfiResetShutdown, status, 0, null);
        return status;
    }

    private static EFI_STATUS Run(EFI_HANDLE self)
    {
        EFI_HANDLE volume = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(self)->DeviceHandle;
        char* line = stackalloc char[LongestLine];
        int length = ReadLine(volume, new Span<char>(line, LongestLine - 1));
        line[length] = '\0';
        ReadOnlySpan<char> name = new(line, length);
        int end = name.IndexOf(' ');
        name = end < 0 ? name : name.Slice(0, end);

        // From memory it would not know which volume it came from.
        EFI_DEVICE_PATH_PROTOCOL* path = new DevicePathBuilder()
            .Path(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(volume)))
            .FilePath(TextBuilder.Format($"\\{name}"))
            .ToPool();
        EFI_HANDLE started = default;
        EFI_STATUS status = Firmware.BootServices->LoadImage(0, self, path, null, 0, &started);
        if (status.IsError)
        {
            Write(TextBuilder.Format($"{name} cannot be loaded: {status}.\r\n"));
            return status;
        }

        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(started);
        loaded->LoadOptions = line;
        loaded->LoadOptionsSize = (uint)(length + 1) * sizeof(char);
        bool isDriver = loaded->ImageCodeType == EFI_MEMORY_TYPE.EfiBootServicesCode;
        status = Firmware.BootServices->StartImage(started, null, null);
        if (isDriver && !status.IsError)
        {
            ShowNetworks();
        }

        return status;
    }

    /// <returns>How many characters the line has; 0 when there is none.</returns>
    private static int ReadLine(EFI_HANDLE volume, Span<char> line)
    {
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* system = Firmware.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(volume);
        EFI_FILE_PROTOCOL* root;
        EFI_FILE_PROTOCOL* file;
        nuint size = (nuint)line.Length * sizeof(char);
        if (system == null || system->OpenVolume(system, &root).IsError)
        {
            return 0;
        }

        fixed (char* name = "launch.txt", to = line)
        {
            if (root->Open(root, &file, name, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0).IsError || file->Read(file, &size, to).IsError)
            {
                return 0;
            }
        }

        file->Close(file);
        root->Close(root);
        return (int)(size / sizeof(char));
    }

    private static void ShowNetworks()
    {
        using PoolBuffer<EFI_HANDLE> all = Firmware.LocateHandles<EFI_DEVICE_PATH_PROTOCOL>();
        foreach (EFI_HANDLE each in all.Span)
        {
            Controllers.Connect(each, default, recursive: true);
        }

        using PoolBuffer<EFI_HANDLE> networks = Firmware.LocateHandles<EFI_SIMPLE_NETWORK_PROTOCOL>();
        foreach (EFI_HANDLE each in networks.Span)
        {
            TextBuilder path = new(0, 8);
            DevicePathText.Append(ref path, DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(each)));

            // The firmware's own network stack puts the same SNP on handles of its own.
            if (path.Written.Slice(path.Written.LastIndexOf('/') + 1).StartsWith("MAC("))
            {
                EFI_SIMPLE_NETWORK_MODE* mode = Firmware.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(each)->Mode;
                MacAddress address = new(new ReadOnlySpan<byte>(&mode->CurrentAddress, MacAddress.Size));
                Write(TextBuilder.Format($"network {address}, link {(mode->MediaPresent != 0 ? "up" : "down")}: {path.Written}\r\n"));
            }
        }
    }

    private static void Write(string text)
    {
        fixed (char* characters = text)
        {
            Firmware.SystemTable->ConOut->OutputString(Firmware.SystemTable->ConOut, characters);
        }
    }
}
