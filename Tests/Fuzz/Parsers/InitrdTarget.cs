using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.App.Images;
using NetBoot.Tests.App;
using NetBoot.Tests.Models.Devices;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>Images by their arguments, a line each; the first byte says how long their contents are.</summary>
internal sealed unsafe class InitrdTarget : FuzzTarget
{
    private const int PageSize = 4096;

    public override string Name => "initrd";

    public override string Subject => "CPIO headers made of an image's arguments, in memory of the size that was asked for";

    public override int MaximumSize => 512;

    public override IEnumerable<byte[]> Seeds =>
        [[5, .. "/etc/passwd mode=0600 mkdir=-1\n\n/a//b mkdir=2 mode=x"u8], [4, .. "\n\n"u8], [1, .. "x mkdir=99999999999 mode=777777777777\na/b/c/ mkdir=-5"u8]];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        byte[] content = new byte[input[0] + 1];
        TestPlatform platform = new();
        using ImageRegistry images = new();
        foreach (string arguments in Encoding.Latin1.GetString(input[1..]).Split('\n'))
        {
            Image image = Image.Create(platform, "image", "");
            image.Content.Begin((ulong)content.Length);
            image.Content.Write(content);
            image.CommandLine.Set(arguments);
            images.Add(image);
        }

        Initrd initrd = new(images, isForLinux: true);
        nuint size = (nuint)initrd.Size;
        nuint pages = Math.Max(1, (size + PageSize - 1) / PageSize);
        byte* memory = (byte*)GuardedPages.Allocate(pages);
        initrd.Read(0, memory + (pages * PageSize) - size, size);
        GuardedPages.Free(memory, pages);
    }
}
