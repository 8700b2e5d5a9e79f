using System;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>
/// Downloads one file and relates its size to the processor time that the guest used for it: NetBoot and iPXE from the moment when
/// Enter is sent for a command that waits to be run, the firmware from when it shows the file's size.
/// </summary>
internal sealed class DownloadBench(BenchNetwork network, BenchCase what, string peer)
{
    private const int MemoryMiB = 768;

    private readonly bool _isFirmware = peer == Peers.Firmware;

    private readonly string _url = what.Protocol == "HTTP" ? $"http://{network.HttpHost}/{what.File}" : $"tftp://{network.TftpHost}/{what.File}";

    /// <summary>What the firmware starts by its HTTP boot: its own download; iPXE on SNP, which uses the NIC that it came from, and no other.</summary>
    private string? FirmwareUrl =>
        _isFirmware ? (what.Protocol == "HTTP" ? _url : null)
        : peer == Peers.Ipxe && what.IsOnSnp ? $"http://{network.HttpHost}/snponly.efi"
        : null;

    /// <param name="original">The file as it is served, to be looked for in the guest's memory; or null.</param>
    /// <returns>MiB for each second of the guest's processor.</returns>
    /// <exception cref="ToolError">The download failed.</exception>
    public async Task<double> MeasureAsync(string? original)
    {
        using TemporaryDirectory directory = new();
        await using VirtualMachine machine = await StartAsync(directory);
        string end = _isFirmware ? await AwaitFirmwareAsync(machine) : await TypeAsync(machine);
        double before = await machine.ProcessorSecondsAsync();
        if (!_isFirmware)
        {
            await machine.Serial.SendAsync("\r");
        }

        string last = (await machine.Serial.WaitForAsync(end, TimeSpan.FromMinutes(3))).Value;
        double after = await machine.ProcessorSecondsAsync();
        if (last.Contains("failed", StringComparison.Ordinal))
        {
            throw new ToolError($"{peer} could not fetch {_url}.{machine.Serial.Tail()}");
        }

        // The firmware drops at once what is no image; its word has to do.
        if (original != null && !_isFirmware && !await machine.HasInMemoryAsync(original))
        {
            throw new ToolError($"{peer} says that it has {_url}, but it is not in its memory.");
        }

        return what.MiB / (after - before);
    }

    private async Task<VirtualMachine> StartAsync(TemporaryDirectory directory)
    {
        string? firmwareUrl = FirmwareUrl;
        SystemPartition? partition = null;
        if (!_isFirmware && firmwareUrl == null)
        {
            partition = new SystemPartition(Architecture.X64, directory.CreateDirectory("esp"));
            partition.SetApplication(Peers.Application(peer, what));
            partition.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\nshell\n");
        }

        return await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            MemoryMiB = MemoryMiB,
            Nics = [new GuestNic
            {
                Model = what.Model,
                Network = network.Plug(_isFirmware ? what.File : null),
                BootIndex = _isFirmware && what.Protocol == "TFTP" ? 0 : null,
            }],
            SystemPartition = partition?.Root,
            Variables = firmwareUrl == null ? null
                : store => store.AddBoot("HTTP", MachinePath.Pci(VirtualMachine.FirstNicSlot).Mac(MacText.Numbered(0)).IPv4().Uri(firmwareUrl)),
            Namespace = network.Namespace,
            Limit = TimeSpan.FromMinutes(4),

            // The guest's memory is there from the beginning: what the host takes to find a page is nobody's rate.
            More = ["-object", $"memory-backend-ram,id=ram0,size={MemoryMiB}M,prealloc=on", "-machine", "memory-backend=ram0"],
        });
    }

    /// <summary>Until the firmware's download begins.</summary>
    /// <returns>What it prints at its end.</returns>
    private async Task<string> AwaitFirmwareAsync(VirtualMachine machine)
    {
        await machine.Serial.WaitForAsync(what.Protocol == "HTTP" ? "File Size: " : "NBP filesize is");
        return what.Protocol == "HTTP" ? "100%" : "NBP file downloaded successfully";
    }

    /// <summary>Types the command that downloads, all but Enter.</summary>
    /// <returns>What is printed at its end.</returns>
    private async Task<string> TypeAsync(VirtualMachine machine)
    {
        string prompt = peer == Peers.Ipxe ? "iPXE> " : "NetBoot> ";
        if (peer == Peers.Ipxe)
        {
            await machine.Serial.WaitForAsync("Press Ctrl-B");
            await machine.Serial.SendAsync("\x02");
        }

        await machine.Serial.WaitForAsync(prompt);
        await machine.Serial.SendAsync("dhcp && echo bench: ${none}ready\r"); // so that what is typed is not what is printed
        await machine.Serial.WaitForAsync($@"bench: ready[\s\S]*{prompt}");
        await machine.Serial.SendAsync($"imgfetch {_url} && echo bench: ${{none}}end || echo bench: ${{none}}failed");
        await machine.Serial.WaitForAsync(@"none\}failed");
        return "bench: (end|failed)\r?\n";
    }
}
