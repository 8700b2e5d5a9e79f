using System;
using System.Buffers.Binary;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Nics;

/// <summary>
/// edk2's driver of a modern PCI device's transport (OvmfPkg/Virtio10Dxe/Virtio10.c): what it checks, what it refuses, and what it does not
/// hand on to the device.
/// </summary>
internal sealed unsafe class SimulatedVirtio10 : SimulatedVirtioPlatform
{
    private const byte Bar = 4;
    private const uint ConfigLength = 12;

    private readonly PciRegion _common;
    private readonly PciRegion _config;
    private readonly PciRegion _notify;

    public SimulatedVirtio10(SimulatedVirtioNet card)
        : base(card, 0x0100_0000)
    {
        _common = OpenBar(Bar, 0, 0x38);
        _config = OpenBar(Bar, 0x2000, ConfigLength);
        _notify = OpenBar(Bar, 0x3000, 0x100);
    }

    protected override ulong Features
    {
        get
        {
            _common.Write32(0, 0);
            ulong low = _common.Read32(4);
            _common.Write32(0, 1);
            return low | ((ulong)_common.Read32(4) << 32);
        }

        set
        {
            for (uint half = 0; half < 2; half++)
            {
                _common.Write32(8, half);
                _common.Write32(12, (uint)(value >> (int)(32 * half)));
            }
        }
    }

    protected override byte Status
    {
        get => _common.Read8(0x14);
        set => _common.Write8(0x14, value);
    }

    protected override ushort QueueSize => _common.Read16(0x18);

    protected override ushort SelectedQueue
    {
        set => _common.Write16(0x16, value);
    }

    protected override EFI_STATUS SetRing(VRING* ring, ulong shift)
    {
        _common.Write64(0x20, (ulong)ring->Desc + shift);
        _common.Write64(0x28, (ulong)ring->AvailFlags + shift);
        _common.Write64(0x30, (ulong)ring->UsedFlags + shift);
        _common.Write16(0x1C, 1);
        return default;
    }

    /// <summary>The size is not the driver's to choose: only the one in effect is taken.</summary>
    protected override EFI_STATUS SetSize(ushort size) => size == QueueSize ? default : Unsupported;

    protected override EFI_STATUS SetPages(uint size) => size == PageSize ? default : Unsupported;

    protected override EFI_STATUS SetAlignment(uint alignment) => alignment == PageSize ? default : Unsupported;

    /// <summary>Where a queue is notified is looked up each time, with the selected queue put aside.</summary>
    protected override void Notify(ushort queue)
    {
        ushort selected = _common.Read16(0x16);
        _common.Write16(0x16, queue);
        uint offset = _common.Read16(0x1E);
        _common.Write16(0x16, selected);
        _notify.Write16(offset * 4, queue);
    }

    /// <summary>One access of the field's width, within the configuration that the device's capability tells of.</summary>
    protected override EFI_STATUS ReadConfig(uint offset, Span<byte> bytes)
    {
        if ((uint)bytes.Length > ConfigLength || offset > ConfigLength - (uint)bytes.Length)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        switch (bytes.Length)
        {
            case 1:
                bytes[0] = _config.Read8(offset);
                return default;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(bytes, _config.Read16(offset));
                return default;
            case 4:
                BinaryPrimitives.WriteUInt32LittleEndian(bytes, _config.Read32(offset));
                return default;
            default:
                return EFI_STATUS.EFI_INVALID_PARAMETER;
        }
    }
}
