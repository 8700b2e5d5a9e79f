using System;
using System.Collections.Generic;
using System.Text;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.NetworkStack.Protocols;
using NetBoot.NetworkStack.Protocols.Http;
using NetBoot.NetworkStack.Streams;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Network;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Tls;

/// <summary>https over the firmware's TLS, with servers, attackers and firmware that do what they should not.</summary>
[Collection("Firmware")]
public sealed class TlsStreamTests : IDisposable
{
    private const string Url = "https://192.0.2.1/x";
    private const string Reply = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";

    private readonly TlsFixture _fixture = new();
    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly PeerHost _host;
    private readonly MemoryDownload _download = new();
    private readonly List<TlsPeer> _peers = [];
    private readonly List<PeerTcp> _connections = [];
    private readonly List<string> _requests = [];

    public TlsStreamTests()
    {
        _host = _wire.AddHost("192.0.2.1");
        _wire.Client.Schemes.AddHttps(_fixture.Maker);
    }

    public void Dispose()
    {
        _wire.Client.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public void Fetch_NamesTheHost_AndGivesTheFirmwareWholeRecordsAndNoMoreRootsThanItNeeds()
    {
        using TestCertificate other = TestCertificate.MakeRoot("another");
        _fixture.Trust.Add(other.Der);
        Name("boot.example");
        Serve(Answer(Reply));

        PeerWire.Assert(Fetch("https://boot.example/x"));

        Assert.Equal("abc"u8.ToArray(), _download.Bytes);
        Assert.Equal("boot.example", Assert.Single(_peers).ClientName);
        Assert.Equal([TlsFixture.Root.Der], _fixture.Tls.Trusted);
        Assert.All(_fixture.Tls.Records, each => Assert.Equal(each.Length, 5 + ((each[3] << 8) | each[4])));
        Assert.Contains(_fixture.Tls.Records, each => each[0] == 20);
        Assert.Contains(_fixture.Tls.Records, each => each[0] == 23);
    }

    [Fact]
    public void Fetch_OverTls13_WhereTheFirmwareHasIt_SurvivesNewKeys()
    {
        _fixture.Tls.HasVersion13 = true;
        byte[] file = new byte[100_000];
        new Random(1).NextBytes(file);
        Serve((c, peer) =>
        {
            c.Send("HTTP/1.0 200 OK\r\n\r\n");
            c.Send(file.AsSpan(0, 50_000));
            LibSsl.UpdateKeys(peer.Ssl, 1); // and asks for new keys of ours
            c.Send(file.AsSpan(50_000));
            c.Finish();
        });

        PeerWire.Assert(Fetch());

        Assert.Equal(file, _download.Bytes);
        Assert.Equal(LibSsl.Version13, LibSsl.Version(_peers[0].Ssl));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Fetch_ThatIsCutWhereTheConnectionEndsIt_IsAnError(bool is13)
    {
        _fixture.Tls.HasVersion13 = is13;
        Serve((c, _) =>
        {
            c.Send("HTTP/1.0 200 OK\r\n\r\nhal");
            c.FinishRaw();
        });

        Assert.EndsWith(
            "TLS 192.0.2.1:443: the connection ended, and the server did not say so (close_notify): something may be missing after 3 bytes", Fetch()!.Message);
    }

    [Fact]
    public void Fetch_WhoseLengthIsKnown_DoesNotCareHowTheConnectionEnds()
    {
        Serve((c, _) =>
        {
            c.Send(Reply);
            c.FinishRaw();
        });

        PeerWire.Assert(Fetch());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Record_ThatWasChanged_EndsTheConnection(bool is13)
    {
        _fixture.Tls.HasVersion13 = is13;
        Serve((c, peer) =>
        {
            peer.OnSend = bytes =>
            {
                bytes[^1] ^= 1;
                return bytes;
            };
            c.Send("HTTP/1.0 200 OK\r\n\r\nhal");
            c.Finish();
        });

        Assert.Contains("a record was changed on its way: it cannot be deciphered", Fetch()!.Message);
    }

    [Theory]
    [InlineData("15 03 03 00 1A 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00", "broke the connection off with an alert")]
    [InlineData("15 03 03 00 02 01 00", "broke the connection off with an alert")]
    [InlineData("14 03 03 00 01 01", "a record of type 20 at the wrong time")]
    [InlineData("16 03 03 00 04 00 00 00 00", "asks for a new handshake in the middle (renegotiation), which is refused")]
    [InlineData("17 03 03 00 00", "cannot be deciphered")]
    [InlineData("17 03 03 48 01", "a record of 18433 bytes, and 18432 are the most")]
    [InlineData("15 03 03 00 00", "an empty record of type 21")]
    [InlineData("48 54 54 50 2F", "the server does not speak TLS here: it sent 48 54 54 50 2f")]
    public void Record_OfAnAttacker_IsNoEnd(string record, string expected)
    {
        Serve((c, _) =>
        {
            c.Send("HTTP/1.0 200 OK\r\n\r\nhal");
            c.SendRaw(Convert.FromHexString(record.Replace(" ", "", StringComparison.Ordinal)));
            c.FinishRaw();
        });

        Assert.Contains(expected, Fetch()!.Message);
    }

    [Fact]
    public void Server_ThatRenegotiates_IsRefused()
    {
        Serve((c, peer) =>
        {
            LibSsl.Renegotiate(peer.Ssl);
            LibSsl.DoHandshake(peer.Ssl);
            peer.SendPending(c);
        }, () => _fixture.Own(new TlsPeer(TlsFixture.Server, maximum: LibSsl.Version12)));

        Assert.Contains("asks for a new handshake in the middle (renegotiation), which is refused", Fetch()!.Message);
    }

    [Theory]
    [InlineData("15 03 03 00 02 02 28", "the server says: handshake failure: no common cipher, key or signature (alert 40)")]
    [InlineData("15 03 03 00 02 02 70", "the server says: unrecognized name: it has no such host (alert 112)")]
    [InlineData("15 03 01 00 02 02 46", "the server says: protocol version: no common version of TLS (alert 70)")]
    [InlineData("15 03 03 00 02 01 00", "the server says: close notify (alert 0)")]
    [InlineData("15 03 03 00 02 02 FF", "the server says: an alert without a name (alert 255)")]
    [InlineData("15 03 03 00 03 02 28 28", "the server sent an alert of 3 bytes")]
    [InlineData("16 03 03 00 04 02 01 90 01", "a message of the handshake of more than 102400 bytes")]
    [InlineData("16 03 03 00 06 02 00 00 02 03 03", "the server's hello is damaged")]
    [InlineData("17 03 03 00 01 00", "a record of type 23 at the wrong time")]
    [InlineData("48 54 54 50 2F 31", "the server does not speak TLS here: it sent 48 54 54 50 2f")]
    [InlineData("", "the server ended the connection in the middle of the handshake")]
    public void Handshake_ThatTheServerEnds_IsExplained(string answer, string expected)
    {
        _host.OnTcp(443, connection => connection.OnData = c =>
        {
            c.OnData = null;
            c.SendRaw(Convert.FromHexString(answer.Replace(" ", "", StringComparison.Ordinal)));
            c.FinishRaw();
        });

        Assert.StartsWith($"HTTP {Url}: TLS 192.0.2.1:443: ", Fetch()!.Message);
        Assert.Contains(expected, Fetch()!.Message);
    }

    [Theory]
    [InlineData(LibSsl.Version10, "the server speaks no newer version than TLS 1.0; TLS 1.2 is the least")]
    [InlineData(LibSsl.Version11, "the server speaks no newer version than TLS 1.1; TLS 1.2 is the least")]
    [InlineData(LibSsl.Version13, "the server says: protocol version: no common version of TLS (alert 70)")]
    public void Server_WithoutACommonVersion_IsRefused(int version, string expected)
    {
        Serve(Answer(Reply), () => _fixture.Own(new TlsPeer(TlsFixture.Server, version, version)));

        Assert.Contains(expected, Fetch()!.Message);
    }

    [Fact]
    public void Server_ThatClaimsAVersionThatWasNotOffered_GetsTheFirmwareNoRoots()
    {
        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.NewPeer();
            byte[] body = [3, 3, .. new byte[32], 0, 0x13, 1, 0, 0, 6, 0, 43, 0, 2, 3, 4];
            peer.OnSend = _ => [22, 3, 3, 0, (byte)(body.Length + 4), 2, 0, 0, (byte)body.Length, .. body];
            return peer;
        });

        Assert.Contains("the server chose TLS 1.3, which was not offered", Fetch()!.Message);
        Assert.Empty(_fixture.Tls.Trusted);
    }

    [Fact]
    public void Server_WithoutACommonCipher_IsExplained()
    {
        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.Own(new TlsPeer(TlsFixture.Server, maximum: LibSsl.Version12));
            LibSsl.SetCiphers(peer.Ssl, "AES128-SHA"); // with RSA, and its key is of ECDSA
            return peer;
        });

        Assert.Contains("the server says: handshake failure: no common cipher, key or signature (alert 40)", Fetch()!.Message);
    }

    [Fact]
    public void Server_ThatIsNotToldItsName_SaysWhichFirmwareDoesNot()
    {
        const string Hint = " (the firmware's TLS does not tell the server which host is meant)";
        _fixture.Tls.SendsName = false;
        Name("elsewhere.example");
        Serve(Answer(Reply));
        Assert.EndsWith(Hint, Fetch("https://elsewhere.example/x")!.Message);
        Assert.Null(_peers[0].ClientName);

        _host.OnTcp(443, connection => connection.OnData = c => c.SendRaw([0x15, 3, 3, 0, 2, 2, 112]));
        Assert.EndsWith("unrecognized name: it has no such host (alert 112)" + Hint, Fetch("https://elsewhere.example/x")!.Message);
        Assert.EndsWith("unrecognized name: it has no such host (alert 112)", Fetch()!.Message); // Addresses are not told.
    }

    [Fact]
    public void Server_OfTheRightName_IsFetchedFrom_WhereTheFirmwareComparesItWrong()
    {
        _fixture.Tls.SendsName = false;
        Name("boot.example");
        Serve(Answer(Reply));
        Assert.Null(Fetch("https://boot.example/x"));
        Assert.Null(Fetch()); // Addresses it compares.
        Assert.Equal(["boot.example", "192.0.2.1"], _fixture.Tls.Hosts);
    }

    [Fact]
    public void Certificate_OfAnotherName_IsRefusedBeforeTheFirmwareSeesIt()
    {
        using TestCertificate mallory = TlsFixture.Root.IssueServer("mallory.example");
        Serve(Answer(Reply), () => _fixture.Own(new TlsPeer(mallory)));

        Error error = Fetch()!;

        Assert.Equal(EFI_STATUS.EFI_SECURITY_VIOLATION, error.Status);
        Assert.Contains("the server's certificate is not for 192.0.2.1, but for mallory.example", error.Message);
        Assert.Empty(_fixture.Tls.Trusted);
        Assert.Empty(_requests);
        Assert.Single(_peers);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Certificate_BehindAnEarlyChangeOfCiphers_IsNotBelieved(bool is13)
    {
        _fixture.Tls.HasVersion13 = is13;
        using TestCertificate mallory = TlsFixture.Root.IssueServer("mallory.example");
        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.Own(new TlsPeer(mallory, maximum: LibSsl.Version12));
            peer.OnSend = bytes => [0x14, 3, 3, 0, 1, 1, .. bytes];
            return peer;
        });

        Assert.Contains("the firmware's TLS refuses the server's handshake", Fetch()!.Message);
        Assert.Empty(_requests);
    }

    [Fact]
    public void Certificate_WhoseSignatureIsForged_IsRefusedByTheFirmware()
    {
        byte[] forged = [.. TlsFixture.Server.Der];
        forged[^1] ^= 1;
        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.NewPeer();
            nint parsed = LibSsl.ParseCertificate(forged);
            LibSsl.UseCertificate(peer.Ssl, parsed);
            LibSsl.FreeCertificate(parsed);
            return peer;
        });

        Error error = Fetch()!;

        Assert.Contains("the firmware's TLS does not accept 192.0.2.1", error.Message);
        Assert.EndsWith("(decrypt error: a signature is wrong)", error.Message);
    }

    [Fact]
    public void Certificate_ThatWasTrustedOnce_IsNotWhenItsRootIsGone()
    {
        Serve(Answer(Reply));
        PeerWire.Assert(Fetch());
        _fixture.Trust.Remove(_fixture.Trust.First!);
        _wire.Client.CloseIdle();

        Assert.Contains("\"CN=Tests' root\" is not trusted", Fetch()!.Message);
    }

    [Fact]
    public void Certificate_ThatWasTrustedOnce_IsNotHiddenByOneOfATrustedRoot()
    {
        using TestCertificate other = TestCertificate.MakeRoot("another");
        using TestCertificate decoy = other.Issue(new CertificateOptions("Tests' root") { WithKeyOf = TlsFixture.Root, IsAuthority = true });
        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.NewPeer();
            LibSsl.Control(peer.Ssl, LibSsl.AddChainCertificate, 0, LibSsl.ParseCertificate(decoy.Der));
            return peer;
        });
        PeerWire.Assert(Fetch());
        _fixture.Trust.Add(other.Der);
        _fixture.Trust.Remove(_fixture.Trust.First!);
        _wire.Client.CloseIdle();

        Assert.Contains("two certificates named \"CN=Tests' root\" are in the way from the server's certificate", Fetch()!.Message);
        Assert.Single(_requests);
    }

    [Theory]
    [InlineData(true, true, null)]
    [InlineData(true, false, "the firmware's TLS does not take our certificate and its key: Unsupported")]
    [InlineData(false, true, "(it asked for a certificate of ours, and there is none)")]
    public void Server_ThatAsksForACertificate_GetsOurs(bool isThere, bool takesKeys, string? expected)
    {
        using TestCertificate own = TlsFixture.Root.Issue(new CertificateOptions("client") { Usages = [CertificateOptions.ClientAuthentication] });
        _fixture.Tls.TakesKeys = takesKeys;
        if (isThere)
        {
            PeerWire.Assert(_fixture.Trust.SetClientCertificate(own.Der));
            PeerWire.Assert(_fixture.Trust.SetClientKey(Encoding.ASCII.GetBytes(own.KeyPem)));
        }

        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.NewPeer();
            peer.Trust(TlsFixture.Root);
            return peer;
        });

        Error? error = Fetch();

        if (expected is null)
        {
            PeerWire.Assert(error);
            Assert.True(_peers[0].HasClientCertificate);
        }
        else
        {
            Assert.Contains(expected, error!.Message);
        }
    }

    [Fact]
    public void Server_ThatDoesNotKnowWhoIssuedOurs_SaysThatTheyAreNotSent()
    {
        using TestCertificate own = TlsFixture.Root.IssueAuthority("between").Issue(new CertificateOptions("client") { Usages = [CertificateOptions.ClientAuthentication] });
        PeerWire.Assert(_fixture.Trust.SetClientCertificate(Encoding.ASCII.GetBytes(own.ChainPem)));
        PeerWire.Assert(_fixture.Trust.SetClientKey(Encoding.ASCII.GetBytes(own.KeyPem)));
        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.NewPeer();
            peer.Trust(TlsFixture.Root);
            return peer;
        });
        Assert.EndsWith(
            "the server says: unknown certificate authority (alert 48) (of our certificate, which the firmware's TLS sends without those who issued it)", Fetch()!.Message);
    }

    [Fact]
    public void Handshake_ThatStops_IsGivenUp()
    {
        Serve(Answer(Reply), () =>
        {
            TlsPeer peer = _fixture.NewPeer();
            peer.IsSilent = true;
            return peer;
        });

        Assert.Contains("no end of the handshake for 15 s", Fetch()!.Message);
    }

    [Fact]
    public void Handshake_ThatIsResetAtAnyByte_LeavesNothing()
    {
        for (int length = 0; length < 3000; length += 211)
        {
            int left = length;
            Serve(Answer(Reply), () =>
            {
                TlsPeer peer = _fixture.NewPeer();
                peer.OnSend = bytes =>
                {
                    byte[] part = bytes[..Math.Min(left, bytes.Length)];
                    left -= part.Length;
                    _wire.After(2000, () => _connections[^1].Reset());
                    return part;
                };
                return peer;
            });

            Error? error = Fetch();
            Assert.True(error is not null || length > 1000);
            _wire.Client.CloseIdle();
            Assert.Equal(0, _fixture.Tls.ChildCount);
        }
    }

    [Fact]
    public void Records_InPiecesOfAnySize_AreTheSame()
    {
        foreach (int size in new[] { 1, 2, 3, 5, 7, 100 })
        {
            Serve(Answer(Reply), segmentSize: size);
            PeerWire.Assert(Fetch());
            _wire.Client.CloseIdle();
        }
    }

    public static TheoryData<string, string> Calls() => new()
    {
        { "CreateChild", "the firmware's TLS makes no session: Device Error" },
        { "SetSessionData EfiTlsConnectionEnd", "the firmware's TLS cannot verify a server: Device Error" },
        { "SetSessionData EfiTlsVerifyMethod", "the firmware's TLS cannot verify a server: Device Error" },
        { "SetSessionData EfiTlsVerifyHost", "the firmware's TLS cannot verify that a server is 192.0.2.1: Device Error" },
        { "BuildResponsePacket EfiTlsSessionNotStarted", "the firmware's TLS does not begin: Device Error; the firmware has no random source (EFI_RNG)" },
        { "SetData EfiTlsConfigDataTypeCACertificate", "the firmware's TLS does not take the trusted certificate: Device Error" },
        { "BuildResponsePacket 22", "the firmware's TLS refuses the server's handshake: it does not say why" },
        { "BuildResponsePacket 20", "the firmware's TLS refuses the server's handshake: it does not say why" },
        { "GetSessionData EfiTlsSessionState", "the firmware's TLS refuses the server's handshake: it does not say why" },
        { "GetSessionData EfiTlsVersion", "the firmware's TLS speaks another version than the server chose" },
        { "ProcessPacket EfiTlsEncrypt", "the firmware's TLS enciphers no more" },
        { "ProcessPacket EfiTlsDecrypt", "a record was changed on its way: it cannot be deciphered" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public void Firmware_ThatRefuses_IsNamed_AndNothingIsLeft(string call, string expected)
    {
        Serve(Answer(Reply));
        _fixture.Tls.Intercept = each => each == call ? EFI_STATUS.EFI_DEVICE_ERROR : EFI_STATUS.EFI_SUCCESS;

        Assert.Contains(expected, Fetch()!.Message);
    }

    [Fact]
    public void Firmware_WithoutTls_IsNamed()
    {
        EFI_HANDLE handle = _fixture.Firmware.HandlesWith<EFI_TLS_SERVICE_BINDING_PROTOCOL>()[0];
        _fixture.Firmware.Uninstall<EFI_TLS_SERVICE_BINDING_PROTOCOL>(handle);

        Assert.Equal($"HTTP {Url}: TLS 192.0.2.1:443: this firmware has no TLS (EFI_TLS)", Fetch()!.Message);
    }

    [Fact]
    public void Firmware_WithoutMemory_LeavesNothing()
    {
        Serve(Answer(Reply));
        for (int count = 0; count < 12; count++)
        {
            _fixture.Firmware.AllocationsLeft = count;
            Fetch();
            _fixture.Firmware.AllocationsLeft = int.MaxValue;
            _wire.Client.CloseIdle();
            Assert.Equal(0, _fixture.Firmware.AllocatedPools);
        }
    }

    [Theory]
    [InlineData(20_000, null)]
    [InlineData(300_000, "the firmware's TLS does not begin: Buffer Too Small")]
    public void Answers_ThatAreLonger_AreAskedForAgain(int room, string? expected)
    {
        _fixture.Tls.AnswerRoom = (nuint)room;
        Serve(Answer(Reply));

        Error? error = Fetch();

        Assert.Contains(expected ?? "", error?.Message ?? "");
        Assert.Equal(expected is null, error is null);
    }

    [Fact]
    public void Records_ThatAreEmpty_AreNoEnd()
    {
        _fixture.Tls.OnPlain = plain => plain.Length == 1 ? [] : plain;
        Serve((c, _) =>
        {
            c.Send(Reply); // The first record has one byte.
            c.Send("H");
        });

        Error? error = Fetch();

        Assert.NotNull(error); // "TTP/1.1": without its first byte.
        Assert.DoesNotContain("TLS", error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Redirect_ToHttp_IsFollowed_ButTakesNoSecretsAlong()
    {
        List<string> plain = [];
        Serve(Answer("HTTP/1.1 302 Found\r\nLocation: http://192.0.2.2/y\r\nContent-Length: 0\r\n\r\n"));
        _wire.AddHost("192.0.2.2").OnTcp(80, connection => connection.OnData = c =>
        {
            if (c.Text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                plain.Add(c.Text.ToString());
                c.Send(Reply);
            }
        });

        PeerWire.Assert(Fetch("https://me:secret@192.0.2.1/x", new HttpRequest { Fields = "X-Token: secret\r\n" }));

        Assert.Contains("X-Token: secret", Assert.Single(_requests));
        Assert.DoesNotContain("ecret", Assert.Single(plain), StringComparison.Ordinal);
    }

    [Fact]
    public void Redirect_ToHttp_OfWhatWasSent_IsRefused()
    {
        Serve(Answer("HTTP/1.1 307 Here\r\nLocation: http://192.0.2.2/y\r\nContent-Length: 0\r\n\r\n"));

        Error? error = Fetch(request: new HttpRequest { Method = "POST", Content = "secret"u8.ToArray() });

        Assert.Equal($"HTTP {Url}: redirected to http://192.0.2.2/y, where what is sent would go in clear", error!.Message);
    }

    [Fact]
    public void Proxy_IsForHttpAlone()
    {
        _wire.Client.HttpProxy = ResourceUri.Parse("http://192.0.2.2:3128/", out _);

        Assert.Equal($"HTTP {Url}: only http goes through an HTTP proxy (clear http-proxy to ask the server itself)", Fetch()!.Message);
    }

    [Theory]
    [InlineData("2001:db8::5", "2001:db8::5")]
    [InlineData("fe80::1%25net0", "fe80::1")]
    [InlineData("a%25b", "a%25b")]
    [InlineData("boot.example.", "boot.example")]
    [InlineData(".", ".")]
    public void Host_IsVerifiedWithoutItsZoneAndItsLastDot(string host, string expected)
    {
        using ByteStream stream = _fixture.Maker.Make(host, new RecordingTcpHandler());

        Assert.NotNull(stream.Open(_wire.Network, default));

        Assert.Equal([expected], _fixture.Tls.Hosts);
    }

    [Fact]
    public void ManyConnections_LeaveNothing()
    {
        Serve(Answer(Reply));
        for (int i = 0; i < 30; i++)
        {
            PeerWire.Assert(Fetch());
            _wire.Client.CloseIdle();
            Assert.Equal(0, _fixture.Tls.ChildCount);
            Assert.Equal(0, _fixture.Firmware.AllocatedPools);
        }
    }

    private static Action<PeerTcp, TlsPeer> Answer(string text) => (c, _) => c.Send(text);

    private void Serve(Action<PeerTcp, TlsPeer> answer, Func<TlsPeer>? newPeer = null, int segmentSize = 1460) =>
        _ = new PeerTcpServer(_host, 443) { InitialCongestionWindow = 100_000, HasTimestamps = false, SegmentSize = segmentSize, OnAccepted = each => Accept(each, answer, newPeer) };

    private void Accept(PeerTcp connection, Action<PeerTcp, TlsPeer> answer, Func<TlsPeer>? newPeer)
    {
        TlsPeer peer = (newPeer ?? _fixture.NewPeer)();
        connection.Records = peer;
        _peers.Add(peer);
        _connections.Add(connection);
        connection.OnData = c =>
        {
            string received = c.Text.ToString();
            if (received.Contains("\r\n\r\n", StringComparison.Ordinal))
            {
                c.Text.Clear();
                _requests.Add(received);
                answer(c, peer);
            }
        };
    }

    private Error? Fetch(string uri = Url, HttpRequest? request = null) =>
        _wire.Client.Run(ResourceUri.Parse(uri, out _)!, _download, new FetchOptions { Request = request });

    private void Name(string name)
    {
        PeerHost server = _wire.AddHost("192.0.2.53");
        _wire.Interface.SetDnsServers([new IPv4Address(192, 0, 2, 53)]);
        server.OnUdp(53, (client, query) => server.SendUdp(53, client, DnsBytes.Answer(query, DnsBytes.A(name, 60, [192, 0, 2, 1]))));
    }
}
