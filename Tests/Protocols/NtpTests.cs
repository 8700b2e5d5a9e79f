using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using NetBoot.NetworkStack.Protocols.Ntp;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>A client that asks once, against servers whose packets are written byte by byte.</summary>
public sealed class NtpTests
{
    private const uint Year2026 = 3_976_214_400; // 1 January, seconds since 1900

    private readonly PeerWire _wire = new PeerWire().Configured();
    private readonly PeerHost _server;
    private readonly List<byte[]> _questions = [];

    public NtpTests() => _server = _wire.AddHost("192.0.2.1");

    [Theory]
    [InlineData(Year2026, 1_767_225_600)]
    [InlineData(0u + 100, 2_085_978_596)] // 2036: the number has begun again
    [InlineData(0x8000_0000u, -61_505_152)] // 1968
    public void GetTime_FromAServer_IsItsTime(uint seconds, long expected)
    {
        Serve(question => Answer(question, seconds));
        PeerWire.Assert(GetTime(out long time));
        Assert.Equal(expected, time);
        byte[] asked = Assert.Single(_questions);
        Assert.Equal(48, asked.Length);
        Assert.Equal(0x23, asked[0]);
        Assert.Equal(new byte[39], asked[1..40]);
        Assert.NotEqual(new byte[8], asked[40..]);
    }

    [Fact]
    public void GetTime_WithLossAndForgery_AsksAgain_AndBelievesOnlyTheServer()
    {
        PeerHost other = _wire.AddHost("192.0.2.66");
        int losses = 2;
        _server.OnUdp(123, (client, question) =>
        {
            _questions.Add(question);
            other.SendUdp(123, client, Answer(question, 1));
            _server.SendUdp(124, client, Answer(question, 2));
            byte[] guess = Answer(question, 3);
            guess[31]++;
            _server.SendUdp(123, client, guess);
            _server.SendUdp(123, client, Answer(question, 4)[..47]);
            if (losses-- == 0)
            {
                _server.SendUdp(123, client, Answer(question, Year2026));
            }
        });
        PeerWire.Assert(GetTime(out long time));
        Assert.Equal(1_767_225_600, time);
        Assert.Equal(3, _questions.Count);
        Assert.NotEqual(_questions[0][40..], _questions[1][40..]);
    }

    [Theory]
    [InlineData(0x24, 0, "the server refuses (RATE)")]
    [InlineData(0xE4, 2, "the server does not know the time")]
    [InlineData(0x24, 16, "the server does not know the time")]
    [InlineData(0x25, 2, "no answer")] // a broadcast
    public void GetTime_FromAServerThatHasNone_SaysSo(byte first, byte stratum, string expected)
    {
        Serve(question =>
        {
            byte[] answer = Answer(question, Year2026);
            (answer[0], answer[1]) = (first, stratum);
            return answer;
        });
        Assert.Equal($"NTP 192.0.2.1: {expected}", GetTime(out _)!.Message);
    }

    [Fact]
    public void GetTime_WithSeveralAddresses_TakesTheFirstThatAnswers()
    {
        PeerHost second = _wire.AddHost("192.0.2.2");
        second.OnUdp(123, (client, question) => second.SendUdp(123, client, Answer(question, Year2026)));
        ulong start = _wire.Now;
        PeerWire.Assert(GetTime(out long time, "192.0.2.1", "192.0.2.2"));
        Assert.Equal(1_767_225_600, time);
        Assert.InRange(_wire.Now - start, 0u, 100_000u); // The first says that its port is closed.
    }

    [Fact]
    public void GetTime_FromNobody_EndsInTime()
    {
        ulong start = _wire.Now;
        Error error = GetTime(out _, "192.0.2.77")!;
        Assert.Equal("NTP 192.0.2.77: nobody is there", error.Message); // ARP
        Assert.InRange(_wire.Now - start, 1_000_000u, 10_000_000u);
    }

    [Fact]
    public void GetTime_StoppedByTheUser_AsksNobodyElse()
    {
        _wire.OnTurn = () => false;
        Assert.Equal(EFI_STATUS.EFI_ABORTED, GetTime(out _, "192.0.2.1", "192.0.2.2")!.Status);
    }

    private Error? GetTime(out long time, params string[] servers)
    {
        IPAddress[] addresses = new IPAddress[Math.Max(servers.Length, 1)];
        for (int i = 0; i < addresses.Length; i++)
        {
            Assert.True(IPAddress.TryParse(servers.Length > 0 ? servers[i] : "192.0.2.1", out addresses[i]));
        }

        return NtpClient.GetTime(_wire.Network, _wire, addresses, out time);
    }

    private void Serve(Func<byte[], byte[]> answer) => _server.OnUdp(123, (client, question) =>
    {
        _questions.Add(question);
        _server.SendUdp(123, client, answer(question));
    });

    private static byte[] Answer(byte[] question, uint seconds)
    {
        byte[] answer = new byte[48];
        answer[0] = 0x24;
        answer[1] = 2;
        Encoding.ASCII.GetBytes("RATE").CopyTo(answer, 12);
        question[40..48].CopyTo(answer, 24);
        BinaryPrimitives.WriteUInt32BigEndian(answer.AsSpan(40), seconds);
        return answer;
    }
}
