using System;
using System.Collections.Generic;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using NetBoot.Boot.App.Digests;
using NetBoot.NetworkStack.Protocols.Http;
using NetBoot.NetworkStack.Wire;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Protocols;

/// <summary>What HTTP's messages are made of, without a network.</summary>
public sealed class HttpFormatTests
{
    [Theory] // RFC 7616, 3.9.1; RFC 2617, 3.5
    [InlineData("MD5", "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    [InlineData("MD5", "testrealm@host.com", "dcd98b7102dd2f0e8b11d0f600bfb0c093", "Circle Of Life", "0a4f113b", "6629fae49393a05397450978507c4ef1")]
    public void Digest_OfTheStandardsExamples_IsTheirs(string algorithm, string realm, string nonce, string password, string own, string response)
    {
        byte[] challenge = Encoding.ASCII.GetBytes($"Digest realm=\"{realm}\" , algorithm={algorithm}, qop=\"auth, auth-int\", nonce=\"{nonce}\",opaque=\"x\"");
        TextBuilder text = new(200, 0);
        new HttpDigest(new Hashes(), new HttpChallenge(challenge)).Append(ref text, Encoding.ASCII.GetBytes($"Mufasa:{password}"), "GET", "/dir/index.html", 1, own);
        Assert.Equal(
            $"Digest username=\"Mufasa\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"/dir/index.html\", response=\"{response}\", algorithm={algorithm}, " +
            $"opaque=\"x\", qop=auth, nc=00000001, cnonce=\"{own}\"",
            text.ToString());
    }

    // Whatever a server sends, in whatever pieces, the reader neither faults nor takes more than is there, and pieces change nothing.
    [Fact]
    public void Read_OfAnythingInAnyPieces_GivesTheSame() => Prop.ForAll<byte[], byte[]>((choice, noise) =>
    {
        string[] parts =
        [
            "HTTP/1.1 200 OK\r\n", "HTTP/1.0 206 x\r\n", "HTTP/1.1 100 Continue\r\n\r\n", "Content-Length: 5\r\n", "Content-Length: 7, 7\r\n", "\r\n", "\n", "abc",
            "Transfer-Encoding: chunked\r\n", "5\r\nabcde\r\n", "0\r\n", "3;x\r\nabc\r\n", "Content-Range: bytes 1-2/3\r\n", "Content-Range: bytes -/\r\n", "ETag: \"\"\r\n",
            "Connection: close,,keep-alive\r\n", "Location: x\r\n", ": \r\n", " folded\r\n", "ffffffffffffffff\r\n",
        ];
        List<byte> stream = [.. "HTTP/1.1 200 OK\r\n"u8];
        foreach (byte b in choice)
        {
            stream.AddRange(b < 200 ? Encoding.Latin1.GetBytes(parts[b % parts.Length]) : noise);
        }

        byte[] bytes = [.. stream];
        foreach (byte[] input in new[] { bytes, noise })
        {
            (string whole, int wholeTaken) = ReadIn(input, int.MaxValue);
            (string single, int singleTaken) = ReadIn(input, 1);
            if (whole != single || wholeTaken != singleTaken || wholeTaken > input.Length)
            {
                return false;
            }
        }

        return true;
    }).QuickCheckThrowOnFailure();

    private static (string Result, int Taken) ReadIn(byte[] input, int pieces)
    {
        BodyRecorder body = new();
        HttpResponseReader reader = new();
        reader.Reset(body);
        int taken = 0;
        while (taken < input.Length)
        {
            int size = Math.Min(pieces, input.Length - taken);
            int read = reader.Read(input.AsSpan(taken, size));
            taken += read;
            if (read < size)
            {
                break;
            }
        }

        reader.ReadEnd();
        string result = $"{reader.Status} {reader.IsComplete} {reader.Failure} {reader.KeepsAlive} {reader.RangeStart} {reader.RangeTotal} {Convert.ToHexString([.. body.Bytes])}";
        return (result, taken);
    }

    private sealed class BodyRecorder : IHttpBody
    {
        public List<byte> Bytes { get; } = [];

        public void OnHead(HttpResponseReader response)
        {
        }

        public void OnBody(ReadOnlySpan<byte> data) => Bytes.AddRange(data.ToArray());
    }
}
