using System;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The firmware's own TLS as it is shipped.</summary>
public sealed class TlsTests : FirmwareTest
{
    [Fact]
    public async Task App_FetchesByHttps_WhatTheFirmwaresAuthoritiesVouchFor_AndNothingElse_AndSaysWhereThereIsNoTls()
    {
        using TestCertificate root = TestCertificate.MakeRoot("Test root", KeyKind.Rsa2048);
        using TestCertificate stranger = TestCertificate.MakeRoot("Stranger", KeyKind.Rsa2048);
        string web = NewFolder("web");
        string file = WriteRandom(web, 3_000_001);
        (NginxServer server, int port) = await ServeTlsAsync(web, root.IssueServer(UserNetwork.Host, KeyKind.Rsa2048), "trusted");
        (NginxServer _, int foreign) = await ServeTlsAsync(web, stranger.IssueServer(UserNetwork.Host, KeyKind.Rsa2048), "foreign");
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Add(Repository.Image(Architecture.X64, "agent.efi"), "then"); // An image's name is its first argument.
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp || goto failed
            imgfetch --name one https://{UserNetwork.Host}:{port}/content.bin || goto failed
            sha256sum one
            imgfetch --name two https://{UserNetwork.Host}:{port}/content.bin || goto failed
            imgfetch --name three https://{UserNetwork.Host}:{foreign}/content.bin && goto failed ||
            imgfree
            chain file:///then notls ||
            imgfetch --name four https://{UserNetwork.Host}:{port}/content.bin && goto failed ||
            echo script ended
            exit 0
            :failed
            echo script failed
            """ + "\n");
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
            Variables = store => store.TrustForHttps(root.Der),
        });
        await machine.Serial.WaitForAsync("script ended|script failed");
        Assert.Contains("agent: done, 2 passed, 0 failed", machine.Serial.Text);
        Assert.Matches(@"imgfetch: HTTP https://\S+: TLS \S+: this\s+firmware\s+has\s+no\s+TLS\s+\(EFI_TLS\)", machine.Serial.Text);
        Assert.Contains("Features: DNS HTTP HTTPS", machine.Serial.Text);
        Assert.Contains(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))), machine.Serial.Text);
        Assert.Contains("script ended", machine.Serial.Text);
        Assert.Matches("the server.s certificate was issued by\\s+\"CN=Stranger\"", machine.Serial.Text);
        Assert.Contains("GET /content.bin HTTP/1.1 200 3000001", server.AccessLog);
    }

    private async Task<(NginxServer Server, int Port)> ServeTlsAsync(string folder, TestCertificate certificate, string name)
    {
        (string chain, string key) = certificate.Write(Directory, name);
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        return (await ServeAsync(folder, $"listen 127.0.0.1:{port} ssl; ssl_certificate {chain}; ssl_certificate_key {key};"), port);
    }
}
