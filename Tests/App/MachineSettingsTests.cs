using System;
using System.Buffers.Binary;
using System.Text;
using NetBoot.Boot.App;
using NetBoot.Boot.App.Platforms;
using NetBoot.Boot.App.Settings;
using NetBoot.NetworkStack.Interfaces;
using NetBoot.NetworkStack.Wire;
using NetBoot.Tests.Models.UefiFirmware;
using NetBoot.Tests.Protocols;
using NetBoot.Uefi.Interop;
using NetBoot.Uefi.Interop.Raw;
using Xunit;

namespace NetBoot.Tests.App;

/// <summary>Settings that are read from the machine, kept in it, or do something.</summary>
[Collection("Firmware")]
public sealed unsafe class MachineSettingsTests : IDisposable
{
    private readonly TestSession _session = new();

    private TestPlatform Machine => _session.Platform;

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Cpuid_NamesTheProcessor_AndHasEveryRegister()
    {
        Machine.CpuidAnswers![(0, 0)] = [7, 0x756E6547, 0x6C65746E, 0x49656E69];
        Machine.CpuidAnswers[(7, 0)] = [0, 0x11, 0x22, 0x33];
        Machine.CpuidAnswers[(7, 1)] = [0, 0x44, 0, 0];
        Machine.CpuidAnswers[(0x8000_0000, 0)] = [0x8000_0004, 0, 0, 0];
        foreach (uint leaf in new uint[] { 0x8000_0002, 0x8000_0003, 0x8000_0004 })
        {
            Machine.CpuidAnswers[(leaf, 0)] = [0x20555043, 0x61616161, 0x62626262, 0x63636363];
        }

        Assert.Equal("GenuineIntel", _session.Expand("${cpuvendor}"));
        Assert.Equal("CPU aaaabbbbccccCPU aaaabbbbccccCPU aaaabbbbcccc", _session.Expand("${cpumodel}"));
        Assert.Equal("00000022", _session.Expand("${cpuid/2.7}"));
        Assert.Equal("0x33", _session.Expand("${cpuid/3.7:uint32}"));
        Assert.Equal("00000044", _session.Expand("${cpuid/1.0x40.1.7}"));
        Assert.Equal("80000004", _session.Expand("${cpuid/0.0x80000000}"));
        Assert.Equal("", _session.Expand("${cpuid/0.8}${cpuid/0.0x80000005}${cpuid/0.0x40000000}${cpuid/x}${1.7}"));
        Machine.CpuidAnswers = null;
        Assert.Equal("", _session.Expand("${cpuvendor}${cpuid/2.7}"));
    }

    [Fact]
    public void Pci_ReadsConfigurationSpace_WithTheLastByteFirst()
    {
        Machine.PciFunctions[0x10] = [0x86, 0x80, 0x0E, 0x10, 1, 2, 3, 4];

        Assert.Equal("8086", _session.Expand("${pci/0x10.0.2}"));
        Assert.Equal("0x100e", _session.Expand("${pci/0.0x10.2.2:uint16}"));
        Assert.Equal("04030201", _session.Expand("${pci/0x10.4.4}"));
        Assert.Equal("", _session.Expand("${pci/0x11.0.2}${pci/0x10.0.0}${pci/0x10.200.4}${pci/x}"));
    }

    [Fact]
    public void Acpi_ReadsTables_AndTurnsNumbersRound()
    {
        Machine.AcpiTables.Add([.. "FACP"u8, 12, 0, 0, 0, 0x34, 0x12, 7, 8]);

        Assert.Equal("46414350", _session.Expand("${acpi/0x46414350.0.0.0.4}"));
        Assert.Equal("FACP", _session.Expand("${acpi/0x46414350.0.0.0.4:string}"));
        Assert.Equal("0x1234", _session.Expand("${acpi/0x46414350.0.0.8.2:uint16}"));
        Assert.Equal("34120708", _session.Expand("${acpi/0x46414350.0.0.8.0}"));
        Assert.Equal("0708", _session.Expand("${acpi/0x46414350.0.0.10.200}"));
        Assert.Equal("", _session.Expand("${acpi/0x46414350.1.0.0.4}${acpi/0x46414350.0.0.12.1}${acpi/0x41424344.0.0.0.4}${acpi/x}"));
    }

    [Theory]
    [InlineData("....MACA...._AUXMAC_#0A1B2C3D4E5F#\0", "0a:1b:2c:3d:4e:5f")]
    [InlineData("_RTXMAC_#abcdef#\0", "61:62:63:64:65:66")]
    [InlineData("_AUXMAC_#0A1B2C3D4E5F", "")]
    [InlineData("_AUXMAC_#0A1B2C3D4EZZ#", "")]
    [InlineData("_AUXMAC_#", "")]
    public void SystemMac_IsTakenFromTheTablesThatVendorsPutItIn(string content, string expected)
    {
        Machine.AcpiTables.Add(Encoding.ASCII.GetBytes("SSDT" + content));

        Assert.Equal(expected, _session.Expand("${sysmac}"));
    }

    [Fact]
    public void MemoryMap_AddsUpRegions()
    {
        Machine.MemoryRegions.Add((0, 0xA0000));
        Machine.MemoryRegions.Add((0x100000, 0x7FF00000));

        Assert.Equal("0xa0000", _session.Expand("${memmap/0.0.2.0:uint32}"));
        Assert.Equal("0x100000", _session.Expand("${memmap/0.1.1.0:uint32}"));
        Assert.Equal("0x80000000", _session.Expand("${memmap/0.1.3.0:uint32}"));
        Assert.Equal("2047", _session.Expand("${memmap/255.0.6.20:int32}"));
        Assert.Equal("", _session.Expand("${memmap/255.0.2.20}${memmap/0.2.2.0}${memmap/x}"));
    }

    [Fact]
    public void Variables_AreReadByName_AndByNameAndNamespace()
    {
        EFI_GUID other = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        Machine.Variables[("SecureBoot", EFI_VARIABLE.EFI_GLOBAL_VARIABLE)] = [1];
        Machine.Variables[("SecureBoot", other)] = [2, 3];

        Assert.Equal("01", _session.Expand("${efi/SecureBoot}"));
        Assert.Equal("0x1", _session.Expand("${efi/SecureBoot:uint8}"));
        Assert.Equal("02:03", _session.Expand("${efi/SecureBoot-00000001-0002-0003-0405-060708090a0b}"));
        Assert.Equal("01", _session.Expand("${efi/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c}"));
        Assert.Equal("", _session.Expand("${efi/Nosuch}${efi/SecureBoot-x}${SecureBoot}${efi/}"));
    }

    [Fact]
    public void NonVolatileSettings_AreThereAfterARestart_AndGoWhenTheyAreCleared()
    {
        Assert.True(_session.Run("set nvo/site berlin\nset nvo/count:int32 3\nset nvo/gone x\nclear nvo/gone").IsSuccess);
        using (TestSession later = new(platform: Machine))
        {
            Assert.Equal("berlin 3 ", later.Expand("${site} ${nvo/count} ${nvo/gone}"));
            later.Run("clear nvo/site\nclear nvo/count");
        }

        Assert.Empty(Machine.Variables[(NonVolatileBlock.VariableName, NonVolatileBlock.Vendor)]);
    }

    [Fact]
    public void NonVolatileSetting_ThatTheFirmwareDoesNotKeep_IsAnErrorAndIsNotThere()
    {
        Machine.VariableRoom = 100;
        Assert.True(_session.Run("set nvo/a short").IsSuccess);

        Assert.True(_session.Run($"set nvo/b {new string('x', 100)}").IsError);

        Assert.EndsWith("boot.ipxe:2: set: no room\n", _session.Output);
        Assert.Equal("short ", _session.Expand("${nvo/a} ${nvo/b}"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0100000000000000000002FFFFFF7F6162")]
    [InlineData("FFFF000000000000000002010000006162")]
    [InlineData("01000000000000000000FF010000006162")]
    public void NonVolatileSettings_ThatAreNone_AreNotTaken(string stored)
    {
        Machine.Variables[(NonVolatileBlock.VariableName, NonVolatileBlock.Vendor)] = Convert.FromHexString(stored);
        using TestSession session = new(platform: Machine);

        Assert.Equal("", session.Expand("${nvo/a}"));
        Assert.True(session.Run("set nvo/a 1").IsSuccess);
        Assert.Equal("1", session.Expand("${nvo/a}"));
    }

    [Fact]
    public void Clock_CanBeSet_AndBroughtBack()
    {
        _session.Run("set builtin/unixtime 5000");
        Machine.Clock += 7;
        Assert.Equal("5007", _session.Expand("${unixtime:int32}"));

        _session.Run("clear builtin/unixtime");
        Assert.Equal("1700000007", _session.Expand("${unixtime:int32}"));
    }

    [Fact]
    public void BusId_IsThePciVendorAndDevice()
    {
        NetworkInterface netif = new("net0", new TestLink(1));
        _session.Session.Add(new BootInterface(netif, "NIC") { IsPci = true, BusLocation = 0x18, PciId = 0x8086_100E });

        Assert.Equal("01:80:86:10:0e PCI 0000:00:03.0", _session.Expand("${net0/busid} ${net0/bustype} ${net0/busloc:busdevfn}"));
    }

    [Fact]
    public void UserClass_IsWhatDhcpServersAreTold()
    {
        TestLink link = new(1);
        link.Peer = new PeerHost(link, new IPv4Address(192, 0, 2, 1));
        DhcpServer server = new(link.Peer) { File = "boot" };
        _session.Session.Add(new BootInterface(new NetworkInterface("net0", link), "NIC"));
        _session.EventLoop.Network = _session.Session.Network;

        _session.Run("dhcp\nset user-class pixiecore\ndhcp");

        Assert.Equal("iPXE"u8.ToArray(), DhcpBytes.Find(server.Discovers[0], 77));
        Assert.Equal("pixiecore"u8.ToArray(), DhcpBytes.Find(server.Discovers[1], 77));
    }

    [Fact]
    public void Firmware_HasVariables_AcpiTables_AndMemory()
    {
        using SimulatedFirmware firmware = new();
        using SimulatedAcpi acpi = new(firmware);
        FirmwarePlatform platform = new(firmware.Image.Protocol, new NetworkSetup(null, [], false), new TestDomain());
        firmware.Variables["BootOrder"] = [1, 0];
        EFI_GUID other = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        firmware.Variables["Mine", other] = [9];

        Assert.Equal([1, 0], platform.GetVariable("BootOrder", null));
        Assert.Equal([1, 0], platform.GetVariable("BootOrder", EFI_VARIABLE.EFI_GLOBAL_VARIABLE));
        Assert.Equal([9], platform.GetVariable("Mine", null));
        Assert.Null(platform.GetVariable("Mine", EFI_VARIABLE.EFI_GLOBAL_VARIABLE));
        Assert.Null(platform.GetVariable("Boot", null));
        Assert.Null(platform.GetVariable(new string('x', 5000), null));
        Assert.Null(platform.GetVariable("", null));
        Assert.Null(platform.SetVariable("Kept", other, [1, 2, 3]));
        Assert.Equal([1, 2, 3], firmware.Variables["Kept", other]);
        Assert.Null(platform.SetVariable("Kept", other, default));
        Assert.Null(firmware.Variables["Kept", other]);
        Assert.Null(platform.SetVariable("Kept", other, default));

        ReadOnlySpan<byte> table = platform.FindAcpiTable("FACP"u8, 0);
        Assert.Equal("FACP"u8.ToArray(), table[..4].ToArray());
        Assert.Equal(table.Length, BinaryPrimitives.ReadInt32LittleEndian(table[4..]));
        Assert.Equal("SSDT"u8.ToArray(), platform.FindAcpiTable("SSDT"u8, 0)[..4].ToArray());
        Assert.True(platform.FindAcpiTable("SSDT"u8, 1).IsEmpty);
        Assert.True(platform.FindAcpiTable("DSDT"u8, 0).IsEmpty);
        acpi.Withdraw();
        Assert.True(platform.FindAcpiTable("FACP"u8, 0).IsEmpty);

        ulong sum = 0;
        int count = 0;
        ulong end = 0;
        while (platform.TryGetMemoryRegion(count, out ulong start, out ulong length))
        {
            Assert.True(count == 0 || start > end);
            end = start + length;
            sum += length;
            count++;
        }

        Assert.Equal(platform.MemorySize, sum);
        Assert.False(platform.TryReadPci(0x18, 0, new byte[2]));
    }

    private sealed class TestDomain : FaultDomain
    {
        public override string Name => "test";
    }
}
