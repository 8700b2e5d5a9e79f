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
    public const int MemoryMiB = 768;

    /// <summary>What the host takes to find a page is nobody's rate.</summary>
    public static string[] WithMemoryFromTheBeginning { get; } =
        ["-object", $"memory-backend-ram,id=ram0,size={MemoryMiB}M,prealloc=on", "-machine", "memory-backend=ram0"];

    /// <summary>Fetches a small file from <c>${from}</c> over and over, <c>${count}</c> times.</summary>
    public const string Script = "#!ipxe\nset n:int32 0\n:next\nimgfetch --name small ${from}/small || exit 1\nimgfree small\ninc n\niseq ${n} ${count} || goto next\n";

    private readonly bool _isFirmware = peer == Peers.Firmware;

    private readonly string _url = $"{what.Protocol.ToLowerInvariant()}://" +
        $"{(what.IsIPv6 ? network.IPv6Host : what.IsTls ? network.HttpsHost : what.IsWeb ? network.HttpHost : network.TftpHost)}/{what.File}";

    /// <summary>What the firmware starts by its HTTP boot: its own download; iPXE on SNP, which uses the NIC that it came from, and no other.</summary>
    private string? FirmwareUrl =>
        _isFirmware ? (what.IsWeb ? _url : null)
        : peer == Peers.Ipxe && what.IsOnSnp ? $"http://{network.HttpHost}/snponly.efi"
        : null;

    /// <param name="original">The file as it is served, to be looked for in the guest's memory; or null.</param>
    /// <returns>MiB, or connections, for each second of the guest's processor.</returns>
    /// <exception cref="ToolError">The download failed.</exception>
    public async Task<double> MeasureAsync(string? original)
    {
        using TemporaryDirectory directory = new();
        await using VirtualMachine machine = await StartAsync(directory);
        if (_isFirmware)
        {
            await machine.Serial.WaitForAsync(what.IsWeb ? "File Size: " : "NBP filesize is");
            double before = await machine.ProcessorSecondsAsync();
            await machine.Serial.WaitForAsync(what.IsWeb ? "100%" : "NBP file downloaded successfully", TimeSpan.FromMinutes(3));
            return what.MiB / (await machine.ProcessorSecondsAsync() - before);
        }

        bool isMany = what.Connections > 0;
        string fetch = isMany
            ? $"set count {what.Connections} && set from https://{network.HttpsHost} && chain http://{network.HttpHost}/script.ipxe" : $"imgfetch {_url}";
        double seconds = await TypedDownload.MeasureAsync(
            machine.Serial, peer, fetch, machine.ProcessorSecondsAsync, what.IsIPv6 ? "ifconf -c ipv6" : "dhcp");
        if (isMany)
        {
            return what.Connections / seconds;
        }

        // The firmware drops at once what is no image; its word has to do.
        if (original != null && !await machine.HasInMemoryAsync(original))
        {
            throw new ToolError($"{peer} says that it has {_url}, but it is not in its memory.");
        }

        return what.MiB / seconds;
    }

    private async Task<VirtualMachine> StartAsync(TemporaryDirectory directory)
    {
        string? firmwareUrl = FirmwareUrl;
        SystemPartition? partition = null;
        if (!_isFirmware && firmwareUrl == null)
        {
            partition = new SystemPartition(Architecture.X64, directory.CreateDirectory("esp"));
            partition.SetApplication(await Peers.ApplicationAsync(peer, what));
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
            Variables = store =>
            {
                store.TrustForHttps(BenchNetwork.Root.Der);
                if (firmwareUrl != null)
                {
                    store.AddBoot("HTTP", MachinePath.Pci(VirtualMachine.FirstNicSlot).Mac(MacText.Numbered(0)).IPv4().Uri(firmwareUrl));
                }
            },
            Namespace = network.Namespace,
            Limit = TimeSpan.FromMinutes(4),
            More = WithMemoryFromTheBeginning,
        });
    }
}
