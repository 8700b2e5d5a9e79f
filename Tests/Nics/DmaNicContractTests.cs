using NetBoot.NicDrivers;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

/// <summary>What every driver of a NIC keeps to that reads and writes memory by itself.</summary>
public abstract class DmaNicContractTests<TCard> : PciNicContractTests<TCard> where TCard : SimulatedNic
{
    private int _memoryKept;

    /// <summary>Whether the device knows addresses of 64 bits.</summary>
    protected abstract bool ReachesAllMemory { get; }

    /// <inheritdoc/>
    protected override int MemoryKept => _memoryKept;

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

    [Fact]
    public void Dispose_WhenBusMasteringCannotBeTurnedOff_KeepsTheMemory()
    {
        Nic nic = Start();
        Card.AttributesStatus = EFI_STATUS.EFI_DEVICE_ERROR;
        nic.Dispose();
        Nic = null;
        Assert.Equal(1, Card.AllocationCount);
        _memoryKept = 1;
        Card.Attributes = 0;
    }

    /// <summary>It is off when the memory goes, which a card that does not come out of its reset would go on to write.</summary>
    [Fact]
    public void Dispose_OfACardThatWasABusMasterBefore_LeavesThatOff()
    {
        Card.Attributes = EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER;
        Nic nic = Start();
        Card.NeverResets = true;
        nic.Dispose();
        Nic = null;
        Assert.Equal(0UL, Card.Attributes);
    }
}
