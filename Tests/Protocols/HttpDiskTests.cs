using System;
using System.Linq;
using System.Text;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.DevicePaths;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>Files on HTTP servers as disks, over whatever stream: every block that is read is compared with what the server has there.</summary>
public abstract class HttpDiskTests
{
    private const string Url = "http://192.0.2.1/disk.img";
    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly PeerHost _host;

    private protected HttpDiskTests(Func<IPeerRecords?> newRecords, StreamMaker streams)
    {
        _wire.Client.Schemes.Find("http")!.Streams = streams;
        _host = _wire.AddHost("192.0.2.1");
        _host.NewRecords = newRecords;
    }

    private protected PeerWire Wire => _wire;

    private protected PeerHost Host => _host;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void ReadsOfAnySizeAnywhere_AreWhatTheServerHas(int seed)
    {
        RangeServer server = new(_host, 9 << 20);
        using HttpDisk disk = Open();
        Random random = new(seed);
        ulong at = 0;
        for (int i = 0; i < 200; i++)
        {
            int blocks = random.Next(8) switch { 0 => random.Next(1, 2000), < 4 => 1, _ => random.Next(1, 130) };
            bool isNext = random.Next(2) == 0;
            at = isNext ? at : (ulong)random.NextInt64((long)disk.BlockCount);
            blocks = (int)Math.Min((ulong)blocks, disk.BlockCount - at);
            Check(disk, server, at, blocks);
            at = at + (ulong)blocks < disk.BlockCount ? at + (ulong)blocks : 0;
        }

        Assert.Equal(1, server.Connections);
    }

    [Fact]
    public void Disk_IsAsLargeAsTheServerSays_BeyondFourGigabytesToo()
    {
        RangeServer server = new(_host, (5UL << 30) + 700);
        using HttpDisk disk = Open();

        Assert.Equal(512, disk.BlockSize);
        Assert.Equal((5UL << 30) / 512 + 1, disk.BlockCount); // What is no whole block at the end is left out.
        Assert.True(disk.IsReadOnly);
        Check(disk, server, disk.BlockCount - 3, 3);
        Check(disk, server, (4UL << 30) / 512 - 1, 2);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, disk.Read(disk.BlockCount - 1, new byte[1024]));
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, disk.Read(ulong.MaxValue / 512, new byte[512]));
        Assert.Equal(EFI_STATUS.EFI_WRITE_PROTECTED, disk.Write(0, new byte[512]));
    }

    [Fact]
    public void Disk_ByName_IsReadOn_WhenNobodyCanBeAskedForTheName()
    {
        RangeServer server = new(_host, 1 << 20);
        PeerHost names = _wire.AddHost("192.0.2.53");
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 53)]);
        names.OnUdp(53, (client, query) => names.SendUdp(53, client, DnsBytes.Answer(query, DnsBytes.A("boot.example", 1, 192, 0, 2, 1))));
        using HttpDisk disk = Open("http://boot.example/d");
        _wire.Interface.SetDnsServers([]); // It went with another NIC.
        server.Connection!.Reset();

        Check(disk, server, 1000, 8);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Redirection_ThatLeadsElsewhereEachTime_IsFollowedOnce_AndAgainWhenThatPlaceIsGone(int change)
    {
        RangeServer first = new(_host, 1 << 20, 81) { Tag = "\"a\"" };
        RangeServer second = new(_host, 1 << 20, 82) { Tag = change == 1 ? "\"a\"" : "\"b\"" };
        int asked = 0;
        _ = new RangeServer(_host, 1 << 20)
        {
            OnRequest = (c, _) =>
            {
                c.Send($"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1:{81 + asked++ % 2}/y\r\nContent-Length: 0\r\n\r\n");
                return true;
            },
        };
        using HttpDisk disk = Open();
        Check(disk, first, 1000, 8);
        Assert.Equal((1, 0), (asked, second.Connections));
        if (change == 0)
        {
            return;
        }

        first.Connection!.Reset();
        _host.StopTcp(81);
        if (change == 1)
        {
            Check(disk, second, 1500, 8);
            return;
        }

        Assert.True(disk.Read(1500, new byte[512]).IsError);
        Assert.Equal("redirected to another file than before", disk.Failure.ToString());
        second.Tag = first.Tag;
        asked = 1;
        Check(disk, second, 1500, 8); // Nothing is lost for good.
    }

    [Fact]
    public void Interface_OfThePlaceThatIsRead_IsKnown_HoweverManyWaysThereAre()
    {
        PeerHost host = _wire.AddHost("192.0.2.2");
        host.NewRecords = _host.NewRecords;
        RangeServer elsewhere = new(host, 1 << 20);
        _ = new RangeServer(_host, 1 << 20)
        {
            OnRequest = (c, _) =>
            {
                c.Send("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.2/y\r\nContent-Length: 0\r\n\r\n");
                return true;
            },
        };
        using HttpDisk disk = Open([.. Enumerable.Range(0, 20).Select(i => $"http://192.0.2.1/{i}")]);

        Check(disk, elsewhere, 1000, 8);

        Assert.Equal("192.0.2.1 192.0.2.2", string.Join(' ', disk.Servers.ToArray()));
    }

    [Fact]
    public void Failure_OfAServer_IsForgotten_WhenAnotherHasThePart()
    {
        RangeServer server = new(_host, 1 << 20);
        using HttpDisk disk = Open("http://192.0.2.9/x", Url);
        Check(disk, server, 1000, 8);
        Assert.Equal("", disk.Failure.ToString());
    }

    /// <summary>Nothing tells then whether the rest is of the same file.</summary>
    [Fact]
    public void Part_ThatIsBrokenOff_OfAFileWithoutValidator_IsAskedForFromItsStart()
    {
        RangeServer server = new(_host, 1 << 20) { Tag = null };
        using HttpDisk disk = Open();
        server.OnRequest = (c, request) =>
        {
            server.OnRequest = null;
            c.Send($"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 524288-540671/{1 << 20}\r\nContent-Length: 16384\r\n\r\n{new string('x', 1000)}");
            c.After(50_000, c.Reset);
            return true;
        };

        Check(disk, server, 1024, 1);

        string[] ranges = [.. server.Ranges];
        Assert.Equal(ranges[^2], ranges[^1]);
    }

    [Fact]
    public void Disk_BehindAProxy_IsReadThroughIt_AndAgainWhenTheConnectionIsLost()
    {
        PeerHost host = _wire.AddHost("192.0.2.2");
        host.NewRecords = _host.NewRecords;
        RangeServer proxy = new(host, 1 << 20, 3128);
        _wire.Client.HttpProxy = ResourceUri.Parse("http://192.0.2.2:3128/", out _);
        using HttpDisk disk = Open();

        Check(disk, proxy, 1000, 8);
        proxy.Connection!.Reset();
        Check(disk, proxy, 1500, 8);

        Assert.All(proxy.Requests, each => Assert.StartsWith($"GET {Url} HTTP/1.1", each));
        Assert.Equal(2, proxy.Connections);
        Assert.True(disk.Uses(_wire.Interface));
    }

    [Fact]
    public void Disk_WithTheMarkOfACd_HasItsBlocks()
    {
        RangeServer server = new(_host, 1 << 20) { Patch = (0x8001, Encoding.ASCII.GetBytes("CD001")) };
        using HttpDisk disk = Open();

        Assert.Equal(2048, disk.BlockSize);
        Assert.Equal(512UL, disk.BlockCount);
        Check(disk, server, 16, 1);
        Check(disk, server, 500, 12);
    }

    [Fact]
    public void ReadsThatFollowEachOther_AreReadAhead_AndOthersAreNot()
    {
        RangeServer server = new(_host, 16 << 20);
        using HttpDisk disk = Open();
        server.Requests.Clear();
        for (ulong at = 8192; at < 8192 + 4096; at += 8)
        {
            Check(disk, server, at, 8); // 2 MiB in pieces of 4 KiB
        }

        Assert.InRange(server.Requests.Count, 2, 9);

        server.Requests.Clear();
        foreach (ulong at in new ulong[] { 20_000, 30_000, 1000, 25_000 })
        {
            Check(disk, server, at, 8);
            Check(disk, server, at + 1, 2); // Is there.
        }

        Assert.Equal(4, server.Requests.Count);
        Assert.All(server.Ranges, range => Assert.InRange(LengthOf(range), 1, 2 * 32768));
    }

    [Fact]
    public void LongRead_IsOneRequest_OfWhatIsNotThere()
    {
        RangeServer server = new(_host, 16 << 20);
        using HttpDisk disk = Open();
        Check(disk, server, 4096, 8);
        server.Requests.Clear();

        Check(disk, server, 2048, 2048); // The first half is missing, one line is there, and then the rest is.
        Check(disk, server, 1001, 1000);

        Assert.Equal(["1048576-2097151", "512512-1024511"], server.Ranges.ToArray()[..2].Order());
        Assert.Equal(2, server.Requests.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LostConnection_IsMadeAgain_AndNobodySeesIt(bool isReset)
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open();
        int requests = 0;
        server.OnRequest = (c, request) =>
        {
            if (++requests % 2 == 0)
            {
                return false;
            }

            if (requests % 4 == 1)
            {
                // In the middle of the answer.
                ulong start = ulong.Parse(server.Ranges.Last().Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
                c.Send($"HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes {start}-{start + 32767}/{server.Size}\r\nContent-Length: 32768\r\n\r\n");
                c.Send(server.Bytes(start, 5000));
            }

            c.After(5000, isReset ? c.Reset : c.Finish);
            return true;
        };

        for (ulong at = 1000; at < 15_000; at += 1000)
        {
            Check(disk, server, at, 64);
        }
    }

    [Fact]
    public void AnswerInChunksThatEndsWithoutItsTrailer_IsThePart()
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open();
        server.OnRequest = (c, _) =>
        {
            c.Send($"HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Range: bytes 4096000-4128767/{server.Size}\r\nTransfer-Encoding: chunked\r\n\r\n8000\r\n");
            c.Send(server.Bytes(4_096_000, 32_768));
            c.Finish();
            return true;
        };

        Check(disk, server, 8000, 64);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public void ServerThatIsAwayForAWhile_IsWaitedFor()
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open();
        server.OnRequest = (c, _) =>
        {
            c.Reset();
            return true;
        };
        _wire.After(3_000_000, () => server.OnRequest = null);

        Check(disk, server, 5000, 64);
    }

    [Fact]
    public void CarrierThatIsAwayForAWhile_IsWaitedFor()
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open();
        _wire.IsUp = false;
        _wire.After(8_000_000, () => _wire.IsUp = true);

        Check(disk, server, 5000, 2000);
    }

    [Fact]
    public void ServerThatComesBackNoMore_IsAnErrorThatSaysSo()
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open();
        _host.StopTcp(80);
        server.OnRequest = (c, _) =>
        {
            c.Reset();
            return true;
        };

        Assert.True(disk.Read(5000, new byte[512]).IsError);

        Assert.StartsWith("HTTP http://192.0.2.1/disk.img: ", disk.Failure.ToString());
        Assert.Equal(EFI_STATUS.EFI_SUCCESS, disk.Read(0, new byte[512])); // It was read before, and is right.
    }

    [Theory]
    [InlineData("silent", 80, 95)]
    [InlineData("refusing", 28, 40)]
    [InlineData("busy", 28, 40)]
    public void ServerThatIsGone_IsAskedAgainForAsLongAsThePageSays(string how, int least, int most)
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open(new FetchOptions { StallTimeout = 5_000_000, MaximumTries = 11 }); // SanDrives' own.
        server.OnRequest = (c, _) =>
        {
            if (how == "busy")
            {
                c.Send("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
            }
            else if (how == "refusing")
            {
                _host.StopTcp(80);
                c.Reset();
            }

            return true;
        };
        ulong started = _wire.Now;

        Assert.True(disk.Read(5000, new byte[512]).IsError);

        Assert.InRange((int)((_wire.Now - started) / 1_000_000), least, most);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1048576\r\n\r\n", "the server ignores ranges")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Length: 65536\r\n\r\n", "does not say what part of how large a file")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-65535/*\r\nContent-Length: 65536\r\n\r\n", "does not say what part of how large a file")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 512-65535/1048576\r\nContent-Length: 65536\r\n\r\n", "sends another than was asked for")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-65535/1048576\r\nContent-Encoding: gzip\r\nContent-Length: 65536\r\n\r\n", "content coding \"gzip\"")]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "404 Not Found")]
    [InlineData("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */0\r\nContent-Length: 0\r\n\r\n", "416 Range Not Satisfiable")]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 10\r\n\r\n0123456789", "10 bytes are no disk")]
    public void WhatIsNoDisk_IsRefusedWithASentence(string answer, string expected)
    {
        RangeServer server = new(_host, 1 << 20)
        {
            OnRequest = (c, _) =>
            {
                c.Send(answer);
                c.Send(new byte[answer.Contains("65536", StringComparison.Ordinal) ? 65536 : 0]);
                return true;
            },
        };

        Error? error = HttpDisk.Open(_wire.Network, _wire.Client, [Uri(Url)], new FetchOptions(), out HttpDisk? disk);

        Assert.Null(disk);
        Assert.Contains(expected, error?.Message);
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData("\"v2\"", 8 << 20)]
    [InlineData("\"v1\"", (8 << 20) + 512)]
    [InlineData(null, (8 << 20) + 512)]
    public void FileThatChanges_IsAnErrorForGood_AndNoBlockOfItIsRead(string? tag, int size)
    {
        RangeServer server = new(_host, 8 << 20) { Tag = tag is null ? null : "\"v1\"" };
        using HttpDisk disk = Open();
        Check(disk, server, 5000, 64);
        server.Tag = tag;
        server.Size = (ulong)size;
        server.Seed = 7;

        Assert.Equal(EFI_STATUS.EFI_MEDIA_CHANGED, disk.Read(9000, new byte[512]));

        Assert.Contains("has changed on the server", disk.Failure.ToString());
        server.Tag = "\"v1\"";
        server.Size = 8 << 20;
        Assert.Equal(EFI_STATUS.EFI_MEDIA_CHANGED, disk.Read(5000, new byte[512]));
    }

    [Theory]
    [InlineData("\"v1\"", "the server ignores ranges now")]
    [InlineData("\"v1\"", "has changed on the server", 512)]
    [InlineData("\"v2\"", "has changed on the server")]
    [InlineData(null, "has changed on the server")]
    public void WholeFileForAPart_IsAChange_UnlessItIsTheSameFileOfAServerThatIgnoresRangesNow(string? tag, string expected, int more = 0)
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open();
        Check(disk, server, 5000, 64);
        server.OnRequest = (c, _) =>
        {
            c.Send($"HTTP/1.1 200 OK\r\n{(tag is null ? "" : $"ETag: {tag}\r\n")}Content-Length: {(8 << 20) + more}\r\n\r\n");
            return true;
        };
        server.Requests.Clear();

        Assert.True(disk.Read(9000, new byte[512]).IsError);

        Assert.Contains(expected, disk.Failure.ToString());
        Assert.Single(server.Requests);
        server.OnRequest = null;
        bool isForGood = !expected.Contains("ignores", StringComparison.Ordinal);
        Assert.Equal(isForGood, disk.Read(9000, new byte[512]) == EFI_STATUS.EFI_MEDIA_CHANGED);
    }

    [Fact]
    public void RouteThatChanges_IsWhatTheNextConnectionTakes_AndTheInterfaceThatIsUsedThen()
    {
        RangeServer server = new(_host, 8 << 20);
        using HttpDisk disk = Open();
        Check(disk, server, 5000, 64);
        NetworkInterface other = _wire.AddInterface("net1");
        Assert.True(disk.Uses(_wire.Interface));
        Assert.False(disk.Uses(other));
        _wire.Interface.Close();
        PeerWire.Assert(other.Configure(new IPv4Address(192, 0, 2, 101), new IPv4Address(255, 255, 255, 0), new IPv4Address(192, 0, 2, 1)));

        Assert.True(disk.Uses(other));
        Assert.False(disk.Uses(_wire.Interface));
        Check(disk, server, 9000, 64);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public void SecondServer_IsReadWhereTheFirstFails_IfItsFileIsTheSame()
    {
        RangeServer first = new(_host, 8 << 20);
        RangeServer second = new(_host, 8 << 20, 81);
        using HttpDisk disk = Open(Url, "http://192.0.2.1:81/disk.img");
        Check(disk, first, 1000, 64);
        Assert.Empty(second.Requests);
        first.OnRequest = (c, _) =>
        {
            c.Reset();
            return true;
        };

        Check(disk, second, 9000, 64);
        int failed = first.Requests.Count;
        Check(disk, second, 12_000, 64);

        Assert.Equal(failed, first.Requests.Count); // It stays with the one that works.
    }

    [Fact]
    public void SecondServer_WithAnotherFile_IsNotRead_AndEndsNothing()
    {
        RangeServer first = new(_host, 8 << 20);
        RangeServer second = new(_host, 8 << 20, 81) { Tag = "\"other\"", Seed = 3 };
        using HttpDisk disk = Open(Url, "http://192.0.2.1:81/disk.img");
        first.OnRequest = (c, _) =>
        {
            c.Reset();
            return true;
        };

        Assert.Equal(EFI_STATUS.EFI_MEDIA_CHANGED, disk.Read(9000, new byte[512]));

        Assert.NotEmpty(second.Requests);
        first.OnRequest = null;
        Check(disk, first, 9000, 64);
    }

    [Fact]
    public void SecondServer_AfterTheFirstBrokeOffItsFirstAnswer_HasAllOfTheDisk_AndTheInterfaceIsKnown()
    {
        _ = new RangeServer(_host, 8 << 20)
        {
            OnRequest = (c, _) =>
            {
                c.Send($"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-32767/{8 << 20}\r\nContent-Length: 32768\r\n\r\nwrong");
                c.Reset();
                return true;
            },
        };
        RangeServer second = new(_host, 8 << 20, 81) { Tag = null };
        using HttpDisk disk = Open(Url, "http://192.0.2.1:81/disk.img");

        Check(disk, second, 0, 64);

        Assert.True(disk.Uses(_wire.Interface));
    }

    [Fact]
    public void Redirect_IsFollowed_AndTheInterfaceIsKnown()
    {
        RangeServer elsewhere = new(_host, 1 << 20, 81);
        RangeServer server = new(_host, 0)
        {
            OnRequest = (c, _) =>
            {
                c.Send("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1:81/y\r\nContent-Length: 0\r\n\r\n");
                return true;
            },
        };
        using HttpDisk disk = Open();

        Check(disk, elsewhere, 700, 40);

        Assert.True(disk.Uses(_wire.Interface));
        Assert.Single(server.Requests); // The place that it leads to is asked from then on.
    }

    [Fact]
    public void DevicePath_EndsWithTheUri()
    {
        _ = new RangeServer(_host, 1 << 20);
        using HttpDisk disk = Open();
        DevicePathBuilder path = new();

        disk.AppendTo(path);

        Assert.Equal(Url, Encoding.ASCII.GetString(path.Nodes[4..]));
    }

    private protected HttpDisk Open(params string[] uris) => Open(new FetchOptions { StallTimeout = 3_000_000, MaximumTries = 8 }, uris);

    private HttpDisk Open(FetchOptions options, params string[] uris)
    {
        PeerWire.Assert(HttpDisk.Open(_wire.Network, _wire.Client, uris.Length == 0 ? [Uri(Url)] : [.. uris.Select(Uri)], options, out HttpDisk? disk));
        return disk!;
    }

    private protected static void Check(HttpDisk disk, RangeServer server, ulong block, int count)
    {
        byte[] read = new byte[count * disk.BlockSize];
        EFI_STATUS status = disk.Read(block, read);
        Assert.True(status.IsSuccess, $"{status} at {block}: {disk.Failure}");
        Assert.True(read.AsSpan().SequenceEqual(server.Bytes(block * (ulong)disk.BlockSize, read.Length)), $"wrong bytes in {count} blocks at {block}");
    }

    private static int LengthOf(string range) => int.Parse(range.Split('-')[1], null) - int.Parse(range.Split('-')[0], null) + 1;

    private static ResourceUri Uri(string text) => ResourceUri.Parse(text, out _)!;
}
