using System;
using System.Linq;

namespace NetBoot.Boot.Tool.Qemu;

/// <summary>An Ethernet address as QEMU's command line writes it, and as bytes.</summary>
public sealed record MacText(string Text)
{
    public byte[] Bytes { get; } = [.. Text.Split(':').Select(part => Convert.ToByte(part, 16))];

    /// <summary>QEMU's locally administered range 52:54:00, counted.</summary>
    public static MacText Numbered(int number) => new($"52:54:00:12:34:{0x56 + number:x2}");

    public override string ToString() => Text;
}
