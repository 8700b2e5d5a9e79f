using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Networks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;
using Xunit.Abstractions;

namespace NetBoot.OvmfTest;

/// <summary>The application behind a switch that does what networks do, with real servers on its other ports (dnsmasq, nginx on TAP).</summary>
[Trait("Kind", "Lab")]
public sealed class SwitchedNetworkTests : FirmwareTest
{
    private const int VlanId = 5;

    private readonly SwitchPort _guest;
    private readonly SwitchPort _servers;
    private readonly ITestOutputHelper _output;
    private string _big = "";
    private string _small = "";

    public SwitchedNetworkTests(ITestOutputHelper output)
    {
        EthernetSwitch between = Own(new EthernetSwitch());
        _guest = between.AddPort();
        _servers = between.AddPort();
        _output = output;
    }

    [NamespaceFact]
    public async Task Downloads_OnANetworkThatLosesFrames_AreIntact()
    {
        VirtualMachine machine = await StartAsync();
        await machine.Serial.SendAsync("dhcp\r");
        await machine.Serial.WaitForAsync(@"DHCP\.\.\. 192\.0\.2\.\d+");
        foreach (double loss in (double[])[0.01, 0.05, 0.1])
        {
            int lost = _guest.Lost;
            _guest.Faults = new FrameFaults { Loss = loss, Duplicates = 0.02, Reordering = 0.05 };
            await FetchAsync(machine, "http", _big);
            await FetchAsync(machine, "tftp", _small);
            Assert.True(_guest.Lost > lost);
        }

        Assert.True(_guest.Lost > 100 && _guest.Duplicated > 20 && _guest.Reordered > 50, $"{_guest.Lost} {_guest.Duplicated} {_guest.Reordered}");
    }

    [NamespaceFact]
    public async Task Vlan_OnAPortThatForwardsAfterHalfAMinute_IsBootedFrom()
    {
        _guest.IsTrunk = true;
        _guest.ForwardDelay = TimeSpan.FromSeconds(30);
        _servers.Vlan = VlanId;
        VirtualMachine machine = await StartAsync();
        _guest.StartLink();
        await machine.Serial.SendAsync($"vcreate --tag {VlanId} --priority 3 net0 ; dhcp net0-{VlanId}\r");
        await machine.Serial.WaitForAsync(@"DHCP\.\.\. 192\.0\.2\.\d+");
        Assert.True(_guest.Refused > 0);
        await FetchAsync(machine, "http", _big);
        await FetchAsync(machine, "tftp", _small);
        await machine.Serial.SendAsync($"echo VLAN ${{netX/vlan-id}} of ${{netX/ifname}} ; vdestroy net0-{VlanId} ; ifstat\r");
        await machine.Serial.WaitForAsync($"VLAN {VlanId} of net0-{VlanId}\r?\nnet0: .*\r?\nNetBoot> ");
        Assert.True(_guest.SentTagged > 1000);
        byte[][] sent = [.. machine.Frames().Where(each => each.AsSpan(6, 6).SequenceEqual(MacText.Numbered(0).Bytes))];
        Assert.Contains(sent, each => each[12..16] is [0x81, 0, 0x60, VlanId]);
        Assert.DoesNotContain(sent, each => each[12..14] is [8, 0]);
    }

    /// <summary>Starts the shell of the application behind the switch, and real servers beyond it with a file each.</summary>
    private async Task<VirtualMachine> StartAsync()
    {
        NetworkNamespace inside = await NewNetworkAsync();
        string web = NewFolder("web");
        string tftp = NewFolder("tftp");
        _big = Hash(WriteRandom(web, 4_000_001));
        _small = Hash(WriteRandom(tftp, 100_001));
        Own(await NginxServer.StartAsync(web, "", TapHost, inside));
        Own(await DnsmasqServer.StartAsync(inside, "tap0", ["--dhcp-range=192.0.2.10,192.0.2.99,1h"], tftp));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\nshell\n");
        VirtualMachine machine = await StartAsync(new()
        {
            Namespace = inside,
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = _guest, Capture = true }],
            More = _servers.ArgumentsFor(new TapNetwork("tap0")),
        });
        await machine.Serial.WaitForAsync("NetBoot> ");
        return machine;
    }

    private static string Hash(string file) => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file)));

    private async Task FetchAsync(VirtualMachine machine, string scheme, string hash)
    {
        Stopwatch time = Stopwatch.StartNew();
        await machine.Serial.SendAsync($"imgfree ; imgfetch --name x {scheme}://{TapHost}/content.bin && sha256sum x || echo failed on ${{platform}}\r");
        Match end = await machine.Serial.WaitForAsync("([0-9a-f]{64})  x|failed on efi", TimeSpan.FromMinutes(3));
        _output.WriteLine($"{scheme}, loss {_guest.Faults.Loss:P0}: {time.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(hash, end.Groups[1].Value);
    }
}
