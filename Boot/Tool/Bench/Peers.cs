using System;
using System.IO;
using System.Threading.Tasks;
using NetBoot.Boot.Tool.Labs;
using NetBoot.Boot.Tool.Qemu;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>Who is measured.</summary>
internal static class Peers
{
    public const string NetBoot = "NetBoot";
    public const string Ipxe = "iPXE";
    public const string Firmware = "OVMF";

    /// <summary>Debian 13's, with its own drivers: where nothing else has any.</summary>
    public const string Linux = "Linux";

    public const string IpxeOnSnp = "/usr/lib/ipxe/snponly.efi";
    public const string IpxeFull = "/usr/lib/ipxe/ipxe.efi";

    public static string[] All { get; } = [NetBoot, Ipxe, Firmware, Linux];

    /// <summary>Bytes of iPXE with its own drivers.</summary>
    public static long IpxeSize => new FileInfo(new FileInfo(IpxeFull).ResolveLinkTarget(true)?.FullName ?? IpxeFull).Length;

    /// <summary>The application that a machine starts from its disk. Debian 12's iPXE has no TLS; Debian 13's has, and trusts whom the firmware trusts.</summary>
    public static async Task<string> ApplicationAsync(string peer, BenchCase what) =>
        peer != Ipxe ? Repository.Image(Architecture.X64, what.Application)
        : what.IsTls ? (await LabRoot.EnsureAsync(Console.WriteLine)).Ipxe
        : IpxeFull;
}
