using System.IO;
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

    /// <summary>The application that a machine starts from its disk.</summary>
    public static string Application(string peer, BenchCase what) => peer == Ipxe ? IpxeFull : Repository.Image(Architecture.X64, what.Application);
}
