using System;
using System.Linq;
using System.Text;
using NetBoot.Boot.Options;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>sanboot and localboot: what they ask the machine for; and how the firmware's boot options are read.</summary>
public sealed class LocalBootTests
{
    [Theory]
    [InlineData("localboot", "disk= entry= label= uuid= file= extra=")]
    [InlineData("localboot --disk 1", "disk=1 entry= label= uuid= file= extra=")]
    [InlineData("localboot -d 0x0", "disk=0 entry= label= uuid= file= extra=")]
    [InlineData("localboot --label DATA --filename /a/b.efi", "disk= entry= label=DATA uuid= file=/a/b.efi extra=")]
    [InlineData("localboot --entry Boot0003", "disk= entry=Boot0003 label= uuid= file= extra=")]
    [InlineData("localboot --uuid 00112233-4455-6677-8899-aabbccddeeff", "disk= entry= label= uuid=00112233-4455-6677-8899-aabbccddeeff file= extra=")]
    [InlineData("sanboot --no-describe --drive 0x80", "disk= entry= label= uuid= file= extra=")]
    [InlineData("sanboot", "disk= entry= label= uuid= file= extra=")]
    [InlineData("sanboot -n -d 0", "disk= entry= label= uuid= file= extra=")]
    [InlineData("sanboot --keep --drive 0x81", "disk=1 entry= label= uuid= file= extra=")]
    [InlineData("sanboot --filename x --extra y --label z", "disk= entry= label=z uuid= file=x extra=y")]
    public void Command_AsksForWhatItSays(string line, string expected)
    {
        using TestSession session = new();

        Assert.True(session.Run(line).IsSuccess);

        Assert.Equal([expected], session.Platform.LocalBoots);
    }

    [Theory]
    [InlineData("localboot --uuid 123", "localboot: not a UUID: 123")]
    [InlineData("localboot --disk first", "localboot: not a number: first")]
    [InlineData("sanboot tftp://192.0.2.1/disk", "sanboot: tftp://192.0.2.1/disk: there are no disks of scheme \"tftp\" (of http, https and iscsi there are)")]
    [InlineData("sanunhook", "sanunhook: drive 0x80 is no disk over the network (sanhook makes it one)")]
    public void Command_ThatMakesNoSense_SaysSo(string line, string expected) =>
        Assert.Equal($"boot.ipxe:2: {expected}\n", TestSession.OutputOf(line));

    [Fact]
    public void LoadOption_IsReadInItsParts()
    {
        byte[] option = [1, 0, 0, 0, 4, 0, .. Encoding.Unicode.GetBytes("Disk\0"), 0x7F, 0xFF, 4, 0, 9, 8];

        Assert.True(LoadOption.TryParse(option, out LoadOption parsed));

        Assert.True(parsed.IsActive);
        Assert.Equal("Disk", Encoding.Unicode.GetString(parsed.Description));
        Assert.Equal([0x7F, 0xFF, 4, 0], parsed.Path.ToArray());
        Assert.Equal([9, 8], parsed.Data.ToArray());
    }

    [Fact]
    public void LoadOption_ThatIsCut_IsNone()
    {
        byte[] option = [0, 0, 0, 0, 4, 0, .. Encoding.Unicode.GetBytes("D\0"), 0x7F, 0xFF, 4, 0];
        foreach (int length in Enumerable.Range(0, option.Length))
        {
            Assert.False(LoadOption.TryParse(option.AsSpan(0, length), out _));
        }
    }
}
