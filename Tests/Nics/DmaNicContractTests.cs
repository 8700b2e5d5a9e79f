using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>What every driver of a NIC keeps to that reads and writes memory by itself.</summary>
public abstract class DmaNicContractTests<TCard> : NicContractTests<TCard> where TCard : SimulatedNic
{
    /// <summary>Whether the device knows addresses of 64 bits.</summary>
    protected abstract bool ReachesAllMemory { get; }

    [Fact]
    public void Create_WhenMemoryIsShort_Fails()
    {
        Card.AllocationsLeft = 0;
        AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
    }

    [Fact]
    public void Create_WithMemoryThatCannotBeMapped_FailsAndGivesItBack()
    {
        Card.MapStatus = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
        Assert.Equal(0, Card.AllocationCount);
    }

    [Fact]
    public void Create_AsksForMemoryThatTheCardReaches()
    {
        Create();
        Assert.Equal(ReachesAllMemory, (Card.Attributes & EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE) != 0);
        Assert.Equal(1, Card.AllocationCount);
        Assert.Equal(1, Card.MappingCount);
    }

    [Fact]
    public void Create_WithMemoryBeyond32Bits_WorksOnlyWhereTheCardReachesIt()
    {
        Card.MapsHigh = true;
        if (ReachesAllMemory)
        {
            AssertWorks(Start(), 1);
        }
        else
        {
            AssertCreateFails(EFI_STATUS.EFI_OUT_OF_RESOURCES);
            Assert.Equal(0, Card.AllocationCount);
        }
    }
}
