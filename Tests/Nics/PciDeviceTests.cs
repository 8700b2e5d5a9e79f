using System;
using System.Collections.Generic;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.Nics;

[Collection("Firmware")]
public sealed unsafe class PciDeviceTests : IDisposable
{
    private readonly Card _card = new();
    private readonly PciDevice _device;

    public PciDeviceTests()
    {
        DeviceFirmware.Start();
        _card.Attributes = EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY;
        _device = new PciDevice(_card.Protocol);
    }

    public void Dispose()
    {
        Assert.Empty(_card.Faults);
        Assert.Equal(0, _card.AllocationCount);
        Assert.Equal(0, _card.MappingCount);
        Assert.Equal(0, DeviceFirmware.PoolCount);
        _card.Dispose();
    }

    [Fact]
    public void Identifiers_AreReadOnce()
    {
        Assert.Equal(0x1234, _device.VendorId);
        Assert.Equal(0x5678, _device.DeviceId);
    }

    [Fact]
    public void Dma_IsZeroedAndReachedByTheDevicesAddress()
    {
        using DmaBuffer? buffer = _device.AllocateDma(5000, out EFI_STATUS status);
        Assert.True(status.IsSuccess);
        Assert.Equal((nuint)8192, buffer!.Size);
        Assert.NotEqual((ulong)buffer.Host, buffer.DeviceAddress);
        Assert.Equal(-1, new Span<byte>(buffer.Host, 8192).IndexOfAnyExcept((byte)0));
        buffer.Host[4999] = 7;
        Assert.Equal(7, _card.Dma(buffer.DeviceAddress + 4999, 1)[0]);
    }

    [Fact]
    public void Dma_WhenMemoryIsShort_SaysSo()
    {
        _card.AllocationsLeft = 0;
        Assert.Null(_device.AllocateDma(4096, out EFI_STATUS status));
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
    }

    [Fact]
    public void Dma_WhenItCannotBeMapped_GivesTheMemoryBack()
    {
        _card.MapStatus = EFI_STATUS.EFI_DEVICE_ERROR;
        Assert.Null(_device.AllocateDma(4096, out EFI_STATUS status));
        Assert.Equal(EFI_STATUS.EFI_DEVICE_ERROR, status);
    }

    [Fact]
    public void Dma_WhenLessIsMapped_GivesAllBack()
    {
        _card.MapsLess = true;
        Assert.Null(_device.AllocateDma(8192, out EFI_STATUS status));
        Assert.Equal(EFI_STATUS.EFI_OUT_OF_RESOURCES, status);
    }

    [Fact]
    public void Attributes_AreRestoredExactly()
    {
        const ulong BusMaster = EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER;
        _card.Attributes = EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO;
        Assert.True(_device.EnableAttributes(BusMaster).IsSuccess);
        Assert.True(_device.EnableAttributes(EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY).IsSuccess);
        Assert.NotEqual(0UL, _card.Attributes & BusMaster);
        _device.RestoreAttributes();
        Assert.Equal(EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO, _card.Attributes);
    }

    [Fact]
    public void Attributes_ThatThePlatformLacks_AreLeftOut()
    {
        _card.SupportedAttributes = EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY;
        _card.Attributes = 0;
        ulong wanted = EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;
        Assert.True(_device.EnableAttributes(wanted).IsSuccess);
        Assert.Equal(EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY, _card.Attributes);
    }

    [Fact]
    public void RestoreAttributes_WhenNoneWereEnabled_TouchesNothing()
    {
        ulong before = _card.Attributes;
        _device.RestoreAttributes();
        Assert.Equal(before, _card.Attributes);
    }

    [Fact]
    public void Capabilities_AreListedInOrder()
    {
        _card.Add(0x80, 9);
        _card.Add(0x40, 0x11);
        Assert.Equal([(9, 0x80), (0x11, 0x40)], List());
    }

    [Fact]
    public void Capabilities_OfADeviceWithout_AreNone() => Assert.Empty(List());

    [Fact]
    public void Capabilities_ThatLoop_End()
    {
        _card.Add(0x40, 9);
        _card.Config[0x41] = 0x40;
        Assert.Equal(48, List().Count);
    }

    [Fact]
    public void Capabilities_ThatPointIntoTheHeader_End()
    {
        _card.Add(0x40, 9);
        _card.Config[0x41] = 0x10;
        Assert.Single(List());
    }

    [Fact]
    public void Capabilities_OfARemovedDevice_AreNone()
    {
        _card.Add(0x40, 9);
        _card.IsRemoved = true;
        Assert.Empty(List());
    }

    [Fact]
    public void Bar_IsReadAndWrittenInEachWidth()
    {
        PciRegion region = _device.OpenBar(1, 16, 64);
        region.Write8(0, 0x11);
        region.Write16(2, 0x2222);
        region.Write32(4, 0x33333333);
        region.Write64(8, 0x5555555544444444);
        Assert.Equal(
            [(1, 16u, 1, 0x11UL), (1, 18u, 2, 0x2222UL), (1, 20u, 4, 0x33333333UL), (1, 24u, 4, 0x44444444UL), (1, 28u, 4, 0x55555555UL)],
            _card.Writes);
        Assert.Equal(0xA0, region.Read8(0));
        Assert.Equal(0xA0A0, region.Read16(2));
        Assert.Equal(0xA0A0A0A0, region.Read32(4));
    }

    [Fact]
    public void Fifo_IsReadAndWrittenInOneCall()
    {
        PciRegion region = _device.OpenBar(0, 16, 16);
        region.WriteFifo16(2, [0x1111, 0x2222]);
        region.WriteFifo32(4, [0x33333333, 0x44444444]);
        region.WriteFifo32(13, [1]);
        region.WriteFifo32(4, []);
        Assert.Equal(
            [(0, 18u, 2, 0x1111UL), (0, 18u, 2, 0x2222UL), (0, 20u, 4, 0x33333333UL), (0, 20u, 4, 0x44444444UL)], _card.Writes);
        Assert.Equal(2, _card.RegisterWrites);
        ushort[] words = new ushort[3];
        region.ReadFifo16(0, words);
        Assert.Equal([0xA0A0, 0xA0A0, 0xA0A0], words);
        uint[] wide = new uint[2];
        region.ReadFifo32(0, wide);
        Assert.Equal([0xA0A0A0A0, 0xA0A0A0A0], wide);
        Assert.Equal(2, _card.RegisterReads);
        region.ReadFifo32(13, wide);
        Assert.Equal([uint.MaxValue, uint.MaxValue], wide);
        Assert.Equal(2, _card.RegisterReads);
    }

    [Fact]
    public void Bar_OfIoSpace_IsReachedByIo()
    {
        _device.OpenBar(0, 0, 16).Write8(3, 1);
        Assert.Equal([(0, 3u, 1, 1UL)], _card.Writes);
    }

    [Fact]
    public void Bar_ThatIsNotThere_IsInvalid()
    {
        Assert.False(_device.OpenBar(5, 0, 16).IsValid);
        Assert.False(_device.OpenBar(6, 0, 16).IsValid);
        Assert.False(_device.OpenBar(-1, 0, 16).IsValid);
        Assert.False(_device.OpenBar(255, 0, 16).IsValid);
    }

    [Theory]
    [InlineData(61u)]
    [InlineData(64u)]
    [InlineData(uint.MaxValue)]
    public void Bar_BeyondTheRegion_IsNotTouched(uint offset)
    {
        PciRegion region = _device.OpenBar(1, 0, 64);
        region.Write32(offset, 1);
        Assert.Empty(_card.Writes);
        Assert.Equal(uint.MaxValue, region.Read32(offset));
        Assert.Equal(0, _card.RegisterReads);
    }

    [Fact]
    public void Bar_BehindAWideOne_IsFoundWhereFirmwareCountsIt()
    {
        _card.SetMemoryBar(2, 0x1_8000_0000);
        _card.SetMemoryBar(4, 0x1_9000_0000);
        _card.BarOfIndex = [0, 1, 2, 4, -1, -1];
        _device.OpenBar(4, 0, 64).Write8(0, 1);
        Assert.Equal(4, Assert.Single(_card.Writes).Bar);
        _card.Writes.Clear();
        _card.BarOfIndex = [0, 1, 2, 3, 4, 5];
        _device.OpenBar(4, 0, 64).Write8(0, 1);
        Assert.Equal(4, Assert.Single(_card.Writes).Bar);
    }

    [Fact]
    public void Register_OfARemovedDevice_ReadsAllOnes()
    {
        PciRegion region = _device.OpenBar(1, 0, 64);
        _card.IsRemoved = true;
        Assert.Equal(uint.MaxValue, region.Read32(0));
        Assert.False(region.WaitFor32(0, 1, 0, 1_000_000));
        Assert.Equal(0UL, DeviceFirmware.Waited);
    }

    [Fact]
    public void WaitFor_EndsWhenTheTimeIsOver()
    {
        Assert.False(_device.OpenBar(1, 0, 64).WaitFor32(0, 1, 1, 1000));
        Assert.InRange(DeviceFirmware.Waited, 1000UL, 1010UL);
    }

    [Fact]
    public void WaitFor8_OfARemovedDevice_EndsAtOnce()
    {
        PciRegion region = _device.OpenBar(1, 0, 64);
        _card.IsRemoved = true;
        Assert.False(region.WaitFor8(0, 1, 1, 1_000_000));
        Assert.Equal(0UL, DeviceFirmware.Waited);
    }

    [Fact]
    public void WaitFor8_EndsWhenTheTimeIsOver()
    {
        PciRegion region = _device.OpenBar(1, 0, 64);
        Assert.True(region.WaitFor8(0, 0xF0, 0xA0, 1000));
        Assert.Equal(0UL, DeviceFirmware.Waited);
        Assert.False(region.WaitFor8(0, 1, 1, 1000));
        Assert.InRange(DeviceFirmware.Waited, 1000UL, 1010UL);
    }

    private List<(int Id, int Offset)> List()
    {
        List<(int, int)> list = [];
        foreach (PciCapability capability in _device.Capabilities)
        {
            list.Add((capability.Id, capability.Offset));
        }

        return list;
    }

    /// <summary>BAR 0 is I/O, BAR 1 is memory; every register reads as A0.</summary>
    private sealed class Card : SimulatedPciDevice
    {
        public Card() : base(0x1234, 0x5678)
        {
            SetBar(0, 0xC001);
            SetBar(1, 0x8000_0000);
        }

        public void Add(byte offset, byte id) => AddCapability(offset, id, default);

        public void SetMemoryBar(int bar, ulong address)
        {
            SetBar(bar, (uint)address | 4);
            SetBar(bar + 1, (uint)(address >> 32));
        }

        protected override ulong Read(int bar, uint offset, int width) => 0xA0A0_A0A0_A0A0_A0A0;

        protected override void Write(int bar, uint offset, int width, ulong value)
        {
        }
    }
}
