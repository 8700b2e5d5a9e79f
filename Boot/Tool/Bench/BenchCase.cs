using NetBoot.Boot.Tool.Cards;

namespace NetBoot.Boot.Tool.Bench;

/// <summary>What is downloaded: how, and over which NIC.</summary>
/// <param name="IsOnSnp">Whether NetBoot and iPXE run on the firmware's driver, rather than on their own.</param>
/// <param name="IsIPv6">Whether it is by IPv6, which slirp is not asked for.</param>
/// <param name="Connections">How many, a small file by each: a measure of handshakes; 0 for one large file.</param>
internal sealed record BenchCase(string Protocol, CardFamily Family, bool IsOnSnp, bool IsIPv6 = false, int Connections = 0)
{
    private const int TftpSize = 8;

    /// <summary>As tables and <c>--only</c> say it.</summary>
    public string Nic => Family.Image + (IsOnSnp ? " SNP-only" : "") + (IsIPv6 ? " IPv6" : "") + (Connections > 0 ? " handshakes" : "");

    public string Model => Family.Cards[0].Device;

    /// <summary>Whether the firmware can do it too.</summary>
    public bool IsForFirmware => Family.IsDrivenByFirmware && !IsOnSnp && !IsIPv6 && Connections == 0;

    /// <summary>Whether it is a web server's: by HTTP or HTTPS.</summary>
    public bool IsWeb => Protocol != "TFTP";

    public bool IsTls => Protocol == "HTTPS";

    public int MiB => IsWeb ? Family.BenchSize : TftpSize;

    public string File => IsWeb ? $"http{MiB}.efi" : "tftp.bin";

    /// <summary>NetBoot's image.</summary>
    public string Application => IsOnSnp ? "netboot-snponly.efi" : "netboot.efi";
}
