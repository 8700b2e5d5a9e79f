using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Xunit;

namespace OvmfTest;

/// <summary>
/// ExitBootServices: the memory map's key stays valid, and every NIC that was receiving is reset. QEMU pauses when the agent powers
/// off after leaving boot services; then the devices' own registers are read from outside.
/// </summary>
public sealed class QuietTests : FirmwareTest
{
    // 82540EM manual (Intel 317453) section 13.4: receive and transmit control, whose bit 1 enables each, and the ring tails.
    private const int ReceiveControl = 0x100, TransmitControl = 0x400, InterruptMask = 0xD0, Enable = 2;

    [Theory]
    [InlineData("e1000")]
    [InlineData("e1000e")]
    public async Task ExitBootServices_ResetsE1000(string model)
    {
        VirtualMachine machine = await LeaveAsync(Architecture.X64, model, "e1000.efi");
        ulong registers = await BarAsync(machine, 0);
        Assert.Equal(0u, await ReadAsync(machine, registers + ReceiveControl) & Enable);
        Assert.Equal(0u, await ReadAsync(machine, registers + TransmitControl) & Enable);
        Assert.Equal(0u, await ReadAsync(machine, registers + InterruptMask));
    }

    [Fact]
    public async Task ExitBootServices_ResetsRtl8139()
    {
        // RTL8139C(L)+ data sheet: CR at 0x37, whose bits 2 and 3 enable transmitter and receiver; IMR at 0x3C.
        VirtualMachine machine = await LeaveAsync(Architecture.X64, "rtl8139", "rtl8139.efi");
        ulong registers = await BarAsync(machine, 1);
        Assert.Equal(0u, (await ReadAsync(machine, registers + 0x34) >> 24) & 0x0C);
        Assert.Equal(0u, await ReadAsync(machine, registers + 0x3C) & 0xFFFF);
    }

    [Fact]
    public async Task ExitBootServices_StopsPcnet()
    {
        const int RegisterDataPort = 0x10;
        const uint Stopped = 4; // CSR0 with nothing but STOP: AMD 19436, "CSR0"
        VirtualMachine machine = await LeaveAsync(Architecture.X64, "pcnet", "pcnet.efi");
        Assert.Equal(Stopped, await ReadAsync(machine, await BarAsync(machine, 1) + RegisterDataPort, 'h')); // reset: word mode
    }

    [Fact]
    public async Task ExitBootServices_StopsNe2k()
    {
        VirtualMachine machine = await LeaveAsync(Architecture.X64, "ne2k_pci", "ne2k.efi");
        string info = await machine.Monitor.ExecuteHumanAsync("info pci");
        Match bar = Regex.Match(info[info.IndexOf("Ethernet controller", StringComparison.Ordinal)..], @"BAR0: I/O at 0x([0-9a-f]+)");
        Assert.True(bar.Success, info);
        string command = await machine.Monitor.ExecuteHumanAsync($"i /b 0x{bar.Groups[1].Value}");
        Assert.Matches("= 0x21", command); // DP8390D data sheet, 10: page 0, no remote DMA, stopped
    }

    [Fact]
    public async Task ExitBootServices_StopsVmxnet3()
    {
        // No register of it tells whether it is active (Linux, vmxnet3_defs.h): what was written to its BAR 1 does.
        string log = Directory.Combine("writes.log");
        await LeaveAsync(Architecture.X64, "vmxnet3", "vmxnet3.efi", "-trace", "enable=memory_region_ops_write", "-D", log);
        string[] commands = [.. Regex.Matches(await File.ReadAllTextAsync(log), "value 0x(cafe000[012]) size 4 name 'vmxnet3-b1'").Select(each => each.Groups[1].Value)];
        Assert.Equal(["cafe0000", "cafe0001", "cafe0002"], commands[^3..]); // activated; quiesced and reset
    }

    [Theory]
    [InlineData("x64", "virtio-net-pci,disable-legacy=on")]
    [InlineData("x64", "virtio-net-pci,disable-modern=on")]
    [InlineData("aa64", "virtio-net-pci,disable-legacy=on")]
    [InlineData("aa64", "virtio-net-device")]
    public async Task ExitBootServices_ResetsVirtioNet(string architecture, string model)
    {
        VirtualMachine machine = await LeaveAsync(Architecture.All.Single(each => each.Name == architecture), model, "virtio-net.efi");
        JsonNode devices = (await machine.Monitor.ExecuteAsync("x-query-virtio"))!;
        string path = (string)devices.AsArray().Single(each => (string?)each!["name"] == "virtio-net")!["path"]!;
        JsonNode status = (await machine.Monitor.ExecuteAsync("x-query-virtio-status", new JsonObject { ["path"] = path }))!;
        string text = status["status"]!.ToJsonString();
        Assert.DoesNotContain("DRIVER_OK", text); // a reset device has status 0: virtio 1.2 section 2.1
        Assert.DoesNotContain("ACKNOWLEDGE", text);
        Assert.False((bool)status["started"]!);
    }

    private async Task<VirtualMachine> LeaveAsync(Architecture architecture, string model, string driver, params string[] more)
    {
        VirtualMachine machine = await StartAgentAsync(architecture, "quiet", [new GuestNic { Model = model }], [driver], ["-no-shutdown", .. more]);
        await machine.Serial.WaitForAsync("agent: 1 NICs receive, leaving boot services");
        await machine.Monitor.WaitForEventAsync("STOP", TimeSpan.FromSeconds(60));
        Assert.DoesNotContain("FAILED", machine.Serial.Text);
        return machine;
    }

    /// <summary>The address of a base address register of the first NIC.</summary>
    private static async Task<ulong> BarAsync(VirtualMachine machine, int bar)
    {
        string info = await machine.Monitor.ExecuteHumanAsync("info pci");
        string nic = info[info.IndexOf("Ethernet controller", StringComparison.Ordinal)..];
        Match match = Regex.Match(nic, $@"BAR{bar}: \d+ bit \w* ?memory at 0x([0-9a-f]+)");
        Assert.True(match.Success, info);
        return ulong.Parse(match.Groups[1].Value, NumberStyles.HexNumber);
    }

    private static async Task<uint> ReadAsync(VirtualMachine machine, ulong address, char size = 'w')
    {
        string answer = await machine.Monitor.ExecuteHumanAsync($"xp /1{size}x 0x{address:x}");
        Match match = Regex.Match(answer, ": 0x([0-9a-f]{4,8})");
        Assert.True(match.Success, answer);
        return uint.Parse(match.Groups[1].Value, NumberStyles.HexNumber);
    }
}
