using System;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App;

/// <summary>What the app needs of the machine that it runs on. The firmware gives it, or a test.</summary>
public abstract unsafe class Platform
{
    public const int PageSize = 4096;

    /// <summary>"x86_64" or "arm64", as scripts compare it.</summary>
    public abstract string Architecture { get; }

    /// <summary>The client architecture that DHCP servers get (option 93): 7 for x64, 11 for AArch64.</summary>
    public abstract ushort DhcpArchitecture { get; }

    /// <summary>Pages for an image's content, anywhere in memory; null when there are not so many.</summary>
    public abstract byte* AllocatePages(ulong count);

    public abstract void FreePages(byte* pages, ulong count);

    /// <summary>Fetches what an absolute URI names.</summary>
    public abstract Error? Fetch(ResourceUri uri, DownloadTarget to, FetchOptions options);

    /// <summary>Starts an executable image and returns when it exits; the initrd images are offered to it.</summary>
    public abstract Error? Start(Image image, ImageRegistry images);

    /// <summary>Seconds since 1970, UTC; 0 when there is no clock.</summary>
    public abstract ulong UnixTime { get; }

    /// <summary>Bytes of memory that the firmware says is there.</summary>
    public abstract ulong MemorySize { get; }

    /// <summary>Whether the firmware checks signatures before it starts images.</summary>
    public abstract bool IsSecureBoot { get; }

    /// <summary>The SMBIOS structure table, empty when there is none, and its version (0x206 for 2.6).</summary>
    public abstract ReadOnlySpan<byte> GetSmbios(out int version);

    /// <summary>Puts every NIC that the image's own drivers know on them, whoever has it; no interface is open.</summary>
    public abstract Error? TakeNics(Terminal terminal);

    /// <summary>Restarts the machine, or switches it off; returns only when that failed.</summary>
    public abstract Error? Reset(PlatformReset reset);
}

/// <summary>How the machine is reset.</summary>
public enum PlatformReset
{
    Cold,
    Warm,
    Off,

    /// <summary>Cold, and the firmware's setup comes up.</summary>
    ToSetup,
}
