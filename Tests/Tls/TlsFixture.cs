using System;
using System.Collections.Generic;
using System.Linq;
using NetBoot.Boot.App.Digests;
using NetBoot.Boot.Tool.Certificates;
using NetBoot.NetworkStack;
using NetBoot.NetworkStack.Streams.Tls;
using NetBoot.NetworkStack.Trust;
using NetBoot.Tests.Models.UefiFirmware;
using Xunit;

namespace NetBoot.Tests.Tls;

/// <summary>Firmware with TLS, what is trusted on it, and a server's certificate.</summary>
internal sealed class TlsFixture : IWallClock, IDisposable
{
    private static readonly TestCertificate s_root = TestCertificate.MakeRoot("Tests' root");
    private static readonly TestCertificate s_server = s_root.IssueAuthority("Tests' authority").Issue(new CertificateOptions("server")
    {
        Names = [.. Enumerable.Range(1, 30).Select(i => $"192.0.2.{i}"), "boot.example", "other.example", "h"],
        Usages = [CertificateOptions.ServerAuthentication],
    });

    private readonly List<TlsPeer> _peers = [];

    public TlsFixture()
    {
        Firmware = new SimulatedFirmware();
        Tls = new SimulatedTls(Firmware);
        Trust.Add(s_root.Der);
        Judge = new CertificateJudge(Trust, this);
        Maker = new TlsStreamMaker(Trust, Judge);
    }

    public static TestCertificate Root => s_root;

    public static TestCertificate Server => s_server;

    public SimulatedFirmware Firmware { get; }

    public SimulatedTls Tls { get; }

    public TrustStore Trust { get; } = new(new Hashes());

    public CertificateJudge Judge { get; }

    public TlsStreamMaker Maker { get; }

    public long UnixTime { get; set; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    public long Earliest => 1_700_000_000;

    public TlsPeer NewPeer() => Own(new TlsPeer(Server));

    public TlsPeer Own(TlsPeer peer)
    {
        _peers.Add(peer);
        return peer;
    }

    public void Dispose()
    {
        Assert.Equal(0, Tls.ChildCount);
        Assert.Equal(0, Firmware.AllocatedPools);
        _peers.ForEach(each => each.Dispose());
        Trust.Dispose();
        Tls.Dispose();
        Firmware.Dispose();
    }
}
