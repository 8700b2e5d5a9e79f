using System;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>Has the application start, use the network and exit, many times, and compares the free memory before and after.</summary>
internal static unsafe class ExitTask
{
    private const int WarmUp = 20;

    /// <param name="volume">The handle of the file system with the application.</param>
    /// <param name="name">Its file name.</param>
    /// <param name="times">How often, in decimal.</param>
    /// <param name="script">What it runs; succeeds.</param>
    public static void Run(EFI_HANDLE volume, ReadOnlySpan<char> name, ReadOnlySpan<char> times, ReadOnlySpan<char> script)
    {
        int exits = Agent.Number(times);
        void* source = CycleTask.ReadFile(volume, name, out nuint size);
        Agent.Check(source != null, "the application can be read");
        if (source == null)
        {
            return;
        }

        long before = 0;
        for (int i = 0; i < WarmUp + exits; i++)
        {
            if (i == WarmUp)
            {
                before = Agent.FreePages();
            }

            EFI_BOOT_SERVICES* services = Agent.BootServices;
            EFI_HANDLE application = default;
            EFI_STATUS status = services->LoadImage(0, Agent.Image, null, source, size, &application);
            if (status.IsSuccess)
            {
                fixed (char* text = script)
                {
                    EFI_LOADED_IMAGE_PROTOCOL* loaded = Agent.Get<EFI_LOADED_IMAGE_PROTOCOL>(application);
                    loaded->LoadOptions = text;
                    loaded->LoadOptionsSize = (uint)script.Length * sizeof(char);
                    status = services->StartImage(application, null, null);
                }
            }

            if (!status.IsSuccess)
            {
                Agent.Check(status, EFI_STATUS.EFI_SUCCESS, "the application starts and exits");
                return;
            }
        }

        long after = Agent.FreePages();
        Agent.Line($"agent: {exits} exits of {name}, free pages before {before}, after {after}");
        Agent.Check(before == after, "as many free pages after as before");
    }
}
