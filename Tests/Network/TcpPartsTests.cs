using System;
using System.Linq;
using NetBoot.NetworkStack.Sockets.Tcp;
using Xunit;

namespace NetBoot.Tests.Network;

/// <summary>Parts of TCP on their own.</summary>
public sealed class TcpPartsTests
{
    [Fact]
    public void RetransmissionTimer_FollowsRfc6298()
    {
        TcpRetransmissionTimer timer = new();
        Assert.Equal(1_000_000UL, timer.Timeout);
        timer.Sample(400_000);
        Assert.Equal(400_000UL + 4 * 200_000, timer.Timeout);
        timer.Sample(400_000);
        Assert.Equal(400_000UL + 4 * 150_000, timer.Timeout);
        timer.BackOff();
        Assert.Equal(2_000_000UL, timer.Timeout);
        for (int i = 0; i < 100; i++)
        {
            timer.Sample(100);
        }

        Assert.Equal(TcpRetransmissionTimer.Minimum, timer.Timeout);
        for (int i = 0; i < 20; i++)
        {
            timer.BackOff();
        }

        Assert.Equal(TcpRetransmissionTimer.Maximum, timer.Timeout);
    }

    [Fact]
    public void RangeList_AgreesWithASetOfNumbers()
    {
        Random random = new(11);
        for (int round = 0; round < 200; round++)
        {
            TcpRangeList list = new(16);
            System.Collections.Generic.SortedSet<uint> set = [];
            uint origin = unchecked((uint)-300); // Across the wrap.
            for (int step = 0; step < 60; step++)
            {
                uint start = (uint)random.Next(600);
                uint end = start + 1 + (uint)random.Next(40);
                if (list.TryAdd(origin + start, origin + end))
                {
                    set.UnionWith(Enumerable.Range((int)start, (int)(end - start)).Select(i => (uint)i));
                    Assert.True(list.TryFind(origin + start, out TcpRange first));
                    Assert.Equal(list[0].Start, first.Start);
                }

                if (random.Next(10) == 0)
                {
                    uint before = (uint)random.Next(200);
                    list.RemoveBefore(origin + before);
                    set.RemoveWhere(i => i < before);
                }

                Assert.Equal((uint)set.Count, list.Size);
                uint probe = (uint)random.Next(640);
                Assert.Equal(set.Contains(probe), list.TryFind(origin + probe, out _));
                bool hasHole = list.TryFindHole(origin + probe, out TcpRange hole);
                uint first0 = probe;
                while (set.Contains(first0))
                {
                    first0++;
                }

                Assert.Equal(set.Any(i => i > first0), hasHole);
                if (hasHole)
                {
                    Assert.Equal((first0, set.First(i => i > first0)), (hole.Start - origin, hole.End - origin));
                }
            }
        }
    }
}
