using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Bench;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
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
        .. s_usual.Select(family => new BenchCase("TFTP", family, false)), new BenchCase("TFTP", s_usual[0], true),
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
        if (only == null || "start-up".Contains(only, StringComparison.OrdinalIgnoreCase))
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

        File.Copy(Peers.IpxeOnSnp, Path.Combine(files, "snponly.efi"));
        await using BenchNetwork slirp = await BenchNetwork.SlirpAsync(files);
        await using BenchNetwork? tap = await BenchNetwork.TryTapAsync(files);
        if (tap == null)
        {
            AnsiConsole.MarkupLine("[yellow]TAP is left out: no network namespace can be made here (run as root).[/]");
        }

        Medians rates = new();
        BenchNetwork[] networks = tap == null ? [slirp] : [slirp, tap];
        for (int round = 1; round <= rounds; round++)
        {
            foreach (BenchNetwork network in networks)
            {
                foreach (BenchCase each in s_cases)
                {
                    string name = $"{each.Protocol} {each.Nic} {network.Name}";
                    if (only != null && !name.Contains(only, StringComparison.OrdinalIgnoreCase))
                    {
                        continue;
                    }

                    foreach (string peer in peers.Where(peer => peer != Peers.Firmware || each.IsForFirmware))
                    {
                        string? original = round == 1 ? Path.Combine(files, each.File) : null;
                        rates.Add(name, peer, await MeasureAsync($"round {round}  {name,-32} {peer,-8}", new DownloadBench(network, each, peer), peer, original));
                    }
                }
            }
        }

        ShowRates(rates);
    }

    /// <summary>Measures once, and says what came of it. What others cannot do is no failure of the bench.</summary>
    private static async Task<double> MeasureAsync(string title, DownloadBench bench, string peer, string? original)
    {
        try
        {
            double rate = await bench.MeasureAsync(original);
            AnsiConsole.MarkupLineInterpolated($"{title} {rate,7:0.0} MiB per vCPU-second");
            return rate;
        }
        catch (ToolError error) when (peer != Peers.NetBoot)
        {
            AnsiConsole.MarkupLineInterpolated($"{title} [yellow]failed[/]: {error.Message.Split('\n')[0]}");
            return double.NaN;
        }
    }

    private static void ShowRates(Medians rates)
    {
        Table table = new Table().AddColumn("MiB per vCPU-second (median)").AddColumns("NetBoot", "iPXE", "OVMF", "NetBoot : iPXE", "NetBoot : OVMF");
        foreach (string name in rates.Cases)
        {
            double own = rates[name, Peers.NetBoot], ipxe = rates[name, Peers.Ipxe], ovmf = rates[name, Peers.Firmware];
            table.AddRow(name, Show(own), Show(ipxe), Show(ovmf), Show(own / ipxe), Show(own / ovmf));
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
