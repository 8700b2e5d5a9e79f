using System;
using System.Text;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>On a frame's way nothing is allocated: in firmware, what is allocated there would stay until the command ends.</summary>
public class AllocationTests
{
    [Fact]
    public void Read_OfHttpResponses_AllocatesNothing()
    {
        byte[] stream = Encoding.Latin1.GetBytes(
            "HTTP/1.1 200 OK\r\nETag: \"v\"\r\nLocation: /x\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\n\r\n");
        HttpResponseReader reader = new();
        Sink sink = new();
        AssertNothing(() =>
        {
            reader.Reset(sink);
            for (int i = 0; i < stream.Length; i += 5)
            {
                reader.Read(stream.AsSpan(i, Math.Min(5, stream.Length - i)));
            }
        });
        Assert.True(reader.IsComplete);
    }

    [Fact]
    public void TryLoad_OfDhcpMessages_AllocatesNothing()
    {
        byte[] request = new DhcpWriter(new byte[300], 1, PeerWire.ClientMac, 0, default, true).Finish().ToArray();
        byte[] offer = DhcpBytes.Reply(request, "192.0.2.50", "", [.. DhcpBytes.Option(53, 2), .. DhcpBytes.Option(52, 3)], "x");
        DhcpMessage message = new();
        AssertNothing(() => message.TryLoad(offer));
        Assert.True(message.IsLoaded);
    }

    [Fact]
    public void ReadAnswer_OfDns_AllocatesNothing()
    {
        byte[] query = new byte[100];
        byte[] name = [1, (byte)'a', 0];
        int size = DnsMessage.WriteQuery(query, 1, name, DnsMessage.TypeA, isExtended: false);
        byte[] answer = [.. query.AsSpan(0, size), 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 1, 2, 3, 4];
        (answer[2], answer[7]) = (0x80, 1);
        byte[] alias = new byte[255];
        IPAddress[] addresses = new IPAddress[2];
        DnsVerdict verdict = DnsVerdict.Ignored;
        AssertNothing(() => verdict = DnsMessage.ReadAnswer(answer, 1, name, DnsMessage.TypeA, addresses, out _, out _, alias, out _));
        Assert.Equal(DnsVerdict.Found, verdict);
    }

    [Fact]
    public void Write_OfDownload_AllocatesNothing()
    {
        NullDownload download = new();
        PeerWire.Assert(download.Begin(null));
        byte[] data = new byte[1460];
        AssertNothing(() => download.Write(data));
    }

    private static void AssertNothing(Action action) => Assert.Equal(0, Allocations.Of(action, 10));

    private sealed class Sink : IHttpBody
    {
        public void OnHead(HttpResponseReader response)
        {
        }

        public void OnBody(ReadOnlySpan<byte> data)
        {
        }
    }

    private sealed class NullDownload : DownloadTarget
    {
        protected override Error? Prepare(ulong? size) => null;

        protected override Error? Store(ReadOnlySpan<byte> data) => null;
    }
}
