using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>A base and, behind a line's end, a reference to be resolved against it.</summary>
internal sealed class UriTarget : FuzzTarget
{
    public override string Name => "uri";

    public override string Subject => "URIs of scripts, DHCP and redirects, and references resolved against them";

    public override int MaximumSize => 512;

    public override IEnumerable<byte[]> Seeds =>
    [
        [.. "http://user:pw@192.0.2.1:8080/a/b/../c%20d?e=f&g#h\n../x/./y?z"u8], [.. "tftp://server//pxe/kernel\n//other/a"u8],
        [.. "http://[2001:db8::1]:80/\n#f"u8], [.. "http://[fe80::1%net0]/\nhttp://[fe80::2]/y"u8], [.. "file:///EFI/BOOT/a b.efi\n?q"u8], [.. "a/b:c\nmailto:x"u8], [.. "http://h:99999/%4\n"u8],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        string[] parts = Encoding.Latin1.GetString(input).Split('\n', 2);
        ResourceUri? uri = Parse(parts[0]);
        if (parts.Length == 2 && uri is not null)
        {
            ResourceUri? resolved = uri.Resolve(parts[1], out _);
            _ = resolved is null ? null : Parse(resolved.ToText());
            ResourceUri.ForTftp("192.0.2.1", parts[1]);
        }

        byte[] decoded = new byte[3 * parts[0].Length];
        int length = PercentEncoding.Decode(parts[0], decoded);
        FuzzFinding.Unless(PercentEncoding.Decode(PercentEncoding.Encode(decoded.AsSpan(0, length)), decoded) == length, "encoding loses bytes");
    }

    /// <summary>What is written of what was read is read as the same.</summary>
    private static ResourceUri? Parse(string text)
    {
        ResourceUri? uri = ResourceUri.Parse(text, out _);
        if (uri is not null)
        {
            string written = uri.ToText();
            string? again = ResourceUri.Parse(written, out _)?.ToText();
            FuzzFinding.Unless(written == again, $"{text}: {written}, read again: {again}");
            _ = uri.FileName;
        }

        return uri;
    }
}
