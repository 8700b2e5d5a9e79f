using System;
using System.Linq;
using NetBoot.NetworkStack;
using Xunit;

namespace NetBoot.Tests.Network;

public class RandomSourceTests
{
    /// <summary>RFC 8439, 2.3.2.</summary>
    [Fact]
    public void Block_GivesTheRfcsExample()
    {
        uint[] input =
        [
            0x61707865, 0x3320646e, 0x79622d32, 0x6b206574, 0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c,
            0x13121110, 0x17161514, 0x1b1a1918, 0x1f1e1d1c, 0x00000001, 0x09000000, 0x4a000000, 0x00000000,
        ];
        uint[] output = new uint[16];
        RandomSource.Block(input, output);
        Assert.Equal(
            [
                0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
                0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9, 0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
            ],
            output);
    }

    [Fact]
    public void Stirring_ChangesWhatFollows_AndSeedsDiffer()
    {
        RandomSource a = new(1);
        RandomSource b = new(1);
        Assert.Equal(a.Next32(), b.Next32());
        b.Stir([1]);
        Assert.NotEqual(a.Next32(), b.Next32());
        Assert.NotEqual(new RandomSource(1).Next32(), new RandomSource(2).Next32());
        RandomSource c = new(3);
        RandomSource d = new(3);
        c.Stir([0]);
        d.Stir([0, 0]);
        Assert.NotEqual(c.Next32(), d.Next32());
    }

    [Fact]
    public void Below_StaysBelow_AndReachesAll()
    {
        RandomSource random = new(9);
        int[] counts = new int[10];
        for (int i = 0; i < 10_000; i++)
        {
            counts[random.Below(10)]++;
        }

        Assert.All(counts, count => Assert.InRange(count, 800, 1200));
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => random.Next32()).Distinct().Count());
    }
}
