using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed class TftpTarget : FuzzTarget
{
    private const int BlockSize = 1428;
    private const int Window = 16;

    private int _sum;

    public override string Name => "tftp";

    public override string Subject => "TFTP packets: errors, numbers, option acknowledgements";

    public override int MaximumSize => 600;

    public override IEnumerable<byte[]> Seeds =>
    [
        [0, 3, 0, 1, 1, 2, 3], [0, 5, 0, 1, .. "File not found\0"u8], [0, 5, 0, 0], [0, 6], [0, 6, .. "tsize\0"u8, .. "123456\0"u8, .. "blksize\0"u8, .. "1428\0"u8],
        [0, 6, .. "windowsize\0"u8, .. "16\0"u8, .. "BLKSIZE\0"u8, .. "8\0"u8, .. "other\0"u8, .. "x\0"u8],
    ];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        switch (TftpPacket.Operation(input))
        {
            case TftpPacket.OptionAcknowledgement:
                bool isGood = TftpNegotiatedOptions.TryRead(input, BlockSize, Window, out TftpNegotiatedOptions options, out ReadOnlySpan<byte> wrong);
                FuzzFinding.Unless(
                    !isGood || (options.BlockSize is >= TftpNegotiatedOptions.MinimumBlockSize and <= BlockSize && options.Window is >= 1 and <= Window),
                    $"blocks of {options.BlockSize} in windows of {options.Window}");
                _sum += wrong.Length;
                break;
            case TftpPacket.Error:
                _sum += TftpPacket.Number(input) + TftpPacket.ErrorText(input).Length;
                break;
            case 0:
                break;
            default:
                _sum += TftpPacket.Number(input);
                break;
        }
    }
}
