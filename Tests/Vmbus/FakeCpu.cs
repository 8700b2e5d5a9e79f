using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Vmbus;

/// <summary>EFI_CPU_ARCH_PROTOCOL, as far as interrupt handlers go.</summary>
internal sealed unsafe class FakeCpu : IDisposable
{
    private readonly SimulatedFirmware _firmware;
    private readonly EFI_HANDLE _handle;
    private readonly SortedDictionary<int, nint> _handlers = [];

    public FakeCpu(SimulatedFirmware firmware)
    {
        _firmware = firmware;
        EFI_CPU_ARCH_PROTOCOL* protocol = firmware.Allocate<EFI_CPU_ARCH_PROTOCOL>(this);
        protocol->RegisterInterruptHandler = &Register;
        _handle = firmware.Install(default, protocol);
    }

    /// <summary>Vectors that the firmware itself has.</summary>
    public HashSet<int> Taken { get; } = [];

    /// <summary>The vectors that have a handler.</summary>
    public IEnumerable<int> Handlers => _handlers.Keys.ToArray();

    /// <summary>What the processor does when it takes an interrupt.</summary>
    public void Interrupt(int vector) => ((delegate* unmanaged<nint, void*, void>)_handlers[vector])(vector, null);

    public void Dispose() => _firmware.Uninstall<EFI_CPU_ARCH_PROTOCOL>(_handle);

    [UnmanagedCallersOnly]
    private static EFI_STATUS Register(EFI_CPU_ARCH_PROTOCOL* self, nint vector, delegate* unmanaged<nint, void*, void> handler)
    {
        FakeCpu cpu = ProtocolInstance<EFI_CPU_ARCH_PROTOCOL>.OwnerOf<FakeCpu>(self);
        if (handler == null)
        {
            return cpu._handlers.Remove((int)vector) ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        return !cpu.Taken.Contains((int)vector) && cpu._handlers.TryAdd((int)vector, (nint)handler)
            ? EFI_STATUS.EFI_SUCCESS : EFI_STATUS.EFI_ALREADY_STARTED;
    }
}
