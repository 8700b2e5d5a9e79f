using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.ModelTests.UefiFirmware;

[Collection("Firmware")]
public sealed unsafe class MemoryTests
{
    [Fact]
    public void Pool_IsCountedUntilItIsFreed()
    {
        using SimulatedFirmware firmware = new();
        void* memory = Pool.Allocate(100);
        Assert.Equal(1, firmware.AllocatedPools);
        Assert.Equal(100ul, firmware.AllocatedPoolBytes);
        Assert.Contains("100 bytes", Assert.Single(firmware.Leaks));
        Pool.Free(memory);
        Assert.Equal(0, firmware.AllocatedPools);
        Assert.Empty(firmware.Leaks);
    }

    [Fact]
    public void Pool_IsAlignedToEightBytesAndNoMore()
    {
        using SimulatedFirmware firmware = new();
        Assert.Equal(8ul, (ulong)Pool.Allocate(100) % 16);
    }

    [Fact]
    public void FreePool_OfWhatIsFree_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        void* memory = Pool.Allocate(100);
        Pool.Free(memory);
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, firmware.BootServices->FreePool(memory));
        Assert.Contains("free already", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void FreePool_OfForeignMemory_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        Assert.Equal(EFI_STATUS.EFI_INVALID_PARAMETER, firmware.BootServices->FreePool(firmware.SystemTable));
        Assert.Contains("not from the pool", Assert.Single(firmware.TakeViolations()));
    }

    [Theory]
    [InlineData(-1, "before")]
    [InlineData(100, "behind")]
    public void Pool_WrittenOutside_IsAViolationWhenItIsFreed(int offset, string where)
    {
        using SimulatedFirmware firmware = new();
        byte* memory = (byte*)Pool.Allocate(100);
        memory[offset] = 1;
        Pool.Free(memory);
        Assert.Contains(where, Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void Pool_WrittenAfterItWasFreed_IsAViolationAtTheEnd()
    {
        SimulatedFirmware firmware = new();
        byte* memory = (byte*)Pool.Allocate(100);
        Pool.Free(memory);
        memory[50] = 1;
        Assert.Contains("after they were freed", Assert.Throws<System.InvalidOperationException>(firmware.Dispose).Message);
    }

    [Fact]
    public void Allocations_FailWhenTheTestSaysSo()
    {
        using SimulatedFirmware firmware = new();
        firmware.AllocationsLeft = 1;
        Assert.True(Pool.Allocate(1) != null);
        Assert.True(Pool.Allocate(1) == null);
        Assert.Null(Pages.Allocate(1));
    }

    [Fact]
    public void Pages_AreAlignedCountedAndGivenBack()
    {
        using SimulatedFirmware firmware = new();
        ulong free = firmware.FreePages;
        using (Pages pages = Pages.Allocate(10_000)!)
        {
            Assert.Equal(0ul, (ulong)pages.Address % 4096);
            Assert.Equal(3ul, firmware.AllocatedPages);
            Assert.Equal(free - 3, firmware.FreePages);
        }

        Assert.Equal(free, firmware.FreePages);
    }

    [Fact]
    public void AllocatePages_BelowAnAddress_StaysBelow()
    {
        using SimulatedFirmware firmware = new();
        ulong high;
        Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAnyPages, 1, &high);
        ulong limit = high - 0x10_0001;
        ulong low = limit;
        Assert.True(Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateMaxAddress, 2, &low).IsSuccess);
        Assert.Equal(high - 0x10_0000 - 0x2000, low);
        low = 0xFFFF;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateMaxAddress, 1, &low));
    }

    [Fact]
    public void AllocatePages_AtAnAddress_GivesThatOrNothing()
    {
        using SimulatedFirmware firmware = new();
        ulong any;
        Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAnyPages, 1, &any);
        ulong address = any - 0x8000;
        Assert.True(Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAddress, 2, &address).IsSuccess);
        Assert.Equal(any - 0x8000, address);
        address += 0x1000;
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAddress, 1, &address));
    }

    [Fact]
    public void FreePages_OfAPart_LeavesTheRest()
    {
        using SimulatedFirmware firmware = new();
        ulong address;
        Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAnyPages, 5, &address);
        Assert.True(firmware.BootServices->FreePages(address + 0x1000, 2).IsSuccess);
        Assert.Equal(3ul, firmware.AllocatedPages);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, firmware.BootServices->FreePages(address + 0x1000, 1));
        Assert.Contains("not allocated", Assert.Single(firmware.TakeViolations()));
        Assert.True(firmware.BootServices->FreePages(address, 1).IsSuccess);
        Assert.True(firmware.BootServices->FreePages(address + 0x3000, 2).IsSuccess);
        Assert.Equal(0ul, firmware.AllocatedPages);
    }

    [Fact]
    public void AllocatePages_TakesAllThereIs_AndFindsTheHoles()
    {
        using SimulatedFirmware firmware = new(memory: 16 * 4096);
        ulong all;
        Assert.True(Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAnyPages, 16, &all).IsSuccess);
        ulong more;
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAnyPages, 1, &more));
        firmware.BootServices->FreePages(all + 0x3000, 2);
        firmware.BootServices->FreePages(all + 0x8000, 1);
        Assert.True(Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAnyPages, 2, &more).IsSuccess);
        Assert.Equal(all + 0x3000, more);
        Assert.True(Allocate(firmware, EFI_ALLOCATE_TYPE.AllocateAnyPages, 1, &more).IsSuccess);
        Assert.Equal(all + 0x8000, more);
    }

    [Fact]
    public void Page_WrittenAfterItWasFreed_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        Pages pages = Pages.Allocate(1)!;
        byte* address = pages.Address;
        pages.Dispose();
        address[7] = 1;
        Pages.Allocate(1);
        Assert.Contains("after it was freed", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void GetMemoryMap_DescribesAllMemoryWithItsOwnStride()
    {
        using SimulatedFirmware firmware = new(memory: 1 << 20);
        using Pages pages = Pages.Allocate(8192, EFI_MEMORY_TYPE.EfiLoaderData)!;
        byte* map = stackalloc byte[1024];
        nuint size = 1024;
        nuint key;
        nuint stride;
        uint version;
        Assert.True(firmware.BootServices->GetMemoryMap(&size, (EFI_MEMORY_DESCRIPTOR*)map, &key, &stride, &version).IsSuccess);
        Assert.True(stride > (nuint)sizeof(EFI_MEMORY_DESCRIPTOR));
        ulong free = 0;
        ulong loaded = 0;
        for (nuint at = 0; at < size; at += stride)
        {
            EFI_MEMORY_DESCRIPTOR* each = (EFI_MEMORY_DESCRIPTOR*)(map + at);
            free += each->Type == EFI_MEMORY_TYPE.EfiConventionalMemory ? each->NumberOfPages : 0;
            loaded += each->Type == EFI_MEMORY_TYPE.EfiLoaderData ? each->NumberOfPages : 0;
        }

        Assert.Equal(254ul, free);
        Assert.Equal(2ul, loaded);
    }

    [Fact]
    public void GetMemoryMap_WithAShortBuffer_SaysWhatItNeeds()
    {
        using SimulatedFirmware firmware = new();
        nuint size = 1;
        Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, firmware.BootServices->GetMemoryMap(&size, null, null, null, null));
        Assert.True(size > 1);
    }

    private static EFI_STATUS Allocate(SimulatedFirmware firmware, EFI_ALLOCATE_TYPE how, nuint count, ulong* address) =>
        firmware.BootServices->AllocatePages(how, EFI_MEMORY_TYPE.EfiBootServicesData, count, address);
}
