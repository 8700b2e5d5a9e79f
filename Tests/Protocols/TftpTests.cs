using System;
using System.Linq;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

public class TftpTests
{
    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly PeerHost _host;
    private readonly MemoryDownload _download = new();

    public TftpTests() => _host = _wire.AddHost("192.0.2.1");

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1467)]
    [InlineData(1468)]
    [InlineData(1469)]
    [InlineData(16 * 1468)]
    [InlineData(1_000_000)]
    public void Fetch_OfEachSize_IsIntact(int size)
    {
        TftpServer server = Serve(size, out byte[] file);
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
        Assert.Equal((ulong)size, _download.Size);
        Assert.Equal("pxe/kernel octet tsize 0 blksize 1468 windowsize 16", Assert.Single(server.Requests));
    }

    [Fact]
    public void Fetch_WithWindow_AcknowledgesOncePerWindow()
    {
        TftpServer server = Serve(1468 * 160, out _);
        PeerWire.Assert(Fetch());
        _wire.RunOnce();
        Assert.Equal(161, server.DataSent);
        Assert.Equal(1 + 10 + 1, server.Acknowledgements); // options, ten windows, the empty last block
    }

    [Theory]
    [InlineData(true, true, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, false)]
    [InlineData(false, false, true)]
    public void Fetch_FromServerThatIgnoresOptions_UsesWhatItKnows(bool blockSize, bool size, bool window)
    {
        TftpServer server = Serve(100_000, out byte[] file);
        (server.KnowsBlockSize, server.KnowsSize, server.KnowsWindow) = (blockSize, size, window);
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Fetch_FromServerThatRefusesOptions_AsksWithoutThem()
    {
        TftpServer server = Serve(10_000, out byte[] file);
        server.RefusesOptions = true;
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
        Assert.Equal("pxe/kernel octet", server.Requests[1]);
    }

    [Fact]
    public void Fetch_FromServerWithSmallBlocks_TakesItsSize()
    {
        Serve(10_000, out byte[] file).LargestBlockSize = 1024;
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Fetch_BeyondTheLastBlockNumber_RollsOver(int first)
    {
        TftpServer server = Serve(512 * (65536 + 100) + 100, out byte[] file);
        server.KnowsBlockSize = false;
        server.KnowsWindow = first == 0; // Those who go on at 1 are older.
        server.FirstAfterRollOver = first;
        PeerWire.Assert(Fetch());
        Assert.True(file.AsSpan().SequenceEqual(_download.Bytes));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Fetch_UnderLossCopiesAndReordering_IsIntact(int seed)
    {
        PeerWire wire = new PeerWire((ulong)seed).Configured();
        byte[] file = Bytes(300_000, seed);
        TftpServer server = new(wire.AddHost("192.0.2.1"), file) { KnowsWindow = seed % 2 == 0 };
        (wire.LossPercent, wire.CopyPercent, wire.DelayPercent) = (5, 5, 5);
        PeerWire.Assert(wire.Client.Run(Uri(), _download, new FetchOptions { StallTimeout = 60_000_000 }));
        Assert.True(file.AsSpan().SequenceEqual(_download.Bytes));
    }

    [Fact]
    public void Fetch_WithCopiesOfEveryPacket_DoesNotDoubleTheTraffic()
    {
        TftpServer server = Serve(500 * 1468 + 1, out byte[] file);
        server.KnowsWindow = false;
        _wire.CopyPercent = 100;
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
        Assert.InRange(server.DataSent, 501, 520);
    }

    [Fact]
    public void Fetch_WhoseLastAcknowledgementIsLost_AnswersTheRepeatedBlockLater()
    {
        TftpServer server = Serve(100, out _);
        _wire.LossPercent = 0;
        bool hasData = false;
        _wire.OnClientFrame = frame => hasData = true;
        PeerWire.Assert(Fetch());
        Assert.Equal(0, server.Finished); // its acknowledgement is still on the wire: lose it
        _wire.LossPercent = 100;
        ulong until = _wire.Now + 500_000;
        while (_wire.Now < until)
        {
            _wire.RunOnce();
        }

        Assert.True(hasData);
        _wire.LossPercent = 0;
        until = _wire.Now + 5_000_000;
        while (_wire.Now < until)
        {
            _wire.RunOnce();
        }

        Assert.Equal(1, server.Finished);
    }

    [Theory]
    [InlineData(1, "File not found", "TFTP 192.0.2.1: file not found: pxe/kernel (error 1)")]
    [InlineData(2, "", "TFTP 192.0.2.1: access violation: pxe/kernel (error 2)")]
    [InlineData(0, "Is a dir\u0001", "TFTP 192.0.2.1: Is a dir.: pxe/kernel (error 0)")]
    [InlineData(99, "", "TFTP 192.0.2.1: server error: pxe/kernel (error 99)")]
    public void Fetch_AnsweredByAnError_NamesServerFileAndCode(ushort code, string text, string expected)
    {
        _host.OnUdp(69, (client, _) => _host.SendUdp(3000, client, TftpServer.Error(code, text)));
        Assert.Equal(expected, Fetch()!.Message);
    }

    [Fact]
    public void Fetch_OfAbsolutePath_AsksWithItsSlash()
    {
        string request = "";
        _host.OnUdp(69, (client, packet) =>
        {
            request = Encoding.Latin1.GetString(packet, 2, 11);
            _host.SendUdp(3000, client, TftpServer.Error(1, ""));
        });
        Error? error = _wire.Client.Run(ResourceUri.ForTftp("192.0.2.1", "/pxe/kernel"), _download, new FetchOptions());
        Assert.Equal("/pxe/kernel", request);
        Assert.Equal("TFTP 192.0.2.1: file not found: /pxe/kernel (error 1)", error!.Message);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, error.Status);
    }

    [Fact]
    public void Fetch_FromPortThatIsClosed_SaysSoSoon()
    {
        ulong start = _wire.Now;
        Assert.Equal("TFTP 192.0.2.1: nothing listens on the TFTP port: pxe/kernel", Fetch()!.Message);
        Assert.InRange(_wire.Now - start, 0u, 2_000_000u);
    }

    [Fact]
    public void Fetch_WithoutAnswer_RepeatsWithBackOffAndGivesUp()
    {
        int requests = 0;
        _host.OnUdp(69, (_, _) => requests++);
        Assert.Equal("TFTP 192.0.2.1: no answer: pxe/kernel", Fetch()!.Message);
        Assert.Equal(4, requests); // after 0, 1, 3 and 7 s
    }

    [Fact]
    public void Fetch_FromServerThatStops_SaysHowFarItCame()
    {
        _host.OnUdp(69, (client, _) => _host.SendUdp(3000, client, [0, 6, .. "tsize\01000\0"u8]));
        _host.OnUdp(3000, (client, packet) =>
        {
            if (packet[3] == 0)
            {
                _host.SendUdp(3000, client, [0, 3, 0, 1, .. new byte[512]]);
            }
        });
        Assert.Equal("TFTP 192.0.2.1: no more data after 512 of 1000 bytes: pxe/kernel", Fetch()!.Message);
    }

    [Fact]
    public void Fetch_WithPacketsOfAnotherTransfer_AnswersThemWithError5AndGoesOn()
    {
        TftpServer server = Serve(100_000, out byte[] file);
        int refused = 0;
        _host.OnUdp(4000, (client, packet) => refused += packet[1] == 5 && packet[3] == 5 ? 1 : 0);
        _wire.OnClientFrame = frame =>
        {
            if (frame.Length == 14 + 20 + 8 + 4)
            {
                _host.SendUdp(4000, new IPEndpoint(_wire.Interface.Address, (ushort)((frame[34] << 8) | frame[35])), [0, 3, 0, 5, 1, 2, 3]);
            }
        };
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
        Assert.True(refused > 3);
    }

    [Theory]
    [InlineData("blksize\065464\0")]
    [InlineData("blksize\07\0")]
    [InlineData("windowsize\064\0")]
    [InlineData("windowsize\00\0")]
    [InlineData("tsize\0100")]
    [InlineData("tsize")]
    public void Fetch_WithUnlawfulOptions_EndsWithError8(string options)
    {
        string sent = "";
        _host.OnUdp(69, (client, _) => _host.SendUdp(3000, client, [0, 6, .. Encoding.Latin1.GetBytes(options)]));
        _host.OnUdp(3000, (_, packet) => sent = $"{packet[1]} {packet[3]}");
        Error? error = Fetch();
        Assert.StartsWith("TFTP 192.0.2.1: the server's options make no sense: ", error!.Message);
        for (int i = 0; i < 10; i++)
        {
            _wire.RunOnce();
        }

        Assert.Equal("5 8", sent);
    }

    [Fact]
    public void Fetch_WithBlockLongerThanAgreed_IsAnError()
    {
        _host.OnUdp(69, (client, _) => _host.SendUdp(3000, client, [0, 3, 0, 1, .. new byte[513]]));
        Assert.Equal("TFTP 192.0.2.1: a block of 513 bytes, 512 were agreed on: pxe/kernel", Fetch()!.Message);
    }

    [Theory]
    [InlineData("tsize\00\0")]
    [InlineData("tsize\01\0")]
    [InlineData("tsize\0600\0")]
    [InlineData("tsize\05000\0")]
    [InlineData("tsize\0-1\0")]
    [InlineData("tsize\099999999999999999999999\0")]
    [InlineData("multicast\0x\0timeout\05\0")] // Nobody asked for these.
    public void Fetch_WhoseSizeWasOnlyAHint_IsWhole(string options)
    {
        byte[] file = Bytes(1000, 1);
        _host.OnUdp(69, (client, _) => _host.SendUdp(3000, client, [0, 6, .. Encoding.Latin1.GetBytes(options)]));
        _host.OnUdp(3000, (client, packet) => _host.SendUdp(3000, client, packet[3] == 0 ? [0, 3, 0, 1, .. file[..512]] : [0, 3, 0, 2, .. file[512..]]));
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
        Assert.Equal(1000UL, _download.Size);
        Assert.Equal(1, _download.Begins);
    }

    [Fact]
    public void Fetch_FromServerThatAnswersFromAnotherAddress_IsIntact()
    {
        byte[] file = Bytes(10_000, 1);
        PeerHost other = _wire.AddHost("192.0.2.99");
        int next = 0;
        void Answer(IPEndpoint client) => other.SendUdp(3000, client, [0, 3, 0, (byte)++next, .. file.Skip((next - 1) * 512).Take(512)]);
        _host.OnUdp(69, (client, _) => Answer(client));
        other.OnUdp(3000, (client, _) => Answer(client));
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
    }

    [Fact]
    public void Fetch_WithAnUnreachableFromBeforeTheTransfer_GoesOnAfterALoss()
    {
        byte[] file = Bytes(1000, 1);
        int losses = 1;
        _host.UdpArrived = (client, to, _) => // Port 69 is closed for the host itself, which says so first.
        {
            if (to.Port == 69)
            {
                _wire.After(50_000, () => _host.SendUdp(3000, client, [0, 3, 0, 1, .. file[..512]]));
            }
        };
        _host.OnUdp(3000, (client, _) =>
        {
            if (losses-- <= 0)
            {
                _host.SendUdp(3000, client, [0, 3, 0, 2, .. file[512..]]);
            }
        });
        PeerWire.Assert(Fetch());
        Assert.Equal(file, _download.Bytes);
    }

    [Fact]
    public void Fetch_WithoutRoom_SaysSoToTheServer()
    {
        TftpServer server = Serve(1000, out _);
        _download.Room = 10;
        Assert.Equal("TFTP 192.0.2.1: no memory for 1000 bytes: pxe/kernel", Fetch()!.Message);
        for (int i = 0; i < 10; i++)
        {
            _wire.RunOnce();
        }

        Assert.Equal("3 no room", Assert.Single(server.Errors));
    }

    [Fact]
    public void Fetch_StoppedByTheUser_TellsTheServer()
    {
        TftpServer server = Serve(1_000_000, out _);
        _wire.OnTurn = () => _download.Received < 100_000;
        Assert.StartsWith("TFTP 192.0.2.1: stopped by the user after 1", Fetch()!.Message);
        _wire.OnTurn = null;
        for (int i = 0; i < 10; i++)
        {
            _wire.RunOnce();
        }

        Assert.Equal("0 cancelled", Assert.Single(server.Errors));
    }

    [Theory]
    [InlineData("tftp://192.0.2.1/", "no file is named")]
    [InlineData("tftp://192.0.2.1", "no file is named")]
    [InlineData("tftp://192.0.2.1/a%00b", "file name has a NUL")]
    public void Fetch_OfNoFile_SaysWhat(string uri, string what) => Assert.Contains(what, Fetch(uri)!.Message);

    [Fact]
    public void Fetch_OfLongName_SaysSo() => Assert.Contains("file name is too long", Fetch("tftp://192.0.2.1/" + new string('x', 600))!.Message);

    [Fact]
    public void Fetch_FromHostNobodyKnows_GivesUp()
    {
        Error? error = Fetch("tftp://192.0.2.77/x");
        Assert.Equal("TFTP 192.0.2.77: no answer: x", error!.Message);
    }

    [Fact]
    public void Fetch_AfterFetch_UsesAnotherPort()
    {
        TftpServer server = Serve(5000, out byte[] file);
        for (int i = 0; i < 3; i++)
        {
            PeerWire.Assert(Fetch());
            Assert.Equal(file, _download.Bytes);
        }

        Assert.Equal(3, server.Requests.Count);
    }

    // Whatever a server sends, at whatever moment, the client ends with a result.
    [Fact]
    public void Fetch_FromServerThatSendsAnything_Ends() => Prop.ForAll<byte[][]>(packets =>
    {
        PeerWire wire = new PeerWire().Configured();
        PeerHost host = wire.AddHost("192.0.2.1");
        int next = 0;
        void Answer(IPEndpoint client)
        {
            if (next < packets.Length && packets[next] is byte[] packet)
            {
                // Mostly likely operations and numbers, or no byte would ever get far.
                packet = packet.Length > 3 ? [0, (byte)(3 + packet[1] % 4), 0, (byte)(packet[3] % 3), .. packet.Skip(4)] : packet;
                next++;
                host.SendUdp(3000, client, packet);
            }
        }

        host.OnUdp(69, (client, _) => Answer(client));
        host.OnUdp(3000, (client, _) => Answer(client));
        wire.Client.Run(Uri(), new MemoryDownload(), new FetchOptions { StallTimeout = 3_000_000 });
        return true;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void ReadAgreement_OfAnything_StaysWithinWhatWasAskedFor() => Prop.ForAll<byte[]>(noise =>
    {
        foreach (byte[] packet in new[] { noise, [.. "blksize\0"u8, .. noise], [.. "windowsize\05\0"u8, .. noise] })
        {
            bool isGood = TftpNegotiatedOptions.TryRead([0, 6, .. packet], 1468, 16, out TftpNegotiatedOptions negotiated, out ReadOnlySpan<byte> wrong);
            if (negotiated.BlockSize is < 8 or > 1468 || negotiated.Window is < 1 or > 16 || (isGood && !wrong.IsEmpty))
            {
                return false;
            }
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private TftpServer Serve(int size, out byte[] file)
    {
        file = Bytes(size, size);
        return new TftpServer(_host, file);
    }

    private Error? Fetch(string uri = "tftp://192.0.2.1/pxe/kernel") =>
        _wire.Client.Run(ResourceUri.Parse(uri, out _)!, _download, new FetchOptions());

    private static ResourceUri Uri() => ResourceUri.Parse("tftp://192.0.2.1/pxe/kernel", out _)!;

    private static byte[] Bytes(int size, int seed)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
