using System;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using NetBoot.Uefi.Interop.DevicePaths;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// A network without IPv4: radvd, dnsmasq (DHCPv6, TFTP, names) and nginx on a TAP interface. On the SNP of each driver the firmware boots the
/// application, which finds its script there.
/// </summary>
[Trait("Kind", "Lab")]
public sealed class IPv6BootTests : FirmwareTest
{
    private const string Server = "2001:db8:1::1";

    private const string Script = """
        #!ipxe
        echo script of ${cwuri} on ${net0/mac} has ${net0/ip6}/${net0/len6} ${net0/dns6}
        isset ${net0/ip} && goto failed ||
        route
        imgfetch --name named http://files/hello.txt || goto failed
        imgstat
        imgfree
        iseq ${net0/mac} LINUX && goto linux ||
        echo script ended on ${net0/mac}
        exit 0
        :linux
        kernel http://files/linux console=ttyS0,115200 CONSOLE || goto failed
        initrd http://files/initrd.gz || goto failed
        boot || goto failed
        :failed
        echo script failed
        """;

    private static readonly Way s_pxe = new("PXE", path => path.IPv6(), @"tftp://\[2001:db8:1::1]");
    private static readonly Way s_http = new("HTTP Boot", path => path.IPv6().Uri(""), "http://files.boot.example");
    private static readonly Way s_httpOption =
        new("HTTP Boot", path => path.IPv6().Uri($"http://[{Server}]/netboot.efi"), @"http://\[2001:db8:1::1]");

    private sealed record Way(string Name, Func<DevicePathBuilder, DevicePathBuilder> Append, string Origin);

    [NamespaceFact]
    public Task Firmware_ByPxeOverIPv6_StartsTheApp_WhoseScriptComesFromThere_AndLinux() =>
        BootAsync("netboot.efi", Half(0), [s_pxe, s_pxe, s_pxe], isLinuxLast: true);

    /// <summary>
    /// HTTP boot comes second, and after an application that leaves other NICs alone: the firmware's fails at once while the link's own address
    /// is being tested, which its PXE waits for.
    /// </summary>
    [NamespaceFact]
    public Task Firmware_ByHttpOverIPv6_StartsTheApp_WhoseScriptComesFromThere() =>
        BootAsync("netboot-snponly.efi", Half(1), [s_pxe, s_http, s_httpOption], isLinuxLast: false);

    private static Card[] Half(int which) =>
        [.. CardCatalogue.Emulated.Select(family => family.InterfacesOn(Architecture.X64).First()).Where((_, index) => index % 2 == which)];

    /// <summary>Boots from one card after the other, each in its way.</summary>
    /// <param name="image">What the server names, by TFTP for PXE.</param>
    /// <param name="cards">In one machine.</param>
    /// <param name="ways">As many.</param>
    /// <param name="isLinuxLast">Whether the last script starts it.</param>
    private async Task BootAsync(string image, Card[] cards, Way[] ways, bool isLinuxLast)
    {
        string files = NewFolder("files", ("hello.txt", "hello"));
        LinkLinuxInto(files);
        string linux = isLinuxLast ? MacText.Numbered(cards.Length - 1).Text : "none";
        File.WriteAllText(Path.Combine(files, "autoexec.ipxe"), Script.Replace("LINUX", linux).Replace("CONSOLE", EmulatedLinux.NoTimerCheck));
        foreach (string each in new[] { image, "netboot.efi" }.Distinct())
        {
            File.Copy(Repository.Image(Architecture.X64, each), Path.Combine(files, each));
        }

        NetworkNamespace inside = Own(await NetworkNamespace.CreateAsync());
        await inside.AddTapAsync("tap0", Server + "/64");
        await inside.AddIPv6AddressAsync("tap0", "fe80::1/64");
        Own(await NginxServer.StartAsync(files, "", $"[{Server}]", inside));
        Own(await RadvdServer.StartAsync(inside, "tap0", $$"""
            MinRtrAdvInterval 3;
            MaxRtrAdvInterval 4;
            AdvLinkMTU 1400;
            AdvDefaultPreference high;
            prefix 2001:db8:1::/64 { };
            route 2001:db8:2::/48 { AdvRouteLifetime 600; };
            RDNSS {{Server}} { AdvRDNSSLifetime 600; };
            DNSSL boot.example { AdvDNSSLLifetime 600; };
            """));
        Own(await DnsmasqServer.StartAsync(
            inside, "tap0",
            [
                "--dhcp-range=2001:db8:1::1000,2001:db8:1::1fff,64,1h",
                $"--address=/files.boot.example/{Server}", $"--dhcp-option=option6:dns-server,[{Server}]",
                "--dhcp-match=set:http,option6:61,00:10", // x64 by HTTP (RFC 5970, 3.3)
                $"--dhcp-option=tag:!http,option6:bootfile-url,tftp://[{Server}]/{image}",
                $"--dhcp-option=tag:http,option6:bootfile-url,http://files.boot.example/{image}",
                "--dhcp-option-force=tag:http,option6:16,00,HTTPClient", // strings with their lengths: the first passes for the enterprise's number
            ],
            files, names: true));
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, "netboot-drivers.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Namespace = inside,
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                for (int i = 0; i < cards.Length; i++)
                {
                    // The firmware's PXE gives up in times of its own, which a busy machine may need longer than: it has a second try.
                    for (int tries = ways[i] == s_pxe ? 2 : 1; tries > 0; tries--)
                    {
                        store.AddBoot("network", ways[i].Append(MachinePath.Pci((byte)(VirtualMachine.FirstNicSlot + i)).Mac(MacText.Numbered(i))));
                    }
                }
            },
            Nics = [.. cards.Select(card => new GuestNic { Model = card.Device, Network = new HubNetwork(), Capture = true })],
            More = [.. HubNetwork.ArgumentsFor(new TapNetwork("tap0"))],
        });
        for (int i = 0; i < cards.Length; i++)
        {
            await machine.Serial.WaitForAsync($"Start {ways[i].Name} over IPv6");
            await machine.Serial.WaitForAsync(
                $"script of {ways[i].Origin}/autoexec.ipxe on {MacText.Numbered(i)} has 2001:db8:1:0:5054:ff:fe12:34{0x56 + i:x2}/64 {Server}");
            await machine.Serial.WaitForAsync("net0: 2001:db8:2::/48 gw fe80::");
            await machine.Serial.WaitForAsync("named : 5 bytes");
        }

        string end = isLinuxLast ? "Run /init as init process" : "script ended on " + MacText.Numbered(cards.Length - 1);
        await machine.Serial.WaitForAsync(end, TimeSpan.FromSeconds(180));
        Assert.DoesNotContain("script failed", machine.Serial.Text);
        Assert.Contains(machine.Frames(), IsSynOfMtu1400);
    }

    /// <summary>TCP over IPv6 whose first segment announces what is left of 1400 bytes (RFC 8200, 3; RFC 9293, 3.1 and 3.7.1).</summary>
    private static bool IsSynOfMtu1400(byte[] frame) =>
        frame.Length > 78 && frame[12..14] is [0x86, 0xDD] && frame[20] == 6 && frame[67] == 2 && frame[74..78] is [2, 4, 0x05, 0x3C];
}
