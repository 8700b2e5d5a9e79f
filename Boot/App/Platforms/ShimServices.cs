using System;
using System.Runtime.InteropServices;
using NetBoot.Boot.App.Images;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Boot.App.Platforms;

/// <summary>
/// What a kernel needs from shim, which expects to start GRUB and not a kernel; iPXE has found out, and does the same. A shim of version 15 stops
/// the machine when what it has started leaves the boot services without having had something verified by it; so it is asked to, when the kernel
/// reads the memory map. And any shim refuses what has no SBAT section, as kernels have none, while the variable SbatLevel has entries; so it reads it as empty.
/// </summary>
/// <remarks>
/// Three services in the firmware's tables are ours while shim runs, until the first reading of the memory map. What is signed by a key that shim
/// trusts is still all that it starts.
/// </remarks>
public static unsafe class ShimServices
{
    private static FaultDomain? s_domain;
    private static ShimOptions s_options;
    private static delegate* unmanaged<nuint*, EFI_MEMORY_DESCRIPTOR*, nuint*, nuint*, uint*, EFI_STATUS> s_getMemoryMap;
    private static delegate* unmanaged<char*, EFI_GUID*, uint*, nuint*, void*, EFI_STATUS> s_getVariable;
    private static delegate* unmanaged<char*, EFI_GUID*, uint, nuint, void*, EFI_STATUS> s_setVariable;

    /// <summary>Shim has written the variable, and reads it again to see whether that worked.</summary>
    private static bool s_isWritten;

    /// <summary>Puts the services in place; not twice without <see cref="Uninstall"/> between.</summary>
    /// <param name="options">What shim is left to do.</param>
    /// <param name="domain">Whose code answers.</param>
    public static void Install(ShimOptions options, FaultDomain domain)
    {
        s_domain = domain;
        s_options = options;
        s_isWritten = false;
        s_getMemoryMap = Firmware.BootServices->GetMemoryMap;
        s_getVariable = Firmware.RuntimeServices->GetVariable;
        s_setVariable = Firmware.RuntimeServices->SetVariable;
        Firmware.BootServices->GetMemoryMap = &GetMemoryMap;
        if ((options & ShimOptions.AllowSbat) == 0)
        {
            Firmware.RuntimeServices->GetVariable = &GetVariable;
            Firmware.RuntimeServices->SetVariable = &SetVariable;
        }
    }

    /// <summary>Gives back what is still ours. Nothing when nothing is.</summary>
    public static void Uninstall()
    {
        if (s_domain is null)
        {
            return;
        }

        s_domain = null;
        EFI_BOOT_SERVICES* boot = Firmware.BootServices;
        EFI_RUNTIME_SERVICES* runtime = Firmware.RuntimeServices;
        delegate* unmanaged<nuint*, EFI_MEMORY_DESCRIPTOR*, nuint*, nuint*, uint*, EFI_STATUS> getMemoryMap = &GetMemoryMap;
        delegate* unmanaged<char*, EFI_GUID*, uint*, nuint*, void*, EFI_STATUS> getVariable = &GetVariable;
        delegate* unmanaged<char*, EFI_GUID*, uint, nuint, void*, EFI_STATUS> setVariable = &SetVariable;
        boot->GetMemoryMap = (void*)boot->GetMemoryMap == getMemoryMap ? s_getMemoryMap : boot->GetMemoryMap;
        runtime->GetVariable = (void*)runtime->GetVariable == getVariable ? s_getVariable : runtime->GetVariable;
        runtime->SetVariable = (void*)runtime->SetVariable == setVariable ? s_setVariable : runtime->SetVariable;
    }

    /// <summary>Tells every shim that runs that it was asked for something.</summary>
    private static EFI_STATUS Unlock(ref byte nothing)
    {
        using PoolBuffer<EFI_HANDLE> handles = Firmware.LocateHandles<SHIM_LOCK>();
        foreach (EFI_HANDLE handle in handles.Span)
        {
            SHIM_LOCK* shim = Firmware.Get<SHIM_LOCK>(handle);
            if (shim != null && shim->Verify != null)
            {
                fixed (byte* empty = &nothing)
                {
                    Machine.CallSystemV(shim->Verify, empty, 0);
                }
            }
        }

        return EFI_STATUS.EFI_SUCCESS;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetMemoryMap(nuint* size, EFI_MEMORY_DESCRIPTOR* map, nuint* key, nuint* descriptorSize, uint* version)
    {
        if (s_domain is FaultDomain domain)
        {
            Uninstall();
            byte nothing = 0;
            if ((s_options & ShimOptions.RequireLoader) == 0)
            {
                FirmwareEntry.Run(domain, 0, ref nothing, &Unlock);
            }
        }

        return s_getMemoryMap(size, map, key, descriptorSize, version);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS GetVariable(char* name, EFI_GUID* vendor, uint* attributes, nuint* size, void* value)
    {
        EFI_STATUS status = s_getVariable(name, vendor, attributes, size, value);
        if (s_domain is null || status.IsError || value == null || !IsSbatLevel(name, vendor))
        {
            return status;
        }

        if (!s_isWritten)
        {
            *(byte*)value = 0;
        }

        s_isWritten = false;
        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS SetVariable(char* name, EFI_GUID* vendor, uint attributes, nuint size, void* value)
    {
        EFI_STATUS status = s_setVariable(name, vendor, attributes, size, value);
        s_isWritten |= !status.IsError && IsSbatLevel(name, vendor);
        return status;
    }

    private static bool IsSbatLevel(char* name, EFI_GUID* vendor)
    {
        const string Name = "SbatLevel\0";
        return name != null && vendor != null && *vendor == SHIM_LOCK.Guid && StartsWith(name, Name);
    }

    private static bool StartsWith(char* text, ReadOnlySpan<char> start)
    {
        int matched = 0;
        while (matched < start.Length && text[matched] == start[matched])
        {
            matched++;
        }

        return matched == start.Length;
    }
}
