using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Real DHCP servers of both versions (kea, dnsmasq) on TAP interfaces.</summary>
[Trait("Kind", "Lab")]
public sealed class Dhcp6Tests : FirmwareTest
{
    /// <summary>dnsmasq's router says that there are leases, as it does beside a range of its own, but it gives nobody any.</summary>
    [NamespaceFact]
    public async Task App_TakesLeasesOfKea_WhichChoosesByArchitecture_AndWhatDnsmasqSaysWithoutOne()
    {
        string web = NewFolder("web", ("x64.ipxe", "#!ipxe\necho booted by version 6, from ${net0/ip6}\n"));
        NetworkNamespace inside = await NewNetworkAsync();
        await inside.AddIPv6AddressAsync("tap0", "fe80::1/64");
        await inside.AddIPv6AddressAsync("tap0", "2001:db8:1::1/64");
        await inside.AddTapAsync("tap1", "198.51.100.1/24");
        await inside.AddIPv6AddressAsync("tap1", "2001:db8:2::1/64");
        Own(await NginxServer.StartAsync(web, "", "[2001:db8:1::1]", inside));
        Own(await DnsmasqServer.StartAsync(
            inside, "tap0", ["--enable-ra", "--dhcp-range=2001:db8:1::800,2001:db8:1::8ff,64,1h", "--dhcp-ignore=tag:!nobody"]));
        Own(await DnsmasqServer.StartAsync(
            inside, "tap1",
            [
                "--enable-ra", "--dhcp-range=2001:db8:2::,ra-stateless,64,1h", "--dhcp-option=option6:dns-server,[2001:db8:2::53]",
                "--dhcp-option=option6:domain-search,two.example", "--dhcp-option=option6:59,tftp://[2001:db8:2::1]/stateless.efi",
            ]));
        KeaServer six = Own(await KeaServer.StartAsync(inside, 6, "tap0", """
            "client-classes": [ {
                "name": "x64", "test": "option[61].hex == 0x0007 and option[15].hex == 0x000469505845",
                "option-data": [ { "name": "bootfile-url", "data": "http://[2001:db8:1::1]/x64.ipxe" } ]
            } ],
            "subnet6": [ {
                "id": 1, "subnet": "2001:db8:1::/64", "interface": "tap0", "pools": [ { "pool": "2001:db8:1::100-2001:db8:1::1ff" } ],
                "option-data": [ { "name": "dns-servers", "data": "2001:db8:1::53" }, { "name": "domain-search", "data": "one.example" } ]
            } ]
            """));
        KeaServer four = Own(await KeaServer.StartAsync(inside, 4, "tap0", """
            "client-classes": [ {
                "name": "x64", "test": "option[93].hex == 0x0007", "option-data": [ { "name": "domain-name", "data": "x64.example" } ]
            } ],
            "subnet4": [ {
                "id": 1, "subnet": "192.0.2.0/24", "interface": "tap0", "pools": [ { "pool": "192.0.2.10-192.0.2.99" } ],
                "option-data": [ { "name": "routers", "data": "192.0.2.1" } ]
            } ]
            """));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", """
            #!ipxe
            ifconf -c ipv6 net0 || goto failed
            echo leased ${net0/ip6}/${net0/len6} by ${net0/dns6} ${net0.dhcp6/dnssl} ${net0.dhcp6/bootfile-url}
            dhcp net0 || goto failed
            echo kea leased ${net0/ip} in ${net0.dhcp/domain}
            ifconf -c ipv6 net1 || goto failed
            echo stateless ${net1/ip6}/${net1/len6} by ${net1/dns6} ${net1.dhcp6/dnssl} ${net1.dhcp6/59}
            autoboot net0 || goto failed
            echo script ended
            exit 0
            :failed
            echo script failed
            """ + "\n");
        VirtualMachine machine = await StartAsync(new()
        {
            Namespace = inside,
            SystemPartition = partition.Root,
            Nics =
            [
                new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new TapNetwork("tap0") },
                new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = new TapNetwork("tap1") },
            ],
        });
        await machine.Serial.WaitForAsync("script ended|script failed");
        Assert.Matches(
            @"leased 2001:db8:1::1[0-9a-f]{2}/128 by 2001:db8:1::53 one\.example http://\[2001:db8:1::1\]/x64\.ipxe", machine.Serial.Text);
        Assert.Matches(@"kea leased 192\.0\.2\.\d+ in x64\.example", machine.Serial.Text);
        Assert.Matches(
            @"stateless 2001:db8:2:0:5054:ff:fe[0-9a-f:]+/64 by 2001:db8:2::53 two\.example tftp://\[2001:db8:2::1\]/stateless\.efi",
            machine.Serial.Text);
        Assert.Matches(@"booted by version 6, from 2001:db8:1::1[0-9a-f]{2}", machine.Serial.Text);
        Assert.DoesNotContain("script failed", machine.Serial.Text);
        Assert.Contains("DHCP6_LEASE_ALLOC", six.Log);
        Assert.Contains("DHCP4_LEASE_ALLOC", four.Log);
    }
}
