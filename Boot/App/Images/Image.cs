using System;
using NetBoot.Boot.App.Script;
using NetBoot.Uefi.Interop;

namespace NetBoot.Boot.App.Images;

/// <summary>Something that was fetched: a script, a kernel, an initrd. Owns its content, its name and its command line.</summary>
public sealed class Image : IDisposable
{
    private readonly Arena _arena;

    private Image(Arena arena, Platform platform, string name, string uri)
    {
        _arena = arena;
        Name = name;
        Uri = uri;
        Content = new PageBuffer(platform);
    }

    public string Name { get; }

    /// <summary>Where it came from; relative URIs in a script resolve against it. Empty when it came from nowhere.</summary>
    public string Uri { get; }

    public PageBuffer Content { get; }

    public OwnedText CommandLine { get; } = new();

    /// <summary>Free it once it was executed.</summary>
    public bool IsAutoFree { get; set; }

    /// <summary>Fetched to be executed, so never part of an initrd.</summary>
    public bool IsExecutable { get; set; }

    /// <summary>Never part of an initrd, and listed by no command: autoexec.ipxe and the command line.</summary>
    public bool IsHidden { get; set; }

    /// <summary>Running without "#!ipxe" in its first line: the app's own command line.</summary>
    public bool IsCommandLine { get; set; }

    /// <summary>The next in the registry.</summary>
    internal Image? Next { get; set; }

    public bool IsScript => IsCommandLine || ScriptText.IsScript(Content.Span);

    /// <summary>Makes an empty image with an arena of its own.</summary>
    public static Image Create(Platform platform, ReadOnlySpan<char> name, ReadOnlySpan<char> uri)
    {
        Arena arena = Arena.Create();
        using (arena.Enter())
        {
            return new Image(arena, platform, new string(name), new string(uri));
        }
    }

    /// <summary>Frees the content, and in firmware the image itself.</summary>
    public void Dispose()
    {
        Content.Dispose();
        CommandLine.Dispose();
        _arena.Dispose();
    }
}
