using System;
using System.Collections.Generic;
using NetBoot.NetworkStack.Wire;

namespace NetBoot.Tests.Fuzz.Parsers;

/// <summary>An answer to the question for "a.example".</summary>
internal sealed class DnsTarget : FuzzTarget
{
    private const ushort Id = 0x1234;

    private static ReadOnlySpan<byte> Question => [1, (byte)'a', 7, (byte)'e', (byte)'x', (byte)'a', (byte)'m', (byte)'p', (byte)'l', (byte)'e', 0];

    public override string Name => "dns";

    public override string Subject => "DNS answers: names with pointers, aliases, records";

    public override IEnumerable<byte[]> Seeds
    {
        get
        {
            byte[] head = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0, .. Question, 0, 1, 0, 1];
            yield return [.. head, 0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 7];
            yield return [.. head, 0xC0, 12, 0, 5, 0, 1, 0, 0, 1, 0, 0, 4, 1, (byte)'B', 0xC0, 14, 1, (byte)'b', 0xC0, 14, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, 8];
            yield return [.. head, 0xC0, 12, 0, 5, 0, 1, 0, 0, 1, 0, 0, 2, 0xC0, 12];
            yield return [0x12, 0x34, 0x83, 0x83, 0, 1, 0, 0, 0, 0, 0, 0, .. Question, 0, 1, 0, 1];
        }
    }

    protected override void Execute(ReadOnlySpan<byte> input)
    {
        Span<IPAddress> addresses = stackalloc IPAddress[4];
        Span<byte> alias = stackalloc byte[DnsName.MaximumSize];
        DnsVerdict verdict = DnsMessage.ReadAnswer(input, Id, Question, DnsMessage.TypeA, addresses, out int count, out _, alias, out int length);
        FuzzFinding.Unless((verdict == DnsVerdict.Found) == (count > 0), "found without an address, or an address without having found it");
        if (verdict == DnsVerdict.Alias)
        {
            // What is to be asked for next is a whole name.
            int at = 0;
            Span<byte> again = stackalloc byte[DnsName.MaximumSize];
            FuzzFinding.Unless(DnsName.Read(alias[..length], ref at, again) == length && at == length, "the alias is no name");
        }
    }
}
