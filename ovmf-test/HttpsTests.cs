using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// https over the TLS of each firmware, with real servers: what is fetched, and what is refused with which sentence. A machine is started once for each
/// firmware, and its script goes through all rows; then it boots from there.
/// </summary>
[Trait("Kind", "Lab")]
public sealed class HttpsTests : FirmwareTest
{
    private const string Host6 = "2001:db8:1::1";
    private const int SmallRecord = 512;

    /// <summary>Debian builds edk2 without them, in 12 and in 13.</summary>
    private const string NoCurves = "no common cipher, key or signature .*the firmware.s TLS has no elliptic curves";

    private static readonly Lazy<Authorities> s_authorities = new();

    private readonly List<Row> _rows = [];
    private readonly List<TlsHost> _hosts = [];
    private readonly Authorities _by = s_authorities.Value;
    private NetworkNamespace _inside = null!;
    private string _web = "";
    private int _port = 4000;
    private bool _isNewer;

    /// <param name="Name">In what the script prints.</param>
    /// <param name="Command">What it does.</param>
    /// <param name="Says">A pattern of the error, if it is one.</param>
    private sealed record Row(string Name, string Command, string? Says);

    [NamespaceFact]
    public async Task OnDebian12sOvmf_EachServerIsFetchedFrom_OrRefusedWithASentence_AndLinuxBoots() => await RunAsync(Architecture.X64, "amd64", isNewer: false);

    [NamespaceFact]
    public async Task OnDebian13sOvmf_EachServerIsFetchedFrom_OrRefusedWithASentence_AndLinuxBoots() =>
        await RunAsync((await LabRoot.EnsureAsync(Console.WriteLine)).Emulated, "amd64", isNewer: true);

    [NamespaceFact]
    public async Task OnAavmf_EachServerIsFetchedFrom_OrRefusedWithASentence_AndLinuxBoots() => await RunAsync(Architecture.Aa64, "arm64", isNewer: false);

    /// <param name="architecture">With its firmware.</param>
    /// <param name="linux">Debian's name of the architecture.</param>
    /// <param name="isNewer">Whether the firmware's TLS tells servers which host is meant: edk2's since 2023.</param>
    private async Task RunAsync(Architecture architecture, string linux, bool isNewer)
    {
        _isNewer = isNewer;
        _web = NewFolder(
            "web", ("one.txt", "1"), ("two.txt", "2"), ("three.txt", "3"), ("expired.pem", _by.Expired.Pem), ("client.pem", _by.Client.Pem),
            ("client.key", _by.Client.KeyPem), ("boot.ipxe", "#!ipxe\necho script of ${cwuri}\nkernel linux console=ttyS0,115200 CONSOLE && initrd initrd.gz && boot\n".Replace("CONSOLE", EmulatedLinux.NoTimerCheck)));
        string big = Path.Combine(_web, "big.bin");
        File.Move(WriteRandom(_web, 64 << 20), big);
        WriteRandom(_web, 100_001);
        await SignAsync(Path.Combine(_web, "content.bin"));
        LinkLinuxInto(_web, linux);
        _inside = await NewNetworkAsync();
        await _inside.AddIPv6AddressAsync("tap0", Host6 + "/64");
        Add("rsa2048", _by.Middle.IssueServer("rsa2048.example", KeyKind.Rsa2048), more: $"location /cut {{ proxy_pass http://unix:{CutShort()}; }}");
        AddChains();
        AddRefused();
        await AddServersAsync();
        NginxServer server = Own(await NginxServer.StartAsync(
            _web, $"location /up {{ return 302 https://web.example:{PortOf("web")}/down; }}", TapHost, _inside, [.. _hosts]));
        Own(await DnsmasqServer.StartAsync(
            _inside, "tap0", ["--dhcp-range=192.0.2.10,192.0.2.99,1h", "--dhcp-option=6,192.0.2.1", $"--address=/example/{TapHost}"], names: true));
        SystemPartition partition = NewPartition(architecture);
        partition.SetApplication(Repository.Image(architecture, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", Script());
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = architecture,
            Namespace = _inside,
            MemoryMiB = 1024,
            RandomDevice = true,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                store.TrustForHttps(_by.Root.Der);
            },
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new TapNetwork("tap0") }],
        });
        await machine.Serial.WaitForAsync("rows ended", TimeSpan.FromMinutes(5));
        Check(machine.Serial.Text);
        string[] connections = [.. server.AccessLog.Split('\n').Where(line => Regex.IsMatch(line, "GET /(one|two|three).txt")).Select(line => line[(line.LastIndexOf(' ') + 1)..])];
        Assert.Equal(3, connections.Length);
        Assert.Single(connections.Distinct());
        Assert.Contains(Convert.ToHexStringLower(MD5.HashData(await File.ReadAllBytesAsync(big))) + "  big.bin", machine.Serial.Text);
        await machine.Serial.WaitForAsync("script of https://rsa2048.example:[0-9]+/boot.ipxe");
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromMinutes(3));
    }

    /// <summary>Signs a file for <c>imgverify</c>, by OpenSSL.</summary>
    private async Task SignAsync(string file)
    {
        TestCertificate signer = _by.Root.Issue(new CertificateOptions("Signer") { Key = KeyKind.Rsa2048, Usages = [CertificateOptions.CodeSigning] });
        (string certificate, string key) = signer.Write(Directory, "signer");
        await ChildProcess.RunAsync(
            "openssl", ["cms", "-sign", "-binary", "-outform", "DER", "-in", file, "-signer", certificate, "-inkey", key, "-out", file + ".sig"], "openssl");
    }

    private string Script()
    {
        StringBuilder script = new("#!ipxe\ndhcp\nset net0/ip6 2001:db8:1::99\nifopen net0\ncertstore http://192.0.2.1/expired.pem\n");
        foreach (Row row in _rows)
        {
            script.Append($"echo row {row.Name}\n{row.Command} && echo row {row.Name}: fetched || echo row {row.Name}: refused\n");
        }

        string host = $"https://rsa2048.example:{PortOf("rsa2048")}";
        script.Append($"imgfetch {host}/one.txt\nimgfetch {host}/two.txt\nimgfetch {host}/three.txt\nimgfree\n");
        script.Append($"imgfetch -q {host}/big.bin && md5sum big.bin && imgfree\necho rows ${{none}}ended\n");
        script.Append($"chain {host}/boot.ipxe || shell\n");
        return script.ToString();
    }

    private void Check(string serial)
    {
        string text = serial.ReplaceLineEndings("");
        List<string> wrong = [];
        foreach (Row row in _rows)
        {
            Match found = Regex.Match(text, $"row {row.Name}(?!:)(.*?)row {row.Name}: (fetched|refused)");
            bool isRight = found.Success && (row.Says is null ? found.Groups[2].Value == "fetched" : Regex.IsMatch(found.Groups[1].Value, row.Says));
            if (!isRight)
            {
                wrong.Add($"{row.Name}, to {(row.Says is null ? "be fetched" : "say " + row.Says)}: {found.Value}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private int PortOf(string name) => _hosts.Single(host => host.Name == name + ".example").Port!.Value;

    private void AddRow(string name, string uri, string? says) => _rows.Add(new Row(name, $"imgfetch -q --name {name} --timeout 20000 {uri}", says));

    /// <summary>A host of nginx, on a port of its own.</summary>
    private void Add(string name, TestCertificate certificate, string? says = null, string more = "", string? uri = null)
    {
        int port = ++_port;
        _hosts.Add(new TlsHost(name + ".example", certificate, more) { Port = port });
        AddRow(name, uri ?? $"https://{name}.example:{port}/content.bin", says);
    }

    private void AddChains()
    {
        Add("rsa3072", _by.Middle.IssueServer("rsa3072.example", KeyKind.Rsa3072));
        Add("rsa4096", _by.Middle.IssueServer("rsa4096.example", KeyKind.Rsa4096));
        Add("p256", _by.Middle.IssueServer("p256.example", KeyKind.P256), NoCurves);
        Add("p384", _by.Middle.IssueServer("p384.example", KeyKind.P384), NoCurves);
        Add("chain4", _by.Middle.IssueAuthority("Lower", KeyKind.Rsa2048).IssueAuthority("Lowest", KeyKind.Rsa2048).IssueServer("chain4.example", KeyKind.Rsa2048));
        Add("a.wild", _by.Middle.IssueServer("*.wild.example", KeyKind.Rsa2048));
        Add("cross", _by.Cross.IssueServer("cross.example", KeyKind.Rsa2048));
        Add("six", _by.Middle.IssueServer(Host6, KeyKind.Rsa2048), more: $"listen [{Host6}]:443 ssl;", uri: $"https://[{Host6}]/content.bin");
        Add("web", _by.Middle.IssueServer("web.example", KeyKind.Rsa2048), more: "location /down { return 302 http://192.0.2.1/content.bin; }", uri: "http://192.0.2.1/up");
        _hosts.Add(new TlsHost("named.example", _by.Middle.IssueServer("named.example", KeyKind.Rsa2048)));
        AddRow("named", "https://named.example/content.bin", _isNewer ? null : "it has no such host .*the firmware.s TLS does not tell the server which host is meant");
        AddRow("cut", $"https://rsa2048.example:{PortOf("rsa2048")}/cut", null);
    }

    private void AddRefused()
    {
        Add("missing", _by.Middle.IssueServer("missing.example", KeyKind.Rsa2048).WithoutChain(), "an intermediate certificate is missing there, or its root here");
        Add("stranger", _by.Stranger.IssueServer("stranger.example", KeyKind.Rsa2048), "\"CN=Strange Root\", which is not trusted");
        Add("ended", _by.Middle.Issue(Server("ended.example") with { Until = DateTimeOffset.UtcNow.AddDays(-1) }), "has expired: it is valid from .* and the clock says");
        Add("early", _by.Middle.Issue(Server("early.example") with { From = DateTimeOffset.UtcNow.AddDays(1) }), "is not valid yet: it is valid from");
        Add("expiredroot", _by.Expired.IssueServer("expiredroot.example", KeyKind.Rsa2048), "\"CN=Expired Root\" has expired");
        Add("other", _by.Middle.IssueServer("another.example", KeyKind.Rsa2048), "is not for other.example, but for another.example");
        Add("limited", _by.Limited.IssueServer("limited.example", KeyKind.Rsa2048), "\"CN=Limited\" may not issue for limited.example");
        Add("sha1", _by.Middle.Issue(Server("sha1.example") with { Hash = HashAlgorithmName.SHA1 }), "is signed over SHA-1");
        Add("rsa1024", _by.Middle.Issue(Server("rsa1024.example") with { Key = KeyKind.Rsa1024 }), "too weak: a key of RSA 1024");
        Add("client", _by.Middle.IssueServer("client.example", KeyKind.Rsa2048), "400", $"ssl_verify_client on; ssl_client_certificate {WriteRoot()};");
        _rows.Add(new Row("certificate", $"imgset cert http://{TapHost}/client.pem && imgset privkey http://{TapHost}/client.key", null));
        AddRow("known", $"https://client.example:{PortOf("client")}/content.bin", null);
        _rows.Add(new Row("signature", $"imgverify rsa2048 http://{TapHost}/content.bin.sig", "this firmware cannot verify signatures"));
        AddRow("unnamed", "https://unnamed.example/content.bin", "unrecognized name: it has no such host");
    }

    private async Task AddServersAsync()
    {
        TestCertificate plain = _by.Middle.IssueServer("plain.example", KeyKind.Rsa2048);
        TestCertificate address = _by.Middle.IssueServer(TapHost, KeyKind.Rsa2048);
        Own(await ApacheServer.StartAsync(_inside, $"{TapHost}:8443", address, _web));
        AddRow("apache", $"https://{TapHost}:8443/content.bin", null);
        Own(await CaddyServer.StartAsync(_inside, "plain.example:9443", TapHost, plain, _web));
        AddRow("caddy", "https://plain.example:9443/content.bin", NoCurves); // It has no other ciphers.
        await AddOpenSslAsync("tls12", plain, null, "-tls1_2", "-WWW");
        await AddOpenSslAsync("tls13", plain, "no common version of TLS", "-tls1_3", "-WWW");
        await AddOpenSslAsync("tls11", plain, "the server speaks no newer version than TLS 1.1; TLS 1.2 is the least", "-tls1_1", "-cipher", "DEFAULT:@SECLEVEL=0", "-WWW");
        await AddOpenSslAsync("camellia", plain, "no common cipher", "-no_tls1_3", "-cipher", "CAMELLIA256-SHA256", "-WWW");
        await AddOpenSslAsync("small", plain, null, "-tls1_2", "-max_send_frag", $"{SmallRecord}", "-WWW");
        _ = AskAgainAsync(await AddOpenSslAsync("again", plain, @"a new handshake in the middle \(renegotiation\), which is refused", "-tls1_2"));
        _ = CutOffAsync(await AddOpenSslAsync("truncated", plain, "connection refused", "-tls1_2", "-msg"));
    }

    private async Task<OpenSslServer> AddOpenSslAsync(string name, TestCertificate certificate, string? says, params string[] more)
    {
        int port = ++_port;
        AddRow(name, $"https://plain.example:{port}/content.bin", says);
        return Own(await OpenSslServer.StartAsync(_inside, $"{TapHost}:{port}", certificate, _web, more));
    }

    /// <summary>Answers each request with the wish for another handshake.</summary>
    private static async Task AskAgainAsync(OpenSslServer server)
    {
        for (int count = 1; ; count++)
        {
            await server.WaitForAsync($@"(GET /content\.bin[\s\S]*){{{count}}}");
            await server.SendAsync("r\n");
        }
    }

    /// <summary>Answers one request without a length, and is gone, without a word to TLS, once the answer has been sent: what came is not all, and asked for again.</summary>
    private static async Task CutOffAsync(OpenSslServer server)
    {
        await server.WaitForAsync("GET /content.bin");
        await server.SendAsync("HTTP/1.1 200 OK\r\n\r\nthe first half, as");
        await server.WaitForAsync(@"GET[\s\S]*>>> TLS");
        await server.DisposeAsync();
    }

    /// <summary>A server behind nginx that ends each answer after half of what is left, but takes requests for parts.</summary>
    /// <returns>Its socket.</returns>
    private string CutShort()
    {
        string path = Directory.Combine("cut.sock");
        Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        _ = ServeAsync();
        return path;

        async Task ServeAsync()
        {
            byte[] content = await File.ReadAllBytesAsync(Path.Combine(_web, "content.bin"));
            while (true)
            {
                using Socket each = await listener.AcceptAsync();
                byte[] request = new byte[4096];
                int length = await each.ReceiveAsync(request);
                Match range = Regex.Match(Encoding.Latin1.GetString(request, 0, length), @"Range: bytes=(\d+)-", RegexOptions.IgnoreCase);
                int from = range.Success ? int.Parse(range.Groups[1].Value) : 0;
                int left = content.Length - from;
                string head = $"HTTP/1.1 {(range.Success ? $"206 Part\r\nContent-Range: bytes {from}-{content.Length - 1}/{content.Length}" : "200 OK")}\r\n" +
                    $"Content-Length: {left}\r\nAccept-Ranges: bytes\r\nETag: \"1\"\r\n\r\n";
                await each.SendAsync(Encoding.Latin1.GetBytes(head));
                await each.SendAsync(content.AsMemory(from, left < 10_000 ? left : left / 2));
            }
        }
    }

    private static CertificateOptions Server(string name) =>
        new(name) { Key = KeyKind.Rsa2048, Names = [name], Usages = [CertificateOptions.ServerAuthentication] };

    private string WriteRoot()
    {
        string path = Directory.Combine("root.pem");
        File.WriteAllText(path, _by.Root.Pem);
        return path;
    }

    /// <summary>Who issues certificates: made once, as keys of RSA take their time.</summary>
    private sealed class Authorities
    {
        public Authorities()
        {
            Root = TestCertificate.MakeRoot("Test Root", KeyKind.Rsa2048);
            Middle = Root.IssueAuthority("Middle", KeyKind.Rsa2048);
            Stranger = TestCertificate.MakeRoot("Strange Root", KeyKind.Rsa2048);
            Expired = TestCertificate.Make(new CertificateOptions("Expired Root") { Key = KeyKind.Rsa2048, IsAuthority = true, Until = DateTimeOffset.UtcNow.AddDays(-1) });
            Limited = Root.Issue(new CertificateOptions("Limited") { Key = KeyKind.Rsa2048, IsAuthority = true, Permitted = ["example.org"] });
            TestCertificate old = TestCertificate.MakeRoot("Old Root", KeyKind.Rsa2048);
            Client = Root.Issue(new CertificateOptions("client") { Key = KeyKind.Rsa2048, Usages = [CertificateOptions.ClientAuthentication] });
            Cross = Root.Issue(new CertificateOptions("Old Root") { WithKeyOf = old, IsAuthority = true });
        }

        public TestCertificate Root { get; }
        public TestCertificate Middle { get; }

        /// <summary>An authority for other names.</summary>
        public TestCertificate Limited { get; }

        /// <summary>For servers that ask who we are.</summary>
        public TestCertificate Client { get; }

        /// <summary>A root that nobody trusts.</summary>
        public TestCertificate Stranger { get; }

        /// <summary>A root that is trusted, but past its time.</summary>
        public TestCertificate Expired { get; }

        /// <summary>A root of its own elsewhere, which the trusted one has certified.</summary>
        public TestCertificate Cross { get; }
    }
}
