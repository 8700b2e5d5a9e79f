using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Packaging;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>A unified kernel image: systemd's stub with a kernel, an initrd and a command line inside. It refuses to run where an initrd is offered already.</summary>
public sealed class UnifiedKernelTests : FirmwareTest
{
    private const string Stub = "/usr/lib/systemd/boot/efi/linuxx64.efi.stub";

    [Theory]
    [InlineData("http")]
    [InlineData("tftp")]
    public async Task UnifiedKernel_BesideAStrayFile_StartsWithItsOwnCommandLineAndInitrd(string scheme)
    {
        string folder = NewFolder("served", ("stray.bin", "fetched for something else"));
        LinkLinuxInto(folder);
        byte[] image = await File.ReadAllBytesAsync(Stub);
        foreach ((string section, byte[] content) in new (string, byte[])[]
        {
            (".osrel", "ID=test\nVERSION_ID=1\nPRETTY_NAME=Test\n"u8.ToArray()),
            (".cmdline", "console=ttyS0,115200 netboot.unified"u8.ToArray()),
            (".initrd", await File.ReadAllBytesAsync(Path.Combine(folder, "initrd.gz"))),
            (".linux", await File.ReadAllBytesAsync(Path.Combine(folder, "linux"))),
        })
        {
            image = new PortableExecutable(Stub, image).WithSection(section, content);
        }

        await File.WriteAllBytesAsync(Path.Combine(folder, "unified.efi"), image);
        NginxServer server = await ServeAsync(folder);
        string uri = scheme == "http" ? $"http://{UserNetwork.Host}:{server.Port}" : $"tftp://{UserNetwork.Host}";
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"#!ipxe\ndhcp\nimgfetch {uri}/stray.bin\nchain {uri}/unified.efi || echo the unified kernel failed\n");
        VirtualMachine machine = await StartAsync(new()
        {
            MemoryMiB = 1024,
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Network = new UserNetwork { TftpRoot = folder } }],
        });
        await machine.Serial.WaitForAsync("Linux version|the unified kernel failed", TimeSpan.FromMinutes(3));
        await machine.Serial.WaitForAsync("Command line: console=ttyS0,115200 netboot.unified", TimeSpan.FromMinutes(1));
        await machine.Serial.WaitForAsync("Run /init as init process", TimeSpan.FromMinutes(3));
    }
}
