using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>A machine of a test: files by URI, pages that are counted, and a list of what was started.</summary>
internal sealed unsafe class TestPlatform : Platform
{
    public Dictionary<string, byte[]> Files { get; } = new();

    /// <summary>URIs that redirect to others.</summary>
    public Dictionary<string, string> Moves { get; } = new();

    /// <summary>URIs whose size is not announced.</summary>
    public HashSet<string> WithoutSize { get; } = new();

    public List<string> Fetched { get; } = new();

    /// <summary>What was said beside each URI that was fetched: method, fields and content.</summary>
    public List<string> Requests { get; } = new();
    public List<string> Started { get; } = new();
    public List<PlatformReset> Resets { get; } = new();

    /// <summary>How often the image's own drivers were to have every NIC.</summary>
    public int Takings { get; private set; }

    public bool IsTlsThere { get; set; }

    public byte[] SmbiosTable { get; set; } = [];
    public int SmbiosVersion { get; set; } = 0x300;

    /// <summary>What CPUID answers, by function and subfunction; null for a processor without.</summary>
    public Dictionary<(uint Leaf, uint Subleaf), uint[]>? CpuidAnswers { get; set; } = new();

    /// <summary>The configuration spaces of PCI functions.</summary>
    public Dictionary<uint, byte[]> PciFunctions { get; } = new();

    public List<byte[]> AcpiTables { get; } = new();
    public List<(ulong Start, ulong Length)> MemoryRegions { get; } = new();
    public Dictionary<(string Name, EFI_GUID Vendor), byte[]> Variables { get; } = new();

    /// <summary>Bytes that a variable may have.</summary>
    public int VariableRoom { get; set; } = 1024;

    /// <summary>What an image does when it is started; its result is the image's.</summary>
    public Func<Image, ImageRegistry, Error?> OnStart { get; set; } = (_, _) => null;

    public Action<DownloadTarget>? OnPiece { get; set; }
    public long PagesInUse { get; private set; }
    public long PageLimit { get; set; } = 1 << 16;
    public ulong Clock { get; set; } = 1_700_000_000;

    public override string Architecture => "x86_64";
    public override ushort DhcpArchitecture => 7;
    public override ulong UnixTime => Clock;

    public override Error? SetUnixTime(ulong seconds)
    {
        Clock = CanSetClock ? seconds : Clock;
        return CanSetClock ? null : new Error(EFI_STATUS.EFI_DEVICE_ERROR, "the machine's clock cannot be set");
    }

    public bool CanSetClock { get; set; } = true;
    public override ulong MemorySize => 512UL << 20;
    public override bool HasTls => IsTlsThere;
    public override bool IsSecureBoot => Refused.Count > 0;

    public void AddFile(string uri, string content) => Files[uri] = Encoding.Latin1.GetBytes(content);

    /// <summary>Whether pages can be added behind those of what grows.</summary>
    public bool CanExtend { get; set; }

    /// <summary>The most pages that were in use at a time.</summary>
    public long MostPagesInUse { get; private set; }

    public override byte* AllocateGrowingPages(ulong count)
    {
        if (!CanExtend)
        {
            return AllocatePages(count);
        }

        AllocatePages(count, reserved: (ulong)PageLimit, out byte* pages);
        return pages;
    }

    public override bool TryExtendPages(byte* pages, ulong count, ulong more)
    {
        bool canExtend = CanExtend && PagesInUse + (long)more <= PageLimit;
        PagesInUse += canExtend ? (long)more : 0;
        MostPagesInUse = Math.Max(MostPagesInUse, PagesInUse);
        return canExtend;
    }

    /// <summary>Pages that were asked for as ones that an operating system leaves alone.</summary>
    public ulong ReservedPages { get; private set; }

    public override byte* AllocatePages(ulong count, bool isReserved = false)
    {
        ReservedPages += isReserved ? count : 0;
        AllocatePages(count, reserved: count, out byte* pages);
        return pages;
    }

    private void AllocatePages(ulong count, ulong reserved, out byte* pages)
    {
        pages = null;
        if (PagesInUse + (long)count > PageLimit)
        {
            return;
        }

        PagesInUse += (long)count;
        MostPagesInUse = Math.Max(MostPagesInUse, PagesInUse);
        pages = IsAliased(count) ? AliasedMemory.Map(count * PageSize) : (byte*)NativeMemory.AlignedAlloc((nuint)reserved * PageSize, PageSize);
    }

    public override void FreePages(byte* pages, ulong count)
    {
        PagesInUse -= (long)count;
        if (IsAliased(count))
        {
            AliasedMemory.Unmap(pages, count * PageSize);
        }
        else
        {
            NativeMemory.AlignedFree(pages);
        }
    }

    private static bool IsAliased(ulong count) => count * PageSize > 1UL << 32;

    /// <summary>What is in memory from <see cref="MemoryAddress"/> on.</summary>
    public byte[] Memory { get; } = GC.AllocateArray<byte>(64, pinned: true);

    public const ulong MemoryAddress = 0x1000;

    public override byte* FindMemory(ulong address, ulong length) =>
        address >= MemoryAddress && address - MemoryAddress <= (ulong)Memory.Length && length <= (ulong)Memory.Length - (address - MemoryAddress)
            ? (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(Memory)) + (address - MemoryAddress)
            : null;

    public override Error? Fetch(ResourceUri uri, DownloadTarget to, FetchOptions options)
    {
        string text = uri.ToText();
        Fetched.Add(text);
        Requests.Add(options.Request is null ? "" : $"{options.Request.Method} {options.Request.Fields}{Encoding.Latin1.GetString(options.Request.Content)}");
        if (Moves.TryGetValue(text, out string? elsewhere))
        {
            to.MovedTo = ResourceUri.Parse(elsewhere, out _);
            text = elsewhere;
        }

        if (!Files.TryGetValue(text, out byte[]? content))
        {
            return new Error(EFI_STATUS.EFI_NOT_FOUND, $"{text}: file not found");
        }

        Error? error = to.Begin(WithoutSize.Contains(text) ? null : (ulong)content.Length);
        for (int at = 0; at < content.Length && error is null; at += 1400)
        {
            error = to.Write(content.AsSpan(at, Math.Min(1400, content.Length - at)));
            OnPiece?.Invoke(to);
        }

        to.Complete();
        return error;
    }

    public override void ListFolder(ResourceUri folder, List<string> names)
    {
        string path = folder.ToText();
        foreach (string rest in Files.Keys.Where(file => file.StartsWith(path, StringComparison.Ordinal)).Select(file => file[path.Length..]))
        {
            int slash = rest.IndexOf('/');
            names.Add(slash < 0 ? rest : rest[..(slash + 1)]);
        }
    }

    public override Error? Start(Image image, ImageRegistry images)
    {
        Started.Add(image.CommandLine.Value.Length > 0 ? $"{image.Name} {image.CommandLine.Value}" : image.Name);
        return OnStart(image, images);
    }

    /// <summary>Names of images that the firmware refuses.</summary>
    public HashSet<string> Refused { get; } = new();

    /// <summary>USB devices: the descriptor, then strings.</summary>
    public List<byte[][]> UsbDevices { get; } = new();

    public override byte[]? ReadUsb(int number, int text) => UsbDevices.ElementAtOrDefault(number - 1)?.ElementAtOrDefault(text);

    public override bool IsRefused(Image image) => Refused.Contains(image.Name);

    /// <summary>What is said to a signature of an image.</summary>
    public Func<Image, byte[], byte[], Error?> OnVerify { get; set; } = (_, _, _) => null;

    public override Error? VerifySignature(Image image, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> root) =>
        OnVerify(image, signature.ToArray(), root.ToArray());

    public override bool TryFindPciFunction(uint from, out uint found)
    {
        found = PciFunctions.Keys.Where(each => each >= from).Order().FirstOrDefault();
        return PciFunctions.Keys.Any(each => each >= from);
    }

    /// <summary>What was to be booted from disks.</summary>
    public List<string> LocalBoots { get; } = new();

    public override Error? BootLocal(LocalBootRequest request)
    {
        LocalBoots.Add(
            $"disk={request.Disk} entry={request.Entry} label={request.Label} uuid={(request.PartitionGuid is byte[] guid ? new Guid(guid) : "")} " +
            $"file={request.FileName} extra={request.ExtraFileName}");
        return null;
    }

    /// <summary>What became of disks over the network.</summary>
    public List<string> SanDisks { get; } = new();

    /// <summary>What booting from one ends with.</summary>
    public Error? SanResult { get; set; }

    public override Error? Show(SanDrive drive)
    {
        SanDisks.Add($"show 0x{drive.Number:x2} {drive.Uri}");
        return null;
    }

    public override void Hide(SanDrive drive) => SanDisks.Add($"hide 0x{drive.Number:x2}");

    /// <summary>Tables that were added to those of ACPI, and what adding one ends with.</summary>
    public List<byte[]> AddedTables { get; } = new();

    public EFI_STATUS AddTableResult { get; set; }

    public override EFI_STATUS AddAcpiTable(ReadOnlySpan<byte> table, out nuint key)
    {
        key = (nuint)table.Length;
        if (!AddTableResult.IsError)
        {
            AddedTables.Add(table.ToArray());
        }

        return AddTableResult;
    }

    public override void RemoveAcpiTable(nuint key) => Assert.Equal(1, AddedTables.RemoveAll(each => (nuint)each.Length == key));

    public override Error? BootSan(SanDrive drive, LocalBootRequest request)
    {
        SanDisks.Add($"boot 0x{drive.Number:x2} file={request.FileName} extra={request.ExtraFileName} label={request.Label}");
        return SanResult;
    }

    public override ReadOnlySpan<byte> GetSmbios(out int version)
    {
        version = SmbiosVersion;
        return SmbiosTable;
    }

    public override bool TryCpuid(uint leaf, uint subleaf, Span<uint> registers)
    {
        if (CpuidAnswers is not null && CpuidAnswers.TryGetValue((leaf, subleaf), out uint[]? answer))
        {
            answer.CopyTo(registers);
        }

        return CpuidAnswers is not null;
    }

    public override bool TryReadPci(uint function, int offset, Span<byte> bytes)
    {
        bool isThere = PciFunctions.TryGetValue(function, out byte[]? space) && offset + bytes.Length <= space.Length;
        space.AsSpan(isThere ? offset : 0, isThere ? bytes.Length : 0).CopyTo(bytes);
        return isThere;
    }

    public override ReadOnlySpan<byte> FindAcpiTable(ReadOnlySpan<byte> signature, int index)
    {
        string wanted = Encoding.Latin1.GetString(signature);
        return AcpiTables.Where(table => Encoding.Latin1.GetString(table, 0, 4) == wanted).ElementAtOrDefault(index);
    }

    public override bool TryGetMemoryRegion(int index, out ulong start, out ulong length)
    {
        (start, length) = MemoryRegions.ElementAtOrDefault(index);
        return index < MemoryRegions.Count;
    }

    public override byte[]? GetVariable(ReadOnlySpan<char> name, EFI_GUID? vendor)
    {
        string wanted = name.ToString();
        return Variables.FirstOrDefault(each => each.Key.Name == wanted && (vendor is null || each.Key.Vendor == vendor)).Value;
    }

    public override Error? SetVariable(ReadOnlySpan<char> name, EFI_GUID vendor, ReadOnlySpan<byte> value)
    {
        if (value.Length > VariableRoom)
        {
            return new Error(EFI_STATUS.EFI_OUT_OF_RESOURCES, "no room");
        }

        Variables[(name.ToString(), vendor)] = value.ToArray();
        return null;
    }

    public override Error? TakeNics(Terminal terminal)
    {
        Takings++;
        return null;
    }

    public override Error? Reset(PlatformReset reset)
    {
        Resets.Add(reset);
        return null;
    }
}
