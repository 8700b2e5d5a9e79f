using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>What an image's code does when it is started; its status goes to whoever started it.</summary>
public delegate EFI_STATUS ImageEntry(SimulatedImage image);

/// <summary>An image that LoadImage made, or the one that runs the product's code.</summary>
public sealed unsafe class SimulatedImage
{
    internal SimulatedImage(EFI_HANDLE handle, EFI_LOADED_IMAGE_PROTOCOL* protocol, byte[] source, byte[] path)
    {
        Handle = handle;
        Protocol = protocol;
        Source = source;
        Path = path;
    }

    public EFI_HANDLE Handle { get; }
    public EFI_LOADED_IMAGE_PROTOCOL* Protocol { get; }

    /// <summary>The file's content as LoadImage got it.</summary>
    public byte[] Source { get; }

    /// <summary>The device path that LoadImage got, end node included; empty for none.</summary>
    public byte[] Path { get; }

    /// <summary>LoadOptions as text without its terminating zero.</summary>
    public string LoadOptions => new string((char*)Protocol->LoadOptions, 0, (int)Protocol->LoadOptionsSize / sizeof(char)).TrimEnd('\0');

    public bool IsStarted { get; internal set; }
    public bool IsUnloaded { get; internal set; }

    /// <summary>Loaded, and not to be started.</summary>
    public bool IsRefused { get; internal set; }

    /// <summary>What the image gave to Exit, which replaces what its entry then returns.</summary>
    internal EFI_STATUS? ExitStatus { get; set; }
    internal string? ExitData { get; set; }
}
