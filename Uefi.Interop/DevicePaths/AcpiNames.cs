using System;

namespace NetBoot.Uefi.Interop.DevicePaths;

/// <summary>The ACPI devices that have a name of their own in the text of a device path. UEFI 2.10, table 10-62.</summary>
internal static class AcpiNames
{
    /// <summary>"PNP" as a compressed EISA id: the low half of a HID; the high half is the product's number.</summary>
    internal const uint Pnp = 0x41D0;

    private static readonly string[] s_names = ["PciRoot", "PcieRoot", "Floppy", "Keyboard", "Serial", "ParallelPort"];

    private static ReadOnlySpan<ushort> Numbers => [0x0A03, 0x0A08, 0x0604, 0x0301, 0x0501, 0x0401];

    internal static string? NameOf(uint hid)
    {
        for (int i = 0; i < Numbers.Length; i++)
        {
            if (hid == (((uint)Numbers[i] << 16) | Pnp))
            {
                return s_names[i];
            }
        }

        return null;
    }

    internal static bool TryFind(ReadOnlySpan<char> name, out uint hid)
    {
        for (int i = 0; i < s_names.Length; i++)
        {
            if (name.SequenceEqual(s_names[i].AsSpan()))
            {
                hid = ((uint)Numbers[i] << 16) | Pnp;
                return true;
            }
        }

        hid = 0;
        return false;
    }
}
