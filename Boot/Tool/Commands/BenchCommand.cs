using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Bench;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Spectre.Console;

namespace NetBoot.Boot.Tool.Commands;

/// <summary><c>./netboot bench</c>: our images beside Debian's iPXE and the firmware's own network boot, in one run, by turns.</summary>
public static class BenchCommand
{
    // The cards whose downloads by TFTP and start-ups are measured too.
    private static readonly CardFamily[] s_usual = [CardCatalogue.Get(CardRole.Driven).Family, CardCatalogue.Get(CardRole.Undriven).Family];

    private static readonly BenchCase[] s_cases =
    [
        .. CardCatalogue.Emulated.Select(family => new BenchCase("HTTP", family, false)), new BenchCase("HTTP", s_usual[0], true),
        new BenchCase("HTTPS", s_usual[0], false), new BenchCase("HTTPS", s_usual[0], false, Connections: 20),
        .. s_usual.Select(family => new BenchCase("TFTP", family, false)), new BenchCase("TFTP", s_usual[0], true),
        .. s_usual.Select(family => new BenchCase("HTTP", family, false, IsIPv6: true)), new BenchCase("TFTP", s_usual[0], false, IsIPv6: true),
    ];

    public static Command Create()
    {
        Option<int> rounds = new("--rounds") { Description = "How often each is measured; the median counts.", DefaultValueFactory = _ => 3 };
        Option<string?> only = new("--only") { Description = $"Only cases whose name contains this, e.g. 'HTTP {s_usual[1]}', 'TAP' or 'start-up'." };
        Option<string[]> peers = new("--peers") { Description = "Whom to measure.", DefaultValueFactory = _ => Peers.All, AllowMultipleArgumentsPerToken = true };
        peers.AcceptOnlyFromAmong(Peers.All);
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
        await DownloadAsync(rounds, only, peers);
        await DisksAsync(rounds, only, peers);
        await DownloadInLabsAsync(rounds, only, peers);
        if (IsWanted(only, "start-up"))
        {
            await StartUpAsync(rounds);
            ShowSizes();
        }
    }

    private static async Task DownloadAsync(int rounds, string? only, string[] peers)
    {
        using TemporaryDirectory directory = new();
        string files = directory.CreateDirectory("files");
        foreach (BenchCase each in s_cases.DistinctBy(each => each.File))
        {
            WriteRandom(Path.Combine(files, each.File), each.MiB);
        }

        File.WriteAllText(Path.Combine(files, "small"), "small");
        File.WriteAllText(Path.Combine(files, "script.ipxe"), DownloadBench.Script);
        File.Copy(Peers.IpxeOnSnp, Path.Combine(files, "snponly.efi"));
        await using BenchNetwork slirp = await BenchNetwork.SlirpAsync(files);
        await using BenchNetwork? tap = await BenchNetwork.TryTapAsync(files);
        if (tap == null)
        {
            AnsiConsole.MarkupLine("[yellow]TAP is left out: no network namespace can be made here (run as root).[/]");
        }

        Medians rates = new();
        BenchNetwork[] networks = tap == null ? [slirp] : [slirp, tap];
        (int Round, string Name, string Peer, BenchNetwork Network, BenchCase Case)[] wanted =
        [
            .. from round in Enumerable.Range(1, rounds)
               from network in networks
               from each in s_cases.Where(each => !each.IsIPv6 || network.IPv6Host != null)
               let name = $"{each.Protocol} {each.Nic} {network.Name}"
               where IsWanted(only, name)
               from peer in peers.Where(peer => peer != Peers.Linux && (peer != Peers.Firmware || each.IsForFirmware))
               select (round, name, peer, network, each),
        ];
        await LongWork.RunAsync("Downloads", wanted.Length, async work =>
        {
            foreach ((int round, string name, string peer, BenchNetwork network, BenchCase each) in wanted)
            {
                string? original = round == 1 ? Path.Combine(files, each.File) : null;
                rates.Add(name, peer, await MeasureAsync(round, name, peer, () => new DownloadBench(network, each, peer).MeasureAsync(original)));
                work.Advance(name);
            }
        });

        foreach (CardFamily family in s_usual.Where(family => IsWanted(only, LimitBench.Name(family)) && peers.Contains(Peers.NetBoot)))
        {
            for (int round = 1; round <= rounds; round++)
            {
                string name = LimitBench.Name(family);
                rates.Add(name, Peers.NetBoot, await MeasureAsync(round, name, Peers.NetBoot, () => LimitBench.MeasureAsync(family)));
            }
        }

        ShowRates(rates, "MiB (or handshakes) per vCPU-second", Peers.NetBoot, Peers.Ipxe, Peers.Firmware);
        ShowShares(rates);
    }

    /// <summary>Ours beside ours: what of the limit the whole stack reaches, version 6 beside version 4, HTTPS beside HTTP: what is missing is TLS' share, nearly all of it the firmware's.</summary>
    private static void ShowShares(Medians rates)
    {
        Table table = new Table().AddColumn("NetBoot beside itself").AddColumn(new TableColumn("%").RightAligned());
        foreach (string name in rates.Cases)
        {
            CardFamily? family = s_usual.FirstOrDefault(each => name.Split(' ') is ["HTTP", string image, ..] && image == each.Image);
            string[] others =
            [
                name.Replace(" IPv6", "", StringComparison.Ordinal), name.Replace("HTTPS ", "HTTP ", StringComparison.Ordinal), family == null ? name : LimitBench.Name(family),
            ];
            foreach (string other in others.Where(other => other != name && !double.IsNaN(rates[other, Peers.NetBoot])))
            {
                table.AddRow($"{name} : {other}", $"{rates[name, Peers.NetBoot] / rates[other, Peers.NetBoot] * 100:0}");
            }
        }

        if (table.Rows.Count != 0)
        {
            AnsiConsole.Write(table);
        }
    }

    /// <summary>Disks over the network: all reads of one are measured where one of them is wanted.</summary>
    private static async Task DisksAsync(int rounds, string? only, string[] peers)
    {
        (string Protocol, string Network)[] disks =
        [
            .. from network in new[] { BenchNetwork.Slirp, BenchNetwork.Tap }
               from protocol in new[] { DiskBench.Http, DiskBench.Iscsi }
               where DiskBench.Reads.Any(read => IsWanted(only, DiskBench.Name(protocol, read.Piece, network)))
               select (protocol, network),
        ];
        if (disks.Length == 0)
        {
            return;
        }

        using TemporaryDirectory directory = new();
        string file = directory.Combine(DiskBench.File);
        NumberedDisk.Write(file, DiskBench.MiB);
        File.Copy(Repository.Image(Architecture.X64, "agent.efi"), directory.Combine("agent.efi"));
        await using BenchNetwork slirp = await BenchNetwork.SlirpAsync(directory.FullName);
        await using BenchNetwork? tap = await BenchNetwork.TryTapAsync(directory.FullName);
        Medians rates = new(), wall = new(), memory = new();
        foreach (BenchNetwork network in tap == null ? new[] { slirp } : [slirp, tap])
        {
            await network.StartTargetAsync(file);
        }

        for (int round = 1; round <= rounds; round++)
        {
            foreach ((string protocol, string name) in disks.Where(disk => disk.Network == BenchNetwork.Slirp || tap != null))
            {
                foreach (string peer in peers.Where(peer => peer != Peers.Linux && (peer != Peers.Firmware || protocol == DiskBench.Iscsi)))
                {
                    await MeasureDiskAsync(round, name == BenchNetwork.Slirp ? slirp : tap!, protocol, peer, rates, wall, memory);
                }
            }
        }

        ShowRates(rates, "MiB per vCPU-second", Peers.NetBoot, Peers.Ipxe, Peers.Firmware);
        ShowRates(wall, "MiB per second", Peers.NetBoot, Peers.Ipxe, Peers.Firmware);
        ShowRates(memory, "KiB of a disk's memory", Peers.NetBoot, Peers.Ipxe);
    }

    private static async Task MeasureDiskAsync(
        int round, BenchNetwork network, string protocol, string peer, Medians rates, Medians wall, Medians memory)
    {
        try
        {
            (List<(double Processor, double Clock)> times, long kib) = await new DiskBench(network, protocol, peer).MeasureAsync();
            for (int i = 0; i < times.Count; i++)
            {
                (int piece, double mebibytes) = DiskBench.Reads[i];
                string name = DiskBench.Name(protocol, piece, network.Name);
                rates.Add(name, peer, mebibytes / times[i].Processor);
                wall.Add(name, peer, mebibytes / times[i].Clock);
                string title = Title(round, name, peer);
                AnsiConsole.MarkupLineInterpolated(
                    $"{title} {mebibytes / times[i].Processor,7:0.0} MiB per second of processor, {mebibytes / times[i].Clock:0.0} per second");
            }

            if (peer != Peers.Firmware)
            {
                memory.Add($"{protocol} {network.Name}", peer, kib);
            }
        }
        catch (ToolError error) when (peer != Peers.NetBoot)
        {
            AnsiConsole.MarkupLineInterpolated($"{Title(round, $"{protocol} {network.Name}", peer)} [yellow]failed[/]: {error.Message.Split('\n')[0]}");
        }
    }

    private static string Title(int round, string name, string peer) => $"round {round}  {name,-32} {peer,-8}";

    private static bool IsWanted(string? only, string name) => only == null || name.Contains(only, StringComparison.OrdinalIgnoreCase);

    /// <summary>The NICs of hypervisors that QEMU alone is not.</summary>
    private static async Task DownloadInLabsAsync(int rounds, string? only, string[] peers)
    {
        const int size = 16;
        using TemporaryDirectory directory = new();
        string file = directory.Combine("file");
        WriteRandom(file, size);
        if (IsWanted(only, NetvscBench.Name) && peers.Contains(Peers.NetBoot))
        {
            Medians rates = new();
            await using NginxServer server = await NginxServer.StartAsync(directory.FullName);
            for (int round = 1; round <= rounds; round++)
            {
                rates.Add(NetvscBench.Name, Peers.NetBoot, await MeasureAsync(
                    round, NetvscBench.Name, Peers.NetBoot, () => NetvscBench.MeasureAsync($"http://{UserNetwork.Host}:{server.Port}/file", size)));
            }

            ShowRates(rates, "MiB per vCPU-second", Peers.NetBoot);
        }

        if (IsWanted(only, NetfrontBench.Name))
        {
            Medians rates = new();
            await using NestedLab lab = await NestedLab.CreateAsync(Console.WriteLine);
            for (int round = 1; round <= rounds; round++)
            {
                foreach (string peer in peers.Where(peer => peer != Peers.Firmware))
                {
                    rates.Add(NetfrontBench.Name, peer, await MeasureAsync(
                        round, NetfrontBench.Name, peer, () => NetfrontBench.MeasureAsync(lab, peer, file, size)));
                }
            }

            ShowRates(rates, "MiB per second of the lab's processors", Peers.NetBoot, Peers.Ipxe, Peers.Linux);
        }
    }

    /// <summary>Measures once, and says what came of it. What others cannot do is no failure of the bench.</summary>
    private static async Task<double> MeasureAsync(int round, string name, string peer, Func<Task<double>> measure)
    {
        string title = Title(round, name, peer);
        try
        {
            double rate = await measure();
            AnsiConsole.MarkupLineInterpolated($"{title} {rate,7:0.0} per second of processor");
            return rate;
        }
        catch (ToolError error) when (peer != Peers.NetBoot)
        {
            AnsiConsole.MarkupLineInterpolated($"{title} [yellow]failed[/]: {error.Message.Split('\n')[0]}");
            return double.NaN;
        }
    }

    /// <param name="rates">What was measured.</param>
    /// <param name="unit">Of the rates.</param>
    /// <param name="peers">The columns; the first one's ratio to each other follows.</param>
    private static void ShowRates(Medians rates, string unit, params string[] peers)
    {
        Table table = new Table().AddColumn($"{unit} (median)").AddColumns(peers).AddColumns([.. peers[1..].Select(peer => $"{peers[0]} : {peer}")]);
        foreach (string name in rates.Cases)
        {
            double own = rates[name, peers[0]];
            table.AddRow([name, .. peers.Select(peer => Show(rates[name, peer])), .. peers[1..].Select(peer => Show(own / rates[name, peer]))]);
        }

        if (table.Rows.Count != 0)
        {
            AnsiConsole.Write(table);
        }
    }

    private static async Task StartUpAsync(int rounds)
    {
        Medians seconds = new();
        (string Peer, BenchCase Case)[] cases =
        [
            .. from family in s_usual from peer in new[] { Peers.NetBoot, Peers.Ipxe } select (peer, new BenchCase("HTTP", family, false)),
            (Peers.NetBoot, new BenchCase("HTTP", s_usual[0], true)),
        ];
        for (int round = 0; round < rounds; round++)
        {
            foreach ((string peer, BenchCase each) in cases)
            {
                seconds.Add(each.Nic, peer, await StartUpBench.MeasureAsync(peer, each));
            }
        }

        Table table = new Table().AddColumn("Start of the application to its first HTTP request (median)").AddColumn(new TableColumn("seconds").RightAligned());
        foreach ((string peer, BenchCase each) in cases)
        {
            table.AddRow($"{peer} {each.Nic}", $"{seconds[each.Nic, peer]:0.00}");
        }

        AnsiConsole.Write(table);
    }

    private static void ShowSizes()
    {
        Table sizes = new Table().AddColumn("Image").AddColumn(new TableColumn("KiB").RightAligned());
        IEnumerable<string> images = [.. CardCatalogue.Families.Select(each => each.Image), "netboot-drivers", "netboot-snponly", "netboot"];
        foreach (string name in images.Select(image => image + ".efi"))
        {
            sizes.AddRow(name, $"{new FileInfo(Repository.Image(Architecture.X64, name)).Length / 1024.0:0.0}");
        }

        sizes.AddRow("iPXE's ipxe.efi", $"{Peers.IpxeSize / 1024.0:0.0}");
        AnsiConsole.Write(sizes);
    }

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
}
