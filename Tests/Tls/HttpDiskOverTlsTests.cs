using System;
using NetBoot.NetworkStack.Protocols.San;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Tls;

/// <summary>Over TLS of the firmware's: disks see no difference, and the firmware's TLS is left alone between calls.</summary>
[Collection("Firmware")]
public sealed class HttpDiskOverTlsTests : HttpDiskTests, IDisposable
{
    private readonly TlsFixture _fixture;

    public HttpDiskOverTlsTests() : this(new TlsFixture())
    {
    }

    private HttpDiskOverTlsTests(TlsFixture fixture) : base(fixture.NewPeer, fixture.Maker)
    {
        _fixture = fixture;
    }

    public void Dispose()
    {
        Wire.Client.Dispose();
        _fixture.Dispose();
    }

    [Theory]
    [InlineData("goodbye")]
    [InlineData("data")]
    [InlineData("alert")]
    [InlineData("end")]
    [InlineData("reset")]
    public void WhatComesWhileNoMemoryMayBeTaken_IsNotGivenToTheFirmwaresTls_AndTheNextReadConnectsAnew(string what)
    {
        RangeServer server = new(Host, 8 << 20);
        using HttpDisk disk = Open();
        Check(disk, server, 5000, 64);
        int connections = server.Connections;
        int calls = 0;
        _fixture.Tls.Intercept = _ =>
        {
            calls++;
            return default;
        };
        int pools = _fixture.Firmware.AllocatedPools;
        int arenas = Arena.ChangesOnThread;
        int firmwareCalls = _fixture.Firmware.CallCount;
        Wire.Network.MayAllocate = false;
        PeerTcp connection = server.Connection!;
        switch (what)
        {
            case "goodbye":
                connection.Finish();
                break;
            case "data":
                connection.Send("nobody asked for this");
                break;
            case "alert":
                connection.SendRaw([21, 3, 3, 0, 2, 2, 40]);
                break;
            case "end":
                connection.FinishRaw();
                break;
            default:
                connection.Reset();
                break;
        }

        for (int i = 0; i < 200; i++)
        {
            Wire.RunOnce();
        }

        Assert.Equal((0, pools, arenas, firmwareCalls), (calls, _fixture.Firmware.AllocatedPools, Arena.ChangesOnThread, _fixture.Firmware.CallCount));
        Wire.Network.MayAllocate = true;
        Check(disk, server, 9000, 64);
        Assert.Equal(connections + 1, server.Connections);
        Assert.NotEqual(0, calls);
    }
}
