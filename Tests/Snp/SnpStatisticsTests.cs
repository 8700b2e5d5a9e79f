using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Snp;

/// <summary>The counters.</summary>
[Collection("Firmware")]
public sealed unsafe class SnpStatisticsTests : SnpTest
{
    [Fact]
    public void Statistics_CountFramesByKindAndBytes()
    {
        ToInitialized(Promiscuous);
        Arrive(SnpClient.Frame(FakeNic.Permanent, 60), SnpClient.Frame(MacAddress.Broadcast, 61), SnpClient.Frame(Group, 62));
        Assert.Equal(3, ReceiveAll().Count);
        Nic.CountError();
        foreach (MacAddress to in new[] { Other, Other, MacAddress.Broadcast, Group })
        {
            Assert.Equal(Success, Client.Transmit(SnpClient.Frame(to, 100), out _));
        }

        EFI_NETWORK_STATISTICS statistics = Client.Statistics();
        Assert.Equal(4ul, statistics.RxTotalFrames);
        Assert.Equal(3ul, statistics.RxGoodFrames);
        Assert.Equal(1ul, statistics.RxDroppedFrames);
        Assert.Equal(1ul, statistics.RxUnicastFrames);
        Assert.Equal(1ul, statistics.RxBroadcastFrames);
        Assert.Equal(1ul, statistics.RxMulticastFrames);
        Assert.Equal(183ul, statistics.RxTotalBytes);
        Assert.Equal(4ul, statistics.TxTotalFrames);
        Assert.Equal(4ul, statistics.TxGoodFrames);
        Assert.Equal(2ul, statistics.TxUnicastFrames);
        Assert.Equal(1ul, statistics.TxBroadcastFrames);
        Assert.Equal(1ul, statistics.TxMulticastFrames);
        Assert.Equal(400ul, statistics.TxTotalBytes);
        Assert.Equal(ulong.MaxValue, statistics.Collisions);
    }

    [Fact]
    public void Statistics_Reset_ZeroesTheCountsAndLeavesTheTableAlone()
    {
        ToInitialized();
        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out _));
        Nic.CountError();
        EFI_NETWORK_STATISTICS table = default;
        nuint size = 16;
        Assert.Equal(Success, Snp->Statistics(Snp, 1, &size, &table));
        Assert.Equal((nuint)16, size);
        Assert.Equal(0ul, table.TxTotalFrames);
        EFI_NETWORK_STATISTICS statistics = Client.Statistics();
        Assert.Equal(0ul, statistics.TxTotalFrames);
        Assert.Equal(0ul, statistics.RxDroppedFrames);
        Assert.Equal(ulong.MaxValue, statistics.TxRetryFrames);

        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(Success, Snp->Statistics(Snp, 1, null, null));
        Assert.Equal(0ul, Client.Statistics().TxTotalFrames);
    }

    [Fact]
    public void Statistics_WithShortBuffer_FillsWhatFitsAndTellsTheSize()
    {
        ToInitialized(Promiscuous);
        Arrive(SnpClient.Frame(Other));
        ReceiveAll();
        EFI_NETWORK_STATISTICS table = default;
        nuint size = 16;
        Assert.Equal(BufferTooSmall, Snp->Statistics(Snp, 0, &size, &table));
        Assert.Equal((nuint)sizeof(EFI_NETWORK_STATISTICS), size);
        Assert.Equal(1ul, table.RxTotalFrames);
        Assert.Equal(1ul, table.RxGoodFrames);
        Assert.Equal(0ul, table.RxUndersizeFrames);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(16)]
    [InlineData(1024)]
    public void Statistics_WithoutATable_TellsTheSize(int room)
    {
        ToInitialized();
        nuint size = (nuint)room;
        Assert.Equal(BufferTooSmall, Snp->Statistics(Snp, 0, &size, null));
        Assert.Equal((nuint)sizeof(EFI_NETWORK_STATISTICS), size);
    }

    [Fact]
    public void Statistics_WithNothingToDo_Succeeds()
    {
        ToInitialized();
        Assert.Equal(Success, Client.Transmit(SnpClient.Frame(Other), out _));
        Assert.Equal(Success, Snp->Statistics(Snp, 0, null, null));
        Assert.Equal(1ul, Client.Statistics().TxTotalFrames);
    }

    [Fact]
    public void Statistics_WithLargerBuffer_TellsTheSizeUsed()
    {
        ToInitialized();
        EFI_NETWORK_STATISTICS* table = stackalloc EFI_NETWORK_STATISTICS[2];
        nuint size = (nuint)sizeof(EFI_NETWORK_STATISTICS) + 8;
        Assert.Equal(Success, Snp->Statistics(Snp, 0, &size, table));
        Assert.Equal((nuint)sizeof(EFI_NETWORK_STATISTICS), size);
    }

    [Fact]
    public void Statistics_WithATableOfNoSize_IsInvalid()
    {
        ToInitialized();
        EFI_NETWORK_STATISTICS table;
        Assert.Equal(InvalidParameter, Snp->Statistics(Snp, 0, null, &table));
        Assert.Equal(InvalidParameter, Snp->Statistics(Snp, 1, null, &table));
    }
}
