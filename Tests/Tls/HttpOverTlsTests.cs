using System;
using NetBoot.Tests.Protocols;
using Xunit;

namespace NetBoot.Tests.Tls;

/// <summary>Over TLS of the firmware's: HTTP sees no difference.</summary>
[Collection("Firmware")]
public sealed class HttpOverTlsTests : HttpTests, IDisposable
{
    private readonly TlsFixture _fixture;

    public HttpOverTlsTests() : this(new TlsFixture())
    {
    }

    private HttpOverTlsTests(TlsFixture fixture) : base(fixture.NewPeer, fixture.Maker)
    {
        _fixture = fixture;
    }

    public void Dispose()
    {
        Wire.Client.Dispose();
        _fixture.Dispose();
    }
}
