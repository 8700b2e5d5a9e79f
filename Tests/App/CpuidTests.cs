using System;
using NetBoot.BusDrivers;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>cpuid on a processor that has leaves 0 and 1, and extended ones or not.</summary>
[Collection("Firmware")]
public sealed class CpuidTests : IDisposable
{
    public void Dispose() => Processor.Host = null;

    [Theory]
    [InlineData("cpuid 4", true, true)]
    [InlineData("cpuid 5", true, false)]
    [InlineData("cpuid --ecx 31", true, true)]
    [InlineData("cpuid --ext 29", true, true)]
    [InlineData("cpuid --ext 29", false, false)]
    [InlineData("cpuid --amd --ecx 29", true, false)]
    [InlineData("cpuid 32", true, false)]
    [InlineData("cpuid 36", true, false)]
    public void Cpuid_TellsOfABit(string command, bool hasExtended, bool expected)
    {
        Processor.Host = new Answers(hasExtended);

        Assert.Equal(expected ? "yes\n" : "no\n", TestSession.OutputOf($"{command} && echo yes || echo no"));
    }

    [Theory]
    [InlineData("cpuid 29", "the processor does not have feature 29")]
    [InlineData("cpuid x", "not a number: x")]
    public void Cpuid_ThatFails_SaysWhy(string command, string expected) =>
        Assert.Equal($"boot.ipxe:2: cpuid: {expected}\n", TestSession.OutputOf(command));

    private sealed class Answers(bool hasExtended) : IProcessor
    {
        public void Cpuid(uint leaf, uint subleaf, Span<uint> result)
        {
            (result[0], result[2], result[3]) = leaf switch
            {
                0 => (1U, 0U, 0U),
                1 => (0U, 1U << 31, 1U << 4),
                0x80000000 => (hasExtended ? 0x80000001U : 0U, 0U, 0U),
                0x80000001 => (0U, 0U, 1U << 29),
                _ => (0U, 0U, 0U),
            };
        }

        public ulong ReadMsr(uint register) => 0;

        public void WriteMsr(uint register, ulong value)
        {
        }

        public unsafe ulong HyperVCall(void* page, ulong control, ulong input, ulong output) => 0;
    }
}
