using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;
using Xunit.Abstractions;

namespace NetBoot.OvmfTest;

/// <summary>
/// Whole scripts of the shapes that people have, from the network to what they start, driven over serial or by the keyboard. What they start is the
/// application itself, which prints the arguments that a kernel would have.
/// </summary>
public sealed class ScriptTests(ITestOutputHelper output) : FirmwareTest
{
    private const string Down = "\e[B";
    private const string Kernel = "kernel";

    /// <summary>Static files answer requests of every method, as the scripts' servers do.</summary>
    private const string AnyMethod = "error_page 405 =200 $uri;";

    [Fact]
    public async Task DistributionMenu_OfThreeFloors_BootsWhatWasChosen()
    {
        VirtualMachine machine = await StartScriptAsync(
            ("start", """
                #!ipxe
                dhcp || goto failed
                set base ${cwduri}
                isset ${net0/ip} && echo booted with ${net0/ip} ||
                :main
                set menu main && set space:hex 20:20 && set space ${space:string}
                menu Network boot
                item --gap Systems:
                item linux ${space} Linux (${buildarch}) >
                item --gap Tools:
                item shell ${space} Shell
                isset ${target} || set target linux
                choose --default ${target} target && goto ${target} || goto failed
                :shell
                shell
                goto main
                :linux
                chain --autofree ${base}linux.ipxe || goto main
                :failed
                echo script failed
                """),
            ("linux.ipxe", """
                #!ipxe
                :top
                clear os
                menu Linux
                item alpha ${space} Alpha
                item --key b beta ${space} Beta
                item back ${space} Back
                choose os || exit 1
                iseq ${os} back && exit 1 ||
                chain --replace --autofree ${base}${os}.ipxe || goto top
                """),
            ("beta.ipxe", """
                #!ipxe
                :versions
                menu Beta Linux
                item --gap Latest
                item 12 ${space} Beta 12
                item 11 ${space} Beta 11
                choose --timeout 600000 version || exit 1
                set params:hex 71:75:69:65:74
                imgfree
                kernel ${base}kernel echo started ${os} ${version} with ${params:string} from ${net0/dhcp-server} || goto versions
                initrd ${base}initrd.img || goto versions
                imgstat
                boot || goto versions
                shell
                """),
            ("initrd.img", "initrd"));
        await machine.Serial.WaitForAsync(@"booted with 10\.0\.2\.15");
        await machine.Serial.WaitForAsync("Linux .x86_64. >");
        await machine.Serial.SendAsync("\r");
        await machine.Serial.WaitForAsync("Back");
        await machine.Serial.SendAsync("b");
        await machine.Serial.WaitForAsync("Beta 11");
        await machine.Serial.SendAsync(Down + "\r");
        await machine.Serial.WaitForAsync("started beta 11 with quiet from 10.0.2.2");
    }

    [Fact]
    public async Task AutoScript_TriesAgain_AndBootsForTheMachinesAddress()
    {
        VirtualMachine machine = await StartScriptAsync(
            ("start", """
                #!ipxe
                echo Booting automatically
                dhcp
                chain --autofree ipxe.cfg-${net0/mac:hexhyp} || chain --autofree ipxe.cfg-default-${buildarch}
                """),
            ("ipxe.cfg-default-x86_64", """
                #!ipxe
                set server ${cwduri}
                set retries:int32 2
                set idx:int32 0
                :retry_kernel
                kernel ${server}missing-${idx} || iseq ${idx} ${retries} && goto kernel_error || inc idx && sleep 0 && goto retry_kernel
                :kernel_error
                echo gave up after ${idx}
                set worker_id ${net0/mac}
                kernel ${server}kernel echo started console=ttyS0 worker_id=${worker_id} hw_addr=${net0/mac:hexraw} ip=${net0/ip}:::${net0/netmask} || goto error
                initrd ${server}initramfs || goto error
                boot || goto error
                shell
                :error
                echo script failed
                """),
            ("initramfs", "initramfs"));
        await machine.Serial.WaitForAsync("gave up after 2");
        await machine.Serial.WaitForAsync(@"started console=ttyS0 worker_id=52:54:00:\S+ hw_addr=525400\S+ ip=10\.0\.2\.15:::255\.255\.255\.0");
    }

    [Fact]
    public async Task CloudMetadata_WithATokenInAHeader_IsTheScript()
    {
        VirtualMachine machine = await StartScriptAsync(
            """
            location = /latest/api/token { if ($http_x_metadata_token_ttl_seconds = "") { return 400; } error_page 405 =200 $uri; }
            location = /latest/user-data { if ($http_x_metadata_token != "abc123") { return 401; } }
            """,
            ("start", """
                #!ipxe
                dhcp
                set metadata ${cwduri}latest
                imgfetch --name none ${metadata}/user-data || echo refused without a token
                params --method PUT
                param --header X-Metadata-Token-TTL-Seconds 21600
                imgset token:string ${metadata}/api/token##params || goto failed
                params --name data --method GET
                param --params data --header X-Metadata-Token ${token}
                chain --autofree ${metadata}/user-data##params=data || goto failed
                shell
                :failed
                echo script failed
                """),
            ("latest/api/token", "abc123"),
            ("latest/user-data", """
                #!ipxe
                echo user data of ${uuid} with token ${token}
                iseq ${token} abc123 && echo started by user data || echo script failed
                """));
        await machine.Serial.WaitForAsync("refused without a token");
        await machine.Serial.WaitForAsync(@"user data of [0-9a-f-]* ?with token abc123");
        await machine.Serial.WaitForAsync("started by user data");
    }

    /// <summary>Driven by the keyboard, which the firmware polls, rather than by the serial line.</summary>
    [Fact]
    public async Task MenuWithLogin_ByKeyboard_PostsWhatWasTyped()
    {
        VirtualMachine machine = await StartScriptAsync(
            """location = /boot.php { if ($request_method != POST) { return 400; } error_page 405 =200 /boot.ipxe; }""",
            ("start", """
                #!ipxe
                dhcp
                set host ${cwduri}
                cpuid --ext 29 && set arch x86_64 || set arch i386
                params
                param mac0 ${net0/mac}
                param arch ${arch}
                isset ${net1/mac} && param mac1 ${net1/mac} ||
                :menu
                colour --rgb 0x00567a 1 ||
                cpair --foreground 7 --background 2 2 ||
                menu
                item --gap Host is NOT registered!
                item local Boot from hard disk
                item --key m test Run a test
                item login Quick image
                choose --default local --timeout 600000 target && goto ${target}
                :login
                login || goto menu
                params
                param mac ${net0/mac}
                param username ${username}
                param password ${password}
                chain ${host}boot.php##params || goto menu
                shell
                :local
                :test
                echo script failed
                """),
            ("boot.php", ""), // nginx answers 405 only where there is a file
            ("boot.ipxe", """
                #!ipxe
                iseq ${password} secret && echo started for ${username} on ${arch} || echo script failed
                """));
        await machine.Serial.WaitForAsync("Quick image");
        await PressAsync(machine, "end", "ret");
        await machine.Serial.WaitForAsync("Password");
        await PressAsync(machine, [.. "fog".Select(c => c.ToString()), "ret", .. "secret".Select(c => c.ToString()), "ret"]);
        await machine.Serial.WaitForAsync("started for fog on x86_64");
    }

    [Fact]
    public async Task Inspection_GoesThroughTheInterfaces_AndGivesTheBootInterfacesAddress()
    {
        VirtualMachine machine = await StartScriptAsync(
            ("start", """
                #!ipxe
                set ipxe_timeout 600000
                set i:int32 0
                :loop
                isset ${net${i}/mac} || goto no_more
                dhcp net${i} || goto next
                goto inspect
                :next
                inc i && goto loop
                :no_more
                echo script failed
                shell
                :inspect
                set base ${cwduri}
                :retry_boot
                imgfree
                kernel --timeout ${ipxe_timeout} ${base}kernel echo started ipa-inspection-callback-url=${base}v1/continue systemd.journald.forward_to_console=yes BOOTIF=01-${net${i}/mac:hexhyp} initrd=ramdisk || goto retry_boot
                initrd --name ramdisk --timeout ${ipxe_timeout} ${base}ipa.initramfs || goto retry_boot
                imgstat
                boot || shell
                shell
                """),
            ("ipa.initramfs", "ramdisk"));
        await machine.Serial.WaitForAsync("ramdisk : 7 bytes");
        await machine.Serial.WaitForAsync(@"started ipa-inspection-callback-url=http://\S+/v1/continue systemd\S+ BOOTIF=01-52-54-00-\S+ initrd=ramdisk");
    }

    [Fact]
    public async Task WindowsMenu_FetchesItsFiles_UnderTheNamesThatTheLoaderLooksFor()
    {
        VirtualMachine machine = await StartScriptAsync(
            ("start", """
                #!ipxe
                dhcp
                set boot-url ${cwduri}
                :start
                menu Windows
                item --key w win11 Windows 11 (64-bit)
                item --key r winpe Rescue system
                item --gap
                item --key x exit Exit
                choose --timeout 600000 selected || goto start
                goto ${selected}
                :winpe
                set image winpe
                goto load
                :win11
                set image win11
                :load
                kernel ${boot-url}kernel echo started ${image} gui
                initrd --name bootmgr ${boot-url}bootmgr bootmgr
                initrd -n bcd ${boot-url}bcd bcd
                initrd -n boot.sdi ${boot-url}boot.sdi boot.sdi
                initrd -n boot.wim ${boot-url}${image}.wim boot.wim
                imgstat
                boot || goto start
                :exit
                shell
                """),
            ("bootmgr", "bootmgr"), ("bcd", "bcd"), ("boot.sdi", "sdi"), ("winpe.wim", "rescue"), ("win11.wim", "windows"));
        await machine.Serial.WaitForAsync("Exit");
        await machine.Serial.SendAsync("r");
        await machine.Serial.WaitForAsync("boot.wim : 6 bytes");
        await machine.Serial.WaitForAsync("started winpe gui");
    }

    /// <summary>Opened twenty times: the application's clock, which is the guest's, counts tenths of a second.</summary>
    [Fact]
    public async Task Menu_Of500Items_OpensQuickly()
    {
        const int Rounds = 20;
        StringBuilder script = new("#!ipxe\nmenu Everything\n");
        for (int i = 0; i < 500; i++)
        {
            script.Append(CultureInfo.InvariantCulture, $"item i{i} The system with the number {i} of five hundred\n");
        }

        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot-snponly.efi"));
        partition.Write("EFI/BOOT/rounds.ipxe", $"#!ipxe\nset i:int32 0\n:again\nchoose --keep --timeout 1 x\ninc i\niseq ${{i}} {Rounds} || goto again\n");
        partition.Write("EFI/BOOT/autoexec.ipxe", script + "time chain rounds.ipxe\necho chosen ${x}\nshell\n");
        VirtualMachine machine = await StartAsync(new() { SystemPartition = partition.Root, Nics = [] });
        Match time = await machine.Serial.WaitForAsync(@"chain: (\d+\.\d) s");
        await machine.Serial.WaitForAsync("chosen i0");

        double milliseconds = double.Parse(time.Groups[1].Value, CultureInfo.InvariantCulture) * 1000 / Rounds;
        output.WriteLine($"A menu of 500 items opens in {milliseconds} ms.");
        Assert.InRange(milliseconds, 0, 1000); // TCG
    }

    private Task<VirtualMachine> StartScriptAsync(params (string Name, string Content)[] files) => StartScriptAsync(AnyMethod, files);

    /// <summary>A machine whose application fetches "start" and runs it, and finds the other files beside it.</summary>
    private async Task<VirtualMachine> StartScriptAsync(string configuration, params (string Name, string Content)[] files)
    {
        string web = Directory.CreateDirectory("web");
        foreach ((string name, string content) in files)
        {
            string path = Path.Combine(web, name);
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, content);
        }

        File.Copy(Repository.Image(Architecture.X64, "netboot-snponly.efi"), Path.Combine(web, Kernel));
        NginxServer server = await ServeAsync(web, configuration);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot-snponly.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"#!ipxe\ndhcp\nchain http://{UserNetwork.Host}:{server.Port}/start ||\necho script ended\nshell\n");
        return await StartAsync(new() { SystemPartition = partition.Root, Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }] });
    }

    private static async Task PressAsync(VirtualMachine machine, params string[] keys)
    {
        foreach (string key in keys)
        {
            await machine.Monitor.ExecuteAsync("send-key", new JsonObject
            {
                ["keys"] = new JsonArray(new JsonObject { ["type"] = "qcode", ["data"] = key }),
                ["hold-time"] = 60, // of the guest's time; QEMU presses one key after the other
            });
        }
    }
}
