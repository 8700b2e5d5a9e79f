using Xunit;

namespace NetBoot.Tests;

/// <summary>The measure that other tests rely on.</summary>
public class AllocationsTests
{
    private object? _kept;

    [Fact]
    public void Of_CodeThatAllocatesEachTime_IsAllThatItAllocates() =>
        Assert.InRange(Allocations.Of(() => _kept = new byte[16], 10), 10 * 40, 10 * 64);

    [Fact]
    public void Of_CodeThatAllocatesInSomeRoundsOnly_IsNothing()
    {
        int round = 0;
        Assert.Equal(0, Allocations.Of(() => _kept = round++ < 5 ? new byte[16] : _kept));
        Assert.Equal(6, round);
        Assert.NotNull(_kept);
    }
}
