using System;
using System.Buffers.Binary;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Starts EFI executables from memory (UEFI 2.10, 7.4.1 and 7.4.2): with a device path that says where they came from, their arguments as
/// LoadOptions, the initrd, and the network back in the firmware's hands. Returns when the image exits.
/// </summary>
public static unsafe class ImageStarter
{
    private const int MaximumUri = 4096;
    private const int MaximumName = 255;

    /// <summary>Smaller ones may have room where nobody looks for it, below 64 MiB.</summary>
    private const ulong LargeInitrd = 64 << 20;

    /// <param name="image">An EFI executable.</param>
    /// <param name="images">Where the initrd's parts are.</param>
    /// <param name="device">The handle of the NIC that it came from; null when it came from none.</param>
    /// <param name="domain">Whose code answers when the image asks for the initrd.</param>
    /// <param name="terminal">Left to the image.</param>
    public static Error? Start(Image image, ImageRegistry images, EFI_HANDLE device, FaultDomain domain, Terminal terminal)
    {
        EFI_DEVICE_PATH_PROTOCOL* path = MakePath(image, device);
        if (path == null)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, TextBuilder.Format($"{image.Name}: no memory for its device path"));
        }

        EFI_HANDLE handle = default;
        EFI_STATUS status = Firmware.BootServices->LoadImage(
            0, Firmware.ImageHandle, path, image.Content.Pointer, (nuint)image.Content.Length, &handle);
        Pool.Free(path);
        if (status.IsError)
        {
            UnloadRefused(handle, status);
            return new Error(status, TextBuilder.Format($"{image.Name}: {Explain(status)}"));
        }

        char* options = SetOptions(handle, image);
        Error? error = Run(image, images, handle, domain, terminal);
        Pool.Free(options);
        return error;
    }

    /// <summary>Whether the firmware loads an image; nothing of it is left.</summary>
    public static bool CanLoad(Image image)
    {
        EFI_DEVICE_PATH_PROTOCOL* path = MakePath(image, default);
        EFI_HANDLE handle = default;
        EFI_STATUS status = path == null
            ? EFI_STATUS.EFI_OUT_OF_RESOURCES
            : Firmware.BootServices->LoadImage(0, Firmware.ImageHandle, path, image.Content.Pointer, (nuint)image.Content.Length, &handle);
        Pool.Free(path);
        if (!status.IsError)
        {
            Firmware.BootServices->UnloadImage(handle);
        }
        else
        {
            UnloadRefused(handle, status);
        }

        return !status.IsError;
    }

    private static Error? Run(Image image, ImageRegistry images, EFI_HANDLE handle, FaultDomain domain, Terminal terminal)
    {
        bool isLinux = ExecutableFile.IsLinux(image.Content.Span);
        Initrd initrd = new(images, isLinux);
        InitrdFile? file = null;
        Error? error = isLinux ? CheckInitrd(initrd) : null;
        if (error is not null)
        {
            Firmware.BootServices->UnloadImage(handle);
            return error;
        }

        if (initrd.Size > 0)
        {
            file = InitrdFile.Install(initrd, domain, out EFI_STATUS installed);
            if (file is null)
            {
                Firmware.BootServices->UnloadImage(handle);
                return new Error(installed, TextBuilder.Format($"{image.Name}: the initrd cannot be offered: {installed}"));
            }
        }

        error = Run(handle, image.Name, terminal);
        file?.Dispose();
        return error;
    }

    /// <summary>What a kernel would go on without, and panic later, is said before it starts: it copies the initrd into one piece of free memory.</summary>
    private static Error? CheckInitrd(Initrd initrd)
    {
        if (initrd.FindTooLarge() is Image image)
        {
            return new Error(
                EFI_STATUS.EFI_BAD_BUFFER_SIZE,
                TextBuilder.Format($"{image.Name}: {new ByteSize(image.Content.Length)} with a path in the initrd, where a file has less than 4 GiB"));
        }

        using MemoryMap map = MemoryMap.Read();
        ulong size = initrd.Size;
        return size < LargeInitrd || map.FindRoom((size + Platform.PageSize - 1) / Platform.PageSize) != 0
            ? null
            : new Error(
                EFI_STATUS.EFI_OUT_OF_RESOURCES,
                TextBuilder.Format($"not enough memory: the kernel needs another {new ByteSize(size)} in one piece for the initrd"));
    }

    /// <summary>Starts a loaded image and returns when it exits. It finds the console as the firmware had it.</summary>
    internal static Error? Run(EFI_HANDLE handle, string name, Terminal terminal)
    {
        terminal.Restore();
        nuint exitDataSize = 0;
        char* exitData = null;
        EFI_STATUS status = Firmware.BootServices->StartImage(handle, &exitDataSize, &exitData);
        Pool.Free(exitData);
        terminal.SetColours(terminal.Palette.Usual);
        return status.IsError ? new Error(status, TextBuilder.Format($"{name} ended with {status}")) : null;
    }

    /// <summary>After a security violation the image may be loaded all the same, only not to be started (UEFI 2.10, 7.4.1).</summary>
    internal static void UnloadRefused(EFI_HANDLE handle, EFI_STATUS status)
    {
        if (!handle.IsNull && status == EFI_STATUS.EFI_SECURITY_VIOLATION)
        {
            Firmware.BootServices->UnloadImage(handle);
        }
    }

    /// <summary>The NIC's path, a URI node and the file's name; without a NIC, the range of memory and the name. Loaders look for theirs beside it.</summary>
    private static EFI_DEVICE_PATH_PROTOCOL* MakePath(Image image, EFI_HANDLE device)
    {
        DevicePathBuilder builder = new();
        ReadOnlySpan<char> name = image.Name.AsSpan(0, Math.Min(image.Name.Length, MaximumName));
        ReadOnlySpan<byte> parent = device.IsNull ? default : DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(device));
        if (parent.Length > 0 && image.Uri.Length is > 0 and < MaximumUri)
        {
            return builder.Path(parent).Uri(image.Uri).FilePath(name).ToPool();
        }

        Span<byte> memory = stackalloc byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(memory, (uint)EFI_MEMORY_TYPE.EfiLoaderData);
        BinaryPrimitives.WriteUInt64LittleEndian(memory.Slice(4), (ulong)image.Content.Pointer);
        BinaryPrimitives.WriteUInt64LittleEndian(memory.Slice(12), (ulong)image.Content.Pointer + image.Content.Length - 1);
        return builder.Node(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, MEMMAP_DEVICE_PATH.HW_MEMMAP_DP, memory)
            .FilePath(name).ToPool();
    }

    /// <summary>
    /// Linux takes its whole LoadOptions for its command line; others expect their own name before their arguments, as the shell gives it. Without
    /// arguments there are no options: stubs with a kernel inside take any for its command line, and shim for the name of the next loader.
    /// </summary>
    private static char* SetOptions(EFI_HANDLE handle, Image image)
    {
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(handle);
        string arguments = image.CommandLine.Value;
        string text = ExecutableFile.IsLinux(image.Content.Span) ? arguments : TextBuilder.Format($"{image.Name} {arguments}");
        char* options = loaded == null || arguments.Length == 0 ? null : (char*)Pool.Allocate(((nuint)text.Length + 1) * sizeof(char));
        if (options == null)
        {
            return null;
        }

        int length = 0;
        for (int at = 0; at < text.Length;)
        {
            options[length++] = ByteText.NextUcs2(text, ref at);
        }

        loaded->LoadOptions = options;
        loaded->LoadOptionsSize = (uint)(length + 1) * sizeof(char);
        return options;
    }

    /// <summary>Why LoadImage did not.</summary>
    internal static string Explain(EFI_STATUS status)
    {
        if (status == EFI_STATUS.EFI_SECURITY_VIOLATION || status == EFI_STATUS.EFI_ACCESS_DENIED)
        {
            return "the firmware refuses it: Secure Boot finds no signature that it trusts";
        }

        if (status == EFI_STATUS.EFI_UNSUPPORTED)
        {
            return "not an EFI executable for this processor";
        }

        return TextBuilder.Format($"the firmware cannot load it: {status}");
    }
}
