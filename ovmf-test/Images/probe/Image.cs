using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.OvmfTest.Images.probe;

/// <summary>
/// Runs every check and reports in lines that the tests read: <c>probe: FAILED what</c>, and last
/// <c>probe: done, N passed, N failed</c>. Then the machine powers off.
/// </summary>
internal static unsafe class Image
{
    private static int s_passed;
    private static int s_failed;

    [UnmanagedCallersOnly(EntryPoint = "EfiMain")]
    private static EFI_STATUS EfiMain(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        ImageEntry.RunApplication("probe", image, table, &Main);
        table->RuntimeServices->ResetSystem(EFI_RESET_TYPE.EfiResetShutdown, EFI_STATUS.EFI_SUCCESS, 0, null);
        return EFI_STATUS.EFI_SUCCESS;
    }

    private static EFI_STATUS Main(EFI_HANDLE image, EFI_SYSTEM_TABLE* table)
    {
        Run("calls", &CallChecks.Run);
        Run("statics", &StaticChecks.Run);
        Run("text", &TextChecks.Run);
        Run("spans", &SpanChecks.Run);
        Run("collections", &CollectionChecks.Run);
        Run("arenas", &ArenaChecks.Run);
        Run("faults", &FaultChecks.Run);
        Run("entries", &EntryChecks.Run);
        Line(TextBuilder.Format($"probe: done, {s_passed} passed, {s_failed} failed"));
        return EFI_STATUS.EFI_SUCCESS;
    }

    internal static void Check(bool holds, string what)
    {
        if (holds)
        {
            s_passed++;
            return;
        }

        s_failed++;
        Line(TextBuilder.Format($"probe: FAILED {what}"));
    }

    internal static void CheckEqual(string actual, string expected, string what) =>
        Check(actual == expected, TextBuilder.Format($"{what}: '{actual}' is not '{expected}'"));

    internal static void CheckEqual(long actual, long expected, string what) =>
        Check(actual == expected, TextBuilder.Format($"{what}: {actual} is not {expected}"));

    internal static void Line(string line)
    {
        string text = line + "\r\n";
        fixed (char* characters = text)
        {
            Firmware.SystemTable->ConOut->OutputString(Firmware.SystemTable->ConOut, characters);
        }
    }

    /// <summary>One group of checks; a fault in it is one more failure.</summary>
    private static void Run(string name, delegate*<void> checks)
    {
        Line(TextBuilder.Format($"probe: {name}"));
        Group group = new() { Checks = checks };
        if (!Machine.TryCall(ref group, &RunGroup, out _, out Fault fault))
        {
            Check(false, TextBuilder.Format($"{name}: fault: {fault.Kind} at 0x{fault.Address:x}"));
        }
    }

    private static EFI_STATUS RunGroup(ref Group group)
    {
        group.Checks();
        return EFI_STATUS.EFI_SUCCESS;
    }

    private struct Group
    {
        public delegate*<void> Checks;
    }
}
