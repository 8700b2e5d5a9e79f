using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The lines for dnsmasq that the pages have, word for word: a machine without anything of ours boots by them.</summary>
[Trait("Kind", "Lab")]
public sealed class DocumentedServerTests : FirmwareTest
{
    [NamespaceFact]
    public async Task Dnsmasq_AsThePagesSetItUp_BootsTheApplication_AlsoBesideADhcpServer()
    {
        string tftp = NewFolder("tftp", ("autoexec.ipxe", "#!ipxe\necho script from tftp beside ${netX/mac}\n"));
        File.Copy(Repository.Image(Architecture.X64, "netboot.efi"), Path.Combine(tftp, "netboot.efi"));
        NetworkNamespace inside = await NewNetworkAsync();
        Own(await DnsmasqServer.StartAsync(inside, "tap0", LinesOf("README.md"), tftp));
        await BootsAsync(inside, "tap0");

        const string own = "192.0.2."; // the pages' network, which tap0 has here
        const string other = "198.51.100.";
        await inside.AddTapAsync("tap1", other + "1/24");
        Own(await DnsmasqServer.StartAsync(inside, "tap1", [$"--dhcp-range={other}10,{other}99,1h"]));
        Own(await DnsmasqServer.StartAsync(inside, "tap1", [.. LinesOf("Boot/Docs/install.md").Select(line => line.Replace(own, other, StringComparison.Ordinal))], tftp));
        await BootsAsync(inside, "tap1");
    }

    private async Task BootsAsync(NetworkNamespace inside, string tap)
    {
        VirtualMachine machine = await StartAsync(new()
        {
            Namespace = inside,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, BootIndex = 0, Network = new TapNetwork(tap) }],
        });
        await machine.Serial.WaitForAsync("NBP file downloaded successfully", TimeSpan.FromSeconds(90));
        await machine.Serial.WaitForAsync("script from tftp beside 52:54:00");
        await machine.QuitAsync();
    }

    /// <summary>What a page's block says, as options; TFTP is on by what the harness says itself.</summary>
    private static string[] LinesOf(string page)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, page));
        string block = text.Split("```dnsmasq\n")[1].Split("```")[0];
        return [.. block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains("tftp", StringComparison.Ordinal)).Select(line => "--" + line)];
    }
}
