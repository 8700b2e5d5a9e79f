using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// ExitBootServices: the memory map's key stays valid, and every NIC that was receiving is reset. QEMU pauses when the agent powers
/// off after leaving boot services; then the evidence of the catalogue is looked at from outside.
/// </summary>
public sealed class QuietTests : FirmwareTest
{
    /// <summary>Every card with registers of its own; on the other processor those that the firmware's transport may hold.</summary>
    public static IEnumerable<object[]> Rows() =>
        from family in CardCatalogue.Emulated
        from architecture in Architecture.All
        where architecture == Architecture.X64 || family.IsDrivenByFirmware
        from card in family.InterfacesOn(architecture)
        select new object[] { architecture.Name, card.Device };

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task ExitBootServices_ResetsTheCard(string architecture, string nic)
    {
        Card card = CardCatalogue.Find(nic)!;
        string log = Directory.Combine("writes.log");
        string[] trace = card.Family.Rest is LastCommands ? ["-trace", "enable=memory_region_ops_write", "-D", log] : [];
        VirtualMachine machine = await StartAgentAsync(
            Architecture.Named(architecture), "quiet", [new GuestNic { Model = nic }], [card.DriverFile], ["-no-shutdown", .. trace]);
        await machine.Serial.WaitForAsync("agent: 1 NICs receive, leaving boot services");
        await machine.Monitor.WaitForEventAsync("STOP", TimeSpan.FromSeconds(60));
        Assert.DoesNotContain("FAILED", machine.Serial.Text);
        switch (card.Family.Rest)
        {
            case RegistersAtRest registers:
                await CheckAsync(machine, registers);
                break;
            case LastCommands commands:
                Check(await File.ReadAllTextAsync(log), commands);
                break;
            case VirtioStatusIsClear virtio:
                await CheckAsync(machine, virtio);
                break;
            default:
                Assert.Fail($"The catalogue has no evidence for {card.Family}.");
                break;
        }
    }

    private static async Task CheckAsync(VirtualMachine machine, RegistersAtRest evidence)
    {
        string info = await machine.Monitor.ExecuteHumanAsync("info pci");
        string nic = info[info.IndexOf("Ethernet controller", StringComparison.Ordinal)..];
        Match bar = Regex.Match(nic, $@"BAR{evidence.Bar}: (?<ports>I/O)?.*? at 0x(?<address>[0-9a-f]+)");
        Assert.True(bar.Success, info);
        ulong address = ulong.Parse(bar.Groups["address"].Value, NumberStyles.HexNumber);
        foreach (RegisterAtRest register in evidence.Registers)
        {
            uint value = await ReadAsync(machine, bar.Groups["ports"].Success, address + (ulong)register.Offset, register.Size);
            Assert.Equal(register.Value, value & register.Mask);
        }
    }

    private static void Check(string log, LastCommands evidence)
    {
        string values = string.Join('|', evidence.Commands.Select(each => $"{each:x8}"));
        string[] written = [.. Regex.Matches(log, $"value 0x({values}) size 4 name '{evidence.Region}'").Select(each => each.Groups[1].Value)];
        Assert.Equal(evidence.Commands.Select(each => $"{each:x8}"), written.TakeLast(evidence.Commands.Count));
    }

    private static async Task CheckAsync(VirtualMachine machine, VirtioStatusIsClear evidence)
    {
        JsonNode devices = (await machine.Monitor.ExecuteAsync("x-query-virtio"))!;
        string path = (string)devices.AsArray().Single(each => (string?)each!["name"] == evidence.Device)!["path"]!;
        JsonNode status = (await machine.Monitor.ExecuteAsync("x-query-virtio-status", new JsonObject { ["path"] = path }))!;
        string text = status["status"]!.ToJsonString();
        Assert.DoesNotContain("DRIVER_OK", text); // a reset device has status 0: virtio 1.2, 2.1
        Assert.DoesNotContain("ACKNOWLEDGE", text);
        Assert.False((bool)status["started"]!);
    }

    private static async Task<uint> ReadAsync(VirtualMachine machine, bool isPort, ulong address, int size)
    {
        string unit = size switch { 1 => "b", 2 => "h", _ => "w" };
        string answer = await machine.Monitor.ExecuteHumanAsync(isPort ? $"i /{unit} 0x{address:x}" : $"xp /1{unit}x 0x{address:x}");
        Match match = Regex.Match(answer, isPort ? "= 0x([0-9a-f]{2,8})" : ": 0x([0-9a-f]{2,8})");
        Assert.True(match.Success, answer);
        return uint.Parse(match.Groups[1].Value, NumberStyles.HexNumber);
    }
}
