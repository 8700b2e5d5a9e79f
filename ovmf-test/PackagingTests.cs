using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Packaging.FirmwareVolumes;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Commands;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using NetBoot.Uefi.Interop.DevicePaths;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>
/// What <c>./netboot image fv</c>, <c>disk</c>, <c>iso</c> and <c>app</c> make, booted: each ends with a file that was fetched and lies in the guest's
/// memory as the server has it, or in a running kernel.
/// </summary>
public sealed class PackagingTests : FirmwareTest
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private static readonly Dictionary<string, byte[]> s_withDrivers = [];

    [Theory]
    [InlineData("x64", "/usr/share/OVMF/OVMF_CODE_4M.fd", true)]
    [InlineData("x64", "/usr/share/OVMF/OVMF_CODE.fd", false)] // of 2 MiB
    [InlineData("x64", "/usr/share/OVMF/OVMF_CODE_4M.secboot.fd", true)]
    [InlineData("aa64", "/usr/share/AAVMF/AAVMF_CODE.fd", true)]
    public async Task FirmwareVolume_IsAsIndependentCheckersReadIt(string architecture, string original, bool hasRoomForApplication)
    {
        const string driver = "netboot-drivers";
        string made = Directory.Combine("new.fd");
        await ImageAsync(["fv", "--into", original, "--out", made, .. hasRoomForApplication ? ["netboot-snponly.efi"] : (string[])[], $"{driver}.efi"]);
        string listing = await ExtractAsync(made);
        string before = await ExtractAsync(original);
        Assert.Contains("DXE driver", LineOf(listing, " " + driver));
        if (hasRoomForApplication)
        {
            Assert.Contains("Application", LineOf(listing, FirmwareGuid.Named("netboot-snponly").ToString().ToUpperInvariant()));
            Assert.Contains("DXE driver", LineOf(listing, " boot-options")); // What makes a boot option of the application comes with it.
        }

        int added = hasRoomForApplication ? 3 : 1;
        Assert.Equal(before.Split('\n').Count(line => line.StartsWith(" File", StringComparison.Ordinal)) + added, listing.Split('\n').Count(line => line.StartsWith(" File", StringComparison.Ordinal)));
        string name = Convert.ToHexString(System.Text.Encoding.Unicode.GetBytes(driver));
        string found = await ChildProcess.RunAsync("UEFIFind", [made, "body", "list", name], "uefitool-cli");
        Assert.Contains(FirmwareGuid.Named(driver).ToString(), found, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(new FileInfo(original).Length, new FileInfo(made).Length);
        Assert.Equal(architecture, PortableExecutable.NameOf(FlashImage.Read(made, await File.ReadAllBytesAsync(made)).Machine));
    }

    [Fact]
    public async Task FirmwareVolume_OfItsOwn_IsAsIndependentCheckersReadIt()
    {
        string made = Directory.Combine("own.fv");
        CardFamily family = CardCatalogue.Get(CardRole.Undriven).Family;
        await ImageAsync("fv", "--out", made, family.Image + ".efi", "netboot-drivers.efi");
        string listing = await ExtractAsync(made);
        Assert.Contains("DXE driver", LineOf(listing, " " + family.Image));
        Assert.Contains("DXE driver", LineOf(listing, " netboot-drivers"));
        byte[] file = await File.ReadAllBytesAsync(Directory.Combine("netboot-drivers.ffs"));
        Assert.True((await File.ReadAllBytesAsync(made)).AsSpan().IndexOf(file) > 0);
    }

    [Fact]
    public async Task FirmwareVolume_HasItsDriversFromPowerOn_AndTheApplicationAsTheLastBootOption_Once()
    {
        string firmware = Directory.Combine("new.fd");
        await ImageAsync("fv", "--into", Architecture.X64.Code, "--out", firmware, "netboot-drivers.efi", "netboot.efi");
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.Write("startup.nsh", "bcfg boot dump\r\ndrivers\r\nreset\r\n");
        VirtualMachine machine = await StartAsync(new() { Firmware = firmware, SystemPartition = partition.Root, ExitOnReset = false });
        for (int round = 0; round < 2; round++)
        {
            // The first time the firmware has no order yet and makes its own; the second time ours is there, and is not added again.
            string dump = (await machine.Serial.WaitForAsync(@"Option: 00[\s\S]*?NetBoot virtio network driver", s_patience)).Value;
            Assert.Single(dump.Split('\n'), line => line.Contains("- netboot", StringComparison.Ordinal));
            Assert.True(dump.IndexOf("- netboot", StringComparison.Ordinal) > dump.IndexOf("EFI Internal Shell", StringComparison.Ordinal), dump);
        }
    }

    [Theory]
    [InlineData("x64", CardRole.Undriven)]
    [InlineData("aa64", CardRole.OnMmio)]
    public Task FirmwareVolume_StartsTheApplication_WhichFetches(string architecture, CardRole nic) =>
        FetchFromVolumeAsync(Architecture.Named(architecture), CardCatalogue.Get(nic));

    [Theory]
    [InlineData("x64", false)]
    [InlineData("x64", true)]
    [InlineData("aa64", true)]
    public async Task Medium_BootsTheApplicationWithItsScript_WhichFetches(string architecture, bool isIso)
    {
        NginxServer server = await ServeAsync(NewContent(out string content));
        string medium = Directory.Combine("medium");
        await ImageAsync(isIso ? "iso" : "disk", "--script", await WriteFetchScriptAsync(server), "--out", medium);
        VirtualMachine machine = await StartAsync(new() { Architecture = Architecture.Named(architecture), Nics = [new GuestNic()], More = Attach(Architecture.Named(architecture), medium, isIso) });
        await AssertFetchedAsync(machine, content);
    }

    /// <summary>What is in the firmware's own volume it trusts; what is on a medium has to be signed, script and all.</summary>
    [Theory]
    [InlineData("x64", "volume")]
    [InlineData("aa64", "volume")]
    [InlineData("x64", "disk")]
    [InlineData("x64", "iso")]
    [InlineData("aa64", "disk")]
    public async Task UnderSecureBoot_TheApplicationFetches(string architecture, string from)
    {
        Architecture firmware = architecture == "x64" ? Architecture.X64SecureBoot : Architecture.Aa64SecureBoot;
        if (from == "volume")
        {
            await FetchFromVolumeAsync(firmware, CardCatalogue.Get(CardRole.Undriven));
            return;
        }

        NginxServer server = await ServeAsync(NewContent(out string content));
        string application = Directory.Combine("app.efi");
        await ImageAsync("app", "--script", await WriteFetchScriptAsync(server), "--out", application, "--arch", architecture);
        await (await Snakeoil.SignerAsync(Directory)).SignAsync(application, application);
        string medium = Directory.Combine("medium");
        await ImageAsync(from, application, "--out", medium);
        VirtualMachine machine = await StartAsync(new() { Architecture = firmware, Nics = [new GuestNic()], More = Attach(firmware, medium, from == "iso") });
        await AssertFetchedAsync(machine, content);
    }

    /// <summary>The disk for both processors, and Debian's kernel for the other one.</summary>
    [Fact]
    public async Task Disk_OnAarch64_BootsLinuxFromTheNetwork()
    {
        string web = NewFolder("web");
        DebianInstaller.LinkInto(web, "arm64");
        NginxServer server = await ServeAsync(web);
        string script = Directory.Combine("boot.ipxe");
        await File.WriteAllTextAsync(script, $"#!ipxe\ndhcp\nkernel http://{UserNetwork.Host}:{server.Port}/linux console=ttyAMA0\ninitrd http://{UserNetwork.Host}:{server.Port}/initrd.gz\nboot\n");
        string disk = Directory.Combine("disk.img");
        await ImageAsync("disk", "--script", script, "--out", disk);
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = Architecture.Aa64,
            MemoryMiB = 1024,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.OnMmio).Device }],
            More = Attach(Architecture.Aa64, disk, isCd: false),
        });
        await machine.Serial.WaitForAsync("Linux version", TimeSpan.FromSeconds(180));
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromSeconds(180));
    }

    [Theory]
    [InlineData("x64", CardRole.Undriven, false)]
    [InlineData("x64", CardRole.Driven, true)]
    [InlineData("aa64", CardRole.OnMmio, false)]
    [InlineData("aa64", CardRole.Undriven, true)]
    public async Task FirmwaresOwnNetworkBoot_OnDriversInItsVolume_ChainsTheApplicationWithAScriptInside(string architecture, CardRole nic, bool isHttp)
    {
        Card card = CardCatalogue.Get(nic);
        Architecture kind = Architecture.Named(architecture);
        NginxServer server = await ServeAsync(NewContent(out string content));
        string firmware = await WithDriversAsync(kind);
        await ImageAsync("app", "--script", await WriteFetchScriptAsync(server), "--out", Path.Combine(Path.GetDirectoryName(content)!, "app.efi"), "--arch", architecture);
        DevicePathBuilder path = (card.IsPci ? MachinePath.Pci(VirtualMachine.FirstNicSlot) : MachinePath.VirtioMmio()).Mac(MacText.Numbered(0)).IPv4();
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = kind,
            Firmware = firmware,
            Nics = [new GuestNic { Model = card.Device, Network = new UserNetwork { TftpRoot = Path.GetDirectoryName(content), BootFile = "app.efi" } }],
            Variables = store => store.AddBoot("network", isHttp ? path.Uri($"http://{UserNetwork.Host}:{server.Port}/app.efi") : path),
        });
        await machine.Serial.WaitForAsync(isHttp ? "Start HTTP Boot over IPv4" : "Start PXE over IPv4", s_patience);
        await AssertFetchedAsync(machine, content);
    }

    [Fact]
    public async Task BadInput_IsAnErrorWithItsPlace_AndNothingIsWritten()
    {
        string output = Directory.Combine("out");
        string driver = CardCatalogue.Get(CardRole.Undriven).DriverFile;
        string cut = Directory.Combine("cut.fd");
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(Architecture.X64.Code))[..0x100000]);
        InputError error = await Assert.ThrowsAsync<InputError>(() => ImageAsync("fv", "--into", cut, "--out", output, driver));
        Assert.Equal("EFI_FIRMWARE_VOLUME_HEADER.FvLength", error.Field);

        byte[] damaged = await File.ReadAllBytesAsync(Architecture.X64.Code);
        damaged[0x40000] ^= 1; // in what is packed
        await File.WriteAllBytesAsync(cut, damaged);
        Assert.Contains("LZMA", (await Assert.ThrowsAsync<InputError>(() => ImageAsync("fv", "--into", cut, "--out", output, driver))).Field);

        string script = Directory.Combine("bad.ipxe");
        await File.WriteAllTextAsync(script, "#!ipxe\ndhcp\nchian http://192.0.2.1/\n");
        foreach (string verb in new[] { "disk", "iso", "app" })
        {
            ToolError wrong = await Assert.ThrowsAsync<ToolError>(() => ImageAsync(verb, "--script", script, "--out", output));
            Assert.Equal($"{script}:3: chian: command not found", wrong.Message);
        }

        ToolError inRom = await Assert.ThrowsAsync<ToolError>(() => ImageAsync("rom", "--nic", CardCatalogue.Get(CardRole.Driven).Device, "--app", "netboot.efi", "--script", script, "--out", output));
        Assert.Equal($"{script}:3: chian: command not found", inRom.Message);
        PortableExecutable application = new("netboot.efi", await File.ReadAllBytesAsync(Repository.Image(Architecture.X64, "netboot.efi")));
        string scripted = Directory.Combine("scripted.efi");
        await File.WriteAllBytesAsync(scripted, application.WithSection(".script", "#!ipxe\nchian x\n"u8));
        foreach (string[] arguments in new string[][] { ["disk"], ["iso"], ["rom", "--nic", CardCatalogue.Get(CardRole.Undriven).Device, "--arch", "x64", "--app"] })
        {
            ToolError inside = await Assert.ThrowsAsync<ToolError>(() => ImageAsync([.. arguments, scripted, "--out", output]));
            Assert.Equal($"the script in {scripted}:2: chian: command not found", inside.Message);
        }

        await Assert.ThrowsAsync<ToolError>(() => ImageAsync("fv", "--into", Architecture.X64.Code, "--out", output, Repository.Image(Architecture.Aa64, driver)));
        await Assert.ThrowsAsync<ToolError>(() => ImageAsync("disk", "--out", output, Repository.Image(Architecture.X64, driver)));
        Assert.False(File.Exists(output));
    }

    /// <summary>Firmware with all drivers in its volume, packed once.</summary>
    private async Task<string> WithDriversAsync(Architecture architecture)
    {
        string firmware = Directory.Combine("new.fd");
        if (s_withDrivers.TryGetValue(architecture.Name, out byte[]? made))
        {
            await File.WriteAllBytesAsync(firmware, made);
            return firmware;
        }

        await ImageAsync("fv", "--into", architecture.Code, "--out", firmware, "netboot-drivers.efi");
        s_withDrivers[architecture.Name] = await File.ReadAllBytesAsync(firmware);
        return firmware;
    }

    /// <summary>The application (without drivers of its own) and the drivers in the volume, a script inside, started by a boot option.</summary>
    private async Task FetchFromVolumeAsync(Architecture architecture, Card card)
    {
        NginxServer server = await ServeAsync(NewContent(out string content));
        string application = Directory.Combine("netboot.efi");
        await ImageAsync("app", "netboot-snponly.efi", "--script", await WriteFetchScriptAsync(server), "--out", application, "--arch", architecture.Name);
        string firmware = Directory.Combine("new.fd");
        await ImageAsync("fv", "--into", architecture.Code, "--out", firmware, "netboot-drivers.efi", application);
        VirtualMachine machine = await StartAsync(new()
        {
            Architecture = architecture,
            Firmware = firmware,
            Nics = [new GuestNic { Model = card.Device }],
            Variables = store => store.AddBoot("NetBoot", MachinePath.FirmwareFile(new Guid(architecture.ShellVolume), FirmwareGuid.Named("netboot"))),
        });
        await AssertFetchedAsync(machine, content);
    }

    private static async Task ImageAsync(params string[] arguments) =>
        await ImageCommand.Create().Parse(arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });

    /// <summary>A folder to serve, with a file that nothing else looks like.</summary>
    private string NewContent(out string file)
    {
        string web = NewFolder("web");
        file = WriteRandom(web, 300_000);
        return web;
    }

    private async Task<string> WriteFetchScriptAsync(NginxServer server)
    {
        string script = Directory.Combine("fetch.ipxe");
        await File.WriteAllTextAsync(script, $"#!ipxe\ndhcp && imgfetch http://{UserNetwork.Host}:{server.Port}/content.bin && echo fetched || echo failed\nshell\n");
        return script;
    }

    private static async Task AssertFetchedAsync(VirtualMachine machine, string content)
    {
        Assert.Equal("fetched", (await machine.Serial.WaitForAsync("^(fetched|failed)\r?$", s_patience)).Groups[1].Value);
        Assert.True(await machine.HasInMemoryAsync(content));
    }

    private async Task<string> ExtractAsync(string image)
    {
        string copy = Path.Combine(Directory.CreateDirectory("extract"), Path.GetFileName(image));
        File.Copy(image, copy, overwrite: true);
        await ChildProcess.RunAsync("UEFIExtract", [copy, "report"], "uefitool-cli");
        return await File.ReadAllTextAsync(copy + ".report.txt");
    }

    private static string LineOf(string listing, string name) =>
        Assert.Single(listing.Split('\n'), line => line.StartsWith(" File", StringComparison.Ordinal) && line.Contains(name, StringComparison.Ordinal));

    private static string[] Attach(Architecture architecture, string file, bool isCd)
    {
        string[] drive = ["-drive", $"if=none,id=medium,format=raw,readonly=on,file={file}"];
        string[] device = !isCd ? ["-device", "virtio-blk-pci,drive=medium,romfile="]
            : architecture.Name == "x64" ? ["-device", "ide-cd,drive=medium"]
            : ["-device", "virtio-scsi-pci,romfile=", "-device", "scsi-cd,drive=medium"];
        return [.. drive, .. device];
    }
}
