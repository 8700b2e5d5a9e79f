using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.Devices;

/// <summary>
/// A PCI function behind EFI_PCI_IO_PROTOCOL, and behind an IOMMU: device addresses are not the processor's, and what is not mapped
/// cannot be reached. A model derives from it and says what its registers do. What goes wrong inside is kept in <see cref="Faults"/>,
/// since nothing may be thrown over the caller's frames.
/// </summary>
public abstract unsafe class SimulatedPciDevice : IDisposable
{
    private const int PageSize = 4096;
    private const int HeaderSize = 0x40;
    private const ulong IommuOffset = 0x0000_0042_0000_0000;

    private readonly Interface* _interface;
    private readonly List<Allocation> _allocations = [];
    private readonly List<Mapping> _mappings = [];
    private GCHandle _self;
    private nint _nextMapping = 1;

    protected SimulatedPciDevice(ushort vendorId, ushort deviceId)
    {
        _self = GCHandle.Alloc(this);
        _interface = (Interface*)NativeMemory.AllocZeroed((nuint)sizeof(Interface));
        _interface->Self = GCHandle.ToIntPtr(_self);
        EFI_PCI_IO_PROTOCOL* io = &_interface->Protocol;
        io->Mem.Read = &MemRead;
        io->Mem.Write = &MemWrite;
        io->Io.Read = &IoRead;
        io->Io.Write = &IoWrite;
        io->Pci.Read = &ConfigRead;
        io->Pci.Write = &ConfigWrite;
        io->Map = &Map;
        io->Unmap = &Unmap;
        io->AllocateBuffer = &AllocateBuffer;
        io->FreeBuffer = &FreeBuffer;
        io->GetLocation = &GetLocation;
        io->Attributes = &AttributesOf;
        io->GetBarAttributes = &GetBarAttributes;
        SetConfig16(0, vendorId);
        SetConfig16(2, deviceId);
    }

    public EFI_PCI_IO_PROTOCOL* Protocol => &_interface->Protocol;

    /// <summary>Configuration space.</summary>
    public byte[] Config { get; } = new byte[256];

    /// <summary>
    /// A pulled card: what is read of its configuration space is ones, no write has an effect, and nothing is written to memory any more.
    /// </summary>
    public bool IsRemoved { get; set; }

    /// <summary>What is read of a pulled card's BARs: ones, or zeros as QEMU has it.</summary>
    public ulong RemovedValue { get; set; } = ulong.MaxValue;

    /// <summary>How many more accesses to BARs there are before the card is pulled.</summary>
    public int AccessesUntilRemoved { get; set; } = int.MaxValue;

    public ulong Attributes { get; set; }

    public ulong SupportedAttributes { get; set; } =
        EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY |
        EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER | EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE;

    /// <summary>What a change of the attributes answers instead of success.</summary>
    public EFI_STATUS AttributesStatus { get; set; }

    /// <summary>How many more AllocateBuffer calls succeed.</summary>
    public int AllocationsLeft { get; set; } = int.MaxValue;

    /// <summary>What a Map answers instead of success.</summary>
    public EFI_STATUS MapStatus { get; set; }

    /// <summary>Map says that it mapped less than was asked for.</summary>
    public bool MapsLess { get; set; }

    /// <summary>Map answers addresses of more than 32 bits to a device that did not ask for them.</summary>
    public bool MapsHigh { get; set; }

    /// <summary>The BAR in the header that each BarIndex of the protocol means; edk2 counts a 64-bit BAR once.</summary>
    public int[] BarOfIndex { get; set; } = [0, 1, 2, 3, 4, 5];

    /// <summary>What GetBarAttributes says of each BAR's length, in bytes.</summary>
    public ulong[] BarSizes { get; } = new ulong[6];

    /// <summary>Accesses to BARs (calls: a FIFO's many units are one) since the last time that somebody set it to 0.</summary>
    public int RegisterReads { get; set; }

    public int RegisterWrites { get; set; }

    /// <summary>Changes what a register read answers: BAR, offset, bytes, value.</summary>
    public Func<int, uint, int, ulong, ulong>? Tamper { get; set; }

    /// <summary>The register writes that reached the device, in order.</summary>
    public List<(int Bar, uint Offset, int Width, ulong Value)> Writes { get; } = [];

    public int AllocationCount => _allocations.Count;

    public int MappingCount => _mappings.Count;

    /// <summary>Accesses to memory that is not mapped, and exceptions of the model.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>Whether the device may still read and write what is mapped for it, so that nobody may take the memory away.</summary>
    protected virtual bool MayReachMemory => IsBusMaster;

    protected bool IsBusMaster => (Attributes & EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_BUS_MASTER) != 0;

    public void Dispose()
    {
        foreach (Allocation allocation in _allocations)
        {
            GuardedPages.Free(allocation.Address, allocation.Pages);
        }

        NativeMemory.Free(_interface);
        _self.Free();
    }

    /// <summary>All of the memory of a mapping, in the order of the calls, for a device that writes what it likes.</summary>
    public Span<byte> Mapped(int index) => new(_mappings[index].Host, (int)_mappings[index].Size);

    /// <summary>Memory as the device sees it; empty, with a fault noted, when any of it is not mapped.</summary>
    public Span<byte> Dma(ulong address, int length)
    {
        foreach (Mapping mapping in _mappings)
        {
            if (address >= mapping.DeviceAddress && address - mapping.DeviceAddress + (ulong)length <= mapping.Size)
            {
                return new Span<byte>((byte*)mapping.Host + (address - mapping.DeviceAddress), length);
            }
        }

        Faults.Add($"DMA of {length} bytes at {address:x}");
        return default;
    }

    protected void SetConfig16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Config.AsSpan(offset), value);

    protected void SetConfig32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Config.AsSpan(offset), value);

    protected void SetBar(int bar, uint value) => SetConfig32(0x10 + (4 * bar), value);

    /// <summary>Appends a capability; the list is in order of the calls.</summary>
    /// <param name="offset">Where it goes.</param>
    /// <param name="id">What it is.</param>
    /// <param name="body">What follows id and next pointer.</param>
    protected void AddCapability(byte offset, byte id, ReadOnlySpan<byte> body)
    {
        SetConfig16(6, 0x10);
        int link = 0x34;
        while (Config[link] != 0)
        {
            link = Config[link] + 1;
        }

        Config[link] = offset;
        Config[offset] = id;
        Config[offset + 1] = 0;
        body.CopyTo(Config.AsSpan(offset + 2));
    }

    protected abstract ulong Read(int bar, uint offset, int width);

    protected abstract void Write(int bar, uint offset, int width, ulong value);

    private EFI_STATUS Access(
        bool isIo, byte index, ulong offset, EFI_PCI_IO_PROTOCOL_WIDTH kind, nuint count, void* buffer, bool isWrite)
    {
        try
        {
            if (index >= BarOfIndex.Length || BarOfIndex[index] < 0)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            int bar = BarOfIndex[index];
            uint register = BinaryPrimitives.ReadUInt32LittleEndian(Config.AsSpan(0x10 + (4 * bar)));
            if (register == 0 || ((register & 1) != 0) != isIo)
            {
                return EFI_STATUS.EFI_UNSUPPORTED;
            }

            ulong needed = isIo ? EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_IO : EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_MEMORY;
            IsRemoved |= AccessesUntilRemoved-- == 0;
            bool answers = !IsRemoved && (Attributes & needed) != 0;
            int width = BytesOf(kind);
            bool isFifo = kind >= EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthFifoUint8;
            RegisterWrites += isWrite ? 1 : 0;
            RegisterReads += isWrite ? 0 : 1;
            for (int unit = 0; unit < (int)count; unit++)
            {
                uint at = (uint)offset + (isFifo ? 0 : (uint)(unit * width));
                AccessUnit(bar, at, new Span<byte>((byte*)buffer + (unit * width), width), isWrite, answers);
            }

            return EFI_STATUS.EFI_SUCCESS;
        }
        catch (Exception exception)
        {
            Faults.Add(exception.ToString());
            return EFI_STATUS.EFI_DEVICE_ERROR;
        }
    }

    private void AccessUnit(int bar, uint offset, Span<byte> bytes, bool isWrite, bool answers)
    {
        if (!isWrite)
        {
            ulong value = answers ? Read(bar, offset, bytes.Length) : IsRemoved ? RemovedValue : ulong.MaxValue;
            value = Tamper?.Invoke(bar, offset, bytes.Length, value) ?? value;
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)(value >> (8 * i));
            }
        }
        else if (answers)
        {
            Span<byte> wide = stackalloc byte[8];
            wide.Clear();
            bytes.CopyTo(wide);
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(wide);
            Writes.Add((bar, offset, bytes.Length, value));
            Write(bar, offset, bytes.Length, value);
        }
    }

    private static SimulatedPciDevice Of(EFI_PCI_IO_PROTOCOL* io) =>
        (SimulatedPciDevice)GCHandle.FromIntPtr(((Interface*)io)->Self).Target!;

    private static int BytesOf(EFI_PCI_IO_PROTOCOL_WIDTH width) => 1 << ((int)width & 3);

    [UnmanagedCallersOnly]
    private static EFI_STATUS MemRead(
        EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_WIDTH width, byte bar, ulong offset, nuint count, void* buffer) =>
        Of(io).Access(false, bar, offset, width, count, buffer, false);

    [UnmanagedCallersOnly]
    private static EFI_STATUS MemWrite(
        EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_WIDTH width, byte bar, ulong offset, nuint count, void* buffer) =>
        Of(io).Access(false, bar, offset, width, count, buffer, true);

    [UnmanagedCallersOnly]
    private static EFI_STATUS IoRead(
        EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_WIDTH width, byte bar, ulong offset, nuint count, void* buffer) =>
        Of(io).Access(true, bar, offset, width, count, buffer, false);

    [UnmanagedCallersOnly]
    private static EFI_STATUS IoWrite(
        EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_WIDTH width, byte bar, ulong offset, nuint count, void* buffer) =>
        Of(io).Access(true, bar, offset, width, count, buffer, true);

    [UnmanagedCallersOnly]
    private static EFI_STATUS ConfigRead(EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_WIDTH width, uint offset, nuint count, void* buffer)
    {
        SimulatedPciDevice device = Of(io);
        int bytes = BytesOf(width);
        if (offset + bytes > device.Config.Length)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        Span<byte> target = new(buffer, bytes);
        device.Config.AsSpan((int)offset, bytes).CopyTo(target);
        if (device.IsRemoved)
        {
            target.Fill(0xFF);
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>What is behind the header can be written, all of it.</summary>
    [UnmanagedCallersOnly]
    private static EFI_STATUS ConfigWrite(
        EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_WIDTH width, uint offset, nuint count, void* buffer)
    {
        SimulatedPciDevice device = Of(io);
        int bytes = BytesOf(width);
        if (offset + bytes > device.Config.Length)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        if (offset >= HeaderSize && !device.IsRemoved)
        {
            new Span<byte>(buffer, bytes).CopyTo(device.Config.AsSpan((int)offset));
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocateBuffer(
        EFI_PCI_IO_PROTOCOL* io, EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory, nuint pages, void** host, ulong attributes)
    {
        SimulatedPciDevice device = Of(io);
        if (device.AllocationsLeft == 0)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        device.AllocationsLeft--;
        void* address = GuardedPages.Allocate(pages);
        new Span<byte>(address, (int)pages * PageSize).Fill(0xAF);
        device._allocations.Add(new Allocation(address, pages));
        *host = address;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreeBuffer(EFI_PCI_IO_PROTOCOL* io, nuint pages, void* host)
    {
        SimulatedPciDevice device = Of(io);
        foreach (Mapping mapping in device._mappings)
        {
            if (mapping.Host == host)
            {
                device.Faults.Add("freed while mapped");
            }
        }

        for (int i = 0; i < device._allocations.Count; i++)
        {
            if (device._allocations[i].Address == host && device._allocations[i].Pages == pages)
            {
                device._allocations.RemoveAt(i);
                GuardedPages.Free(host, pages);
                return EFI_STATUS.EFI_SUCCESS;
            }
        }

        device.Faults.Add("FreeBuffer of what was not allocated");
        return EFI_STATUS.EFI_INVALID_PARAMETER;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Map(
        EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_OPERATION operation, void* host, nuint* size, ulong* deviceAddress, void** mapping)
    {
        SimulatedPciDevice device = Of(io);
        if (device.MapStatus.IsError)
        {
            return device.MapStatus;
        }

        if (device.MapsLess)
        {
            *size -= PageSize;
        }

        if (operation != EFI_PCI_IO_PROTOCOL_OPERATION.EfiPciIoOperationBusMasterCommonBuffer)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        bool isWide = (device.Attributes & EFI_PCI_IO_PROTOCOL.EFI_PCI_IO_ATTRIBUTE_DUAL_ADDRESS_CYCLE) != 0 || device.MapsHigh;
        *deviceAddress = isWide
            ? (((ulong)host & 0x3FFF_FFFF) | IommuOffset) + ((ulong)device._nextMapping << 34)
            : (((ulong)device._nextMapping & 0x7F) + 1) << 24;
        *mapping = (void*)device._nextMapping;
        device._mappings.Add(new Mapping(device._nextMapping, host, *size, *deviceAddress));
        device._nextMapping++;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Unmap(EFI_PCI_IO_PROTOCOL* io, void* mapping)
    {
        SimulatedPciDevice device = Of(io);
        if (device.MayReachMemory)
        {
            device.Faults.Add("memory taken away from a device that may reach it");
        }

        if (device._mappings.RemoveAll(each => each.Id == (nint)mapping) != 1)
        {
            device.Faults.Add("Unmap of what was not mapped");
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetLocation(EFI_PCI_IO_PROTOCOL* io, nuint* segment, nuint* bus, nuint* device, nuint* function)
    {
        *segment = 0;
        *bus = 0;
        *device = 3;
        *function = 0;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AttributesOf(
        EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION operation, ulong attributes, ulong* result)
    {
        SimulatedPciDevice device = Of(io);
        switch (operation)
        {
            case EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationGet:
                *result = device.Attributes;
                return EFI_STATUS.EFI_SUCCESS;
            case EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationSupported:
                *result = device.SupportedAttributes;
                return EFI_STATUS.EFI_SUCCESS;
            default:
                break;
        }

        if (device.AttributesStatus.IsError)
        {
            return device.AttributesStatus;
        }

        if ((attributes & ~device.SupportedAttributes) != 0)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        device.Attributes = operation switch
        {
            EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationSet => attributes,
            EFI_PCI_IO_PROTOCOL_ATTRIBUTE_OPERATION.EfiPciIoAttributeOperationEnable => device.Attributes | attributes,
            _ => device.Attributes & ~attributes,
        };
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetBarAttributes(EFI_PCI_IO_PROTOCOL* io, byte index, ulong* supports, void** resources)
    {
        SimulatedPciDevice device = Of(io);
        if (index >= device.BarOfIndex.Length || device.BarOfIndex[index] < 0)
        {
            return EFI_STATUS.EFI_UNSUPPORTED;
        }

        int bar = device.BarOfIndex[index];
        ReadOnlySpan<byte> registers = device.Config.AsSpan(0x10 + (4 * bar));
        uint low = BinaryPrimitives.ReadUInt32LittleEndian(registers);
        bool isIo = (low & 1) != 0;
        ulong address = isIo ? low & ~3u : low & ~0xFu;
        if ((low & 7) == 4)
        {
            address |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(registers[4..]) << 32;
        }

        void* pool = null;
        if (NetBoot.Uefi.Interop.Firmware.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiBootServicesData, 48, &pool).IsError)
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        Span<byte> list = new(pool, 48);
        list.Clear();
        list[0] = 0x8A;
        list[1] = 0x2B;
        list[3] = isIo ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt64LittleEndian(list[14..], address);
        BinaryPrimitives.WriteUInt64LittleEndian(list[38..], device.BarSizes[bar]);
        list[46] = 0x79;
        *resources = pool;
        return EFI_STATUS.EFI_SUCCESS;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Interface
    {
        public EFI_PCI_IO_PROTOCOL Protocol;
        public nint Self;
    }

    private readonly struct Allocation(void* address, nuint pages)
    {
        public readonly void* Address = address;
        public readonly nuint Pages = pages;
    }

    private readonly struct Mapping(nint id, void* host, nuint size, ulong deviceAddress)
    {
        public readonly nint Id = id;
        public readonly void* Host = host;
        public readonly nuint Size = size;
        public readonly ulong DeviceAddress = deviceAddress;
    }
}
