using System;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Images;

/// <summary>Something that was fetched: a script, a kernel, an initrd. Owns its content, its name and its command line.</summary>
public sealed class Image : IDisposable
{
    private readonly Arena _arena;
    private readonly OwnedText _name = new();
    private readonly OwnedText _uri = new();

    private Image(Arena arena, Platform platform, bool isReserved)
    {
        _arena = arena;
        Content = new PageBuffer(platform, isReserved);
    }

    public string Name => _name.Value;

    /// <summary>
    /// Where it came from, after redirects; relative URIs in a script resolve against it. Empty when it came from nowhere.
    /// </summary>
    public string Uri => _uri.Value;

    public PageBuffer Content { get; }

    public OwnedText CommandLine { get; } = new();

    /// <summary>Free it once it was executed.</summary>
    public bool IsAutoFree { get; set; }

    /// <summary>Executed, or selected for it, so never part of an initrd.</summary>
    public bool IsExecutable { get; set; }

    /// <summary>Fetched to be part of an initrd, whatever is started.</summary>
    public bool IsInitrd { get; set; }

    /// <summary>Never part of an initrd, and listed by no command: autoexec.ipxe and the command line.</summary>
    public bool IsHidden { get; set; }

    /// <summary>A signature of its content was verified; or it is part of this program's own image.</summary>
    public bool IsTrusted { get; set; }

    /// <summary>Running without "#!ipxe" in its first line: the app's own command line.</summary>
    public bool IsCommandLine { get; set; }

    /// <summary>The next in the registry.</summary>
    internal Image? Next { get; set; }

    public bool IsScript => IsCommandLine || ScriptText.IsScript(Content.Span);

    /// <summary>Makes an empty image with an arena of its own.</summary>
    public static Image Create(Platform platform, ReadOnlySpan<char> name, ReadOnlySpan<char> uri, bool isReserved = false)
    {
        Arena arena = Arena.Create();
        using (arena.Enter())
        {
            Image image = new(arena, platform, isReserved);
            image.Rename(name);
            image.MoveTo(uri);
            return image;
        }
    }

    public void Rename(ReadOnlySpan<char> name) => _name.Set(name);

    /// <summary>The server said that it is elsewhere.</summary>
    public void MoveTo(ReadOnlySpan<char> uri) => _uri.Set(uri);

    /// <summary>Frees the content, and in firmware the image itself.</summary>
    public void Dispose()
    {
        Content.Dispose();
        CommandLine.Dispose();
        _name.Dispose();
        _uri.Dispose();
        _arena.Dispose();
    }
}
