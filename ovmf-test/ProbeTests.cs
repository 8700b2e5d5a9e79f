using System;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>What the product relies on from C# without .NET: calls, statics, text, memory, and faults that end where they should.</summary>
public sealed class ProbeTests : FirmwareTest
{
    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task Probe_FindsEveryPromiseKeptAndItsFaultReportedOnce(string name)
    {
        Architecture architecture = Architecture.Named(name);
        VirtualMachine machine = await StartProbeAsync(architecture);
        Match done = await machine.Serial.WaitForAsync(@"probe: done, (\d+) passed, (\d+) failed");
        string failures = string.Join('\n', machine.Serial.Text.Split('\n').Where(line => line.Contains("FAILED")).Select(line => line.Trim()));
        Assert.True(done.Groups[2].Value == "0", failures);
        Assert.InRange(int.Parse(done.Groups[1].Value), 100, 1000);
        CheckReport(architecture, machine.Serial.Text);
    }

    /// <summary>The fault that the probe has on purpose is reported once, and the image's map says in which function it was.</summary>
    private static void CheckReport(Architecture architecture, string console)
    {
        Match report = Assert.Single(Regex.Matches(
            console, @"probe: fault: (.*?) at \+0x([0-9a-f]+) \(0x[0-9a-f]+, image at 0x[0-9a-f]+000\); out of service: probe device"));
        Assert.Equal("index out of range", report.Groups[1].Value);
        string map = Path.ChangeExtension(Repository.Image(architecture, "probe.efi"), ".map");
        ulong offset = Convert.ToUInt64(report.Groups[2].Value, 16);
        string function = File.ReadLines(map)
            .Select(line => Regex.Match(line, @"^\s*000[0-9a-f]:[0-9a-f]{8}\s+(\S+)\s+([0-9a-f]{16})\s"))
            .Where(match => match.Success)
            .Select(match => (Name: match.Groups[1].Value, Address: Convert.ToUInt64(match.Groups[2].Value, 16)))
            .Where(symbol => (symbol.Address & 0xFFFFFFF) <= offset)
            .MaxBy(symbol => symbol.Address & 0xFFFFFFF).Name;
        Assert.Contains("EntryChecks__Body", function);
    }

    private async Task<VirtualMachine> StartProbeAsync(Architecture architecture)
    {
        SystemPartition partition = NewPartition(architecture);
        partition.Add(Repository.Image(architecture, "probe.efi"), "probe.efi");
        return await StartAsync(new()
        {
            Architecture = architecture,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                store.AddBoot("probe", MachinePath.VirtualFatPartition().FilePath(@"\probe.efi"));
            },
        });
    }
}
