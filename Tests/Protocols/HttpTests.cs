using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Digests;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Http;
using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>Files by HTTP, over whatever stream.</summary>
public abstract class HttpTests
{
    private const string Url = "http://192.0.2.1/x";
    private readonly Func<IPeerRecords?> _newRecords;
    private readonly StreamMaker? _streams;
    private readonly List<string> _requests = [];
    private readonly List<PeerTcp> _connections = [];

    private protected PeerWire Wire { get; }
    private protected PeerHost Host { get; }
    private protected MemoryDownload Download { get; } = new();

    private protected HttpTests(Func<IPeerRecords?> newRecords, StreamMaker? streams)
    {
        _newRecords = newRecords;
        _streams = streams;
        Wire = NewWire();
        Host = Wire.AddHost("192.0.2.1");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1460)]
    [InlineData(1_000_000)]
    public void Fetch_WithContentLength_IsIntact(int size)
    {
        byte[] file = Bytes(size);
        Serve((c, _) => Reply(c, $"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n", file));
        PeerWire.Assert(Fetch());
        Assert.Equal(file, Download.Bytes);
        Assert.Equal((ulong)size, Download.Size);
        Assert.Equal($"GET /x HTTP/1.1\r\nHost: 192.0.2.1\r\nUser-Agent: NetBoot/{ProductVersion.Text} (like iPXE)\r\nAccept: */*\r\nAccept-Encoding: identity\r\n\r\n", Assert.Single(_requests));
    }

    [Fact]
    public void Fetch_ThatEndsWithTheConnection_IsIntact()
    {
        byte[] file = Bytes(100_000);
        Serve((c, _) =>
        {
            Reply(c, "HTTP/1.0 200 OK\nServer: SimpleHTTP\n\n", file);
            c.Finish();
        });
        PeerWire.Assert(Fetch());
        Assert.Equal(file, Download.Bytes);
        Assert.Equal(100_000UL, Download.Size);
    }

    [Fact]
    public void Fetch_OfChunksWithExtensionsAndTrailers_IsIntact()
    {
        byte[] file = Bytes(50_000);
        Serve((c, _) =>
        {
            c.Send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int i = 0; i < file.Length; i += 7000)
            {
                byte[] chunk = file[i..Math.Min(i + 7000, file.Length)];
                c.Send($"{chunk.Length:X};name=\"a;b\"\r\n");
                c.Send(chunk);
                c.Send("\r\n");
            }

            c.Send("000\r\nX-Trailer: 1\r\n\r\n");
        });
        PeerWire.Assert(Fetch());
        PeerWire.Assert(Fetch());
        Assert.Equal(file, Download.Bytes);
        Assert.Single(_connections);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(204)]
    public void Request_WithContent_IsSentWhole_AndAnySuccessIsOne(int status)
    {
        string content = "";
        Serve((c, _) =>
        {
            content = c.Text.ToString();
            c.Text.Clear();
            Reply(c, $"HTTP/1.1 {status} Fine\r\n{(status == 204 ? "" : "Content-Length: 2\r\n")}\r\n", status == 204 ? [] : "ok"u8);
        });

        PeerWire.Assert(Fetch(request: new HttpRequest { Method = "POST", Fields = "X-A: b\r\n", ContentType = "text/plain", Content = [.. "a=b"u8] }));

        Assert.StartsWith("POST /x HTTP/1.1\r\n", Assert.Single(_requests));
        Assert.EndsWith("X-A: b\r\nContent-Length: 3\r\nContent-Type: text/plain\r\n\r\n", _requests[0]);
        Assert.Equal("a=b", content);
        Assert.Equal(status == 204 ? [] : "ok"u8.ToArray(), Download.Bytes);
    }

    [Fact]
    public void Request_ToPutNothing_SaysSo()
    {
        Serve((c, _) => Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "token"u8));

        PeerWire.Assert(Fetch(request: new HttpRequest { Method = "PUT" }));

        Assert.StartsWith("PUT /x HTTP/1.1\r\n", _requests[0]);
        Assert.EndsWith("Content-Length: 0\r\n\r\n", _requests[0]);
    }

    [Theory]
    [InlineData(302, "/y", "GET /y HTTP/1.1", true, false)]
    [InlineData(303, "/y", "GET /y HTTP/1.1", true, false)]
    [InlineData(307, "/y", "POST /y HTTP/1.1", true, true)]
    [InlineData(308, "http://192.0.2.1:81/y", "POST /y HTTP/1.1", false, true)]
    public void Request_ThatIsRedirected_KeepsWhatItMay(int status, string location, string line, bool hasField, bool hasContent)
    {
        void Answer(PeerTcp c, string request)
        {
            _requests.Add(request + c.Text);
            c.Text.Clear();
            bool isFirst = _requests.Count == 1;
            Reply(c, isFirst ? $"HTTP/1.1 {status} Elsewhere\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n" : "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", []);
        }

        Serve(Host, 80, Answer);
        Serve(Host, 81, Answer);

        PeerWire.Assert(Fetch(request: new HttpRequest { Method = "POST", Fields = "X-Secret: b\r\n", Content = [.. "a=b"u8] }));

        Assert.Equal(2, _requests.Count);
        Assert.StartsWith(line, _requests[1]);
        Assert.Equal(hasField, _requests[1].Contains("X-Secret", StringComparison.Ordinal));
        Assert.Equal(hasContent, _requests[1].EndsWith("\r\n\r\na=b", StringComparison.Ordinal));
    }

    [Fact]
    public void Request_ThatMayNotBeDoneTwice_IsTriedOnce_OnAConnectionOfItsOwn()
    {
        Serve((c, request) =>
        {
            c.Text.Clear();
            if (request.StartsWith("POST", StringComparison.Ordinal))
            {
                c.Finish();
            }
            else
            {
                Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", []);
            }
        });
        PeerWire.Assert(Fetch());

        Error? error = Fetch(request: new HttpRequest { Method = "POST", Content = [1] });

        Assert.Contains("connection closed before an answer", error?.Message);
        Assert.Equal(2, _requests.Count);
        Assert.Equal(2, _connections.Count);
    }

    [Fact]
    public void Fetch_AfterFetch_UsesTheSameConnection()
    {
        Serve((c, _) => Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "abc"u8));
        PeerWire.Assert(Fetch());
        PeerWire.Assert(Fetch("http://192.0.2.1/initrd"));
        Assert.Single(_connections);
        Assert.Equal(2, _requests.Count);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    public void Fetch_AfterResponseThatEndsTheConnection_ConnectsAnew(string response)
    {
        Serve((c, _) => c.Send(response));
        PeerWire.Assert(Fetch());
        Assert.Equal("abc"u8.ToArray(), Download.Bytes);
        PeerWire.Assert(Fetch());
        Assert.Equal(2, _connections.Count);
    }

    [Fact]
    public void Fetch_OnKeptConnectionThatTheServerHasClosed_ConnectsAnew()
    {
        Serve((c, _) =>
        {
            Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "abc"u8);
            Wire.After(5_000_000, c.Finish);
        });
        PeerWire.Assert(Fetch());
        RunFor(6_000_000);
        PeerWire.Assert(Fetch());
        Assert.Equal(2, _connections.Count);
    }

    [Fact]
    public void Fetch_OnKeptConnectionThatDiesUnderTheRequest_RepeatsItOnNewOne()
    {
        Serve((c, _) =>
        {
            if (_requests.Count == 2)
            {
                c.Reset();
                return;
            }

            Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "abc"u8);
        });
        PeerWire.Assert(Fetch());
        ulong start = Wire.Now;
        PeerWire.Assert(Fetch());
        Assert.Equal(3, _requests.Count);
        Assert.InRange(Wire.Now - start, 0u, 50_000u);
    }

    [Fact]
    public void Fetch_WithContinue_WaitsForTheRealResponse()
    {
        Serve((c, _) => c.Send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        PeerWire.Assert(Fetch());
        Assert.Equal("abc"u8.ToArray(), Download.Bytes);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public void Fetch_ThatIsRedirected_Follows(int status)
    {
        Serve((c, request) => c.Send(request.StartsWith("GET /x ")
            ? $"HTTP/1.1 {status} Elsewhere\r\nLocation: ../a/b?c\r\nContent-Length: 5\r\n\r\nmoved"
            : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        PeerWire.Assert(Fetch());
        Assert.Equal("abc"u8.ToArray(), Download.Bytes);
        Assert.StartsWith("GET /a/b?c HTTP/1.1\r\n", _requests[1]);
        Assert.Equal("http://192.0.2.1/a/b?c", Download.MovedTo!.ToText());
        Assert.Single(_connections);
    }

    [Fact]
    public void Fetch_ThatIsRedirectedToAnotherHost_DoesNotTakeTheCredentialsAlong()
    {
        List<string> other = [];
        Serve((c, request) => c.Send(request.Contains("Authorization")
            ? "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.2:8080/y\r\nContent-Length: 0\r\n\r\n"
            : "HTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n"));
        Serve(Wire.AddHost("192.0.2.2"), 8080, (c, request) =>
        {
            other.Add(request);
            c.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
        });
        PeerWire.Assert(Fetch("http://user:secret@192.0.2.1/x"));
        Assert.DoesNotContain("Authorization", _requests[0]);
        Assert.Contains("Authorization: Basic dXNlcjpzZWNyZXQ=\r\n", _requests[1]);
        Assert.DoesNotContain("Authorization", other[0]);
        Assert.Contains("Host: 192.0.2.2:8080\r\n", other[0]);
    }

    [Theory]
    [InlineData("MD5", "auth,auth-int")]
    [InlineData("MD5-sess", "auth")]
    [InlineData("SHA-256", "auth")]
    [InlineData("sha-256-SESS", "auth")]
    [InlineData("MD5", null)] // RFC 2069
    public void Fetch_WithDigestCredentials_IsLetIn_WithoutTellingThePassword(string algorithm, string? quality)
    {
        Wire.Client.Hashes = new Hashes();
        byte[] file = Bytes(50_000);
        DigestServer server = new(algorithm, quality) { User = "b\u00F6rn", Password = "top:secret" };
        Serve((c, request) =>
        {
            string? challenge = server.Check(request);
            c.Send(challenge is null ? $"HTTP/1.1 200 OK\r\nContent-Length: {file.Length}\r\n\r\n"
                : $"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"b\"\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n");
            if (challenge is null)
            {
                c.Send(file);
            }
        });
        for (int i = 0; i < 2; i++)
        {
            PeerWire.Assert(Fetch("http://b%F6rn:top%3Asecret@192.0.2.1/a/x?q=%20"));
            Assert.Equal(file, Download.Bytes);
        }

        Assert.Equal(4, _requests.Count);
        Assert.DoesNotContain(_requests, each => each.Contains("Basic") || each.Contains("secret"));
    }

    [Theory]
    [InlineData("Digest realm=\"r\", nonce=\"n\", qop=\"auth\"", 2)] // The password is wrong.
    [InlineData("Basic realm=\"r\"", 2)]
    [InlineData("Digest realm=\"r\", nonce=\"n\", stale=true", 11)] // Always too old.
    [InlineData("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"", 1)]
    [InlineData("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256", 1)]
    [InlineData("Digest realm=\"r\"", 1)]
    [InlineData("Digest realm=\"r", 1)]
    [InlineData("Digest =", 1)]
    [InlineData("Negotiate", 1)]
    public void Fetch_ThatIsNotLetIn_Ends(string challenge, int requests)
    {
        Wire.Client.Hashes = new Hashes();
        Serve((c, _) => c.Send($"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 0\r\n\r\n"));
        Assert.NotNull(Fetch("http://user:secret@192.0.2.1/x"));
        Assert.Equal(requests, _requests.Count);
    }

    [Fact]
    public void Fetch_ThroughAProxy_AsksItForWholeUris()
    {
        Serve((c, _) => c.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"), 3128);
        Wire.Client.HttpProxy = Uri("http://me:secret@192.0.2.1:3128/");
        PeerWire.Assert(Fetch("http://files.example:8080/x?y"));
        PeerWire.Assert(Fetch("http://[2001:db8::1]/z"));
        Assert.StartsWith("GET http://files.example:8080/x?y HTTP/1.1\r\nHost: files.example:8080\r\n", _requests[0]);
        Assert.Contains("\r\nProxy-Authorization: Basic bWU6c2VjcmV0\r\n", _requests[0]);
        Assert.StartsWith("GET http://[2001:db8::1]/z HTTP/1.1\r\nHost: [2001:db8::1]\r\n", _requests[1]);
        Assert.Single(_connections);
    }

    [Fact]
    public void Fetch_InRedirectLoop_Ends()
    {
        Serve((c, _) => c.Send("HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"));
        Assert.Equal("HTTP http://192.0.2.1/x: more than 10 redirects from http://192.0.2.1/x", Fetch()!.Message);
        Assert.Equal(11, _requests.Count);
    }

    [Theory]
    [InlineData("", "HTTP http://192.0.2.1/x: 302 Found, but to nowhere")]
    [InlineData("Location: https://h/y\r\n", "HTTP http://192.0.2.1/x: redirected to https://h/y, which is not supported")]
    [InlineData("Location: http://h:99999/\r\n", "HTTP http://192.0.2.1/x: redirected to a bad URI http://h:99999/: the port is not a number from 1 to 65535")]
    [InlineData("Location: http:///y\r\n", "HTTP http://192.0.2.1/x: redirected to http:///y, which is not supported")]
    public void Fetch_WithBadRedirect_SaysWhatIsWrong(string field, string expected)
    {
        Serve((c, _) => c.Send($"HTTP/1.1 302 Found\r\n{field}Content-Length: 0\r\n\r\n"));
        Assert.Equal(expected, Fetch()!.Message);
    }

    [Fact]
    public void Fetch_ThatIsRedirectedAwayFromHttps_IsRefusedWhereThatIsThePolicy()
    {
        Serve((c, _) =>
        {
            Wire.Client.IsHttpsOnly = true; // From here on: these tests' own scheme is http.
            c.Send("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/y\r\nContent-Length: 0\r\n\r\n");
        });
        Assert.Equal(
            "HTTP http://192.0.2.1/x: redirected to http://192.0.2.1/y: this image fetches by https alone (it was made with --https-only)", Fetch()!.Message);
        Assert.Single(_requests);
    }

    [Theory]
    [InlineData("404 Not Found", "404 Not Found")]
    [InlineData("500 ", "500 ")]
    [InlineData("403", "403 ")]
    [InlineData("204 No Content", "204 No Content")]
    [InlineData("206 Partial Content", "206 Partial Content")]
    public void Fetch_WithOtherStatus_NamesIt(string status, string expected)
    {
        Serve((c, _) => c.Send($"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"));
        Assert.Equal($"HTTP http://192.0.2.1/x: {expected}", Fetch()!.Message);
        Assert.Equal(0, Download.Begins);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(201)]
    [InlineData(203)]
    [InlineData(226)]
    public void Fetch_WithAnySuccessThatHasABody_TakesIt(int status)
    {
        Serve((c, _) => c.Send($"HTTP/1.1 {status} Good\r\nContent-Length: 3\r\n\r\nabc"));
        PeerWire.Assert(Fetch());
        Assert.Equal("abc"u8.ToArray(), Download.Bytes);
    }

    [Theory]
    [InlineData("gzip", "/x", false)]
    [InlineData("br", "/x.gz", false)]
    [InlineData("deflate, x-gzip", "/initrd.gz", true)] // The file itself is what is compressed.
    [InlineData("gzip", "/all.tgz", true)]
    [InlineData("identity", "/x", true)]
    public void Fetch_OfACodedBody_TakesOnlyWhatTheNameSays(string coding, string path, bool isTaken)
    {
        Serve((c, _) => c.Send($"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: 3\r\n\r\nabc"));
        Error? error = Fetch("http://192.0.2.1" + path);
        Assert.Equal(isTaken ? null : $"HTTP http://192.0.2.1{path}: sent in content coding \"{coding}\", which was not asked for", error?.Message);
    }

    [Fact]
    public void Fetch_FromABusyServer_AsksAgainWhenItSays()
    {
        Serve((c, _) => c.Send(_requests.Count < 3
            ? "HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        ulong start = Wire.Now;
        PeerWire.Assert(Fetch());
        Assert.Equal("abc"u8.ToArray(), Download.Bytes);
        Assert.InRange(Wire.Now - start, 14_000_000u, 14_100_000u);
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("Retry-After: 3600\r\n", 1)]
    [InlineData("Retry-After: Sat, 21 Nov 2026 00:00:00 GMT\r\n", 1)]
    [InlineData("Retry-After: 1\r\n", 5)]
    public void Fetch_FromAServerThatStaysBusy_Ends(string field, int requests)
    {
        Serve((c, _) => c.Send($"HTTP/1.1 503 Busy\r\n{field}Content-Length: 0\r\n\r\n"));
        Assert.Equal("HTTP http://192.0.2.1/x: 503 Busy", Fetch()!.Message);
        Assert.Equal(requests, _requests.Count);
    }

    [Fact]
    public void Fetch_WithTimeoutAndSlowProgress_IsIntact()
    {
        Serve((c, _) =>
        {
            c.Send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
            for (uint i = 1; i <= 10; i++)
            {
                Wire.After(i * 1_000_000, () => c.Send("y"));
            }
        });
        PeerWire.Assert(Wire.Client.Run(Uri(Url), Download, new FetchOptions { Timeout = 2_000_000 }));
        Assert.Equal(10, Download.Bytes.Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)] // Each byte on a connection of its own.
    public void Fetch_FromAServerThatTrickles_Ends(bool closes)
    {
        Serve((c, request) =>
        {
            int at = request.Contains("Range: bytes=") ? int.Parse(request.Split("bytes=")[1].Split('-')[0]) : 0;
            c.Send(at == 0
                ? "HTTP/1.1 200 OK\r\nETag: \"v\"\r\nContent-Length: 1000000\r\n\r\n"
                : $"HTTP/1.1 206 Partial\r\nETag: \"v\"\r\nContent-Range: bytes {at}-999999/1000000\r\nContent-Length: {1000000 - at}\r\n\r\n");
            for (uint i = 1; i <= (closes ? 1 : 10); i++)
            {
                Wire.After(i * 14_000_000, () => c.Send("y"));
            }

            if (closes)
            {
                Wire.After(14_100_000, c.Finish);
            }
        });
        ulong start = Wire.Now;
        Error error = Fetch()!;
        Assert.Contains(closes ? "connection closed" : "bytes in 60 s", error.Message);
        Assert.InRange(Wire.Now - start, 60_000_000u, 600_000_000u);
    }

    [Fact]
    public void Fetch_BeforeThereIsALink_WaitsForIt()
    {
        Wire.IsUp = false;
        Wire.After(8_000_000, () => Wire.IsUp = true);
        Serve((c, _) => c.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"));
        PeerWire.Assert(Fetch());
        Assert.Equal("abc"u8.ToArray(), Download.Bytes);
    }

    [Fact]
    public void Fetch_WithEndlessErrorPage_DoesNotReadItAll()
    {
        Serve((c, _) => Reply(c, "HTTP/1.1 404 Not Found\r\n\r\n", new byte[10_000_000]));
        ulong start = Wire.Now;
        Error error = Fetch()!;
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, error.Status);
        RunFor(10_000);
        Assert.True(_connections[0].WasReset);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9\r\n", "HTTP http://192.0.2.1/x: bad status line: \"SSH-2.0-OpenSSH_9\"")]
    [InlineData("HTTP/2 200 OK\r\n", "HTTP http://192.0.2.1/x: bad status line: \"HTTP/2 200 OK\"")]
    [InlineData("HTTP/1.1 2000 OK\r\n", "HTTP http://192.0.2.1/x: bad status line: \"HTTP/1.1 2000 OK\"")]
    [InlineData("HTTP/1.1 099 OK\r\n", "HTTP http://192.0.2.1/x: bad status line: \"HTTP/1.1 099 OK\"")]
    [InlineData("\u0001\u0002\r\n", "HTTP http://192.0.2.1/x: bad status line: \"..\"")]
    [InlineData("\n", "HTTP http://192.0.2.1/x: bad status line: \"\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", "HTTP http://192.0.2.1/x: bad Content-Length: \"Content-Length: -1\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n", "HTTP http://192.0.2.1/x: bad Content-Length: \"Content-Length: 6\"")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n", "HTTP http://192.0.2.1/x: bad Content-Length: \"Content-Length: 99999999999999999999\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n", "HTTP http://192.0.2.1/x: unknown Transfer-Encoding: \"Transfer-Encoding: gzip, chunked\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "HTTP http://192.0.2.1/x: bad chunk size: \"xyz\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", "HTTP http://192.0.2.1/x: a chunk is longer than its size: \"c\"")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n", "HTTP http://192.0.2.1/x: bad chunk size: \"FFFFFFFFFFFFFFFFF\"")]
    public void Fetch_OfWhatIsNoHttp_ShowsTheLine(string response, string expected)
    {
        Serve((c, _) => c.Send(response));
        Assert.Equal(expected, Fetch()!.Message);
    }

    [Fact]
    public void Fetch_WithEndlessFields_Ends()
    {
        Serve((c, _) =>
        {
            c.Send("HTTP/1.1 200 OK\r\n");
            for (int i = 0; i < 10_000; i++)
            {
                c.Send($"X-{i}: {new string('y', 100)}\r\n");
            }
        });
        Assert.StartsWith("HTTP http://192.0.2.1/x: endless header fields: \"X-", Fetch()!.Message);
    }

    [Fact]
    public void Fetch_WithEndlessLine_Ends()
    {
        Serve((c, _) => Reply(c, "", new byte[1_000_000]));
        Assert.StartsWith("HTTP http://192.0.2.1/x: endless header fields: \"....", Fetch()!.Message);
    }

    [Fact]
    public void Fetch_WithLongUnneededField_IsGood()
    {
        Serve((c, _) => c.Send($"HTTP/1.1 200 OK\r\nX: {new string('y', 20_000)}\r\nContent-Length: 3\r\n\r\nabc"));
        PeerWire.Assert(Fetch());
    }

    [Theory]
    [InlineData("ETag: \"v1\"\r\n", "\"v1\"")]
    [InlineData("Last-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n", "Sat, 21 Nov 2026 00:00:00 GMT")]
    [InlineData("Last-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\nETag: \"v1\"\r\n", "\"v1\"")]
    [InlineData("ETag: W/\"v1\"\r\nLast-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\n", "Sat, 21 Nov 2026 00:00:00 GMT")]
    public void Fetch_WhoseConnectionBreaks_GoesOnWhereItWas(string validator, string expected)
    {
        byte[] file = Bytes(100_000);
        Serve((c, request) =>
        {
            if (_requests.Count == 1)
            {
                Reply(c, $"HTTP/1.1 200 OK\r\n{validator}Content-Length: 100000\r\n\r\n", file.AsSpan(0, 30_000));
                Wire.After(50_000, c.Reset);
                return;
            }

            Assert.Contains($"Range: bytes=30000-\r\nIf-Range: {expected}\r\n", request);
            Reply(c, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 30000-99999/100000\r\nContent-Length: 70000\r\n\r\n", file.AsSpan(30_000));
        });
        PeerWire.Assert(Fetch());
        Assert.Equal(file, Download.Bytes);
        Assert.Equal(1, Download.Begins);
        Assert.Equal(2, _requests.Count);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", 0)] // the file is another one, or the server knows no ranges
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99999/100000\r\nContent-Length: 100000\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 30000-99999/99999\r\nContent-Length: 70000\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 206 Partial Content\r\nContent-Length: 70000\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 206 Partial Content\r\nETag: \"v2\"\r\nContent-Range: bytes 30000-99999/100000\r\nContent-Length: 70000\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 206 Partial Content\r\nLast-Modified: Sat, 21 Nov 2026 00:00:00 GMT\r\nContent-Range: bytes 30000-99999/100000\r\nContent-Length: 70000\r\n\r\n", 1)]
    [InlineData("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n", 1)]
    public void Fetch_WhoseServerCannotGoOn_StartsAgain(string second, int more)
    {
        byte[] file = Bytes(100_000);
        Serve((c, request) =>
        {
            if (_requests.Count == 1)
            {
                Reply(c, "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 100000\r\n\r\n", file.AsSpan(0, 30_000));
                c.Finish();
            }
            else if (_requests.Count == 2)
            {
                Reply(c, second, second.Contains("Length: 0") ? [] : file.AsSpan(100_000 - int.Parse(second.Split("Length: ")[1].Trim())));
            }
            else
            {
                Assert.DoesNotContain("Range", request);
                Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", file);
            }
        });
        PeerWire.Assert(Fetch());
        Assert.Equal(file, Download.Bytes);
        Assert.Equal(2 + more, _requests.Count);
    }

    [Fact]
    public void Fetch_WhoseServerRestarts_WaitsForIt()
    {
        byte[] file = Bytes(100_000);
        Serve((c, _) =>
        {
            Reply(c, "HTTP/1.1 200 OK\r\nETag: \"v1\"\r\nContent-Length: 100000\r\n\r\n", file.AsSpan(0, 30_000));
            c.Reset();
            Host.StopTcp(80);
        });
        Wire.After(2_000_000, () => Serve((c, _) =>
            Reply(c, "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 30000-99999/100000\r\nContent-Length: 70000\r\n\r\n", file.AsSpan(30_000))));
        PeerWire.Assert(Fetch());
        Assert.Equal(file, Download.Bytes);
    }

    [Fact]
    public void Fetch_WhoseBodyIsAlwaysTooShort_GivesUpAndSaysHowShort()
    {
        Serve((c, _) =>
        {
            Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", new byte[50]);
            c.Finish();
        });
        Assert.Equal("HTTP http://192.0.2.1/x: connection closed after 50 of 100 bytes", Fetch()!.Message);
        Assert.Equal(5, _requests.Count); // none brought much
    }

    [Fact]
    public void Fetch_WhoseServerFallsSilent_SaysHowFarItCame()
    {
        Serve((c, _) =>
        {
            Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", new byte[50]);
        });
        Error? error = Wire.Client.Run(Uri(Url), Download, new FetchOptions { StallTimeout = 3_000_000, MaximumTries = 2 });
        Assert.Equal("HTTP http://192.0.2.1/x: nothing received for 3 s after 50 of 100 bytes", error!.Message);
    }

    [Fact]
    public void Fetch_WithTimeoutAndSilence_EndsInTime()
    {
        Serve((c, _) => c.Send("HTTP/1.1 200 OK\r\n"));
        ulong start = Wire.Now;
        Error? error = Wire.Client.Run(Uri(Url), Download, new FetchOptions { Timeout = 2_000_000 });
        Assert.Equal("HTTP http://192.0.2.1/x: no progress in time", error!.Message);
        Assert.InRange(Wire.Now - start, 2_000_000u, 2_010_000u);
    }

    [Fact]
    public void Fetch_FromPortThatIsClosed_SaysSoAtOnce()
    {
        ulong start = Wire.Now;
        Error? error = Fetch("http://192.0.2.1:81/x");
        Assert.StartsWith("HTTP http://192.0.2.1:81/x: ", error!.Message);
        Assert.Contains("refused", error.Message);
        Assert.InRange(Wire.Now - start, 0u, 100_000u);
    }

    [Fact]
    public void Fetch_FromHostNobodyKnows_GivesUp()
    {
        Error? error = Fetch("http://192.0.2.77/x");
        Assert.StartsWith("HTTP http://192.0.2.77/x: ", error!.Message);
    }

    [Fact]
    public void Fetch_StoppedByTheUser_ResetsTheConnection()
    {
        Serve((c, _) => Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", new byte[1_000_000]));
        Wire.OnTurn = () => Download.Received < 100_000;
        Error? error = Fetch();
        Assert.Equal(EFI_STATUS.EFI_ABORTED, error!.Status);
        Assert.StartsWith("HTTP http://192.0.2.1/x: stopped by the user after 1", error.Message);
        Wire.OnTurn = null;
        RunFor(10_000);
        Assert.True(_connections[0].WasReset);
    }

    [Fact]
    public void Fetch_WithoutRoom_SaysSo()
    {
        Serve((c, _) => Reply(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", new byte[1000]));
        Download.Room = 10;
        Assert.Equal("HTTP http://192.0.2.1/x: no memory for 1000 bytes", Fetch()!.Message);
    }

    [Theory]
    [InlineData("ftp://h/x", "ftp://h/x: scheme \"ftp\" is not supported (http and tftp are)")]
    [InlineData("x/y", "x/y: not a whole URI")]
    [InlineData("http:///x", "http:///x: no host is named")]
    [InlineData("http:x", "http:x: no host is named")]
    [InlineData("http://[::1]/x", "HTTP http://[::1]/x: TCP [::1]:80: not the address and port of a host")]
    [InlineData("http://user:pw@h/x", "http://user:***@h/x: DNS: no server is known to ask for h")]
    public void Fetch_OfWhatCannotBe_SaysWhy(string uri, string expected) => Assert.Equal(expected, Fetch(uri)!.Message);

    [Fact]
    public void Fetch_FromManyServers_KeepsAtMostFourConnections()
    {
        List<PeerTcp> all = [];
        for (int i = 10; i < 20; i++)
        {
            Serve(Wire.AddHost($"192.0.2.{i}"), 80, (c, _) =>
            {
                all.Add(c);
                c.Send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
            });
            PeerWire.Assert(Fetch($"http://192.0.2.{i}/"));
        }

        RunFor(10_000);
        Assert.Equal(4, all.Count(c => !c.IsClientFinished && !c.WasReset));
        Wire.Client.CloseIdle();
        RunFor(10_000);
        Assert.Equal(0, all.Count(c => !c.IsClientFinished && !c.WasReset));
    }

    [Fact]
    public void Fetch_FromServerThatSendsAnything_Ends() => Prop.ForAll<byte[], byte[]>((head, body) =>
    {
        PeerWire wire = NewWire();
        Serve(wire.AddHost("192.0.2.1"), 80, (c, _) =>
        {
            c.Send("HTTP/1.1 200 OK\r\n");
            c.Send(head);
            c.Send("\r\n\r\n");
            c.Send(body);
            c.Finish();
        });
        wire.Client.Run(Uri(Url), new MemoryDownload(), new FetchOptions { MaximumTries = 2 });
        return true;
    }).QuickCheckThrowOnFailure();

    private void Serve(Action<PeerTcp, string> answer, ushort port = 80) => Serve(Host, port, (c, request) =>
    {
        _requests.Add(request);
        if (!_connections.Contains(c))
        {
            _connections.Add(c);
        }

        answer(c, request);
    });

    private void Serve(PeerHost host, ushort port, Action<PeerTcp, string> answer) => host.OnTcp(port, connection =>
    {
        connection.Records = _newRecords();
        connection.OnData = c =>
        {
            string received = c.Text.ToString();
            int end = received.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                c.Text.Remove(0, end + 4);
                answer(c, received[..(end + 4)]);
            }
        };
    });

    private PeerWire NewWire()
    {
        PeerWire wire = new PeerWire().Configured();
        wire.Client.Schemes.Find("http")!.Streams = _streams ?? new TcpStreamMaker();

        return wire;
    }

    private static void Reply(PeerTcp connection, string head, ReadOnlySpan<byte> body)
    {
        connection.Send(head);
        connection.Send(body.ToArray());
    }

    private protected Error? Fetch(string uri = Url, HttpRequest? request = null) =>
        Wire.Client.Run(Uri(uri), Download, new FetchOptions { Request = request });

    private void RunFor(ulong time)
    {
        ulong until = Wire.Now + time;
        while (Wire.Now < until)
        {
            Wire.RunOnce();
        }
    }

    private static ResourceUri Uri(string text) => ResourceUri.Parse(text, out _)!;

    private static byte[] Bytes(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
