using System;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>
/// A download over Xen's network interface in the nested lab: by NetBoot and iPXE with their own drivers, and by Linux. What counts is the
/// time of all processors of the lab's outer guest, in which the host's side works too.
/// </summary>
internal static class NetfrontBench
{
    public const string Name = "HTTP netfront lab";

    /// <param name="lab">The lab.</param>
    /// <param name="peer">Whom to measure.</param>
    /// <param name="file">In the temporary folder.</param>
    /// <param name="mebibytes">Its size.</param>
    /// <returns>MiB for each second of the outer guest's processors.</returns>
    /// <exception cref="ToolError">The download failed.</exception>
    public static async Task<double> MeasureAsync(NestedLab lab, string peer, string file, int mebibytes)
    {
        using TemporaryDirectory directory = new();
        double seconds = 0;
        await lab.RunAsync(
            () =>
            {
                SystemPartition partition = new(Architecture.X64, directory.CreateDirectory("esp"));
                if (peer == Peers.Linux)
                {
                    InnerLinux.Write(lab.Root, partition.Root, $"""
                        ip link set eth0 up
                        ip address add {UserNetwork.Guest}/24 dev eth0
                        echo "bench: ready"
                        wget -q -O /dev/null {NestedLab.Uri(file)} && echo "bench: end" || echo "bench: failed"
                        """, [], "xen_netfront");
                }
                else
                {
                    partition.SetApplication(peer == Peers.Ipxe ? Peers.IpxeFull : Repository.Image(Architecture.X64, "netboot.efi"));
                    partition.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\nshell\n");
                }

                return new VirtualMachineOptions
                {
                    Architecture = lab.Root.Firmware,
                    Accelerator = Hypervisors.XenAccelerator,
                    MemoryMiB = 512,
                    RandomDevice = true,
                    SystemPartition = partition.Root,
                    Variables = store =>
                    {
                        partition.WriteVariables(store);
                        if (peer == Peers.Linux)
                        {
                            InnerLinux.AddBoot(store);
                        }
                    },
                    More = ["-netdev", "user,ipv6=off,id=net0", "-device", $"xen-net-device,netdev=net0,mac={MacText.Numbered(0)}"],
                };
            },
            async machine =>
            {
                if (peer != Peers.Linux)
                {
                    seconds = await TypedDownload.MeasureAsync(machine.Serial, peer, $"imgfetch {NestedLab.Uri(file)}", () => Task.FromResult(machine.ProcessorSeconds));
                    return;
                }

                await machine.Serial.WaitForAsync("bench: ready");
                double before = machine.ProcessorSeconds;
                if ((await machine.Serial.WaitForAsync("bench: (end|failed)", TimeSpan.FromMinutes(3))).Groups[1].Value == "failed")
                {
                    throw new ToolError($"Linux could not fetch {NestedLab.Uri(file)}.{machine.Serial.Tail()}");
                }

                seconds = machine.ProcessorSeconds - before;
            });
        return mebibytes / seconds;
    }
}
