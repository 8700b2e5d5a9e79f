using System;
using System.Collections.Generic;
using NetBoot.Boot.Packaging;
using NetBoot.Tests.Packaging;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed class PortableExecutableTarget : FuzzTarget
{
    public override string Name => "pe";

    public override string Subject => "images that are packed: PE headers, sections, one more section";

    public override IEnumerable<byte[]> Seeds => [SampleImage.Make()[..0x200], [.. SampleImage.Make(codeSize: 0x20).AsSpan(0, 0x180), 0]];

    public override int MaximumSize => 2048;

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        byte[] bytes = input.ToArray();
        try
        {
            PortableExecutable image = new("input", bytes);
            foreach (PortableSection section in image.Sections)
            {
                image.Content(section.Name);
            }

            byte[] larger = image.WithSection(".new", "content"u8);
            FuzzFinding.Unless(new PortableExecutable("output", larger).Content(".new") is { Length: 7 }, "the new section is not there");
        }
        catch (InputError)
        {
            // Says what is wrong, and where.
        }
    }
}
