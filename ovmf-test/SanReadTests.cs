using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using NetBoot.Boot.Tool;
using NetBoot.Boot.Tool.Cards;
using NetBoot.Boot.Tool.Disks;
using NetBoot.Boot.Tool.Qemu;
using NetBoot.Boot.Tool.Servers;
using Xunit;

namespace NetBoot.OvmfTest;

/// <summary>Disks over the network as the bench reads them: whole, in pieces of each size, and at random.</summary>
public sealed class SanReadTests : FirmwareTest
{
    private const int MiB = 4;
    private const int RandomReads = 300;
    private const int KiBOfADisk = 4096;

    [Fact]
    public async Task DisksByHttpAndIscsi_AreReadWithoutAWrongByte_AndTakeLessThanFourMegabytes()
    {
        string web = Directory.CreateDirectory("web");
        string disk = Path.Combine(web, "disk.img");
        NumberedDisk.Write(disk, MiB);
        File.Copy(Repository.Image(Architecture.X64, "agent.efi"), Path.Combine(web, "agent.efi"));
        NginxServer server = await ServeAsync(web);
        TgtServer target = Own(await TgtServer.StartAsync(disk));
        string agent = $"chain http://{UserNetwork.Host}:{server.Port}/agent.efi then";
        string[] uris = [$"http://{UserNetwork.Host}:{server.Port}/disk.img", $"iscsi:{UserNetwork.Host}::{target.Port}:1:{TgtServer.Target}"];
        SystemPartition partition = NewPartition(Architecture.X64);
        partition.SetApplication(Repository.Image(Architecture.X64, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", string.Join('\n',
        [
            "#!ipxe", "set initiator-iqn iqn.2024-01.test:box", "dhcp",
            .. uris.SelectMany(uri => new[] { $"{agent} pages ||", $"sanhook {uri}", $"{agent} disk {MiB} {RandomReads} ||", "sanunhook" }),
            $"{agent} pages ||", "echo all was read", "",
        ]));
        VirtualMachine machine = await StartAsync(new()
        {
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = CardCatalogue.Get(CardRole.Driven).Device }],
        });

        foreach (string _ in uris)
        {
            foreach ((int piece, int count) in new[] { (64 << 10, MiB * 16), (1 << 20, MiB), (4096, RandomReads) })
            {
                await machine.Serial.WaitForAsync($"agent: reads of {piece} after a key");
                await machine.Serial.SendAsync("k");
                await machine.Serial.WaitForAsync($"agent: {count} of {count} reads of {piece} were right");
            }
        }

        await machine.Serial.WaitForAsync("all was read");
        long[] free = [.. Regex.Matches(machine.Serial.Text, @"agent: (\d+) pages are free").Select(match => long.Parse(match.Groups[1].Value) * 4)];
        Assert.Equal(7, free.Length); // without a disk; with it before and after the reads; without, and so on
        Assert.InRange(free[0] - free[2], 1, KiBOfADisk);
        Assert.InRange(free[3] - free[5], 1, KiBOfADisk);
    }
}
