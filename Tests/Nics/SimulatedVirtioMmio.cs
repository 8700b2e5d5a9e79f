using System;
using NetBoot.NicDrivers.VirtioNet;
using NetBoot.Tests.Models.Devices;
using NetBoot.Uefi.Interop.Pci;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Nics;

/// <summary>The transport of a legacy device (edk2, OvmfPkg/Library/VirtioMmioDeviceLib): it takes any page size, alignment and queue size.</summary>
internal sealed unsafe class SimulatedVirtioMmio : SimulatedVirtioPlatform
{
    private readonly PciRegion _registers;
    private uint _pageSize;

    public SimulatedVirtioMmio(SimulatedVirtioNet card)
        : base(card, 0x0009_0005) => _registers = OpenBar(0, 0, 64);

    protected override ulong Features
    {
        get => _registers.Read32(0);
        set => _registers.Write32(4, (uint)value);
    }

    protected override byte Status
    {
        get => _registers.Read8(18);
        set => _registers.Write8(18, value);
    }

    protected override ushort QueueSize => _registers.Read16(12);

    protected override ushort SelectedQueue
    {
        set => _registers.Write16(14, value);
    }

    protected override EFI_STATUS SetRing(VRING* ring, ulong shift)
    {
        bool isLaidOut = ring->Desc == ring->Base && ring->AvailFlags == (byte*)ring->Base + (16 * ring->QueueSize) &&
            ((nuint)ring->UsedFlags - (nuint)ring->Base) % PageSize == 0 && _pageSize == PageSize;
        _registers.Write32(8, isLaidOut ? (uint)(((ulong)ring->Base + shift) >> 12) : 0);
        return default;
    }

    protected override EFI_STATUS SetSize(ushort size) => default;

    protected override EFI_STATUS SetPages(uint size)
    {
        _pageSize = size;
        return default;
    }

    protected override EFI_STATUS SetAlignment(uint alignment) => default;

    protected override void Notify(ushort queue) => _registers.Write16(16, queue);

    protected override EFI_STATUS ReadConfig(uint offset, Span<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = _registers.Read8(20 + offset + (uint)i);
        }

        return default;
    }
}
