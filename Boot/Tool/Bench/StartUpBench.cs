using System;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>Wall-clock time from the firmware's start of the application to the first byte of its first HTTP request.</summary>
internal static class StartUpBench
{
    /// <returns>Seconds.</returns>
    public static async Task<double> MeasureAsync(string peer, BenchCase what)
    {
        using TemporaryDirectory directory = new();
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        string url = $"http://{UserNetwork.Host}:{((IPEndPoint)listener.LocalEndpoint).Port}/first";
        SystemPartition partition = new(Architecture.X64, directory.CreateDirectory("esp"));
        partition.SetApplication(await Peers.ApplicationAsync(peer, what));
        partition.Write("EFI/BOOT/autoexec.ipxe", $"#!ipxe\ndhcp\nimgfetch {url}\n");
        await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            // iPXE of that age has no autoexec.ipxe: it takes the URL as boot file name, by itself; and it waits 17 s for a router where
            // there is no IPv6.
            SystemPartition = partition.Root,
            Nics = [new GuestNic { Model = what.Model, Network = new UserNetwork { BootFile = url, More = ["ipv6=on"] } }],
        });
        await machine.Serial.WaitForAsync("BdsDxe: starting Boot");
        Stopwatch clock = Stopwatch.StartNew();
        using TcpClient client = await listener.AcceptTcpClientAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await client.GetStream().ReadExactlyAsync(new byte[4]);
        return clock.Elapsed.TotalSeconds;
    }
}
