using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>
/// Records of a handshake, and the messages in them, read whole, and in pieces of as many bytes as the first byte says: both must come to the same.
/// </summary>
internal sealed class TlsTarget : FuzzTarget
{
    public override string Name => "tls";

    public override string Subject => "TLS records and the handshake's messages in clear, cut anywhere";

    public override IEnumerable<string> Words => ["\u0016\u0003\u0003\0", "\u0015\u0003\u0003\0\u0002\u0002", "\u0017\u0003\u0003", "\u0014\u0003\u0003\0\u0001\u0001", "\u0002\0\0", "\u000B\0\0", "\0\u002B\0\u0002\u0003\u0004"];

    public override IEnumerable<byte[]> Seeds =>
    [
        [3, .. Record(22, [2, 0, 0, 46, 3, 3, .. new byte[32], 0, 0xC0, 0x30, 0, 0, 6, 0, 43, 0, 2, 3, 4])],
        [7, .. Record(22, [2, 0, 0, 38, 3, 3, .. new byte[32], 0, 0, 0x2F, 0, 11, 0, 0, 6]), .. Record(22, [0, 0, 3, 0, 0, 0, 14, 0, 0, 0])],
        [1, .. Record(22, [12, 0, 0, 5, 1, 2]), .. Record(22, [3, 4, 5, 13, 0, 0, 0]), .. Record(20, [1]), .. Record(21, [2, 40])],
        [9, .. Record(23, []), .. Record(23, new byte[40]), 22, 3, 3, 0x48, 1],
        [2, .. Record(22, [1, 0, 0, 51, 3, 3, .. new byte[32], 0, 0, 2, 0, 0x2F, 1, 0, 0, 8, 0, 0, 0, 0, 0, 10, 0, 0])],
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

    private static byte[] Record(byte type, byte[] content) => [type, 3, 3, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    private static string Read(ReadOnlySpan<byte> input, int piece)
    {
        TlsRecordReader records = new();
        TlsHandshakeReader handshake = new();
        string result = "";
        while (!input.IsEmpty && records.Failure is null)
        {
            ReadOnlySpan<byte> part = input[..Math.Min(piece, input.Length)];
            input = input[part.Length..];
            while (records.TryRead(ref part, out Span<byte> record))
            {
                FuzzFinding.Unless(record.Length == TlsRecord.HeaderSize + TlsRecord.Length(record), "a record is not as long as it says");
                result += $"record {Convert.ToHexString(record)}; ";
                ReadOnlySpan<byte> content = record[TlsRecord.HeaderSize..];
                while (record[0] == TlsRecord.Handshake && handshake.TryRead(ref content, out byte type, out ReadOnlySpan<byte> body))
                {
                    bool isHello = TlsHello.TryParse(body, type == 1, out TlsHello hello);
                    string kept = type is TlsHandshakeReader.ServerHello or TlsHandshakeReader.Certificate ? Convert.ToHexString(body) : "";
                    result += $"message {type} {kept} {(kept.Length > 0 ? $"{isHello} {hello.Version} {hello.Cipher} {hello.Has(0)} {hello.Has(10)}" : "")}; ";
                }

                FuzzFinding.Unless(content.IsEmpty || handshake.HasFailed || record[0] != TlsRecord.Handshake, "a record's end was not read");
            }

            FuzzFinding.Unless(part.IsEmpty || records.Failure is not null, "bytes are left");
        }

        return $"{result}{records.Failure} {records.IsEmpty} {handshake.HasFailed} {TlsAlert.Describe((byte)result.Length)}";
    }
}
