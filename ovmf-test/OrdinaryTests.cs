using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.OvmfTest.Images.ordinary;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>An ordinary program in firmware: .NET's names do what they do on the host, where the same cases run on .NET itself.</summary>
public sealed class OrdinaryTests : FirmwareTest
{
    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task AnOrdinaryProgram_DoesWhatItDoesOnTheHost(string name)
    {
        Architecture architecture = Architecture.Named(name);
        SystemPartition partition = NewPartition(architecture);
        partition.Add(Repository.Image(architecture, "ordinary.efi"), "ordinary.efi");
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = architecture,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                store.AddBoot("ordinary", MachinePath.VirtualFatPartition().FilePath(@"\ordinary.efi"));
            },
        });
        await machine.Serial.WaitForAsync(@"ordinary: \d+ cases");
        string[] expected = Cases.Run().Lines.ToArray();
        string[] actual = Regex.Matches(machine.Serial.Text, @"case \d+ (.*?)\r?\n").Select(match => match.Groups[1].Value.TrimEnd('\r')).ToArray();
        Assert.Equal(expected, actual);
    }
}
