using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.Pci;

/// <summary>
/// Memory that a device and the processor share (a common buffer: AllocateBuffer and Map of UEFI 2.10, 14.4). The device knows it by an
/// address of its own: behind an IOMMU the processor's means nothing to it. Whoever allocated it disposes it, after the device has stopped.
/// </summary>
public sealed unsafe class DmaBuffer : IDisposable
{
    private const nuint PageSize = 4096;

    private readonly EFI_PCI_IO_PROTOCOL* _io;
    private readonly nuint _pages;
    private void* _host;
    private void* _mapping;

    private DmaBuffer(EFI_PCI_IO_PROTOCOL* io, nuint pages, void* host, void* mapping, ulong deviceAddress)
    {
        _io = io;
        _pages = pages;
        _host = host;
        _mapping = mapping;
        DeviceAddress = deviceAddress;
    }

    /// <summary>Where the processor sees it.</summary>
    public byte* Host => (byte*)_host;

    /// <summary>Where the device sees it.</summary>
    public ulong DeviceAddress { get; }

    /// <summary>In bytes: whole pages.</summary>
    public nuint Size => _pages * PageSize;

    internal static DmaBuffer? Allocate(EFI_PCI_IO_PROTOCOL* io, nuint size, out EFI_STATUS status)
    {
        nuint pages = (size + PageSize - 1) / PageSize;
        void* host = null;
        status = io->AllocateBuffer(
            io, EFI_ALLOCATE_TYPE.AllocateAnyPages, EFI_MEMORY_TYPE.EfiBootServicesData, pages, &host, 0);
        if (status.IsError)
        {
            return null;
        }

        nuint bytes = pages * PageSize;
        new Span<byte>(host, (int)bytes).Clear();
        nuint mapped = bytes;
        ulong deviceAddress = 0;
        void* mapping = null;
        status = io->Map(
            io, EFI_PCI_IO_PROTOCOL_OPERATION.EfiPciIoOperationBusMasterCommonBuffer, host, &mapped, &deviceAddress, &mapping);
        if (status.IsSuccess && mapped >= bytes)
        {
            return new DmaBuffer(io, pages, host, mapping, deviceAddress);
        }

        if (status.IsSuccess)
        {
            io->Unmap(io, mapping);
            status = EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        io->FreeBuffer(io, pages, host);
        return null;
    }

    /// <summary>Gives the memory back; the device must no longer use it.</summary>
    public void Dispose()
    {
        if (_host != null)
        {
            _io->Unmap(_io, _mapping);
            _io->FreeBuffer(_io, _pages, _host);
            _host = null;
            _mapping = null;
        }
    }
}
