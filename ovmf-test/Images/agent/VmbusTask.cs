using NetBoot.BusDrivers.Vmbus;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.agent;

/// <summary>What drivers tell of themselves where there is nothing for them to drive.</summary>
internal static unsafe class VmbusTask
{
    public static void Run()
    {
        Agent.Locate<NETBOOT_VMBUS_ROOT_PROTOCOL>(out int roots);
        Agent.Line($"agent: {roots} VMBus roots");
        EFI_HANDLE* drivers = Agent.Locate<EFI_DRIVER_DIAGNOSTICS2_PROTOCOL>(out int count);
        for (int i = 0; i < count; i++)
        {
            Ask(drivers[i]);
        }
    }

    private static void Ask(EFI_HANDLE driver)
    {
        EFI_DRIVER_DIAGNOSTICS2_PROTOCOL* diagnostics = Agent.Get<EFI_DRIVER_DIAGNOSTICS2_PROTOCOL>(driver);
        EFI_GUID* format;
        nuint size;
        char* text = null;
        fixed (byte* language = "en\0"u8)
        {
            diagnostics->RunDiagnostics(
                diagnostics, driver, default, EFI_DRIVER_DIAGNOSTIC_TYPE.EfiDriverDiagnosticTypeStandard, language, &format, &size, &text);
        }

        if (text != null)
        {
            Agent.Line($"agent: told {new string(text)}");
        }
    }
}
