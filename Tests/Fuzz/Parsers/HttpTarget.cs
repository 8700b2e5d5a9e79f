using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>Responses one behind the other, read whole, and in pieces of as many bytes as the first byte says: both must come to the same.</summary>
internal sealed class HttpTarget : FuzzTarget
{
    private readonly HttpResponseReader _reader = new();

    public override string Name => "http";

    public override string Subject => "HTTP responses: status, fields, chunks, cut anywhere";

    public override IEnumerable<string> Words =>
    [
        "HTTP/1.1 200 OK\r\n", "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Connection: ", "Location: ", "Content-Range: bytes ", "ETag: \"", "Last-Modified: ",
        "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\", qop=\"auth\"\r\n", "algorithm=", "stale=true", "\\\"",
        "\r\n\r\n", "\n\n", "206", "304", "close", "keep-alive", "0\r\n\r\n",
    ];

    public override IEnumerable<byte[]> Seeds =>
    [
        [3, .. "HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 5\r\nETag: \"ab\"\r\nLast-Modified: Sat, 01 Jan 2022 00:00:00 GMT\r\n\r\nhello"u8],
        [7, .. "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\n"u8],
        [1, .. "HTTP/1.0 206 Partial Content\nContent-Range: bytes 5-9/10\nConnection: keep-alive, x\n\nhello"u8],
        [9, .. "HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/a?b\r\nContent-Length: 0\r\nConnection: close\r\n\r\nHTTP/1.1 304 Not Modified\r\n\r\n"u8],
        [4, .. "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"x\"\r\nWWW-Authenticate: Digest realm=\"a\\\"b\", nonce=c, qop=\"auth,auth-int\", algorithm=MD5-sess\r\nContent-Length: 0\r\n\r\n"u8],
        [2, .. "HTTP/1.1 200\r\nContent-Length: 1, 1\r\nTransfer-Encoding: identity\r\n folded\r\n\r\nx"u8],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        int piece = input[0] + 1;
        string whole = Read(input[1..], int.MaxValue);
        string parts = Read(input[1..], piece);
        FuzzFinding.Unless(whole == parts, $"whole: {whole}\nin pieces of {piece}: {parts}");
    }

    private string Read(ReadOnlySpan<byte> input, int piece)
    {
        Body body = new();
        string result = "";
        bool goesOn = true;
        while (goesOn)
        {
            _reader.Reset(body);
            goesOn = false;
            while (!input.IsEmpty)
            {
                ReadOnlySpan<byte> part = input[..Math.Min(piece, input.Length)];
                int taken = _reader.Read(part);
                input = input[taken..];
                if (taken < part.Length)
                {
                    FuzzFinding.Unless(_reader.IsComplete || _reader.Failure is not null, "bytes are left of a response that goes on");
                    break;
                }
            }

            HttpChallenge challenge = new(_reader.Challenge);
            result += $"{challenge.IsDigest} {challenge.IsBasic} {Convert.ToHexString(challenge.Realm)} {Convert.ToHexString(challenge.Nonce)} " +
                $"{Convert.ToHexString(challenge.Opaque)} {Convert.ToHexString(challenge.Algorithm)} {challenge.IsStale} {challenge.HasAuthentication} ";
            goesOn = _reader.IsComplete && !_reader.IsUntouched && !input.IsEmpty;
            result += $"{_reader.Status} {_reader.ContentLength} {_reader.KeepsAlive} {_reader.RangeStart} {_reader.RangeTotal} {_reader.HasHead} " +
                $"{Convert.ToHexString(_reader.Location)} {Convert.ToHexString(_reader.Validator)} {Convert.ToHexString(_reader.Reason)} " +
                $"{_reader.IsComplete} {_reader.Failure} {body.Heads} {body.Length} {body.Sum}; ";
        }

        return result + _reader.ReadEnd();
    }

    private sealed class Body : IHttpBody
    {
        public int Heads { get; private set; }
        public int Length { get; private set; }
        public int Sum { get; private set; }

        public void OnHead(HttpResponseReader response) => Heads++;

        public void OnBody(ReadOnlySpan<byte> data)
        {
            Length += data.Length;
            foreach (byte each in data)
            {
                Sum = (Sum * 31) + each;
            }
        }
    }
}
