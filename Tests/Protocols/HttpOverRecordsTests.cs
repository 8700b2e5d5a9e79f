using System.Linq;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>Over a stream that is wrapped around TCP's, as TLS will be: HTTP sees no difference, and hears what the stream has against its peer.</summary>
public sealed class HttpOverRecordsTests() : HttpTests(() => new PeerRecords(), new RecordStream.Maker())
{
    [Fact]
    public void Fetch_FromAServerThatIsAnother_EndsAtOnceAndSaysWho()
    {
        int connections = 0;
        Host.OnTcp(80, connection =>
        {
            connections++;
            connection.Records = new PeerRecords { Host = "mallory" };
        });

        Error? error = Fetch();

        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, error!.Status);
        Assert.StartsWith("HTTP http://192.0.2.1/x: records 192.0.2.1 at 192.0.2.1:80: the server is mallory", error.Message);
        Assert.Equal(1, connections);
    }

    [Fact]
    public void Fetch_ThatIsCutWhereTheConnectionEndsIt_IsAnError()
    {
        Host.OnTcp(80, connection =>
        {
            connection.Records = new PeerRecords();
            connection.OnData = c =>
            {
                c.Send("HTTP/1.0 200 OK\r\n\r\nhal");
                c.FinishRaw();
            };
        });

        Assert.EndsWith("ended without a goodbye after 3 bytes", Fetch()!.Message);
    }

    [Fact]
    public void Fetch_OverAHandshakeThatTakesLong_IsAnsweredByTheFirstAddressThatConnects()
    {
        int connections = 0;
        Host.OnTcp(80, connection =>
        {
            connections++;
            connection.Records = new PeerRecords { Delay = 2_000_000 };
            connection.OnData = c =>
            {
                c.OnData = null;
                c.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
            };
        });
        Name("boot.example", "192.0.2.1", "192.0.2.2");
        Wire.AddHost("192.0.2.2").OnTcp(80, _ => connections++);

        PeerWire.Assert(Fetch("http://boot.example/x"));

        Assert.Equal("abc"u8.ToArray(), Download.Bytes);
        Assert.Equal(1, connections);
    }

    [Fact]
    public void Fetch_OfAnotherHostAtTheSameAddress_GoesOverAStreamOfItsOwn()
    {
        int connections = 0;
        Host.OnTcp(80, connection =>
        {
            connections++;
            connection.Records = new PeerRecords();
            connection.OnData = c =>
            {
                if (c.Text.ToString().EndsWith("\r\n\r\n", System.StringComparison.Ordinal))
                {
                    c.Text.Clear();
                    c.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
                }
            };
        });
        Name("boot.example", "192.0.2.1");

        for (int i = 0; i < 2; i++)
        {
            PeerWire.Assert(Fetch("http://boot.example/x"));
            PeerWire.Assert(Fetch("http://192.0.2.1/x"));
        }

        Assert.Equal(2, connections);
    }

    [Fact]
    public void Request_ThatIsLongerThanARecordAndThanAllRoom_IsSentWhole()
    {
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(i => (byte)i)];
        byte[] received = [];
        Host.OnTcp(80, connection =>
        {
            connection.Records = new PeerRecords();
            connection.OnData = c =>
            {
                if (c.Received.Count > content.Length && c.Received[^1] == content[^1])
                {
                    received = [.. c.Received.Skip(c.Received.Count - content.Length)];
                    c.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
                }
            };
        });

        PeerWire.Assert(Fetch(request: new NetworkStack.Protocols.Http.HttpRequest { Method = "POST", Content = content }));

        Assert.Equal(content, received);
    }

    private void Name(string name, params string[] addresses)
    {
        PeerHost server = Wire.AddHost("192.0.2.53");
        Wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 53)]);
        byte[][] records = [.. addresses.Select(each => DnsBytes.A(name, 60, System.Net.IPAddress.Parse(each).GetAddressBytes()))];
        server.OnUdp(53, (client, query) => server.SendUdp(53, client, DnsBytes.Answer(query, records)));
    }
}
