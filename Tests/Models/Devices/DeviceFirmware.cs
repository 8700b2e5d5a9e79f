using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.Devices;

/// <summary>
/// The few boot services that a NIC uses besides the protocol of its bus: waiting, priority levels, pages, and pool that PCI I/O hands out.
/// </summary>
public static unsafe class DeviceFirmware
{
    private static readonly EFI_SYSTEM_TABLE* s_table = Make();

    /// <summary>Microseconds waited for since <see cref="Start"/>.</summary>
    public static ulong Waited { get; private set; }

    /// <summary>Pool blocks not freed.</summary>
    public static int PoolCount { get; private set; }

    /// <summary>Called as time passes.</summary>
    public static Action? Surroundings { get; set; }

    /// <summary>Pages not freed.</summary>
    public static nuint PageCount { get; private set; }

    public static void Start()
    {
        Firmware.Initialize(new EFI_HANDLE(1), s_table);
        Waited = 0;
        PoolCount = 0;
        PageCount = 0;
        Surroundings = null;
    }

    private static EFI_SYSTEM_TABLE* Make()
    {
        EFI_SYSTEM_TABLE* table = (EFI_SYSTEM_TABLE*)NativeMemory.AllocZeroed((nuint)sizeof(EFI_SYSTEM_TABLE));
        table->Hdr.Signature = EFI_SYSTEM_TABLE.EFI_SYSTEM_TABLE_SIGNATURE;
        table->BootServices = (EFI_BOOT_SERVICES*)NativeMemory.AllocZeroed((nuint)sizeof(EFI_BOOT_SERVICES));
        table->RuntimeServices = (EFI_RUNTIME_SERVICES*)NativeMemory.AllocZeroed((nuint)sizeof(EFI_RUNTIME_SERVICES));
        table->BootServices->Stall = &Stall;
        table->BootServices->AllocatePool = &AllocatePool;
        table->BootServices->FreePool = &FreePool;
        table->BootServices->AllocatePages = &AllocatePages;
        table->BootServices->FreePages = &FreePages;
        table->BootServices->LocateProtocol = &LocateProtocol;
        table->BootServices->RaiseTPL = &RaiseTpl;
        table->BootServices->RestoreTPL = &RestoreTpl;
        return table;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS Stall(nuint microseconds)
    {
        Waited += microseconds;
        Surroundings?.Invoke();
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePool(EFI_MEMORY_TYPE type, nuint size, void** buffer)
    {
        PoolCount++;
        *buffer = NativeMemory.Alloc(size);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePool(void* buffer)
    {
        PoolCount--;
        NativeMemory.Free(buffer);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePages(EFI_ALLOCATE_TYPE type, EFI_MEMORY_TYPE memory, nuint pages, ulong* address)
    {
        PageCount += pages;
        *address = (ulong)GuardedPages.Allocate(pages);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePages(ulong address, nuint pages)
    {
        PageCount -= pages;
        GuardedPages.Free((void*)address, pages);
        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS LocateProtocol(EFI_GUID* protocol, void* registration, void** found) => EFI_STATUS.EFI_NOT_FOUND;

    [UnmanagedCallersOnly]
    private static nuint RaiseTpl(nuint tpl) => EFI_TPL.TPL_APPLICATION;

    [UnmanagedCallersOnly]
    private static void RestoreTpl(nuint tpl)
    {
    }
}
