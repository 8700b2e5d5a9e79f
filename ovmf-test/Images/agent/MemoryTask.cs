using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Takes memory away: has each allocation in turn fail, while a driver's image starts and then while the driver starts its NIC, or while
/// the application runs. Nothing is left behind, and once there is memory again everything works.
/// </summary>
/// <remarks>
/// It stands in for AllocatePool, FreePool, AllocatePages and FreePages in the table that all but the firmware's core calls them by: so what a
/// driver has the firmware allocate for it, as PCI I/O does, fails too. The application has a table of its own, for it connects the firmware's
/// network stack, which keeps some memory for good.
/// </remarks>
internal static unsafe class MemoryTask
{
    private const int MostAllocations = 1000;
    private const int MostLive = 4096;

    private static delegate* unmanaged<EFI_MEMORY_TYPE, nuint, void**, EFI_STATUS> s_allocatePool;
    private static delegate* unmanaged<void*, EFI_STATUS> s_freePool;
    private static delegate* unmanaged<EFI_ALLOCATE_TYPE, EFI_MEMORY_TYPE, nuint, ulong*, EFI_STATUS> s_allocatePages;
    private static delegate* unmanaged<ulong, nuint, EFI_STATUS> s_freePages;

    private static nuint* s_live; // Addresses, and behind them all the sizes.
    private static int s_liveCount;
    private static int s_untilFailure;

    /// <param name="volume">The handle of the file system with the image.</param>
    /// <param name="name">The file name of a driver, or of the application.</param>
    public static void Run(EFI_HANDLE volume, ReadOnlySpan<char> name)
    {
        void* source = CycleTask.ReadFile(volume, name, out nuint size);
        Agent.Check(source != null, "the image can be read");
        if (source == null)
        {
            return;
        }

        EFI_HANDLE* controllers = Agent.Locate<EFI_PCI_IO_PROTOCOL>(out int count);
        count = CycleTask.KeepNics(controllers, count);
        Intercept();
        if (name.SequenceEqual("netboot.efi"))
        {
            int allocations = RunApplication(source, size);
            Release();
            Agent.Line($"agent: {allocations} allocations of the application failed in turn");
            Agent.Check(allocations > 20, "there was something to take away");
            return;
        }

        EFI_HANDLE driver = StartImage(source, size, out int starts);
        int connects = 0;
        if (!driver.IsNull && count != 0)
        {
            connects = Connect(driver, controllers[0]);
            Agent.Check(Agent.BootServices->UnloadImage(driver), EFI_STATUS.EFI_SUCCESS, "unload");
        }

        Release();
        Agent.Line($"agent: {starts} allocations of the image and {connects} of the NIC failed in turn");
        Agent.Check(starts > 2 && connects > 4, "there was something to take away");
    }

    /// <returns>The image that started when nothing failed any more.</returns>
    private static EFI_HANDLE StartImage(void* source, nuint size, out int failed)
    {
        EFI_BOOT_SERVICES* services = Agent.BootServices;
        for (failed = 0; failed < MostAllocations; failed++)
        {
            EFI_HANDLE driver = default;
            Agent.Check(services->LoadImage(0, Agent.Image, null, source, size, &driver), EFI_STATUS.EFI_SUCCESS, "LoadImage");
            Begin(failed);
            EFI_STATUS status = services->StartImage(driver, null, null); // One that fails is unloaded, being a driver.
            bool hasFailed = End();
            if (status.IsSuccess)
            {
                Agent.Check(!hasFailed, "StartImage fails without memory");
                return driver;
            }

            Agent.Check(status, EFI_STATUS.EFI_OUT_OF_RESOURCES, "StartImage");
            ExpectNothingLeft("image", failed);
        }

        Agent.Check(false, "the image needs fewer allocations");
        return default;
    }

    /// <summary>Has the application connect its drivers and end.</summary>
    /// <returns>How many allocations failed in turn.</returns>
    private static int RunApplication(void* source, nuint size)
    {
        EFI_BOOT_SERVICES* services = Agent.BootServices;
        EFI_BOOT_SERVICES own = *services;
        services->AllocatePool = s_allocatePool;
        services->AllocatePages = s_allocatePages;
        ReadOnlySpan<char> options = "netboot.efi exit\0";
        for (int failed = 0; failed < MostAllocations; failed++)
        {
            EFI_HANDLE application = default;
            Agent.Check(services->LoadImage(0, Agent.Image, null, source, size, &application), EFI_STATUS.EFI_SUCCESS, "LoadImage");
            fixed (char* text = options)
            {
                EFI_LOADED_IMAGE_PROTOCOL* loaded = Agent.Get<EFI_LOADED_IMAGE_PROTOCOL>(application);
                loaded->LoadOptions = text;
                loaded->LoadOptionsSize = (uint)options.Length * sizeof(char);
                Begin(failed);
                Agent.SystemTable->BootServices = &own;
                EFI_STATUS status = services->StartImage(application, null, null);
                Agent.SystemTable->BootServices = services;
                bool hasFailed = End();
                EFI_HANDLE* networks = Agent.Locate<EFI_SIMPLE_NETWORK_PROTOCOL>(out int count);
                Agent.Check(count == 0, "the application takes its drivers away");
                if (networks != null)
                {
                    services->FreePool(networks);
                }

                ExpectNothingLeft("application", failed);
                if (!hasFailed)
                {
                    Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "the application with all memory");
                    return failed;
                }
            }
        }

        Agent.Check(false, "the application needs fewer allocations");
        return 0;
    }

    /// <returns>How many allocations failed in turn.</returns>
    private static int Connect(EFI_HANDLE driver, EFI_HANDLE controller)
    {
        EFI_BOOT_SERVICES* services = Agent.BootServices;
        EFI_DRIVER_BINDING_PROTOCOL* binding = Agent.Get<EFI_DRIVER_BINDING_PROTOCOL>(driver);
        for (int failed = 0; failed < MostAllocations; failed++)
        {
            Begin(failed);
            EFI_STATUS status = binding->Start(binding, controller, null);
            bool hasFailed = End();
            if (status.IsSuccess)
            {
                UseAndStop(binding, controller);
            }
            else
            {
                Agent.Check(status, EFI_STATUS.EFI_OUT_OF_RESOURCES, "Start");
            }

            ExpectNothingLeft("NIC", failed);
            if (!hasFailed)
            {
                return failed;
            }
        }

        Agent.Check(false, "the NIC needs fewer allocations");
        return 0;
    }

    private static void UseAndStop(EFI_DRIVER_BINDING_PROTOCOL* binding, EFI_HANDLE controller)
    {
        EFI_HANDLE* nics = Agent.LocateNics(out int count);
        Agent.Check(count == 1, "the NIC has SNP");
        if (count == 1)
        {
            EFI_HANDLE child = nics[0];
            EFI_SIMPLE_NETWORK_PROTOCOL* network = Agent.Get<EFI_SIMPLE_NETWORK_PROTOCOL>(child);
            Agent.Check(network->Start(network), EFI_STATUS.EFI_SUCCESS, "SNP's Start");
            Agent.Check(network->Initialize(network, 0, 0), EFI_STATUS.EFI_SUCCESS, "SNP's Initialize");
            Agent.Check(network->Shutdown(network), EFI_STATUS.EFI_SUCCESS, "SNP's Shutdown");
            Agent.Check(network->Stop(network), EFI_STATUS.EFI_SUCCESS, "SNP's Stop");
            Agent.Check(binding->Stop(binding, controller, 1, &child), EFI_STATUS.EFI_SUCCESS, "Stop of the child");
        }

        if (nics != null)
        {
            Agent.BootServices->FreePool(nics);
        }

        Agent.Check(binding->Stop(binding, controller, 0, null), EFI_STATUS.EFI_SUCCESS, "Stop");
    }

    private static void ExpectNothingLeft(string what, int failed)
    {
        if (s_liveCount != 0)
        {
            Agent.Line($"agent: {what}, allocation {failed}: {s_liveCount} left, of {s_live[MostLive]}, {s_live[MostLive + 1]}, ... bytes");
        }

        Agent.Check(s_liveCount == 0, "nothing is left");
    }

    /// <summary>Lets so many allocations succeed, and one fail.</summary>
    private static void Begin(int successes)
    {
        s_liveCount = 0;
        s_untilFailure = successes;
    }

    /// <returns>Whether one has failed.</returns>
    private static bool End()
    {
        bool hasFailed = s_untilFailure < 0;
        s_untilFailure = -1;
        return hasFailed;
    }

    private static void Intercept()
    {
        EFI_BOOT_SERVICES* services = Agent.BootServices;
        void* live = null;
        Agent.Check(services->AllocatePool(EFI_MEMORY_TYPE.EfiLoaderData, 2 * MostLive * (nuint)sizeof(nuint), &live), EFI_STATUS.EFI_SUCCESS, "AllocatePool");
        s_live = (nuint*)live;
        s_untilFailure = -1;
        s_allocatePool = services->AllocatePool;
        s_freePool = services->FreePool;
        s_allocatePages = services->AllocatePages;
        s_freePages = services->FreePages;
        services->AllocatePool = &AllocatePool;
        services->FreePool = &FreePool;
        services->AllocatePages = &AllocatePages;
        services->FreePages = &FreePages;
    }

    private static void Release()
    {
        EFI_BOOT_SERVICES* services = Agent.BootServices;
        services->AllocatePool = s_allocatePool;
        services->FreePool = s_freePool;
        services->AllocatePages = s_allocatePages;
        services->FreePages = s_freePages;
        services->FreePool(s_live);
    }

    /// <summary>False when this one is to fail.</summary>
    private static bool MaySucceed() => s_untilFailure < 0 || s_untilFailure-- != 0;

    private static void Note(nuint address, nuint size)
    {
        if (s_liveCount < MostLive)
        {
            s_live[MostLive + s_liveCount] = size;
            s_live[s_liveCount++] = address;
        }
    }

    private static void Forget(nuint address)
    {
        for (int i = 0; i < s_liveCount; i++)
        {
            if (s_live[i] == address)
            {
                s_live[i] = s_live[--s_liveCount];
                s_live[MostLive + i] = s_live[MostLive + s_liveCount];
                return;
            }
        }
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePool(EFI_MEMORY_TYPE type, nuint size, void** memory)
    {
        if (!MaySucceed())
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        EFI_STATUS status = s_allocatePool(type, size, memory);
        if (status.IsSuccess)
        {
            Note((nuint)(*memory), size);
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePool(void* memory)
    {
        Forget((nuint)memory);
        return s_freePool(memory);
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS AllocatePages(EFI_ALLOCATE_TYPE kind, EFI_MEMORY_TYPE type, nuint count, ulong* memory)
    {
        if (!MaySucceed())
        {
            return EFI_STATUS.EFI_OUT_OF_RESOURCES;
        }

        EFI_STATUS status = s_allocatePages(kind, type, count, memory);
        if (status.IsSuccess)
        {
            Note((nuint)(*memory), count << 12);
        }

        return status;
    }

    [UnmanagedCallersOnly]
    private static EFI_STATUS FreePages(ulong memory, nuint count)
    {
        Forget((nuint)memory);
        return s_freePages(memory, count);
    }
}
