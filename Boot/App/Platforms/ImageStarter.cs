using System;
using System.Buffers.Binary;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.Boot.App.Script;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// Starts EFI executables from memory (UEFI 2.10, 7.4.1 and 7.4.2): with a device path that says where they came from, the other images as files
/// of that device and as a disk, their arguments as LoadOptions, the initrd, and the network back in the firmware's hands; through shim what the
/// firmware refuses. Returns when the image exits.
/// </summary>
public static unsafe class ImageStarter
{
    private const int MaximumUri = 4096;
    private const int MaximumName = 255;

    /// <summary>Smaller ones may have room where nobody looks for it, below 64 MiB.</summary>
    private const ulong LargeInitrd = 64 << 20;

    /// <param name="image">An EFI executable.</param>
    /// <param name="images">Where the initrd's parts are, and the shim that starts the image when the firmware refuses it.</param>
    /// <param name="device">The handle of the NIC that it came from; null when it came from none.</param>
    /// <param name="httpPath">The device path of an HTTP boot from there, for an image that came so; null for none.</param>
    /// <param name="home">The volume that URIs of the scheme file mean; null when there is none.</param>
    /// <param name="domain">Whose code answers when the image asks for the initrd or reads files.</param>
    /// <param name="terminal">Left to the image.</param>
    public static Error? Start(
        Image image, ImageRegistry images, EFI_HANDLE device, DevicePathBuilder? httpPath, EFI_HANDLE home, FaultDomain domain, Terminal terminal)
    {
        Image? shim = images.Shim is not null && IsRefused(image) ? images.Shim : null;
        Image program = shim ?? image;
        Initrd initrd = new(images, ExecutableFile.IsLinux(image.Content.Span));
        ImageFolder folder = new(images, image, initrd, shim is not null);
        bool isAllowedPxe = shim is null || (images.ShimOptions & ShimOptions.AllowPxe) != 0;
        if (!isAllowedPxe || folder.IsForGrub)
        {
            device = default; // On the NIC's handle a shim would rather ask PXE, and GRUB the lease's server, than read;
            httpPath = null; // and fetch by HTTP where its path says so.
        }
        else if (shim is null && httpPath is not null)
        {
            device = default; // A handle of its own, as HTTP boot has it: without PXE, which loaders would rather ask.
        }

        string? file = shim is null && !home.IsNull && Firmware.Has<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(home) ? FindFile(program) : null;
        DevicePathBuilder path = file is not null ? MakePath(home, file)
            : shim is null && httpPath is not null ? httpPath
            : MakePath(program, ref device);
        EFI_STATUS status = EFI_STATUS.EFI_UNSUPPORTED;
        using ImageVolume? volume = file is null
            ? ImageVolume.Install(folder, device, device.IsNull ? path.ToPool() : null, domain, out status)
            : ImageVolume.Join(folder, home, domain);
        if (volume is null)
        {
            return new Error(status, TextBuilder.Format($"{program.Name}: the images cannot be offered: {status}"));
        }

        // A handle of ours is the disk as well: that makes it GRUB's root.
        using ImageDisk? disk = ImageDisk.Install(folder, file is null && device.IsNull ? volume.Handle : default, domain);
        status = Load(program, file is null ? WithName(path, program) : path, out EFI_HANDLE handle);
        if (status.IsError)
        {
            return new Error(status, TextBuilder.Format($"{program.Name}: {Explain(status)}"));
        }

        char* options = SetOptions(handle, image, shim, volume.Handle);
        Error? error = Run(program, initrd, handle, shim is null ? null : images.ShimOptions, domain, terminal);
        End(handle, options, isDeviceGone: file is null && device.IsNull);
        return error;
    }

    /// <summary>Whether the firmware refuses an image for what Secure Boot says; nothing of it is left.</summary>
    public static bool IsRefused(Image image)
    {
        EFI_HANDLE none = default;
        EFI_STATUS status = Load(image, WithName(MakePath(image, ref none), image), out EFI_HANDLE handle);
        if (!status.IsError)
        {
            Firmware.BootServices->UnloadImage(handle);
        }

        return IsRefusal(status);
    }

    /// <param name="image">An EFI executable.</param>
    /// <param name="path">Where it is, with its name.</param>
    /// <param name="handle">Null with an error.</param>
    private static EFI_STATUS Load(Image image, DevicePathBuilder path, out EFI_HANDLE handle)
    {
        handle = default;
        EFI_DEVICE_PATH_PROTOCOL* file = path.ToPool();
        if (file == null)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        EFI_HANDLE loaded = default;
        EFI_STATUS status = Firmware.BootServices->LoadImage(
            0, Firmware.ImageHandle, file, image.Content.Pointer, (nuint)image.Content.Length, &loaded);
        Pool.Free(file);
        if (status.IsError)
        {
            UnloadRefused(loaded, status);
        }
        else
        {
            handle = loaded;
        }

        return status;
    }

    private static Error? Run(Image image, Initrd initrd, EFI_HANDLE handle, ShimOptions? shim, FaultDomain domain, Terminal terminal)
    {
        InitrdFile? file = null;
        Error? error = initrd.IsForLinux ? CheckInitrd(initrd) : null;
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

        if (shim is ShimOptions options)
        {
            ShimServices.Install(options, domain);
        }

        error = Run(handle, image.Name, terminal);
        ShimServices.Uninstall();
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

    /// <summary>After <see cref="Run(EFI_HANDLE, string, Terminal)"/>: a driver stays, and loses what does not stay with it.</summary>
    /// <param name="handle">The image's, which may be gone.</param>
    /// <param name="options">Its LoadOptions, from the pool, which are freed; null for none.</param>
    /// <param name="isDeviceGone">Whether its device goes too.</param>
    internal static void End(EFI_HANDLE handle, void* options, bool isDeviceGone)
    {
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(handle);
        if (loaded != null && options != null && loaded->LoadOptions == options)
        {
            loaded->LoadOptions = null;
            loaded->LoadOptionsSize = 0;
        }

        if (loaded != null && isDeviceGone)
        {
            loaded->DeviceHandle = default;
        }

        Pool.Free(options);
    }

    /// <summary>After a security violation the image may be loaded all the same, only not to be started (UEFI 2.10, 7.4.1).</summary>
    internal static void UnloadRefused(EFI_HANDLE handle, EFI_STATUS status)
    {
        if (!handle.IsNull && status == EFI_STATUS.EFI_SECURITY_VIOLATION)
        {
            Firmware.BootServices->UnloadImage(handle);
        }
    }

    /// <summary>The NIC's path and a URI node; without a NIC, which is null then, the range of memory. Loaders look for theirs beside it.</summary>
    private static DevicePathBuilder MakePath(Image image, ref EFI_HANDLE device)
    {
        DevicePathBuilder builder = new();
        ReadOnlySpan<byte> parent = device.IsNull ? default : DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(device));
        if (parent.Length > 0 && image.Uri.Length is > 0 and < MaximumUri)
        {
            return builder.Path(parent).Uri(image.Uri);
        }

        device = default;
        Span<byte> memory = stackalloc byte[20];
        BinaryPrimitives.WriteUInt32LittleEndian(memory, (uint)EFI_MEMORY_TYPE.EfiLoaderData);
        BinaryPrimitives.WriteUInt64LittleEndian(memory.Slice(4), (ulong)image.Content.Pointer);
        BinaryPrimitives.WriteUInt64LittleEndian(memory.Slice(12), (ulong)image.Content.Pointer + image.Content.Length - 1);
        return builder.Node(EFI_DEVICE_PATH_PROTOCOL.HARDWARE_DEVICE_PATH, MEMMAP_DEVICE_PATH.HW_MEMMAP_DP, memory)
            .Vendor(EFI_DEVICE_PATH_PROTOCOL.MEDIA_DEVICE_PATH, ImageDisk.Vendor, default);
    }

    private static DevicePathBuilder MakePath(EFI_HANDLE volume, string file) =>
        new DevicePathBuilder().Path(DevicePath.Measure(Firmware.Get<EFI_DEVICE_PATH_PROTOCOL>(volume))).FilePath(file);

    private static DevicePathBuilder WithName(DevicePathBuilder path, Image image) =>
        path.FilePath(image.Name.AsSpan(0, Math.Min(image.Name.Length, MaximumName)));

    /// <summary>The path of an image that is a file of the volume which the application came from; or null.</summary>
    private static string? FindFile(Image image)
    {
        string? path = ResourceUri.Parse(image.Uri, out _) is { Scheme: "file" } uri ? PercentEncoding.Decode(uri.Path) : null;
        return path is { Length: > 0 and < MaximumUri } ? LocalBoot.WithBackslashes(path) : null;
    }

    /// <summary>Tells a loaded image its arguments, and that it comes from the volume.</summary>
    private static char* SetOptions(EFI_HANDLE handle, Image image, Image? shim, EFI_HANDLE device)
    {
        EFI_LOADED_IMAGE_PROTOCOL* loaded = Firmware.Get<EFI_LOADED_IMAGE_PROTOCOL>(handle);
        if (loaded == null)
        {
            return null;
        }

        loaded->DeviceHandle = device;
        string text = MakeOptions(image, shim);
        char* options = text.Length == 0 ? null : (char*)Pool.Allocate(((nuint)text.Length + 1) * sizeof(char));
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

    /// <summary>
    /// Linux takes its whole LoadOptions for its command line; others expect their own name before their arguments, as the shell gives it. Without
    /// arguments there are no options: stubs with a kernel inside take any for its command line, and shim for the name of the next loader.
    /// That is what shim is told here: the image to start, and its arguments; or what the script has given it.
    /// </summary>
    private static string MakeOptions(Image image, Image? shim)
    {
        string arguments = image.CommandLine.Value;
        if (shim is not null)
        {
            string own = shim.CommandLine.Value;
            return own.Length > 0 ? TextBuilder.Format($"{shim.Name} {own}") : TextBuilder.Format($"{shim.Name} {image.Name} {arguments}");
        }

        return arguments.Length == 0 || ExecutableFile.IsLinux(image.Content.Span) ? arguments : TextBuilder.Format($"{image.Name} {arguments}");
    }

    private static bool IsRefusal(EFI_STATUS status) => status == EFI_STATUS.EFI_SECURITY_VIOLATION || status == EFI_STATUS.EFI_ACCESS_DENIED;

    /// <summary>Why LoadImage did not.</summary>
    internal static string Explain(EFI_STATUS status)
    {
        if (IsRefusal(status))
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
