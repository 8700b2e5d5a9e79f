using System;
using System.Runtime.InteropServices;
using NetBoot.Uefi.Interop.Raw;

namespace NetBoot.Tests.Models.UefiFirmware;

/// <summary>
/// The tables that the product sees. They are the same in every test, so that what outlives a test calls into nothing.
/// </summary>
internal static unsafe class ServiceTables
{
    private const int MaximumTables = 64;

    public static readonly EFI_SYSTEM_TABLE* System = Allocate<EFI_SYSTEM_TABLE>(1);
    public static readonly EFI_BOOT_SERVICES* Boot = Allocate<EFI_BOOT_SERVICES>(1);
    public static readonly EFI_RUNTIME_SERVICES* Runtime = Allocate<EFI_RUNTIME_SERVICES>(1);
    private static readonly EFI_CONFIGURATION_TABLE* s_configuration = Allocate<EFI_CONFIGURATION_TABLE>(MaximumTables);
    private static readonly char* s_vendor = (char*)Marshal.StringToHGlobalUni("NetBoot simulated firmware");

    private static T* Allocate<T>(int count) where T : unmanaged =>
        (T*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(T));

    /// <summary>As they are when an image starts; without consoles.</summary>
    public static void Reset()
    {
        *Boot = default;
        Boot->Hdr = Header<EFI_BOOT_SERVICES>(EFI_BOOT_SERVICES.EFI_BOOT_SERVICES_SIGNATURE);
        BootServiceEntries.Fill(Boot);
        *Runtime = default;
        Runtime->Hdr = Header<EFI_RUNTIME_SERVICES>(EFI_RUNTIME_SERVICES.EFI_RUNTIME_SERVICES_SIGNATURE);
        RuntimeServiceEntries.Fill(Runtime);
        *System = default;
        System->Hdr = Header<EFI_SYSTEM_TABLE>(EFI_SYSTEM_TABLE.EFI_SYSTEM_TABLE_SIGNATURE);
        System->FirmwareVendor = s_vendor;
        System->FirmwareRevision = 0x10000;
        System->BootServices = Boot;
        System->RuntimeServices = Runtime;
        System->ConfigurationTable = s_configuration;
    }

    public static void SetConsole(SimulatedConsole console)
    {
        System->ConsoleInHandle = console.InputHandle;
        System->ConIn = console.Input;
        System->ConsoleOutHandle = console.OutputHandle;
        System->ConOut = console.Output;
        System->StandardErrorHandle = console.OutputHandle;
        System->StdErr = console.Output;
    }

    /// <summary>What ExitBootServices does to the system table (UEFI 2.10, 7.4.6).</summary>
    public static void EndBootServices()
    {
        System->ConsoleInHandle = default;
        System->ConIn = null;
        System->ConsoleOutHandle = default;
        System->ConOut = null;
        System->StandardErrorHandle = default;
        System->StdErr = null;
        System->BootServices = null;
        UpdateChecksums();
    }

    public static void UpdateChecksums()
    {
        UpdateChecksum(&Boot->Hdr);
        UpdateChecksum(&Runtime->Hdr);
        UpdateChecksum(&System->Hdr);
    }

    /// <summary>UEFI 2.10, 7.5.6.</summary>
    public static EFI_STATUS InstallConfigurationTable(SimulatedFirmware firmware, EFI_GUID* guid, void* table)
    {
        if (guid == null)
        {
            return EFI_STATUS.EFI_INVALID_PARAMETER;
        }

        Span<EFI_CONFIGURATION_TABLE> all = new(s_configuration, MaximumTables);
        int count = (int)System->NumberOfTableEntries;
        int at = 0;
        while (at < count && all[at].VendorGuid != *guid)
        {
            at++;
        }

        if (table == null)
        {
            if (at == count)
            {
                return EFI_STATUS.EFI_NOT_FOUND;
            }

            all[(at + 1)..count].CopyTo(all[at..]);
            System->NumberOfTableEntries--;
        }
        else
        {
            if (at == MaximumTables)
            {
                return EFI_STATUS.EFI_OUT_OF_RESOURCES;
            }

            all[at] = new EFI_CONFIGURATION_TABLE { VendorGuid = *guid, VendorTable = table };
            System->NumberOfTableEntries = (nuint)Math.Max(count, at + 1);
        }

        UpdateChecksums();
        firmware.SignalGroup(*guid);
        return EFI_STATUS.EFI_SUCCESS;
    }

    /// <summary>The CRC of CalculateCrc32 (UEFI 2.10, 7.5.7), which is that of IEEE 802.3.</summary>
    public static uint Crc32(ReadOnlySpan<byte> data)
    {
        uint crc = uint.MaxValue;
        foreach (byte each in data)
        {
            crc ^= each;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB8_8320);
            }
        }

        return ~crc;
    }

    private static EFI_TABLE_HEADER Header<T>(ulong signature) where T : unmanaged => new()
    {
        Signature = signature,
        Revision = EFI_SYSTEM_TABLE.EFI_2_100_SYSTEM_TABLE_REVISION,
        HeaderSize = (uint)sizeof(T),
    };

    private static void UpdateChecksum(EFI_TABLE_HEADER* header)
    {
        header->CRC32 = 0;
        header->CRC32 = Crc32(new ReadOnlySpan<byte>(header, (int)header->HeaderSize));
    }
}
