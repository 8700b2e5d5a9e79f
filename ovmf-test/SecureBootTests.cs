using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Commands;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Firmware that enforces Secure Boot: what is signed with a key in db starts, the rest is refused, by the firmware's own verification.</summary>
public sealed class SecureBootTests : FirmwareTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);

    private static Card Undriven => CardCatalogue.Get(CardRole.Undriven);

    [Theory]
    [InlineData("x64")]
    [InlineData("aa64")]
    public async Task SignedDriverAndApplication_Start_AndWhatTheApplicationBootsIsVerified(string architecture) =>
        await StartSignedAsync(architecture == "x64" ? Architecture.X64SecureBoot : Architecture.Aa64SecureBoot, await Snakeoil.SignerAsync(Directory));

    [Fact]
    public async Task OnStrictNxFirmware_SignedDriverAndApplication_Start_AndWhatTheApplicationBootsIsVerified()
    {
        LabRoot debian13 = await LabRoot.EnsureAsync(Console.WriteLine);
        await StartSignedAsync(Architecture.X64.With(debian13.StrictCode, debian13.SnakeoilVariables, hasManagementMode: true), await Snakeoil.SignerAsync(Directory, debian13.SnakeoilKey));
    }

    [Fact]
    public async Task UnsignedDriverAndApplication_AreRefused()
    {
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.AddDriver(Repository.Image(Architecture.X64, Undriven.DriverFile));
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = Architecture.X64SecureBoot,
            SystemPartition = partition.Root,
            Variables = partition.WriteVariables,
            Nics = [new GuestNic()],
        });
        await machine.Serial.WaitForAsync("failed to load Boot.*: Access Denied", s_patience);
        Assert.DoesNotContain("NetBoot", machine.Serial.Text);
        Assert.DoesNotContain("Start PXE", machine.Serial.Text); // no driver, hence no network
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ApplicationInARom_StartsOnlyIfItIsSigned(bool isSigned)
    {
        string rom = Directory.Combine("option.rom");
        Signer? signer = isSigned ? await Snakeoil.SignerAsync(Directory) : null;
        await File.WriteAllBytesAsync(rom, await ImageRomCommand.MakeAsync(Undriven.Family, ["x64"], "netboot-snponly.efi", null, signer));
        NginxServer server = await ServeAsync(NewFolder("web", ("boot.ipxe", "#!ipxe\necho script runs\nexit 1\n")));
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = Architecture.X64SecureBoot,
            Nics = [new GuestNic { RomFile = rom, Network = new UserNetwork { BootFile = $"http://{UserNetwork.Host}:{server.Port}/boot.ipxe" } }],
        });
        if (isSigned)
        {
            await machine.Serial.WaitForAsync("starting Boot.... \"UEFI NetBoot", s_patience);
            await machine.Serial.WaitForAsync("script runs");
            await machine.Serial.WaitForAsync("Start PXE over IPv4"); // the firmware's order goes on, through our driver
        }
        else
        {
            // The driver beside it is another matter: OVMF trusts what QEMU puts into a ROM.
            await machine.Serial.WaitForAsync("failed to load Boot.... \"UEFI NetBoot .*: Access Denied", s_patience);
            Assert.DoesNotContain("script runs", machine.Serial.Text);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FromTheNetwork_ASignedApplicationStarts(bool overHttp)
    {
        Signer signer = await Snakeoil.SignerAsync(Directory);
        string folder = NewFolder("served", ("autoexec.ipxe", "#!ipxe\necho script runs\n"));
        await signer.SignAsync(Repository.Image(Architecture.X64, "netboot.efi"), Path.Combine(folder, "app.efi"));
        SystemPartition partition = NewPartition(Architecture.X64);
        string driver = Directory.Combine(Undriven.DriverFile);
        await signer.SignAsync(Repository.Image(Architecture.X64, Undriven.DriverFile), driver);
        partition.AddDriver(driver);
        NginxServer server = await ServeAsync(folder);
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = Architecture.X64SecureBoot,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                partition.WriteVariables(store);
                if (overHttp)
                {
                    store.AddBoot("HTTP", MachinePath.Pci(VirtualMachine.FirstNicSlot).Mac(MacText.Numbered(0)).IPv4().Uri($"http://{UserNetwork.Host}:{server.Port}/app.efi"));
                }
            },
            Nics = [new GuestNic { BootIndex = overHttp ? null : 0, Network = new UserNetwork { TftpRoot = folder, BootFile = "app.efi" } }],
        });
        await machine.Serial.WaitForAsync("script runs", s_patience);
    }

    /// <summary>The kernel is signed with Debian's key, which only Debian's shim trusts; shim is signed by Microsoft.</summary>
    [Fact]
    public async Task KernelThatTheFirmwareRefuses_IsStartedThroughShim_WhichVerifiesIt()
    {
        string web = NewFolder("web");
        DebianInstaller.LinkInto(web);
        NginxServer server = await ServeAsync(web);
        string application = Directory.Combine("netboot.efi");
        await (await Snakeoil.SignerAsync(Directory)).SignAsync(Repository.Image(Architecture.X64, "netboot.efi"), application);
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(application);
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp
            kernel http://{UserNetwork.Host}:{server.Port}/linux console=ttyS0,115200 netboot.shim
            initrd http://{UserNetwork.Host}:{server.Port}/initrd.gz
            boot || echo the firmware refused the kernel
            shim http://{UserNetwork.Host}:{server.Port}/shim.efi
            boot || echo shim failed
            """ + "\n");
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = Architecture.X64SecureBoot,
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Variables = store =>
            {
                store.Trust("/usr/share/OVMF/OVMF_VARS_4M.ms.fd");
                partition.WriteVariables(store);
            },
            Nics = [new GuestNic()],
        });
        await machine.Serial.WaitForAsync("the firmware refused the kernel", s_patience);
        await machine.Serial.WaitForAsync("Linux version|shim failed", TimeSpan.FromMinutes(3));
        await machine.Serial.WaitForAsync("Command line: console=ttyS0,115200 netboot.shim", TimeSpan.FromMinutes(1));
        await machine.Serial.WaitForAsync("Secure boot enabled", TimeSpan.FromMinutes(3));
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromMinutes(3));
    }

    private async Task StartSignedAsync(Architecture firmware, Signer signer)
    {
        string Signed(string image) => Directory.Combine(image);
        foreach (string image in new[] { Undriven.DriverFile, "netboot.efi", "netboot-snponly.efi" })
        {
            await signer.SignAsync(Repository.Image(firmware, image), Signed(image));
        }

        string web = NewFolder("web", ("inner.txt", "inner"), ("outer.txt", "outer"));
        File.Copy(Signed("netboot.efi"), Path.Combine(web, "signed.efi"));
        File.Copy(Repository.Image(firmware, "netboot.efi"), Path.Combine(web, "unsigned.efi"));
        NginxServer server = await ServeAsync(web);
        string uri = $"http://{UserNetwork.Host}:{server.Port}";
        SystemPartition partition = NewPartition(firmware);
        partition.AddDriver(Signed(Undriven.DriverFile));
        partition.SetApplication(Signed("netboot-snponly.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"""
            #!ipxe
            dhcp
            ifstat
            chain {uri}/unsigned.efi imgfetch {uri}/inner.txt || echo the unsigned image was refused
            chain {uri}/signed.efi imgfetch {uri}/inner.txt || echo the signed image failed
            imgfetch {uri}/outer.txt && echo network is back
            """ + "\n");
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = firmware,
            MemoryMiB = 768,
            RandomDevice = true,
            SystemPartition = partition.Root,
            Variables = partition.WriteVariables,
            Nics = [new GuestNic()],
        });
        await machine.Serial.WaitForAsync("net0: 52:54:00:12:34:56 ", s_patience); // on the driver that the firmware loaded first: it has none of its own
        await machine.Serial.WaitForAsync("Secure Boot finds no signature that it trusts");
        await machine.Serial.WaitForAsync("the unsigned image was refused");
        await machine.Serial.WaitForAsync("network is back", s_patience);
        Assert.DoesNotContain("the signed image failed", machine.Serial.Text);
        Assert.Contains("GET /inner.txt HTTP/1.1 200", server.AccessLog);
    }
}
