using System;
using System.Globalization;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.OvmfTest.Images.ordinary;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// An ordinary program in firmware, started from the shell: .NET's names do what they do on the host, where the same cases run on .NET itself,
/// and its status is what Main returns.
/// </summary>
public sealed class OrdinaryTests : FirmwareTest
{
    private static readonly Guid s_shell = new("7C04A583-9E3E-4F1C-AD65-E05268D0B4D1");

    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task AnOrdinaryProgram_DoesWhatItDoesOnTheHost(string name)
    {
        VirtualMachine machine = await StartShellAsync(Architecture.Named(name));
        await machine.Serial.WaitForAsync("Shell> ");

        string output = await RunAsync("cases");
        string[] actual = Regex.Matches(output, @"^case \d+ (.*)$", RegexOptions.Multiline).Select(match => match.Groups[1].Value).ToArray();
        Assert.Equal(Cases.Run().Lines, actual);
        Assert.Contains($"ordinary: {actual.Length} cases\n", output);
        await ExpectStatusAsync("0x3");

        Assert.Contains("ordinary: 3 arguments: what|two words|x\n", await RunAsync("what \"two words\" x"));
        await ExpectStatusAsync("0xFFFFFFFF");

        output = await RunAsync("files");
        Assert.Contains("exist: True True False False False\n12 bytes: hello world\n|\nline: one\nline: \nline: three\n", output);
        await ExpectStatusAsync("0x0");

        Assert.Matches(@"ordinary: fault: Could not find file 'nothing\.txt'\. at \+0x", await RunAsync("missing"));
        await ExpectStatusAsync("0x7");

        Assert.DoesNotContain("goes on", await RunAsync("exit 42"));
        await ExpectStatusAsync("0x2A");

        output = await RunAsync("clock");
        Assert.Contains("slept: True True\n", output);
        DateTime now = DateTime.ParseExact(Regex.Match(output, "now: (.*) UTC").Groups[1].Value, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        Assert.InRange(now, DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddHours(1));

        await TalkAsync(machine);

        async Task<string> RunAsync(string arguments)
        {
            int start = machine.Serial.Text.Length;
            await machine.Serial.SendAsync($"fs0:\\ordinary.efi {arguments}\r");
            await machine.Serial.WaitForAsync(@"\n\S*Shell> ");
            return machine.Serial.Text[start..].Replace("\r", "");
        }

        // The shell shows the lower 32 bits: not whether it is an error.
        async Task ExpectStatusAsync(string status)
        {
            await machine.Serial.SendAsync("echo [%lasterror%]\r");
            Assert.Equal(status, (await machine.Serial.WaitForAsync(@"\n\[(0x[0-9A-F]+)\]")).Groups[1].Value);
            await machine.Serial.WaitForAsync(@"\n\S*Shell> ");
        }
    }

    private static async Task TalkAsync(VirtualMachine machine)
    {
        await machine.Serial.SendAsync("fs0:\\ordinary.efi talk\r");
        await machine.Serial.WaitForAsync(@"name\? ");
        await machine.Serial.SendAsync("Axy\b\bda\r");
        await machine.Serial.WaitForAsync(@"hello, Ada \(3\)");
        await machine.Serial.WaitForAsync(@"key\? ");
        await machine.Serial.SendAsync("q");
        await machine.Serial.WaitForAsync(@"'q' 81 0 False");
        await machine.Serial.WaitForAsync(@"arrow\? ");
        await machine.Serial.SendAsync("\x1B[A");
        await machine.Serial.WaitForAsync("0 True");
        await machine.Serial.WaitForAsync("red on blue");
        await machine.Serial.WaitForAsync("colours: True True");
        await machine.Serial.WaitForAsync("screen: True True True");
    }

    private Task<VirtualMachine> StartShellAsync(Architecture architecture)
    {
        SystemPartition partition = NewPartition(architecture);
        partition.Add(Repository.Image(architecture, "ordinary.efi"), "ordinary.efi");
        partition.Write("hello.txt", "hello world\n");
        partition.Write("folder/lines.txt", "one\n\nthree\n");
        return StartAsync(new()
        {
            Architecture = architecture,
            SystemPartition = partition.Root,
            Variables = store => store.AddBoot("Shell", MachinePath.FirmwareFile(new Guid(architecture.ShellVolume), s_shell), "Shell.efi -nostartup"),
        });
    }
}
