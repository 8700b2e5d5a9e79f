using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

internal sealed class NtpTarget : FuzzTarget
{
    private const ulong Number = 0x0102030405060708;

    public override string Name => "ntp";

    public override string Subject => "NTP answers: times, refusals";

    public override int MaximumSize => 60;

    public override IEnumerable<byte[]> Seeds => [Answer(0x24, 2, 0xEA000000), Answer(0x24, 1, 5), Answer(0xE4, 2, 0xEA000000), Answer(0x24, 0, 0)];

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        NtpVerdict verdict = NtpPacket.Read(input, Number, out long time, out ReadOnlySpan<byte> code);
        FuzzFinding.Unless(verdict == NtpVerdict.Time ? time is >= -(1L << 31) and < (1L << 32) + (1L << 31) : time == 0, $"the time is {time}");
        FuzzFinding.Unless(code.Length == (verdict == NtpVerdict.KissOfDeath ? 4 : 0), "a code of no refusal");
    }

    private static byte[] Answer(byte first, byte stratum, uint seconds) =>
    [
        first, stratum, .. new byte[10], .. "RATE"u8, .. new byte[8], 1, 2, 3, 4, 5, 6, 7, 8, .. new byte[8],
        (byte)(seconds >> 24), (byte)(seconds >> 16), (byte)(seconds >> 8), (byte)seconds, 0, 0, 0, 0,
    ];
}
