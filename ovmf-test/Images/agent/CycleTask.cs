using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>
/// Loads, connects, disconnects, reconnects and unloads a driver many times and compares the free memory before and after.
/// </summary>
internal static unsafe class CycleTask
{
    private const int WarmUp = 20;

    /// <param name="volume">The handle of the file system with the driver.</param>
    /// <param name="name">The driver's file name.</param>
    /// <param name="times">How often, in decimal.</param>
    public static void Run(EFI_HANDLE volume, ReadOnlySpan<char> name, ReadOnlySpan<char> times)
    {
        int cycles = Agent.Number(times);
        void* source = ReadFile(volume, name, out nuint size);
        Agent.Check(source != null, "the driver can be read");
        if (source == null)
        {
            return;
        }

        EFI_HANDLE* controllers = Agent.Locate<EFI_PCI_IO_PROTOCOL>(out int count);
        count = KeepNics(controllers, count);
        long before = 0;
        for (int i = 0; i < WarmUp + cycles; i++)
        {
            if (i == WarmUp)
            {
                before = Agent.FreePages();
            }

            if (!Cycle(source, size, controllers, count, i == 0))
            {
                return;
            }
        }

        long after = Agent.FreePages();
        Agent.Line($"agent: {cycles} cycles of {name}, free pages before {before}, after {after}");
        Agent.Check(before == after, "as many free pages after as before");
    }

    /// <summary>Keeps the network controllers alone on the list, and takes from them what the firmware has bound to them.</summary>
    public static int KeepNics(EFI_HANDLE* controllers, int count)
    {
        // The firmware's stack first, then its drivers: edk2's VirtioNetDxe refuses to stop while its SNP is in use.
        EFI_HANDLE* nics = Agent.LocateNics(out int number);
        for (int i = 0; i < number; i++)
        {
            Agent.BootServices->DisconnectController(nics[i], default, default);
        }

        count = Agent.KeepNics(controllers, count);
        for (int i = 0; i < count; i++)
        {
            Agent.BootServices->DisconnectController(controllers[i], default, default);
        }

        return count;
    }

    /// <returns>Whether the driver bound at least one controller.</returns>
    private static bool Cycle(void* source, nuint size, EFI_HANDLE* controllers, int count, bool first)
    {
        EFI_BOOT_SERVICES* services = Agent.BootServices;
        EFI_HANDLE driver = default;
        EFI_STATUS status = services->LoadImage(0, Agent.Image, null, source, size, &driver);
        if (status.IsSuccess)
        {
            status = services->StartImage(driver, null, null);
        }

        if (!status.IsSuccess)
        {
            Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "the driver loads and starts");
            return false;
        }

        EFI_HANDLE* mine = stackalloc EFI_HANDLE[2];
        mine[0] = driver;
        int bound = 0;
        for (int i = 0; i < count; i++)
        {
            // By this driver alone, and not recursively: what the firmware's own network stack keeps is not on trial.
            if (services->ConnectController(controllers[i], mine, null, 0).IsSuccess)
            {
                bound++;
                Expect(services->DisconnectController(controllers[i], default, default), "disconnect");
                Expect(services->ConnectController(controllers[i], mine, null, 0), "reconnect");
            }
        }

        if (first)
        {
            Agent.Line($"agent: bound {bound} controllers");
        }

        if (bound == 0)
        {
            Explain(driver, controllers, count);
        }

        Expect(services->UnloadImage(driver), "unload");
        if (first)
        {
            EFI_HANDLE* left = Agent.Locate<EFI_SIMPLE_NETWORK_PROTOCOL>(out int number);
            Agent.Check(number == 0, "no SNP is left after unloading");
            if (number != 0)
            {
                services->FreePool(left);
            }
        }

        return bound > 0;
    }

    /// <summary>Reports what the driver itself says to each controller: ConnectController does not tell.</summary>
    private static void Explain(EFI_HANDLE driver, EFI_HANDLE* controllers, int count)
    {
        EFI_DRIVER_BINDING_PROTOCOL* binding = Agent.Get<EFI_DRIVER_BINDING_PROTOCOL>(driver);
        Agent.Check(binding != null, "the driver has a driver binding");
        for (int i = 0; binding != null && i < count; i++)
        {
            EFI_STATUS status = binding->Supported(binding, controllers[i], null);
            Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "Supported");
            if (status.IsSuccess)
            {
                Agent.Check(binding->Start(binding, controllers[i], null), EFI_STATUS.EFI_SUCCESS, "Start");
            }
        }
    }

    private static void Expect(EFI_STATUS status, string what)
    {
        if (!status.IsSuccess)
        {
            Agent.Check(status, EFI_STATUS.EFI_SUCCESS, what);
        }
    }

    /// <summary>A file of the volume's root, in pool memory; null when it cannot be read.</summary>
    public static void* ReadFile(EFI_HANDLE volume, ReadOnlySpan<char> name, out nuint size)
    {
        size = 0;
        EFI_SIMPLE_FILE_SYSTEM_PROTOCOL* files = Agent.Get<EFI_SIMPLE_FILE_SYSTEM_PROTOCOL>(volume);
        EFI_FILE_PROTOCOL* root = null, file = null;
        char* path = stackalloc char[64];
        if (files == null || name.Length > 62 || !files->OpenVolume(files, &root).IsSuccess)
        {
            return null;
        }

        name.CopyTo(new Span<char>(path, 64));
        path[name.Length] = '\0';
        void* buffer = null;
        if (root->Open(root, &file, path, EFI_FILE_PROTOCOL.EFI_FILE_MODE_READ, 0).IsSuccess)
        {
            nuint length = 4 << 20;
            if (Agent.BootServices->AllocatePool(EFI_MEMORY_TYPE.EfiLoaderData, length, &buffer).IsSuccess && file->Read(file, &length, buffer).IsSuccess)
            {
                size = length;
            }

            file->Close(file);
        }

        root->Close(root);
        return size == 0 ? null : buffer;
    }
}
