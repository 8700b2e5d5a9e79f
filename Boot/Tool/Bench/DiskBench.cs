using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>
/// A disk over the network, read by the tests' agent through the firmware's EFI_BLOCK_IO_PROTOCOL as a boot loader reads: by HTTP or iSCSI, hooked by
/// NetBoot or iPXE, or by the firmware's own iSCSI. All that is read is looked at: a wrong byte is a failure.
/// </summary>
internal sealed class DiskBench(BenchNetwork network, string protocol, string peer)
{
    public const string Http = "HTTP disk";
    public const string Iscsi = "iSCSI disk";

    /// <summary>In the web server's folder.</summary>
    public const string File = "disk.img";

    /// <summary>Of the disk. Nothing else in the machine is of that size.</summary>
    public const int MiB = 256;

    private const int RandomReads = 2000;

    /// <summary>In pages of 4 KiB.</summary>
    private static readonly Regex s_free = new(@"agent: (\d+) pages are free");

    /// <summary>What is measured: bytes of a read, and MiB of all of them.</summary>
    public static (int Piece, double MiB)[] Reads { get; } = [(64 << 10, MiB), (1 << 20, MiB), (4096, RandomReads * 4096.0 / (1 << 20))];

    private string Uri => protocol == Http
        ? $"http://{network.HttpHost}/{File}"
        : $"iscsi:{network.TftpHost}::{network.IscsiPort}:1:{TgtServer.Target}";

    /// <summary>As tables and <c>--only</c> say it.</summary>
    public static string Name(string protocol, int piece, string network) =>
        piece == 4096 ? $"{protocol} 4 KiB random {network}" : $"{protocol} {piece >> 10} KiB {network}";

    /// <returns>
    /// Seconds of the guest's processor and of the clock, for each of <see cref="Reads"/>; and KiB that the disk takes of the guest's memory, after the reads.
    /// </returns>
    /// <exception cref="ToolError">It cannot be hooked, or a read was wrong.</exception>
    public async Task<(List<(double Processor, double Clock)> Times, long KiB)> MeasureAsync()
    {
        using TemporaryDirectory directory = new();
        SystemPartition partition = new(Architecture.X64, directory.CreateDirectory("esp"));
        bool isFirmware = peer == Peers.Firmware;
        if (isFirmware)
        {
            partition.Add(Repository.Image(Architecture.X64, "agent.efi"), "agent.efi");
        }
        else
        {
            partition.SetApplication(peer == Peers.Ipxe ? Peers.IpxeFull : Repository.Image(Architecture.X64, "netboot.efi"));
            partition.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\nshell\n");
        }

        await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            MemoryMiB = DownloadBench.MemoryMiB,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device, Network = network.Plug(null) }],
            SystemPartition = partition.Root,
            Variables = store =>
            {
                if (isFirmware)
                {
                    store.AddBoot("agent", MachinePath.VirtualFatPartition().FilePath(@"\agent.efi"), $"then disk {MiB} {RandomReads}");
                    store.AddIscsi(MacText.Numbered(0), System.Net.IPAddress.Parse(network.TftpHost), network.IscsiPort, 1, TgtServer.Target);
                }
            },
            Namespace = network.Namespace,
            More = DownloadBench.WithMemoryFromTheBeginning,
        });
        if (!isFirmware)
        {
            string agent = $"http://{network.HttpHost}/agent.efi";
            await TypedDownload.TypeAsync(
                machine.Serial, peer, "set initiator-iqn iqn.2024-01.test:bench && dhcp",
                $"chain {agent} then pages || sanhook --no-describe {Uri} && chain {agent} then disk {MiB} {RandomReads} || " +
                "echo bench: ${none}failed\r");
        }

        List<(double, double)> times = [];
        foreach ((int piece, _) in Reads)
        {
            await ExpectAsync(machine.Serial, $"agent: reads of {piece} after a key");
            double before = await machine.ProcessorSecondsAsync();
            Stopwatch clock = Stopwatch.StartNew();
            await machine.Serial.SendAsync("k");
            GroupCollection end = await ExpectAsync(machine.Serial, $@"agent: (\d+) of (\d+) reads of {piece} were right");
            times.Add((await machine.ProcessorSecondsAsync() - before, clock.Elapsed.TotalSeconds));
            if (end[2].Value != end[3].Value)
            {
                throw new ToolError($"Of {peer}'s disk {end[2].Value} of {end[3].Value} reads were right.");
            }
        }

        await ExpectAsync(machine.Serial, "agent: done");
        long[] free = [.. s_free.Matches(machine.Serial.Text).Select(match => long.Parse(match.Groups[1].Value))];
        return (times, (free[0] - free[^1]) * 4);
    }

    private async Task<GroupCollection> ExpectAsync(SerialConsole serial, string pattern)
    {
        GroupCollection found = (await serial.WaitForAsync($"({pattern})|FAILED|bench: failed", System.TimeSpan.FromMinutes(5))).Groups;
        return found[1].Success ? found : throw new ToolError($"{peer} could not read {Uri}.{serial.Tail()}");
    }
}
