using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>PXE's sub-options of option 43: what is read, and where the first fault is.</summary>
public class PxeOptionsTests
{
    private static readonly Config s_runs = Config.QuickThrowOnFailure.WithMaxTest(2000);

    [Fact]
    public void Options_OfAMenuServer_AreRead()
    {
        PxeOptions options = new((byte[])
        [
            .. DhcpBytes.Option(6, 3), 0, .. DhcpBytes.Option(7, 224, 0, 1, 2), .. DhcpBytes.Option(8, 0, 5, 2, 192, 0, 2, 1, 192, 0, 2, 2, 0, 6, 0),
            .. DhcpBytes.Option(9, [0, 5, 3, .. "One"u8, 0, 0, 5, .. "Local"u8]), .. DhcpBytes.Option(10, [10, .. "Press F8\0"u8]), .. DhcpBytes.Option(71, 0, 5, 0, 0), 255, 9,
        ]);
        Assert.Equal(0, options.FaultTag);
        Assert.False(options.MayBroadcast);
        Assert.False(options.MayMulticast);
        Assert.False(options.IsListOnly);
        Assert.False(options.IsFilePreferred);
        Assert.Equal("224.0.1.2", options.Multicast.Text());
        Assert.Equal("Press F8"u8.ToArray(), options.Prompt.ToArray());
        Assert.Equal(10, options.PromptTime);
        Assert.Equal(5, options.ItemType);
        Assert.Equal([(5, "One"), (0, "Local")], Items(options.Menu));
        Assert.Equal([(5, "192.0.2.1 192.0.2.2"), (6, "")], Servers(options.BootServers));
    }

    [Fact]
    public void Options_OfNothing_AllowAllButMulticast()
    {
        PxeOptions options = new(default);
        Assert.True(options.MayBroadcast);
        Assert.False(options.MayMulticast);
        Assert.Equal(PxeOptions.NoPrompt, options.PromptTime);
        Assert.Equal(-1, options.ItemType);
        Assert.Equal(0, options.FaultTag);
    }

    [Theory]
    [InlineData("06 02 00 00", 6, 2)] // not of one byte
    [InlineData("06 01 08 07 03 e0 00 01", 7, 5)]
    [InlineData("0a 00", 10, 2)]
    [InlineData("47 02 00 05", 71, 2)]
    [InlineData("06 01 08 09 20 00 05", 9, 3)] // runs over the end of option 43
    [InlineData("06 01 08 09", 9, 3)]
    [InlineData("09 09 00 05 01 41 00 06 05 42 43", 9, 6)] // an item over the end of the menu
    [InlineData("09 06 00 05 01 41 00 06", 9, 6)]
    [InlineData("08 0a 00 05 01 c0 00 02 01 00 06 01", 8, 9)]
    [InlineData("08 02 00 05", 8, 2)]
    public void Options_ThatAreDamaged_SayWhere(string hex, byte tag, int offset)
    {
        PxeOptions options = new(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Equal((tag, offset), (options.FaultTag, options.FaultOffset));
    }

    [Fact]
    public void Options_ThatAreRepeated_CountOnce()
    {
        byte[] first = [.. DhcpBytes.Option(6, 0), .. DhcpBytes.Option(9, 0, 1, 1, 65), .. DhcpBytes.Option(8, 0, 1, 0), .. DhcpBytes.Option(71, 0, 1, 0, 0)];
        byte[] second = [.. DhcpBytes.Option(6, 15), .. DhcpBytes.Option(9, 0, 2, 1, 66), .. DhcpBytes.Option(8, 0, 2, 0), .. DhcpBytes.Option(71, 0, 2, 0, 0)];
        PxeOptions options = new((byte[])[.. first, .. second]);
        Assert.True(options.MayBroadcast);
        Assert.Equal([(1, "A")], Items(options.Menu));
        Assert.Equal([(1, "")], Servers(options.BootServers));
        Assert.Equal(1, options.ItemType);
    }

    [Fact]
    public void Options_OfAnyBytes_AreReadOrSayWhere() => Prop.ForAll<byte[]>(bytes =>
    {
        PxeOptions options = new(bytes);
        Items(options.Menu);
        Servers(options.BootServers);
        return options.FaultTag == 0 || (options.FaultOffset >= 0 && options.FaultOffset <= bytes.Length);
    }).Check(s_runs);

    [Fact]
    public void Menu_OfAnyItems_IsReadBack() => Prop.ForAll<(ushort Type, byte[] Text)[]>(items =>
    {
        (int, string)[] written = [.. items.Select(each => ((int)each.Type, new string([.. (each.Text ?? []).Where(c => c != 0).Take(30).Select(c => (char)c)])))];
        byte[] menu = [.. written.SelectMany(each => (byte[])[(byte)(each.Item1 >> 8), (byte)each.Item1, (byte)each.Item2.Length, .. Encoding.Latin1.GetBytes(each.Item2)])];
        return Items(menu).SequenceEqual(written);
    }).Check(s_runs);

    private static List<(int Type, string Text)> Items(ReadOnlySpan<byte> menu)
    {
        List<(int, string)> items = [];
        PxeMenuReader reader = new(menu);
        while (reader.Read())
        {
            items.Add((reader.Type, Encoding.Latin1.GetString(reader.Text)));
        }

        return items;
    }

    private static List<(int Type, string Addresses)> Servers(ReadOnlySpan<byte> list)
    {
        List<(int, string)> servers = [];
        PxeBootServerReader reader = new(list);
        while (reader.Read())
        {
            List<string> addresses = [];
            for (int i = 0; i < reader.Count; i++)
            {
                addresses.Add(reader.GetAddress(i).Text());
            }

            servers.Add((reader.Type, string.Join(' ', addresses)));
        }

        return servers;
    }
}
