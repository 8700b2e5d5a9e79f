using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Consoles;
using NetBoot.Boot.App.Images;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.App;

/// <summary>A machine of a test: files by URI, pages that are counted, and a list of what was started.</summary>
internal sealed unsafe class TestPlatform : Platform
{
    public Dictionary<string, byte[]> Files { get; } = new();

    /// <summary>URIs whose size is not announced.</summary>
    public HashSet<string> WithoutSize { get; } = new();

    public List<string> Fetched { get; } = new();
    public List<string> Started { get; } = new();
    public List<PlatformReset> Resets { get; } = new();

    /// <summary>How often the image's own drivers were to have every NIC.</summary>
    public int Takings { get; private set; }

    public byte[] SmbiosTable { get; set; } = [];
    public int SmbiosVersion { get; set; } = 0x300;

    /// <summary>What an image does when it is started; its result is the image's.</summary>
    public Func<Image, ImageRegistry, Error?> OnStart { get; set; } = (_, _) => null;

    public Action<DownloadTarget>? OnPiece { get; set; }
    public long PagesInUse { get; private set; }
    public long PageLimit { get; set; } = 1 << 16;
    public ulong Clock { get; set; } = 1_700_000_000;

    public override string Architecture => "x86_64";
    public override ushort DhcpArchitecture => 7;
    public override ulong UnixTime => Clock;
    public override ulong MemorySize => 512UL << 20;
    public override bool IsSecureBoot => false;

    public void AddFile(string uri, string content) => Files[uri] = Encoding.Latin1.GetBytes(content);

    public override byte* AllocatePages(ulong count)
    {
        if (PagesInUse + (long)count > PageLimit)
        {
            return null;
        }

        PagesInUse += (long)count;
        return (byte*)NativeMemory.AlignedAlloc((nuint)count * PageSize, PageSize);
    }

    public override void FreePages(byte* pages, ulong count)
    {
        PagesInUse -= (long)count;
        NativeMemory.AlignedFree(pages);
    }

    public override Error? Fetch(ResourceUri uri, DownloadTarget to, FetchOptions options)
    {
        string text = uri.ToText();
        Fetched.Add(text);
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

    public override Error? Start(Image image, ImageRegistry images)
    {
        Started.Add(image.CommandLine.Value.Length > 0 ? $"{image.Name} {image.CommandLine.Value}" : image.Name);
        return OnStart(image, images);
    }

    public override ReadOnlySpan<byte> GetSmbios(out int version)
    {
        version = SmbiosVersion;
        return SmbiosTable;
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
