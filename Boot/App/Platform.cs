using System;
using System.Collections.Generic;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

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
    /// <param name="count">How many.</param>
    /// <param name="isReserved">The operating system leaves them alone too.</param>
    public abstract byte* AllocatePages(ulong count, bool isReserved = false);

    public abstract void FreePages(byte* pages, ulong count);

    /// <summary>As <see cref="AllocatePages"/>, where more pages are likely to be free behind them.</summary>
    public virtual byte* AllocateGrowingPages(ulong count) => AllocatePages(count);

    /// <summary>Adds pages directly behind those of an allocation, which then are freed with it; false when they are taken.</summary>
    /// <param name="pages">The allocation.</param>
    /// <param name="count">The pages that it has.</param>
    /// <param name="more">How many are to be added.</param>
    public virtual bool TryExtendPages(byte* pages, ulong count, ulong more) => false;

    /// <summary>What is at a physical address; null when not all of it is memory that can be read.</summary>
    public abstract byte* FindMemory(ulong address, ulong length);

    /// <summary>Fetches what an absolute URI names.</summary>
    public abstract Error? Fetch(ResourceUri uri, DownloadTarget to, FetchOptions options);

    /// <summary>
    /// Adds the names in a folder of the volume that the app came from, those of folders with '/' at their end; none when it cannot be read.
    /// </summary>
    public abstract void ListFolder(ResourceUri folder, List<string> names);

    /// <summary>Starts an executable image and returns when it exits; the initrd images are offered to it.</summary>
    public abstract Error? Start(Image image, ImageRegistry images);

    /// <summary>Whether the firmware refuses to load an executable image, because it does not trust it.</summary>
    public abstract bool IsRefused(Image image);

    /// <summary>Verifies a signature of an image.</summary>
    /// <param name="image">What was signed, of at least a byte.</param>
    /// <param name="signature">A CMS message in DER with a detached signature (RFC 5652, 5).</param>
    /// <param name="root">The certificate in DER that its signers' certificates have to lead to.</param>
    public abstract Error? VerifySignature(Image image, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> root);

    /// <summary>The first PCI function at or behind an address.</summary>
    /// <param name="from">Segment, bus, device and function, as ${net0/busloc} has them: 16, 8, 5 and 3 bits.</param>
    /// <param name="found">The function's address; 0 when there is none.</param>
    public abstract bool TryFindPciFunction(uint from, out uint found);

    /// <summary>What a USB device says of itself; null when there is no such device, or it does not say.</summary>
    /// <param name="number">From 1.</param>
    /// <param name="text">0 for the device descriptor (USB 2.0, 9.6.1), else the number of one of the device's strings.</param>
    public abstract byte[]? ReadUsb(int number, int text);

    /// <summary>Boots from a disk of the machine, and returns when what was started exits.</summary>
    public abstract Error? BootLocal(LocalBootRequest request);

    /// <summary>Shows a disk over the network to what is started; its interface is not lent from then on.</summary>
    public abstract Error? Show(SanDrive drive);

    /// <summary>Takes it away again, if it is shown.</summary>
    public abstract void Hide(SanDrive drive);

    /// <summary>Adds a table to those of ACPI, for the operating system.</summary>
    /// <param name="table">Whole; copied.</param>
    /// <param name="key">For <see cref="RemoveAcpiTable"/>.</param>
    /// <returns>EFI_UNSUPPORTED where it cannot be done.</returns>
    public abstract EFI_STATUS AddAcpiTable(ReadOnlySpan<byte> table, out nuint key);

    /// <summary>Takes a table away that was added.</summary>
    public abstract void RemoveAcpiTable(nuint key);

    /// <summary>Boots from a disk over the network that is shown, and returns when what was started exits.</summary>
    public abstract Error? BootSan(SanDrive drive, LocalBootRequest request);

    /// <summary>Seconds since 1970, UTC; 0 when there is no clock.</summary>
    public abstract ulong UnixTime { get; }

    /// <summary>Sets the machine's clock.</summary>
    /// <param name="seconds">Since 1970, UTC.</param>
    public abstract Error? SetUnixTime(ulong seconds);

    /// <summary>Bytes of memory that the firmware says is there.</summary>
    public abstract ulong MemorySize { get; }

    /// <summary>Whether there is TLS.</summary>
    public abstract bool HasTls { get; }

    /// <summary>Whether the firmware checks signatures before it starts images.</summary>
    public abstract bool IsSecureBoot { get; }

    /// <summary>The SMBIOS structure table, empty when there is none, and its version (0x206 for 2.6).</summary>
    public abstract ReadOnlySpan<byte> GetSmbios(out int version);

    /// <summary>The CPUID instruction; false on a processor without.</summary>
    /// <param name="leaf">EAX.</param>
    /// <param name="subleaf">ECX.</param>
    /// <param name="registers">Four words: EAX, EBX, ECX, EDX.</param>
    public abstract bool TryCpuid(uint leaf, uint subleaf, Span<uint> registers);

    /// <summary>Reads the configuration space of a PCI function; false when there is none.</summary>
    /// <param name="function">Segment, bus, device and function: 16, 8, 5 and 3 bits.</param>
    /// <param name="offset">In bytes.</param>
    /// <param name="bytes">Receives what is there.</param>
    public abstract bool TryReadPci(uint function, int offset, Span<byte> bytes);

    /// <summary>The n-th ACPI table (from 0) of a signature of four characters, with its header; empty when there is none.</summary>
    public abstract ReadOnlySpan<byte> FindAcpiTable(ReadOnlySpan<byte> signature, int index);

    /// <summary>The n-th region of memory (from 0), in bytes; false when there are not so many.</summary>
    public abstract bool TryGetMemoryRegion(int index, out ulong start, out ulong length);

    /// <summary>A firmware variable of a namespace, or the first of a name; null when there is none.</summary>
    public abstract byte[]? GetVariable(ReadOnlySpan<char> name, EFI_GUID? vendor);

    /// <summary>Keeps a variable that no operating system sees over restarts; removes it when it is empty.</summary>
    public abstract Error? SetVariable(ReadOnlySpan<char> name, EFI_GUID vendor, ReadOnlySpan<byte> value);

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
