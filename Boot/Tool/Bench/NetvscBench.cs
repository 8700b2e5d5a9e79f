using System.Threading.Tasks;
using NetBoot.Boot.Tool.Labs.HyperV;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>
/// A download over netvsc.efi, on the host model: nobody else's driver can be a guest of it, and QEMU's VMBus has no network adapter. To be
/// compared with another build of ours.
/// </summary>
internal static class NetvscBench
{
    public const string Name = "HTTP netvsc model";

    /// <returns>MiB for each second of the guest's processor.</returns>
    /// <exception cref="ToolError">The download failed, or the guest violated the protocol.</exception>
    public static async Task<double> MeasureAsync(string url, int mebibytes)
    {
        using TemporaryDirectory directory = new();
        await using HyperVGuest guest = new(new UserNetwork()) { PollsWhileBusy = true };
        SystemPartition partition = new(guest.Architecture, directory.CreateDirectory("esp"));
        partition.SetApplication(Repository.Image(guest.Architecture, "netboot.efi"));
        partition.Write("EFI/BOOT/autoexec.ipxe", "#!ipxe\nshell\n");
        await using VirtualMachine machine = await VirtualMachine.StartAsync(new VirtualMachineOptions
        {
            Architecture = guest.Architecture,
            Machine = guest.Board,
            MemoryMiB = guest.MemoryMiB,
            SystemPartition = partition.Root,
            Variables = partition.WriteVariables,
            More = guest.Arguments,
        });
        guest.Attach(machine);
        double seconds = await TypedDownload.MeasureAsync(machine.Serial, Peers.NetBoot, $"imgfetch {url}", machine.ProcessorSecondsAsync);
        guest.Check();
        return mebibytes / seconds;
    }
}
