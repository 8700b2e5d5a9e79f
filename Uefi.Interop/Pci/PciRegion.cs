using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Uefi.Interop.Pci;

/// <summary>
/// Registers behind a BAR, memory or I/O. Each access is a call of the firmware and, in a virtual machine, an exit: the way of a frame
/// counts them. A read that fails, or lies outside, answers all ones, as from a device that was removed; such a write is dropped.
/// </summary>
public readonly unsafe struct PciRegion
{
    private readonly EFI_PCI_IO_PROTOCOL* _io;
    private readonly EFI_PCI_IO_PROTOCOL_ACCESS _access;
    private readonly ulong _start;
    private readonly uint _length;
    private readonly byte _bar;

    internal PciRegion(EFI_PCI_IO_PROTOCOL* io, EFI_PCI_IO_PROTOCOL_ACCESS access, byte bar, uint start, uint length)
    {
        _io = io;
        _access = access;
        _bar = bar;
        _start = start;
        _length = length;
    }

    /// <summary>False for the default value: there is no such BAR.</summary>
    public bool IsValid => _io != null;

    /// <summary>In bytes.</summary>
    public uint Length => _length;

    /// <summary>Reads 8 bits.</summary>
    /// <param name="offset">In bytes from the region's beginning, in every access.</param>
    public byte Read8(uint offset)
    {
        byte value;
        return Contains(offset, sizeof(byte)) &&
            _access.Read(_io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint8, _bar, _start + offset, 1, &value).IsSuccess
            ? value
            : byte.MaxValue;
    }

    /// <summary>Reads 16 bits; the offset is a multiple of 2.</summary>
    public ushort Read16(uint offset)
    {
        ushort value;
        return Contains(offset, sizeof(ushort)) &&
            _access.Read(_io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint16, _bar, _start + offset, 1, &value).IsSuccess
            ? value
            : ushort.MaxValue;
    }

    /// <summary>Reads 32 bits; the offset is a multiple of 4.</summary>
    public uint Read32(uint offset)
    {
        uint value;
        return Contains(offset, sizeof(uint)) &&
            _access.Read(_io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint32, _bar, _start + offset, 1, &value).IsSuccess
            ? value
            : uint.MaxValue;
    }

    /// <summary>Writes 8 bits.</summary>
    public void Write8(uint offset, byte value)
    {
        if (Contains(offset, sizeof(byte)))
        {
            _access.Write(_io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint8, _bar, _start + offset, 1, &value);
        }
    }

    /// <summary>Writes 16 bits; the offset is a multiple of 2.</summary>
    public void Write16(uint offset, ushort value)
    {
        if (Contains(offset, sizeof(ushort)))
        {
            _access.Write(_io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint16, _bar, _start + offset, 1, &value);
        }
    }

    /// <summary>Writes 32 bits; the offset is a multiple of 4.</summary>
    public void Write32(uint offset, uint value)
    {
        if (Contains(offset, sizeof(uint)))
        {
            _access.Write(_io, EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthUint32, _bar, _start + offset, 1, &value);
        }
    }

    /// <summary>Low half first; no device is asked for a 64-bit access.</summary>
    public void Write64(uint offset, ulong value)
    {
        Write32(offset, (uint)value);
        Write32(offset + sizeof(uint), (uint)(value >> 32));
    }

    /// <summary>Reads one register over and over, as from a FIFO, in one call of the firmware.</summary>
    public void ReadFifo16(uint offset, Span<ushort> data)
    {
        fixed (ushort* first = data)
        {
            if (!ReadFifo(EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthFifoUint16, offset, sizeof(ushort), data.Length, first))
            {
                data.Fill(ushort.MaxValue);
            }
        }
    }

    /// <inheritdoc cref="ReadFifo16"/>
    public void ReadFifo32(uint offset, Span<uint> data)
    {
        fixed (uint* first = data)
        {
            if (!ReadFifo(EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthFifoUint32, offset, sizeof(uint), data.Length, first))
            {
                data.Fill(uint.MaxValue);
            }
        }
    }

    /// <summary>Writes one register over and over, as to a FIFO, in one call of the firmware.</summary>
    public void WriteFifo16(uint offset, ReadOnlySpan<ushort> data)
    {
        fixed (ushort* first = data)
        {
            WriteFifo(EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthFifoUint16, offset, sizeof(ushort), data.Length, first);
        }
    }

    /// <inheritdoc cref="WriteFifo16"/>
    public void WriteFifo32(uint offset, ReadOnlySpan<uint> data)
    {
        fixed (uint* first = data)
        {
            WriteFifo(EFI_PCI_IO_PROTOCOL_WIDTH.EfiPciIoWidthFifoUint32, offset, sizeof(uint), data.Length, first);
        }
    }

    /// <summary>Reads until the masked register has a value, at least once.</summary>
    /// <param name="offset">In bytes from the region's beginning.</param>
    /// <param name="mask">The bits that count.</param>
    /// <param name="value">What they are to be.</param>
    /// <param name="timeout">In microseconds.</param>
    /// <returns>False when the time is over, or at once when the device answers all ones: it is gone.</returns>
    public bool WaitFor8(uint offset, byte mask, byte value, uint timeout)
    {
        const uint Step = 10;
        for (uint waited = 0; ; waited += Step)
        {
            byte register = Read8(offset);
            if (register == byte.MaxValue)
            {
                return false;
            }

            if ((register & mask) == value)
            {
                return true;
            }

            if (waited >= timeout)
            {
                return false;
            }

            Firmware.Stall(Step);
        }
    }

    /// <summary>Reads until the masked register has a value, at least once.</summary>
    /// <param name="offset">In bytes from the region's beginning.</param>
    /// <param name="mask">The bits that count.</param>
    /// <param name="value">What they are to be.</param>
    /// <param name="timeout">In microseconds.</param>
    /// <returns>False when the time is over, or at once when the device answers all ones: it is gone.</returns>
    public bool WaitFor32(uint offset, uint mask, uint value, uint timeout)
    {
        const uint Step = 10;
        for (uint waited = 0; ; waited += Step)
        {
            uint register = Read32(offset);
            if (register == uint.MaxValue)
            {
                return false;
            }

            if ((register & mask) == value)
            {
                return true;
            }

            if (waited >= timeout)
            {
                return false;
            }

            Firmware.Stall(Step);
        }
    }

    private bool ReadFifo(EFI_PCI_IO_PROTOCOL_WIDTH width, uint offset, uint size, int count, void* data) =>
        count == 0 || (Contains(offset, size) && _access.Read(_io, width, _bar, _start + offset, (nuint)count, data).IsSuccess);

    private void WriteFifo(EFI_PCI_IO_PROTOCOL_WIDTH width, uint offset, uint size, int count, void* data)
    {
        if (count != 0 && Contains(offset, size))
        {
            _access.Write(_io, width, _bar, _start + offset, (nuint)count, data);
        }
    }

    private bool Contains(uint offset, uint size) => offset <= _length && size <= _length - offset;
}
