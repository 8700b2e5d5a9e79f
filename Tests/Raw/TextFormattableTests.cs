using System;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Raw;

/// <summary>Values that write themselves: into our interpolated strings, and into .NET's.</summary>
public sealed class TextFormattableTests
{
    private static readonly MacAddress s_mac = new([0x52, 0x54, 0x00, 0x12, 0x34, 0x56]);

    [Fact]
    public void Value_InAnInterpolatedStringOfTheHost_ReadsAsInOurs()
    {
        EFI_GUID guid = new(0x8BE4DF61, 0x93CA, 0x11D2, 0xAA, 0x0D, 0x00, 0xE0, 0x98, 0x03, 0x2B, 0x8C);
        Assert.Equal("52:54:00:12:34:56 8BE4DF61-93CA-11D2-AA0D-00E098032B8C", $"{s_mac} {guid}");
        Assert.Equal(TextBuilder.Format($"{s_mac} {guid}"), $"{s_mac} {guid}");
    }

    [Fact]
    public void TryFormat_WithoutRoomForAll_SaysSo()
    {
        ISpanFormattable value = s_mac;
        Span<char> room = new char[17];
        Assert.False(value.TryFormat(room[..16], out int none, default, null));
        Assert.Equal(0, none);
        Assert.True(value.TryFormat(room, out int all, default, null));
        Assert.Equal("52:54:00:12:34:56", room[..all].ToString());
        Assert.Equal("52:54:00:12:34:56", value.ToString(null, null));
    }
}
