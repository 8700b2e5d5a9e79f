using System;
using System.Text;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.ModelTests.UefiFirmware;

[Collection("Firmware")]
public sealed unsafe class TableTests
{
    [Fact]
    public void Tables_HaveRightChecksums()
    {
        using SimulatedFirmware firmware = new();
        Check(firmware, &firmware.SystemTable->Hdr);
        Check(firmware, &firmware.BootServices->Hdr);
        Check(firmware, &firmware.RuntimeServices->Hdr);
        EFI_GUID guid = EFI_CONFIGURATION_TABLE_GUID.SMBIOS3_TABLE_GUID;
        firmware.BootServices->InstallConfigurationTable(&guid, (void*)0x1000);
        Check(firmware, &firmware.SystemTable->Hdr);
    }

    private static void Check(SimulatedFirmware firmware, EFI_TABLE_HEADER* header)
    {
        uint expected = header->CRC32;
        header->CRC32 = 0;
        uint crc;
        Assert.True(firmware.BootServices->CalculateCrc32(header, header->HeaderSize, &crc).IsSuccess);
        header->CRC32 = expected;
        Assert.Equal(expected, crc);
    }

    [Fact]
    public void Crc_IsThatOfTheStandard()
    {
        using SimulatedFirmware firmware = new();
        uint crc;
        fixed (byte* data = "123456789"u8)
        {
            Assert.True(firmware.BootServices->CalculateCrc32(data, 9, &crc).IsSuccess);
        }

        Assert.Equal(0xCBF43926, crc);
    }

    [Fact]
    public void ConfigurationTables_AreAddedReplacedAndRemoved()
    {
        using SimulatedFirmware firmware = new();
        EFI_GUID first = EFI_CONFIGURATION_TABLE_GUID.SMBIOS3_TABLE_GUID;
        EFI_GUID second = EFI_CONFIGURATION_TABLE_GUID.ACPI_TABLE_GUID;
        EFI_BOOT_SERVICES* services = firmware.BootServices;
        services->InstallConfigurationTable(&first, (void*)1);
        services->InstallConfigurationTable(&second, (void*)2);
        services->InstallConfigurationTable(&first, (void*)3);
        Assert.Equal((nuint)2, firmware.SystemTable->NumberOfTableEntries);
        Assert.True(firmware.SystemTable->ConfigurationTable[0].VendorTable == (void*)3);
        services->InstallConfigurationTable(&first, null);
        Assert.Equal((nuint)1, firmware.SystemTable->NumberOfTableEntries);
        Assert.True(firmware.SystemTable->ConfigurationTable[0].VendorGuid == second);
        Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, services->InstallConfigurationTable(&first, null));
    }

    [Fact]
    public void Watchdog_ThatIsNotHeldOff_IsAViolation()
    {
        using SimulatedFirmware firmware = new();
        firmware.SetWatchdog(300);
        firmware.Advance(TimeSpan.FromSeconds(299));
        firmware.BootServices->SetWatchdogTimer(300, 0x10000, 0, null);
        firmware.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(TimeSpan.FromSeconds(1), firmware.Watchdog);
        firmware.BootServices->SetWatchdogTimer(0, 0, 0, null);
        firmware.Advance(TimeSpan.FromSeconds(1000));
        Assert.Empty(firmware.Violations);
        firmware.SetWatchdog(300);
        firmware.Advance(TimeSpan.FromSeconds(300));
        Assert.Contains("watchdog", Assert.Single(firmware.TakeViolations()));
    }

    [Fact]
    public void Clock_GoesWithTheVirtualTime()
    {
        using SimulatedFirmware firmware = new() { Clock = new DateTime(2030, 12, 31, 23, 59, 59) };
        firmware.BootServices->Stall(2_000_000);
        EFI_TIME time;
        Assert.True(firmware.RuntimeServices->GetTime(&time, null).IsSuccess);
        Assert.Equal((2031, 1, 1, 1), (time.Year, time.Month, time.Day, time.Second));
        firmware.Clock = null;
        Assert.Equal(EFI_STATUS.EFI_UNSUPPORTED, firmware.RuntimeServices->GetTime(&time, null));
    }

    [Fact]
    public void Reset_IsKept()
    {
        using SimulatedFirmware firmware = new();
        firmware.RuntimeServices->ResetSystem(EFI_RESET_TYPE.EfiResetShutdown, EFI_STATUS.EFI_ABORTED, 0, null);
        Assert.Equal(new SimulatedReset(EFI_RESET_TYPE.EfiResetShutdown, EFI_STATUS.EFI_ABORTED), Assert.Single(firmware.Resets));
    }

    [Fact]
    public void Variables_AreSetReadListedAndDeleted()
    {
        using SimulatedFirmware firmware = new();
        firmware.Variables["SecureBoot"] = [1];
        EFI_RUNTIME_SERVICES* services = firmware.RuntimeServices;
        EFI_GUID vendor = EFI_VARIABLE.EFI_GLOBAL_VARIABLE;
        byte* data = stackalloc byte[8];
        fixed (char* name = "SecureBoot")
        fixed (char* mine = "Mine")
        {
            nuint size = 0;
            Assert.Equal(EFI_STATUS.EFI_BUFFER_TOO_SMALL, services->GetVariable(name, &vendor, null, &size, null));
            Assert.Equal((nuint)1, size);
            Assert.True(services->GetVariable(name, &vendor, null, &size, data).IsSuccess);
            Assert.Equal(1, data[0]);
            Assert.Equal(EFI_STATUS.EFI_NOT_FOUND, services->GetVariable(mine, &vendor, null, &size, data));
            const uint attributes = EFI_VARIABLE.EFI_VARIABLE_BOOTSERVICE_ACCESS;
            Assert.True(services->SetVariable(mine, &vendor, attributes, 1, data).IsSuccess);
            Assert.True(services->SetVariable(mine, &vendor, attributes | EFI_VARIABLE.EFI_VARIABLE_APPEND_WRITE, 1, data).IsSuccess);
            Assert.Equal([1, 1], firmware.Variables["Mine"]);
            char* next = stackalloc char[32];
            next[0] = '\0';
            StringBuilder all = new();
            EFI_GUID guid;
            for (nuint space = 64; services->GetNextVariableName(&space, next, &guid).IsSuccess; space = 64)
            {
                all.Append(new string(next)).Append(' ');
            }

            Assert.Equal("SecureBoot Mine ", all.ToString());
            Assert.True(services->SetVariable(mine, &vendor, attributes, 0, null).IsSuccess);
        }

        Assert.Equal(1, firmware.Variables.Count);
    }

    [Fact]
    public void Console_KeepsWhatIsWritten_AndGivesTheKeysThatAreTyped()
    {
        using SimulatedFirmware firmware = new();
        EFI_SIMPLE_TEXT_OUTPUT_PROTOCOL* output = firmware.SystemTable->ConOut;
        fixed (char* text = "one\r\ntwo")
        {
            output->OutputString(output, text);
        }

        Assert.Equal("one\ntwo", firmware.Console.Text);
        Assert.Equal((3, 1), (firmware.Console.CursorColumn, firmware.Console.CursorRow));
        EFI_SIMPLE_TEXT_INPUT_PROTOCOL* input = firmware.SystemTable->ConIn;
        EFI_INPUT_KEY key;
        Assert.Equal(EFI_STATUS.EFI_NOT_READY, input->ReadKeyStroke(input, &key));
        firmware.Console.Type("a\r");
        firmware.Console.Press(EFI_SCAN_CODE.SCAN_UP);
        Assert.True(input->ReadKeyStroke(input, &key).IsSuccess);
        Assert.Equal('a', key.UnicodeChar);
        Assert.True(input->ReadKeyStroke(input, &key).IsSuccess);
        EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL* extended =
            firmware.Get<EFI_SIMPLE_TEXT_INPUT_EX_PROTOCOL>(firmware.SystemTable->ConsoleInHandle);
        EFI_KEY_DATA data;
        Assert.True(extended->ReadKeyStrokeEx(extended, &data).IsSuccess);
        Assert.Equal(EFI_SCAN_CODE.SCAN_UP, data.Key.ScanCode);
        Assert.Equal(0, firmware.Console.PendingKeys);
    }
}
