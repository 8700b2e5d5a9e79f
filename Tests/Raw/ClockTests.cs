using System;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop;
using Xunit;

namespace NetBoot.Tests.Raw;

/// <summary>Time by the processor's counter.</summary>
[Collection("Firmware")]
public sealed class ClockTests : IDisposable
{
    private readonly ulong _frequency = Machine.Frequency;

    public ClockTests() => DeviceFirmware.Start();

    public void Dispose()
    {
        Machine.Frequency = _frequency;
        Machine.Counter = null;
    }

    [Fact]
    public void Calibrate_WhereTheProcessorSaysHowFastItIs_TakesNoTime()
    {
        Machine.Frequency = 62_500_000;
        Machine.Counter = () => DeviceFirmware.Waited * 125 / 2;
        Clock clock = Clock.Calibrate();
        Assert.Equal(0ul, DeviceFirmware.Waited);
        ExpectRight(clock);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(19)]
    [InlineData(3_000)]
    public void Calibrate_WhereItDoesNot_Measures(uint ticksPerMicrosecond)
    {
        Machine.Frequency = 0;
        Machine.Counter = () => (DeviceFirmware.Waited * ticksPerMicrosecond) + 77;
        Clock clock = Clock.Calibrate();
        Assert.InRange(DeviceFirmware.Waited, 1_000ul, 5_000ul);
        ExpectRight(clock);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Calibrate_WhileTheProcessorIsTakenAway_IsRightAllTheSame(int when)
    {
        ulong away = 0;
        int waits = 0;
        Machine.Frequency = 0;
        Machine.Counter = () => (DeviceFirmware.Waited + away) * 100;
        DeviceFirmware.Surroundings = () => away += waits++ == when ? 50_000ul : 0;
        ExpectRight(Clock.Calibrate());
    }

    [Fact]
    public void Now_AfterTwentyYears_IsStillRight()
    {
        Machine.Frequency = 5_000_000_000;
        Machine.Counter = static () => 20ul * 365 * 86_400 * Machine.Frequency;
        Assert.Equal(20ul * 365 * 86_400 * 1_000_000, Clock.Calibrate().Now);
    }

    [Fact]
    public void Now_OfACounterThatStandsStill_StandsStill()
    {
        Machine.Frequency = 0;
        Machine.Counter = static () => 5;
        Clock clock = Clock.Calibrate();
        ulong before = clock.Now;
        Firmware.Stall(10_000);
        Assert.Equal(before, clock.Now);
    }

    private static void ExpectRight(Clock clock)
    {
        ulong before = clock.Now;
        Firmware.Stall(1_234_568);
        Assert.Equal(1_234_568ul, clock.Now - before);
    }
}
