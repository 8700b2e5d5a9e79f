using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>The firmware's own network stack and other people's boot programs on a card's SNP; the same steps for every driver.</summary>
public abstract class NetworkBootTest : FirmwareTest
{
    private const byte Slot = VirtualMachine.FirstNicSlot;

    /// <summary>PXE over IPv4 loads iPXE's snponly.efi by TFTP; that takes a lease and fetches a script over HTTP.</summary>
    protected async Task BootIpxeByPxeAsync(Architecture architecture, Card card, bool isOnOurDriver = true)
    {
        string web = NewFolder("web", ("hello.ipxe", "#!ipxe\necho script ${net0/ip} fetched over HTTP\n"));
        NginxServer server = await ServeAsync(web);
        string tftp = NewFolder("tftp");
        File.Copy(BootPrograms.IpxeSnpOnly, Path.Combine(tftp, "snponly.efi"));
        VirtualMachine machine = await StartAsync(WithDriver(architecture, isOnOurDriver ? card.DriverFile : null, new GuestNic
        {
            Model = card.Device,
            BootIndex = 0,
            Network = new UserNetwork { TftpRoot = tftp, BootFile = "snponly.efi" },
        }));
        await machine.Serial.WaitForAsync("Start PXE over IPv4");
        await machine.Serial.WaitForAsync("NBP file downloaded successfully");
        await machine.Serial.WaitForAsync("Press Ctrl-B");
        await machine.Serial.SendAsync("\x02");
        await machine.Serial.WaitForAsync("iPXE>");
        await machine.Serial.SendAsync("dhcp\r");
        await machine.Serial.WaitForAsync(@"\.\.\.* ok[\s\S]*iPXE>");
        await machine.Serial.SendAsync($"chain http://{UserNetwork.Host}:{server.Port}/hello.ipxe\r");
        await machine.Serial.WaitForAsync(@"script 10\.0\.2\.\d+ fetched over HTTP");
    }

    /// <summary>PXE over IPv4 loads GRUB's network image by TFTP; that reads a file by TFTP with the firmware's lease.</summary>
    protected async Task BootGrubByPxeAsync(Architecture architecture, Card card, bool isOnOurDriver = true)
    {
        string grub = await BootPrograms.MakeGrubAsync(Directory, "echo GRUB address $net_default_ip\ncat (tftp,$net_default_server)/hello.txt\nhalt\n");
        string tftp = NewFolder("tftp", ("hello.txt", "read by GRUB over TFTP\n"));
        File.Copy(grub, Path.Combine(tftp, "grub.efi"));
        VirtualMachine machine = await StartAsync(WithDriver(architecture, isOnOurDriver ? card.DriverFile : null, new GuestNic
        {
            Model = card.Device,
            BootIndex = 0,
            Network = new UserNetwork { TftpRoot = tftp, BootFile = "grub.efi" },
        }));
        await machine.Serial.WaitForAsync("NBP file downloaded successfully");
        await machine.Serial.WaitForAsync(@"GRUB address 10\.0\.2\.15");
        await machine.Serial.WaitForAsync("read by GRUB over TFTP");
        await machine.WaitForExitAsync();
    }

    /// <summary>The firmware's HTTP boot fetches and starts an image from a boot option with a URI.</summary>
    protected async Task BootIpxeByHttpAsync(Architecture architecture, Card card, bool isOnOurDriver = true)
    {
        string web = NewFolder("web");
        File.Copy(BootPrograms.IpxeSnpOnly, Path.Combine(web, "snponly.efi"));
        NginxServer server = await ServeAsync(web);
        MacText mac = MacText.Numbered(0);
        VirtualMachineOptions options = WithDriver(architecture, isOnOurDriver ? card.DriverFile : null, new GuestNic { Model = card.Device, Mac = mac }, store => store.AddBoot(
            "HTTP", MachinePath.Pci(Slot).Mac(mac).IPv4().Uri($"http://{UserNetwork.Host}:{server.Port}/snponly.efi")));
        VirtualMachine machine = await StartAsync(options);
        await machine.Serial.WaitForAsync("Start HTTP Boot over IPv4");
        await machine.Serial.WaitForAsync("iPXE initialising devices");
        Assert.Contains("GET /snponly.efi HTTP/1.1 200", server.AccessLog);
    }
}
