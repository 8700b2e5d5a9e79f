using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using Boot.Tool.Qemu;
using Boot.Tool.Servers;
using Spectre.Console;

namespace Boot.Tool.Commands;

/// <summary><c>./netboot bench</c>: our images beside Debian's iPXE and the firmware's own network boot, in one run, by turns.</summary>
public static class BenchCommand
{
    private const int MemoryMiB = 768;
    private const string Ipxe = "/usr/lib/ipxe/ipxe.efi";
    private const string IpxeOnSnp = "/usr/lib/ipxe/snponly.efi";
    private const string Virtio = "virtio-net";
    private const string VirtioSnp = "virtio-net SNP-only";
    private const string Intel = "e1000";
    private const string Novell = "ne2k";

    private static readonly Case[] s_cases =
    [
        new("HTTP", Virtio, 64), new("HTTP", Intel, 64), new("HTTP", VirtioSnp, 64), new("HTTP", "rtl8139", 16), new("HTTP", "pcnet", 16), new("HTTP", Novell, 16), new("HTTP", "vmxnet3", 64),
        new("TFTP", Virtio, 8), new("TFTP", Intel, 8), new("TFTP", VirtioSnp, 8),
    ];

    /// <summary>What is downloaded, how and over which NIC.</summary>
    private sealed record Case(string Protocol, string Nic, int MiB)
    {
        public string File => Protocol == "HTTP" ? $"http{MiB}.efi" : "tftp.bin";
    }

    public static Command Create()
    {
        Option<int> rounds = new("--rounds") { Description = "How often each is measured; the median counts.", DefaultValueFactory = _ => 3 };
        Option<string?> only = new("--only") { Description = "Only cases whose name contains this, e.g. 'HTTP e1000', 'TAP' or 'start-up'." };
        Option<string[]> peers = new("--peers") { Description = "Whom to measure.", DefaultValueFactory = _ => ["NetBoot", "iPXE", "OVMF"], AllowMultipleArgumentsPerToken = true };
        peers.AcceptOnlyFromAmong("NetBoot", "iPXE", "OVMF");
        Command command = new("bench", "Measure downloads and start-up against iPXE and the firmware's own network boot.") { rounds, only, peers };
        command.SetAction(async (parsed, _) =>
        {
            await BuildCommand.BuildAsync();
            await RunAsync(parsed.GetValue(rounds), parsed.GetValue(only), parsed.GetValue(peers)!);
            return 0;
        });
        return command;
    }

    private static async Task RunAsync(int rounds, string? only, string[] peers)
    {
        using TemporaryDirectory directory = new();
        string files = directory.CreateDirectory("files");
        foreach (Case each in s_cases.DistinctBy(each => each.File))
        {
            WriteRandom(Path.Combine(files, each.File), each.MiB);
        }

        File.Copy(IpxeOnSnp, Path.Combine(files, "snponly.efi"));
        Dictionary<(string Case, string Peer), List<double>> results = [];
        await using BenchNetwork slirp = await BenchNetwork.SlirpAsync(files);
        await using BenchNetwork? tap = await BenchNetwork.TryTapAsync(files);
        if (tap == null)
        {
            AnsiConsole.MarkupLine("[yellow]TAP is left out: no network namespace can be made here (run as root).[/]");
        }

        BenchNetwork[] networks = tap == null ? [slirp] : [slirp, tap];
        for (int round = 0; round < rounds; round++)
        {
            foreach (BenchNetwork network in networks)
            {
                foreach (Case each in s_cases)
                {
                    string name = $"{each.Protocol} {each.Nic} {network.Name}";
                    if (only != null && !name.Contains(only, StringComparison.OrdinalIgnoreCase))
                    {
                        continue;
                    }

                    foreach (string peer in peers.Where(peer => peer != "OVMF" || each.Nic == Virtio)) // OVMF drives none of the others
                    {
                        double rate = double.NaN;
                        try
                        {
                            rate = await MeasureAsync(network, files, each, peer, isChecked: round == 0);
                            AnsiConsole.MarkupLineInterpolated($"round {round + 1}  {name,-32} {peer,-8} {rate,7:0.0} MiB per vCPU-second");
                        }
                        catch (ToolError error) when (peer != "NetBoot")
                        {
                            AnsiConsole.MarkupLineInterpolated($"round {round + 1}  {name,-32} {peer,-8} [yellow]failed[/]: {error.Message.Split('\n')[0]}");
                        }

                        ListOf(results, (name, peer)).Add(rate);
                    }
                }
            }
        }

        Table table = new Table().AddColumn("MiB per vCPU-second (median)").AddColumns("NetBoot", "iPXE", "OVMF", "NetBoot : iPXE", "NetBoot : OVMF");
        foreach (string name in results.Keys.Select(key => key.Case).Distinct())
        {
            double own = Median(results, name, "NetBoot"), ipxe = Median(results, name, "iPXE"), ovmf = Median(results, name, "OVMF");
            table.AddRow(name, Show(own), Show(ipxe), Show(ovmf), Show(own / ipxe), Show(own / ovmf));
        }

        if (results.Count != 0)
        {
            AnsiConsole.Write(table);
        }

        if (only == null || "start-up".Contains(only, StringComparison.OrdinalIgnoreCase))
        {
            await StartUpAsync(rounds);
            ShowSizes();
        }
    }

    /// <summary>
    /// Downloads one file and relates its size to the processor time that the guest used for it: NetBoot and iPXE from the moment when
    /// Enter is sent for a command that waits to be run, the firmware from when it shows the file's size.
    /// </summary>
    /// <param name="isChecked">Whether to look for the file's bytes in the guest's memory afterwards.</param>
    private static async Task<double> MeasureAsync(BenchNetwork network, string files, Case what, string peer, bool isChecked)
    {
        (string protocol, string nic, int mebibytes) = what;
        using TemporaryDirectory directory = new();
        bool isFirmware = peer == "OVMF";
        string url = protocol == "HTTP" ? $"http://{network.HttpHost}/{what.File}" : $"tftp://{network.TftpHost}/{what.File}";
        string? firmwareUrl = isFirmware ? (protocol == "HTTP" ? url : null)
            : peer == "iPXE" && nic == VirtioSnp ? $"http://{network.HttpHost}/snponly.efi" // it uses the NIC that it came from, and no other
            : null;
        SystemPartition? partition = null;
        if (!isFirmware && firmwareUrl == null)
        {
            partition = new SystemPartition(Architecture.X64, directory.CreateDirectory("esp"));
            partition.SetApplication(peer == "iPXE" ? Ipxe : Repository.Image(Architecture.X64, nic == VirtioSnp ? "netboot-snponly.efi" : "netboot.efi"));
            partition.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\nshell\n");
        }

        await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            MemoryMiB = MemoryMiB,
            Nics = [new GuestNic
            {
                Model = Model(nic),
                Network = network.Plug(isFirmware ? "tftp.bin" : null),
                BootIndex = isFirmware && protocol == "TFTP" ? 0 : null,
            }],
            SystemPartition = partition?.Root,
            Variables = firmwareUrl == null ? null
                : store => store.AddBoot("HTTP", MachinePath.Pci(VirtualMachine.FirstNicSlot).Mac(MacText.Numbered(0)).IPv4().Uri(firmwareUrl)),
            Namespace = network.Namespace,
            Limit = TimeSpan.FromMinutes(4),

            // The guest's memory is there from the beginning: what the host takes to find a page is nobody's rate.
            More = ["-object", $"memory-backend-ram,id=ram0,size={MemoryMiB}M,prealloc=on", "-machine", "memory-backend=ram0"],
        });
        string end = "bench: (end|failed)\r?\n";
        if (isFirmware)
        {
            end = protocol == "HTTP" ? "100%" : "NBP file downloaded successfully";
            await machine.Serial.WaitForAsync(protocol == "HTTP" ? "File Size: " : "NBP filesize is");
        }
        else
        {
            string prompt = peer == "iPXE" ? "iPXE> " : "NetBoot> ";
            if (peer == "iPXE")
            {
                await machine.Serial.WaitForAsync("Press Ctrl-B");
                await machine.Serial.SendAsync("\x02");
            }

            await machine.Serial.WaitForAsync(prompt);
            await machine.Serial.SendAsync("dhcp && echo bench: ${none}ready\r"); // so that what is typed is not what is printed
            await machine.Serial.WaitForAsync($@"bench: ready[\s\S]*{prompt}");
            string command = $"imgfetch {url} && echo bench: ${{none}}end || echo bench: ${{none}}failed";
            await machine.Serial.SendAsync(command);
            await machine.Serial.WaitForAsync(@"none\}failed");
        }

        double before = await machine.ProcessorSecondsAsync();
        if (!isFirmware)
        {
            await machine.Serial.SendAsync("\r");
        }

        string last = (await machine.Serial.WaitForAsync(end, TimeSpan.FromMinutes(3))).Value;
        double after = await machine.ProcessorSecondsAsync();
        if (last.Contains("failed", StringComparison.Ordinal))
        {
            throw new ToolError($"{peer} could not fetch {url}.{machine.Serial.Tail()}");
        }

        // The firmware drops at once what is no image; its word has to do.
        if (isChecked && !isFirmware && !await machine.HasInMemoryAsync(Path.Combine(files, what.File)))
        {
            throw new ToolError($"{peer} says that it has {url}, but it is not in its memory.");
        }

        return mebibytes / (after - before);
    }

    private static string Model(string nic) => nic switch { Virtio or VirtioSnp => "virtio-net-pci", Novell => "ne2k_pci", _ => nic };

    /// <summary>Wall-clock time from the firmware's start of the application to the first byte of its first HTTP request.</summary>
    private static async Task StartUpAsync(int rounds)
    {
        Dictionary<(string Case, string Peer), List<double>> seconds = [];
        (string Peer, string Nic)[] cases = [("NetBoot", Virtio), ("iPXE", Virtio), ("NetBoot", Intel), ("iPXE", Intel), ("NetBoot", VirtioSnp)];
        for (int round = 0; round < rounds; round++)
        {
            foreach ((string peer, string nic) in cases)
            {
                ListOf(seconds, (nic, peer)).Add(await MeasureStartUpAsync(peer, nic));
            }
        }

        Table table = new Table().AddColumn("Start of the application to its first HTTP request (median)").AddColumn(new TableColumn("seconds").RightAligned());
        foreach ((string peer, string nic) in cases)
        {
            table.AddRow($"{peer} {nic}", $"{Median(seconds, nic, peer):0.00}");
        }

        AnsiConsole.Write(table);
    }

    private static async Task<double> MeasureStartUpAsync(string peer, string nic)
    {
        using TemporaryDirectory directory = new();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"http://{UserNetwork.Host}:{((IPEndPoint)listener.LocalEndpoint).Port}/first";
        SystemPartition partition = new(Architecture.X64, directory.CreateDirectory("esp"));
        partition.SetApplication(peer == "iPXE" ? Ipxe : Repository.Image(Architecture.X64, nic == VirtioSnp ? "netboot-snponly.efi" : "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"#!ipxe\ndhcp\nimgfetch {url}\n");
        await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            // iPXE of that age has no autoexec.ipxe: it takes the URL as boot file name, by itself; and it waits 17 s for a router where
            // there is no IPv6.
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = Model(nic), Network = new UserNetwork { BootFile = url, More = ["ipv6=on"] } }],
        });
        await machine.Serial.WaitForAsync("BdsDxe: starting Boot");
        Stopwatch clock = Stopwatch.StartNew();
        using TcpClient client = await listener.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await client.GetStream().ReadExactlyAsync(new byte[4]);
        return clock.Elapsed.TotalSeconds;
    }

    private static void ShowSizes()
    {
        Table sizes = new Table().AddColumn("Image").AddColumn(new TableColumn("KiB").RightAligned());
        foreach (string name in new[] { "e1000.efi", "ne2k.efi", "pcnet.efi", "virtio-net.efi", "rtl8139.efi", "vmxnet3.efi", "netboot-drivers.efi", "netboot-snponly.efi", "netboot.efi" })
        {
            sizes.AddRow(name, $"{new FileInfo(Repository.Image(Architecture.X64, name)).Length / 1024.0:0.0}");
        }

        sizes.AddRow("iPXE's ipxe.efi", $"{new FileInfo(new FileInfo(Ipxe).ResolveLinkTarget(true)?.FullName ?? Ipxe).Length / 1024.0:0.0}");
        AnsiConsole.Write(sizes);
    }

    private static List<double> ListOf(Dictionary<(string Case, string Peer), List<double>> results, (string Case, string Peer) key)
    {
        if (!results.TryGetValue(key, out List<double>? list))
        {
            results[key] = list = [];
        }

        return list;
    }

    private static double Median(Dictionary<(string Case, string Peer), List<double>> results, string name, string peer) =>
        results.TryGetValue((name, peer), out List<double>? list) ? list.Order().ElementAt(list.Count / 2) : double.NaN;

    private static string Show(double value) => double.IsNaN(value) ? "-" : $"{value:0.0}";

    private static void WriteRandom(string path, int mebibytes)
    {
        using FileStream stream = File.Create(path);
        byte[] block = new byte[1 << 20];
        Random random = new(1);
        for (int i = 0; i < mebibytes; i++)
        {
            random.NextBytes(block);
            stream.Write(block);
        }
    }

    /// <summary>Where the measured machine is plugged in, with its servers.</summary>
    private sealed class BenchNetwork : IAsyncDisposable
    {
        private readonly List<IAsyncDisposable> _owned = [];
        private string _files = "";

        public required string Name { get; init; }

        public required string HttpHost { get; init; }

        public required string TftpHost { get; init; }

        public NetworkNamespace? Namespace { get; init; }

        public static async Task<BenchNetwork> SlirpAsync(string files)
        {
            NginxServer server = await NginxServer.StartAsync(files);
            BenchNetwork network = new() { Name = "slirp", HttpHost = $"{UserNetwork.Host}:{server.Port}", TftpHost = UserNetwork.Host, _files = files };
            network._owned.Add(server);
            return network;
        }

        public static async Task<BenchNetwork?> TryTapAsync(string files)
        {
            const string host = "192.0.2.1"; // TEST-NET-1, RFC 5737; exists only in the namespace
            NetworkNamespace inside;
            try
            {
                inside = await NetworkNamespace.CreateAsync();
                await inside.AddTapAsync("tap0", host + "/24");
            }
            catch (ToolError)
            {
                return null;
            }

            BenchNetwork network = new() { Name = "TAP", HttpHost = host, TftpHost = host, Namespace = inside, _files = files };
            network._owned.Add(inside);
            network._owned.Add(await NginxServer.StartAsync(files, "", host, inside));
            network._owned.Add(await DnsmasqServer.StartAsync(
                inside, "tap0", ["--dhcp-range=192.0.2.10,192.0.2.99,1h", "--dhcp-boot=tftp.bin"], files));
            return network;
        }

        public NetworkBackend Plug(string? bootFile) => Namespace == null ? new UserNetwork { TftpRoot = _files, BootFile = bootFile } : new TapNetwork("tap0");

        public async ValueTask DisposeAsync()
        {
            for (int i = _owned.Count - 1; i >= 0; i--)
            {
                await _owned[i].DisposeAsync();
            }
        }
    }
}
